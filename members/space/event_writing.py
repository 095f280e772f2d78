"""The form of an event, in one page: a new one, one that waits, or one that the public sees.

Nothing is kept until it is sent: what is typed comes back with every answer, and from the session
when it had ended (`members.space.doors`). The page carries, signed, the values that it began with:
what someone else changed meanwhile is told before it is written over.
"""

from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.core import signing
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from members import documents, happening, logos
from members.happening import FIELDS, PARTS, EventLexicon
from members.happening import preview as previews
from members.happening.changes import ChangedMeanwhile
from members.happening.fields import TYPED, zone_of
from members.happening.forms import CONTROLS, HELP, EventForm, as_typed, limit, rows_typed, typed
from members.models import Event, EventProposal, NotKept, Picture
from members.models.proposals import NotWaiting
from members.space.doors import represented
from members.space.forms import Box
from members.space.pages import space_page

MESSAGE = EventProposal._meta.get_field("message")
PICTURE_WIDTHS = (192, 384, 768)
LANGUAGES = ("fr", "en")
# What the same event on another date does not take over.
NOT_COPIED = {"when", "status", "status_note_fr", "status_note_en", "cancelled"}
# How many empty rows of dates one more click adds.
MORE_ROWS = 3


def picture_address(organization, picture, width):
    return reverse("space:event-picture", args=[organization.slug, picture.pk, width])


def own_event(organization, key):
    """The event of that key which the organization posted; raises Http404 for any other."""
    found = Event.objects.filter(posted_for=organization, pk=key).for_values().first()
    if found is None:
        raise Http404
    return found


# What a page began with


def signed(values, *, event=None, proposal=None):
    """What a page says to have begun with, signed, for itself to bring back."""
    about = [event.pk if event else None, proposal.pk if proposal else None]
    return signing.dumps({"about": about, "values": values}, salt="space.event", compress=True)


def then(text, *, event=None, proposal=None):
    """The values that a page began with; None if it is not of ours, or about something else."""
    try:
        told = signing.loads(text or "", salt="space.event")
    except signing.BadSignature:
        return None
    about = [event.pk if event else None, proposal.pk if proposal else None]
    return told["values"] if told["about"] == about else None


# The form


class EventBox(Box):
    """One field of an event as the page shows it; of a new event nothing is public at once."""

    @property
    def kind(self):
        """By which partial it is shown."""
        if self.field.name in ("when", "picture", "is_free"):
            return self.field.name
        if self.field.name in ("municipality", "edition", "audience"):
            return "towns"
        return "several" if self.field.shape == "several" else "text"


@dataclass
class Writing:
    """An event as someone is writing it.

    `event` is read by `for_values`, None when it is new; `proposal` is what waits about it. `fresh`
    are the values that a form begins with now, `first` those that a new one is offered.
    """

    organization: object
    user: object
    event: Event | None = None
    proposal: EventProposal | None = None
    first: dict | None = None

    def __post_init__(self):
        self.lexicon = EventLexicon()
        self.live = happening.read(self.event) if self.event else happening.blank()
        asked = self.proposal.fields.all() if self.proposal else ()
        self.waiting = {one.name: one for one in asked if one.name in FIELDS}
        self.fresh = self.live | {name: one.proposed for name, one in self.waiting.items()}
        offered = self.fresh | (self.first or {})
        for name in ("organizations", "alliances"):
            self.lexicon.also[name] = {*offered[name], *self.live[name]}

    @property
    def is_new(self):
        return self.event is None

    @property
    def is_public(self):
        return self.event is not None and self.event.is_public

    def typed(self, values):
        """{key: [texts]} of values, as they would have been typed."""
        texts = {}
        for name in TYPED:
            texts |= as_typed(FIELDS[name], values[name], self.lexicon)
        town = self.lexicon.town(values["municipality"])
        if values["when"]["zone"] == zone_of(town):
            texts["when_zone"] = [""]
        return texts

    def begun(self):
        """What the form is filled with at first."""
        return self.typed(self.fresh | (self.first or {}))

    def may_use(self, picture):
        """Whether its author may choose a picture: theirs, or one that is there already."""
        known = {self.live["picture"], self.fresh["picture"], (self.first or {}).get("picture")}
        return picture.added_by_id == self.user.pk or picture.pk in known

    def form(self, data, start=None):
        return EventForm(
            self.organization,
            self.lexicon,
            data,
            start=start or self.fresh,
            is_new=self.is_new,
            allowed=self.may_use,
        )


def sent_data(data):
    """{key: [texts]} of all the fields, as a browser sent them."""
    texts = {}
    for name in TYPED:
        texts |= typed(FIELDS[name], data)
    return texts


# New, waiting, public


@represented
@require_http_methods(["GET", "HEAD", "POST"])
def new(request, organization):
    """A new event; `like` is one to begin from, on another date, `again` what was not accepted."""
    writing = Writing(
        organization,
        request.user,
        first={"organizations": [organization.pk]}
        | copied(organization, request.GET.get("like"))
        | taken_up(organization, request.GET.get("again"), None),
    )
    return write(request, writing)


@represented
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, organization, event):
    """An event of the organization's, with what waits about it."""
    event = own_event(organization, event)
    waiting = EventProposal.objects.waiting().filter(event=event)
    writing = Writing(
        organization,
        request.user,
        event=event,
        proposal=waiting.prefetch_related("fields__proposed_by").first(),
        first=taken_up(organization, request.GET.get("again"), event),
    )
    return write(request, writing)


@represented
@require_http_methods(["GET", "HEAD", "POST"])
def asked(request, organization, proposal):
    """A new event that waits for the staff, to be amended."""
    found = (
        EventProposal.objects.filter(organization=organization, pk=proposal)
        .prefetch_related("fields__proposed_by")
        .first()
    )
    if found is None:
        raise Http404
    if found.event_id:
        return redirect("space:event-edit", organization.slug, found.event_id)
    if not found.is_waiting and request.method != "POST":
        return redirect("space:event-proposal", organization.slug, found.pk)
    return write(request, Writing(organization, request.user, proposal=found))


def number(text):
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 18 else None


def copied(organization, text):
    """The values of an event to begin from: one that the organization holds or posted."""
    key = number(text)
    like = Event.objects.of(organization).for_values().filter(pk=key).first() if key else None
    if like is None:
        return {}
    return {name: v for name, v in happening.read(like).items() if name not in NOT_COPIED} | {
        "when": happening.read(like)["when"] | {"dates": []}
    }


def taken_up(organization, text, event):
    """The values of what was asked for and not published, to be mended and sent anew."""
    key = number(text)
    if key is None:
        return {}
    found = EventProposal.objects.filter(organization=organization, pk=key)
    if event is not None:
        found = found.filter(event=event)
    found = found.exclude(state="waiting").prefetch_related("fields").first()
    if found is None:
        return {}
    return {
        one.name: one.proposed
        for one in found.fields.all()
        if one.name in FIELDS and one.decision in ("", "refused")
    }


def write(request, writing):
    """Show the form, or do what its button says."""
    if request.method != "POST":
        unsent = getattr(request, "unsent", None)
        if unsent is None:
            return show(request, writing, writing.begun())
        start = unsent.get("start")
        known = then(start, event=writing.event, proposal=writing.proposal) is not None
        return show(
            request,
            writing,
            sent_data(unsent),
            start=start if known else None,
            message=unsent.get("message", ""),
            is_unsent=True,
        )
    data, post = sent_data(request.POST), request.POST
    message = post.get("message", "").replace("\r\n", "\n").replace("\0", "").strip()
    wrong = prepare_picture(writing, data, post, request.FILES.get("picture_file"))
    again = {"start": post.get("start"), "message": message}
    if wrong:
        return show(request, writing, data, wrong={"picture": wrong}, status=422, **again)
    if "add" in post:
        return show(request, writing, data, more=MORE_ROWS, **again)
    if place := number(post.get("drop")):
        drop(data, place)
        return show(request, writing, data, **again)
    start = then(post.get("start"), event=writing.event, proposal=writing.proposal)
    if start is None:
        problem = _("This page did not come back whole. Look at it again, then send it.")
        return show(request, writing, data, message=message, problem=problem, status=409)
    form = writing.form(data, start)
    if not form.is_valid():
        return show(request, writing, data, checked=True, status=422, **again)
    if len(message) > MESSAGE.max_length:
        words = _("Your words to the staff have %(count)d characters; %(limit)d fit.")
        wrong = {"message": [words % {"count": len(message), "limit": MESSAGE.max_length}]}
        return show(request, writing, data, wrong=wrong, status=422, **again)
    if "see" in post:
        return show(request, writing, data, preview=form.values(), **again)
    return send(request, writing, form.values(), data, start, message)


def drop(data, place):
    """Take a row of dates away; those that are empty do not count."""
    rows = [row for _place, row in rows_typed(data, 0)]
    rows = [row for number_, row in enumerate(rows, 1) if number_ != place]
    for at, key in enumerate(CONTROLS):
        data[key] = [row[at] for row in rows]


def send(request, writing, values, data, start, message):
    """Send what was typed; show it again with what stands in the way, if anything does."""
    organization = writing.organization
    try:
        sent = happening.send(
            organization=organization,
            event=writing.event,
            proposal=writing.proposal if writing.is_new else None,
            values=values,
            start=start,
            by=request.user,
            message=message,
        )
    except ChangedMeanwhile as moved:
        # What was left as it was follows what is there now; the rest is told, and kept.
        for name, value in values.items():
            if value == start.get(name):
                data |= as_typed(FIELDS[name], writing.fresh[name], writing.lexicon)
        return show(request, writing, data, message=message, moved=moved.names, status=409)
    except NotWaiting:
        problem = _(
            "The staff decided it while you were writing: this was not sent. What you typed is "
            "still below; look at what they decided, then send it as a change."
        )
        return show(request, writing, data, message=message, problem=problem, status=409)
    except ValidationError as error:
        wrong = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        return show(request, writing, data, message=message, wrong=wrong, status=422)
    say_sent(request, writing, sent)
    if sent.proposal and sent.proposal.is_waiting:
        return redirect("space:event-proposal", organization.slug, sent.proposal.pk)
    return redirect("space:events", organization.slug)


def say_sent(request, writing, sent):
    """Tell what is live and what waits."""
    listed = {
        "published": ", ".join(map(str, happening.labels(sent.published))),
        "proposed": ", ".join(map(str, happening.labels(sent.proposed))),
        "withdrawn": ", ".join(map(str, happening.labels(sent.withdrawn))),
    }
    if sent.published:
        words = _("On the public page now: %(fields)s.")
        messages.success(request, words % {"fields": listed["published"]})
    if sent.proposed and writing.is_new:
        messages.success(
            request,
            _(
                "Sent to the staff. It is in the public calendar once they have read it; you will "
                "get a mail."
            ),
        )
    elif sent.proposed:
        words = ngettext(
            "Sent to the staff: %(fields)s. The public page keeps the present text until they "
            "have read it; you will get a mail.",
            "Sent to the staff: %(fields)s. The public page keeps the present texts until they "
            "have read them; you will get a mail.",
            len(sent.proposed),
        )
        messages.success(request, words % {"fields": listed["proposed"]})
    if sent.withdrawn:
        words = _("No longer asked for: %(fields)s.")
        messages.success(request, words % {"fields": listed["withdrawn"]})
    if not sent and sent.proposal:
        messages.info(request, _("It was sent already: it waits for the staff."))
    elif not sent:
        messages.info(request, _("Nothing was left to send: the public page says it already."))


# Pictures


def prepare_picture(writing, data, post, image):
    """Turn what was done to the picture into what is kept: the key of an image, and its words.

    A new image is kept at once, so that it need not be sent again. Returns what is wrong with it.
    """
    words = (data.get("picture_alt_fr") or [""])[0], (data.get("picture_alt_en") or [""])[0]
    limit = Picture._meta.get_field("alt_fr").max_length
    if post.get("picture_remove"):
        data |= {"picture": [""], "picture_alt_fr": [""], "picture_alt_en": [""]}
    elif image is not None:
        try:
            picture = Picture.keep(
                logos.check(image),
                alt_fr=words[0].strip()[:limit] or image.name[:limit],
                alt_en=words[1].strip()[:limit],
                by=writing.user,
            )
        except documents.Refused as refused:
            return refused.messages
        except NotKept as error:
            return [str(error)]
        data |= {"picture": [str(picture.pk)]}
    elif (key := number((data.get("picture") or [""])[0])) and words[0].strip():
        picture = Picture.objects.filter(pk=key).first()
        if picture and writing.may_use(picture) and max(map(len, words)) <= limit:
            said = picture.said_otherwise(alt_fr=words[0], alt_en=words[1], by=writing.user)
            data |= {"picture": [str(said.pk)]}
    return []


# The page


def show(
    request,
    writing,
    data,
    *,
    start=None,
    message=None,
    more=0,
    checked=False,
    wrong=None,
    moved=(),
    problem="",
    preview=None,
    is_unsent=False,
    status=200,
):
    """The page of the form. What is typed there is checked once its author has sent it."""
    organization = writing.organization
    form = writing.form(data)
    if checked:
        form.is_valid()
        errors = {name: list(texts) for name, texts in form.errors.items()}
    else:
        errors = {}
    errors |= wrong or {}
    if message is None:
        message = writing.proposal.message if writing.proposal else ""
    boxes = {name: box_of(writing, form, name, errors) for name in TYPED}
    picture = writing.lexicon.logo(number((data.get("picture") or [""])[0]))
    if picture is not None and not writing.may_use(picture):
        picture = None
    begun = signed(writing.fresh, event=writing.event, proposal=writing.proposal)
    return space_page(
        request,
        "space/event_form.html",
        organization,
        "events",
        status=status,
        writing=writing,
        parts=[
            (key, label, grouped([box for box in boxes.values() if box.field.step == key]))
            for key, label in PARTS.items()
            if key != "standing"
        ],
        rows=rows_typed(data, more),
        is_more=bool(more),
        zones=Event.Zone.choices,
        zone=(data.get("when_zone") or [""])[0],
        is_all_day=bool(data.get("when_all_day")),
        is_free=bool(data.get("is_free")),
        picture=picture,
        picture_src=picture_address(organization, picture, 384) if picture else "",
        alt_fr=(data.get("picture_alt_fr") or [""])[0],
        alt_en=(data.get("picture_alt_en") or [""])[0],
        message=message,
        message_limit=MESSAGE.max_length,
        problem=problem,
        problems=problems(boxes, errors),
        moved=[(boxes[n].id, boxes[n].label, there(writing, n)) for n in moved if n in boxes],
        preview=previewed(request, writing, preview) if preview else "",
        start=start or begun,
        is_unsent=is_unsent,
    )


def previewed(request, writing, values):
    """The public page as it would be, in the language that is asked for: (HTML, language)."""
    asked = request.POST.get("see")
    language = asked if asked in LANGUAGES else get_language()
    page = previews.page(
        writing.fresh | values,
        writing.lexicon,
        language=language,
        picture_address=partial(picture_address, writing.organization),
    )
    return page, language


def there(writing, name):
    """What is there now of a field, in words: what someone else wrote meanwhile."""
    return FIELDS[name].words(writing.fresh[name], writing.lexicon) or [_("(nothing)")]


def box_of(writing, form, name, errors):
    one = FIELDS[name]
    return EventBox(
        field=one,
        bound=form[name],
        help=HELP.get(name, ""),
        errors=errors.get(name, []),
        limit=limit(one),
        waits=writing.waiting.get(name) if writing.event else None,
        is_marked=writing.is_public,
    )


def grouped(boxes):
    """The boxes in groups: those of one text in both languages go side by side."""
    groups = []
    for box in boxes:
        stem = box.name.removesuffix("_fr").removesuffix("_en") if box.field.lang else box.name
        if groups and groups[-1][0] == stem:
            groups[-1][1].append(box)
        else:
            groups.append((stem, [box]))
    return [group for _stem, group in groups]


def problems(boxes, errors):
    """[(id, label, text)] of all that is wrong, in the order of the page."""
    found = [
        (box.id, box.label, text) for name, box in boxes.items() for text in errors.get(name, ())
    ]
    for name, texts in errors.items():
        if name not in boxes:
            target = "id_message" if name == "message" else ""
            label = capfirst(MESSAGE.verbose_name) if name == "message" else ""
            if name in FIELDS and name != NON_FIELD_ERRORS:
                label = capfirst(FIELDS[name].label)
            found += [(target, label, text) for text in texts]
    return found
