"""The form of a profile, step by step; then what changes, read again and sent."""

import json
from dataclasses import dataclass, field

from django.contrib import messages
from django.core import signing
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from members import differences, profile
from members.models import ProfileDraft, ProfileProposal
from members.models.proposals import ChangedMeanwhile
from members.profile import FIELDS, STEPS
from members.space import drafts, steps
from members.space.doors import represented
from members.space.pages import space_page

MESSAGE = ProfileProposal._meta.get_field("message")


def address(name, organization, **kwargs):
    return reverse(f"space:{name}", kwargs={"slug": organization.slug} | kwargs)


def step_address(organization, step, field_name=""):
    """The address of a step, at one of its fields."""
    anchor = f"#id_{field_name}" if field_name else ""
    return address("edit", organization, step=step) + anchor


def readable(text):
    """What a page said to have shown, {name: text}; nothing of it if it is not of ours."""
    try:
        shown = json.loads(text or "{}")
    except ValueError:
        return {}
    return shown if isinstance(shown, dict) else {}


def hour(moment):
    """« 14 h 05 »."""
    return date_format(timezone.localtime(moment), "TIME_FORMAT")


# Writing


@represented
@require_safe
def first(request, organization):
    """The form begins with its first step."""
    return redirect("space:edit", organization.slug, steps.FIRST)


@represented
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, organization, step):
    """One step of the form: shown, and kept in the draft whenever it is sent, right or wrong."""
    if request.method != "POST":
        return show_step(request, drafts.begin(organization, request.user), step)
    shown = readable(request.POST.get("shown"))
    if taken := request.POST.get("take"):
        # The text of the other tab: what is typed here of that field is not written.
        shown[taken] = taken_digest(step, taken, request.POST)
    try:
        saved = drafts.save(
            organization=organization,
            user=request.user,
            step=step,
            data=request.POST,
            shown=shown,
            image=request.FILES.get("logo_file"),
        )
    except drafts.TooLong:
        return too_long(request, organization, step)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse(told(saved, step))
    return after_saving(request, saved, step)


def taken_digest(step, name, data):
    """The digest of a field as it was sent, so that it counts as unchanged here."""
    one = FIELDS.get(name)
    if one is None or one.step != step:
        return ""
    return drafts.digest(one, drafts.typed(one, data))


def told(saved, step):
    """What the page’s script needs to know once it has sent what is typed."""
    writing = saved.writing
    if saved.conflicts:
        names = ", ".join(str(label) for label in profile.labels(saved.conflicts))
        said = _("Changed in another tab too: %(fields)s. Save to choose.") % {"fields": names}
    elif writing.draft:
        said = _("Draft saved at %(hour)s") % {"hour": hour(writing.draft.saved_at)}
    else:
        said = _("Nothing changed")
    return {
        "said": said,
        "shown": {
            name: shown
            for name, shown in writing.shown(step).items()
            if name not in saved.conflicts
        },
        "written": saved.written,
        "conflicts": bool(saved.conflicts),
    }


def after_saving(request, saved, step):
    """Where a step that was sent leads: to what it asked for, or back to what is to be mended."""
    writing, organization, post = saved.writing, saved.writing.organization, request.POST
    here = address("edit", organization, step=step)
    if saved.conflicts or saved.refused:
        status = 409 if saved.conflicts else 422
        return show_step(request, writing, step, saved=saved, status=status)
    if add := post.get("add"):
        return redirect(f"{here}?more={add}#id_{add}_more")
    if go := post.get("go"):
        if go in STEPS:
            return redirect("space:edit", organization.slug, go)
        if go in ("send", "preview", "state"):
            return redirect(f"space:{go}", organization.slug)
    if post.get("take"):
        return redirect(here)
    if not writing.form(step).is_valid():
        return show_step(request, writing, step, checked=True, status=422)
    if "next" in post:
        following = steps.after(step)
        if following:
            return redirect("space:edit", organization.slug, following)
        return redirect("space:send", organization.slug)
    return redirect(f"{here}?saved=1")


def too_long(request, organization, step):
    writing = drafts.begin(organization, request.user)
    return show_step(
        request,
        writing,
        step,
        status=413,
        problem=_(
            "What you sent is much longer than a profile can hold, and was not kept. The page "
            "before this one still has it: go back, and shorten it."
        ),
    )


def show_step(
    request, writing, step, *, saved=None, checked=False, status=200, problem="", unsent=None
):
    """The page of a step. What is typed there is checked when its author has sent it once."""
    organization = writing.organization
    unsent = getattr(request, "unsent", None)
    conflicts, shown = (saved.conflicts if saved else {}), writing.shown(step)
    data = writing.typed(step)
    if unsent is not None:
        # What was sent as the session had ended: shown again, to be saved by whoever wrote it.
        data |= {
            key: texts
            for one in drafts.fields_of(step)
            if drafts.was_sent(one, unsent, readable(unsent.get("shown")))
            for key, texts in drafts.typed(one, unsent).items()
        }
        shown |= readable(unsent.get("shown"))
    others = {}
    for name, texts in conflicts.items():
        others[name] = there(writing, FIELDS[name])
        data |= texts
    form = writing.form(step, data)
    form.is_valid()
    if saved and saved.refused:
        form.add_error("logo", saved.refused)
    touched = [name for name in writing.touched if FIELDS[name].step == step]
    if not (checked or saved):
        # Someone who only looks is not told that what was there before them is wrong.
        for name in [name for name in form.errors if name not in touched]:
            del form.errors[name]
    boxes = form.boxes(more=request.GET.get("more", ""), others=others)
    return space_page(
        request,
        "space/edit.html",
        organization,
        "editing",
        status=status,
        writing=writing,
        step=step,
        step_label=STEPS[step],
        nav=navigation(writing, step),
        boxes=boxes,
        groups=by_language(boxes),
        problems=[(box.id, box.label, error) for box in boxes for error in box.errors],
        conflicts=[(box.id, box.label) for box in boxes if box.name in conflicts],
        problem=problem,
        shown=json.dumps(shown),
        is_unsent=unsent is not None,
        is_saved="saved" in request.GET,
        following=steps.after(step),
        previous=steps.before(step),
        logo=logo_shown(writing, form) if step == "logo" else None,
        preview=address("preview", organization),
    )


def there(writing, one):
    """What the draft holds of a field, in words: what another tab wrote."""
    texts = writing.typed_field(one)
    if one.shape == "rows":
        kinds = one.kinds()
        pairs = zip(*(texts[key] for key in drafts.keys(one)), strict=False)
        said = [f"{kinds.get(kind, kind)} – {text}" for kind, text in pairs]
    elif one.shape in ("several", "image") or one.name == "municipality":
        form = writing.form(one.step)
        form.is_valid()
        said = one.words(form.values().get(one.name, writing.start[one.name]), writing.lexicon)
    else:
        said = texts[one.name]
    return [str(text) for text in said if text] or [_("(nothing)")]


def by_language(boxes):
    """The boxes in groups: those of one text in both languages go side by side."""
    groups = []
    for box in boxes:
        stem = box.name.removesuffix("_fr").removesuffix("_en") if box.field.lang else box.name
        if groups and groups[-1][0] == stem:
            groups[-1][1].append(box)
        else:
            groups.append((stem, [box]))
    return [group for _stem, group in groups]


@dataclass
class Step:
    """A step in the list of steps."""

    key: str
    label: str
    is_current: bool
    is_changed: bool = False
    is_wrong: bool = False


def navigation(writing, current):
    """The steps, with those in which something was changed, or is to be mended."""
    changed = {FIELDS[name].step for name in writing.touched}
    wrong = {step for step, form in writing.forms.items() if not form.is_valid()}
    return [
        Step(key, label, key == current, key in changed, key in wrong)
        for key, label in STEPS.items()
    ]


def logo_shown(writing, form):
    """What the step of the logo shows: the image that is chosen, and its words."""
    logo = writing.lexicon.logo(key_of(form.data.get("logo")))
    if logo is None or logo.organization_id != writing.organization.pk:
        logo = None
    return {
        "logo": logo,
        "src": logo_address(writing.organization, logo, 384) if logo else "",
        "alt_fr": form.data.get("logo_alt_fr", ""),
        "alt_en": form.data.get("logo_alt_en", ""),
    }


def key_of(text):
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None


def logo_address(organization, logo, width):
    return address("logo", organization, logo=logo.pk, width=width)


@represented
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request, organization):
    """Give a draft up, once it is asked whether that is meant."""
    draft = ProfileDraft.objects.filter(organization=organization, user=request.user).first()
    if draft is None:
        messages.info(
            request, _("There is no draft any more: nothing was lost on the public page.")
        )
        return redirect("space:state", organization.slug)
    if request.method == "POST":
        draft.delete()
        messages.success(request, _("The draft is gone. The public page did not change."))
        return redirect("space:state", organization.slug)
    writing = drafts.begin(organization, request.user)
    return space_page(
        request,
        "space/discard.html",
        organization,
        "editing",
        writing=writing,
        changed=profile.labels(writing.touched),
    )


# Reading again, and sending


@dataclass
class Row:
    """A field that changes, on the page where it is read again.

    `seen` is what the public page said when they began, if it says something else since; `asked`
    what someone asked for meanwhile, with who it is.
    """

    change: differences.Change
    step: str
    seen: list = field(default_factory=list)
    live: list = field(default_factory=list)
    new: list = field(default_factory=list)
    asked: object = None
    asked_words: list = field(default_factory=list)

    @property
    def name(self):
        return self.change.field.name

    @property
    def label(self):
        return capfirst(self.change.field.label)

    @property
    def is_free(self):
        return self.change.field.is_free


def rows_of(writing):
    """The `Row` of each field that they changed."""
    lexicon, found = writing.lexicon, []
    for name, value in writing.changes().items():
        one, live = FIELDS[name], writing.live[name]
        row = Row(differences.change(one, live, value, lexicon), one.step)
        row.new = one.words(value, lexicon)
        if name in writing.moved and value != live:
            row.seen = one.words(writing.draft.seen[name], lexicon) or [_("(nothing)")]
            row.live = one.words(live, lexicon) or [_("(nothing)")]
        asked = writing.waiting.get(name)
        if asked and asked.proposed not in (writing.start[name], value):
            row.asked = asked
            row.asked_words = one.words(asked.proposed, lexicon) or [_("(nothing)")]
        found.append(row)
    return found


def seen_now(writing, names):
    """What a page that shows the public values of these fields signs, to say which it showed."""
    return signing.dumps(
        {
            "organization": writing.organization.pk,
            "values": {name: writing.live[name] for name in names},
        },
        salt="space.send",
        compress=True,
    )


def seen_then(writing, text):
    """The public values that a page said to have shown; none if it is not of ours."""
    try:
        told = signing.loads(text or "", salt="space.send")
    except signing.BadSignature:
        return {}
    return told["values"] if told["organization"] == writing.organization.pk else {}


@represented
@require_http_methods(["GET", "HEAD", "POST"])
def send(request, organization):
    """What changes, old beside new, with what is live at once and what the staff will read; then
    one button."""
    if request.method == "POST":
        return send_now(request, organization)
    return show_changes(request, drafts.begin(organization, request.user))


def show_changes(request, writing, *, message=None, errors=None, changed=(), status=200):
    organization, unsent = writing.organization, getattr(request, "unsent", None)
    if message is None:
        message = unsent.get("message", "") if unsent else ""
        if not message and writing.proposal:
            message = writing.proposal.message
    rows = rows_of(writing)
    wrong = writing.errors() | (errors or {})
    problems = [
        (
            capfirst(FIELDS[name].label) if name in FIELDS else "",
            text,
            step_address(organization, FIELDS[name].step, name)
            if name in FIELDS
            else f"#id_{name}",
        )
        for name, texts in wrong.items()
        for text in texts
    ]
    back = [row for row in rows if writing.values()[row.name] == writing.live[row.name]]
    forward = [row for row in rows if row not in back]
    for row in rows:
        if row.change.is_image:
            row.before_src, row.after_src = (
                logo_address(organization, logo, 384) if logo else ""
                for logo in (row.change.before, row.change.after)
            )
    return space_page(
        request,
        "space/send.html",
        organization,
        "editing",
        status=status,
        writing=writing,
        rows=rows,
        free=[row for row in forward if row.is_free],
        reviewed=[row for row in forward if not row.is_free],
        back=back,
        moved=[row for row in rows if row.seen],
        changed=profile.labels(changed),
        problems=problems,
        nav=navigation(writing, "send"),
        message=message,
        message_limit=MESSAGE.max_length,
        shown=seen_now(writing, [row.name for row in rows]),
        is_unsent=unsent is not None,
        last=steps.ORDER[-1],
    )


@transaction.atomic
def send_now(request, organization):
    """Send what was read again, if it is still what was shown; else show it again."""
    message = request.POST.get("message", "").replace("\r\n", "\n").replace("\0", "").strip()
    writing = drafts.begin(organization, request.user, locked=True)
    if writing.draft is None:
        messages.info(request, _("It was sent already, or given up: no draft is left here."))
        return redirect("space:state", organization.slug)
    if str(writing.draft.version) != request.POST.get("version"):
        messages.warning(
            request, _("The draft changed since this page was shown: read it again before it goes.")
        )
        return show_changes(request, writing, message=message, status=409)
    if writing.errors():
        return show_changes(request, writing, message=message, status=422)
    if len(message) > MESSAGE.max_length:
        errors = {
            "message": [
                _("Your words to the staff have %(count)d characters; %(limit)d fit.")
                % {"count": len(message), "limit": MESSAGE.max_length}
            ]
        }
        return show_changes(request, writing, message=message, errors=errors, status=422)
    public, mine = [], writing.changes()
    for name in [row.name for row in rows_of(writing) if row.seen]:
        chosen = request.POST.get(f"keep_{name}")
        if chosen == "public":
            public.append(name)
        elif chosen != "mine":
            errors = {name: [_("Choose between your text and that of the public page.")]}
            return show_changes(request, writing, message=message, errors=errors, status=422)
    shown = seen_then(writing, request.POST.get("seen"))
    values = writing.values() | {name: writing.start[name] for name in public}
    try:
        with transaction.atomic():
            sent = profile.send(
                organization=organization,
                values=values,
                start=writing.start,
                shown=shown,
                by=request.user,
                message=message,
            )
    except ChangedMeanwhile as moved:
        return show_changes(request, writing, message=message, changed=moved.names, status=409)
    except ValidationError as refused:
        return show_changes(request, writing, message=message, errors=refusals(refused), status=422)
    writing.draft.delete()
    say_sent(request, sent, only_public=bool(public) and len(public) == len(mine))
    if sent.proposal and sent.proposal.is_waiting:
        return redirect("space:proposal", organization.slug, sent.proposal.pk)
    return redirect("space:state", organization.slug)


def refusals(error):
    """{field: [messages]} of what could not stand."""
    if hasattr(error, "error_dict"):
        return error.message_dict
    return {NON_FIELD_ERRORS: error.messages}


def say_sent(request, sent, *, only_public=False):
    """Tell what is live and what waits."""
    if sent.published:
        messages.success(
            request,
            _("On the public page now: %(fields)s.") % {"fields": listed(sent.published)},
        )
    if sent.proposed:
        messages.success(
            request,
            ngettext(
                "Sent to the staff: %(fields)s. The public page keeps the present text until they "
                "have read it; you will get a mail.",
                "Sent to the staff: %(fields)s. The public page keeps the present texts until they "
                "have read them; you will get a mail.",
                len(sent.proposed),
            )
            % {"fields": listed(sent.proposed)},
        )
    if sent.withdrawn:
        messages.success(
            request, _("No longer asked for: %(fields)s.") % {"fields": listed(sent.withdrawn)}
        )
    if not sent:
        messages.info(
            request,
            _("You kept the public texts: nothing was sent.")
            if only_public
            else _("Nothing was left to send: the public page says it already."),
        )


def listed(names):
    return ", ".join(str(label) for label in profile.labels(names))
