"""An organization's events in its space: those that come, went or wait; whether one is held; what
was asked for and decided."""

import datetime
from dataclasses import dataclass, field

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import FileResponse, Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import differences, happening, moments
from members.happening import FIELDS, EventLexicon
from members.happening.fields import dates_of, told
from members.models import Event, EventProposal, Picture, ProposedEventField
from members.models.documents import documents
from members.models.proposals import ChangedMeanwhile, NotWaiting
from members.pages import in_language
from members.space.doors import represented
from members.space.event_writing import (
    PICTURE_WIDTHS,
    own_event,
    picture_address,
    signed,
    then,
)
from members.space.pages import space_page

# How many past events, and how many proposals that were not accepted, are shown; and for how long
# these are, from the day of the decision.
PAST, LATELY = 30, 10
SHOWN_FOR = datetime.timedelta(days=365)
Decision = ProposedEventField.Decision


@dataclass
class Row:
    """An event in the list: its next date, or its last one, in words."""

    event: Event
    title: str
    lang: str
    when: str
    more: int
    is_own: bool
    is_past: bool
    waits: object = None
    cancelled: list = field(default_factory=list)

    @property
    def sort_key(self):
        return self._starts


def row_of(event, organization, waiting, language, now):
    """The `Row` of an event read by `for_values`."""
    dates = dates_of(event)
    coming = [date for date in dates if (date[1] or date[0]) > now]
    start, end, _off = coming[0] if coming else dates[-1] if dates else (None, None, False)
    title, lang = in_language(event, "title", language)
    row = Row(
        event=event,
        title=title,
        lang=lang,
        when=in_words(event, start, end) if start else "",
        more=max(len(coming) - 1, 0),
        is_own=event.posted_for_id == organization.pk,
        is_past=bool(dates) and not coming,
        waits=waiting.get(event.pk),
        cancelled=[in_words(event, *date[:2]) for date in dates if date[2]],
    )
    row._starts = start or now
    return row


def in_words(event, start, end):
    """When a date of an event is, in its zone."""
    start = timezone.localtime(start, event.tz)
    end = timezone.localtime(end, event.tz) if end else None
    return moments.in_words(start, end, all_day=event.all_day, zone=event.zone)


@represented
@require_safe
def events(request, organization):
    """What comes, what waits, what was not accepted, what is past."""
    now, language = timezone.now(), request.LANGUAGE_CODE
    asked = list(
        EventProposal.objects.filter(organization=organization)
        .filter(Q(state=EventProposal.State.WAITING) | Q(decided_at__gt=now - SHOWN_FOR))
        .for_list()
    )
    waiting = {one.event_id: one for one in asked if one.is_waiting and one.event_id}
    rows = [
        row_of(event, organization, waiting, language, now)
        for event in Event.objects.of(organization).for_values()
    ]
    coming = sorted((row for row in rows if not row.is_past), key=lambda row: row.sort_key)
    past = sorted((row for row in rows if row.is_past), key=lambda row: row.sort_key, reverse=True)
    waits = [one for one in asked if one.is_waiting]
    back = sorted(
        (one for one in asked if not one.is_waiting and not_published(one)),
        key=lambda one: one.decided_at,
        reverse=True,
    )
    return space_page(
        request,
        "space/events.html",
        organization,
        "events",
        coming=coming,
        past=past[:PAST],
        more_past=max(len(past) - PAST, 0),
        waiting=waits,
        back=back[:LATELY],
    )


def not_published(proposal):
    """{field: value} of what was asked for and not published: refused, withdrawn or put aside."""
    if proposal.is_waiting:
        return {}
    return {
        one.name: one.proposed
        for one in proposal.fields.all()
        if one.name in FIELDS and one.decision in ("", Decision.REFUSED)
    }


# Whether it is held


@represented
@require_http_methods(["GET", "HEAD", "POST"])
def standing(request, organization, event):
    """Cancel or postpone an event, or one of its dates, or say that it is held after all; at once.

    Nothing is deleted: the public page says it.
    """
    event = own_event(organization, event)
    if not event.is_public:
        raise Http404
    live = happening.read(event)
    names = [name for name, one in FIELDS.items() if one.step == "standing"]
    if request.method != "POST":
        return show_standing(request, organization, event, {name: live[name] for name in names})
    values = {
        "status": request.POST.get("status", ""),
        "status_note_fr": request.POST.get("status_note_fr", ""),
        "status_note_en": request.POST.get("status_note_en", ""),
        "cancelled": request.POST.getlist("cancelled"),
    }
    values = {
        name: FIELDS[name].clean(value.replace("\0", "") if isinstance(value, str) else value)
        for name, value in values.items()
    }
    if len(event.all_dates) < 2:
        values["cancelled"] = live["cancelled"]
    errors = standing_errors(event, values)
    if errors:
        return show_standing(request, organization, event, values, errors=errors, status=422)
    start = then(request.POST.get("start"), event=event)
    try:
        if start is None:
            raise ChangedMeanwhile(names)
        sent = happening.send(
            organization=organization, event=event, values=values, start=start, by=request.user
        )
    except ChangedMeanwhile as moved:
        errors = [
            _("This changed meanwhile: %(fields)s. Look again, then confirm.")
            % {"fields": ", ".join(map(str, happening.labels(moved.names)))}
        ]
        event = own_event(organization, event.pk)
        return show_standing(request, organization, event, values, errors=errors, status=409)
    except ValidationError as error:
        told_now = [text for texts in error.message_dict.values() for text in texts]
        return show_standing(request, organization, event, values, errors=told_now, status=422)
    if sent.published:
        messages.success(request, standing_words(event, values))
    else:
        messages.info(request, _("Nothing changed: the public page says it already."))
    return redirect("space:events", organization.slug)


def standing_words(event, values):
    """What the public page says now."""
    if values["status"] == Event.Status.CANCELLED:
        return _("The public page says that it is cancelled. The staff are told.")
    if values["status"] == Event.Status.POSTPONED:
        return _("The public page says that it is postponed. The staff are told.")
    if values["cancelled"]:
        return ngettext(
            "The public page says that %(count)d date is cancelled. The staff are told.",
            "The public page says that %(count)d dates are cancelled. The staff are told.",
            len(values["cancelled"]),
        ) % {"count": len(values["cancelled"])}
    return _("The public page says that it is held as planned. The staff are told.")


def standing_errors(event, values):
    """What is wrong with it, in words."""
    errors = []
    if values["status"] not in Event.Status.values:
        errors.append(_("Choose whether it is held."))
    limit = Event._meta.get_field("status_note_fr").max_length
    for name in ("status_note_fr", "status_note_en"):
        if len(values[name]) > limit:
            words = {"field": capfirst(FIELDS[name].label), "limit": limit}
            errors.append(_("%(field)s: %(limit)d characters at most.") % words)
    if values["status_note_en"] and not values["status_note_fr"]:
        errors.append(_("Say it in French too: English comes beside it."))
    known = {told(start, end, event.zone, event.all_day)[0] for start, end, _o in dates_of(event)}
    if set(values["cancelled"]) - known:
        errors.append(_("One of these dates is no more. Look again."))
    return errors


def show_standing(request, organization, event, values, *, errors=(), status=200):
    unsent = getattr(request, "unsent", None)
    if unsent is not None:
        values = {
            "status": unsent.get("status", values["status"]),
            "status_note_fr": unsent.get("status_note_fr", ""),
            "status_note_en": unsent.get("status_note_en", ""),
            "cancelled": unsent.getlist("cancelled"),
        }
    title, lang = in_language(event, "title", request.LANGUAGE_CODE)
    dates = [
        (
            told(start, end, event.zone, event.all_day)[0],
            in_words(event, start, end),
            told(start, end, event.zone, event.all_day)[0] in values["cancelled"],
        )
        for start, end, _off in dates_of(event)
    ]
    return space_page(
        request,
        "space/event_standing.html",
        organization,
        "events",
        status=status,
        event=event,
        title=title,
        title_lang=lang,
        values=values,
        statuses=Event.Status.choices,
        dates=dates if len(dates) > 1 else [],
        errors=errors,
        is_unsent=unsent is not None,
        start=signed(happening.read(event), event=event),
    )


# What was asked for


def own_proposal(organization, key):
    """The proposal of that key, of this organization; raises Http404 for any other."""
    found = (
        EventProposal.objects.filter(organization=organization, pk=key)
        .select_related("event", "proposed_by", "decided_by")
        .prefetch_related("fields__proposed_by")
        .first()
    )
    if found is None:
        raise Http404
    return found


@represented
@require_safe
def proposal(request, organization, proposal):
    """What was asked for, field by field, and what the staff decided."""
    asked, lexicon = own_proposal(organization, proposal), EventLexicon()
    places = list(FIELDS)
    known = [one for one in asked.fields.all() if one.name in FIELDS]
    rows = []
    for one in sorted(known, key=lambda one: places.index(one.name)):
        table = FIELDS[one.name]
        change = differences.change(table, one.seen, one.proposed, lexicon)
        row = {
            "one": one,
            "label": capfirst(table.label),
            "change": change,
            "words": [] if change.is_image else table.words(one.proposed, lexicon),
            "is_text": table.shape == "text",
            "decided": [],
        }
        if one.decision == Decision.EDITED:
            row["decided"] = table.words(one.decided, lexicon) or [_("(nothing)")]
        if change.is_image:
            row["before_src"], row["after_src"] = (
                picture_address(organization, picture, 384) if picture else ""
                for picture in (change.before, change.after)
            )
        rows.append(row)
    return space_page(
        request,
        "space/event_proposal.html",
        organization,
        "events",
        proposal=asked,
        rows=rows,
        can_take_up=bool(not_published(asked)),
        is_own=asked.event is None or asked.event.posted_for_id == organization.pk,
    )


@represented
@require_POST
def withdraw(request, organization, proposal):
    """Take back what waits, whole. Its texts stay on its page, to be taken up again."""
    asked = own_proposal(organization, proposal)
    try:
        asked.withdraw(by=request.user)
    except NotWaiting:
        asked.refresh_from_db()
        if asked.state == EventProposal.State.WITHDRAWN:
            messages.info(request, _("It was withdrawn already."))
        else:
            messages.warning(
                request, _("The staff decided it meanwhile: it can no longer be withdrawn.")
            )
    else:
        messages.success(
            request, _("It is withdrawn. Nothing public changed; the texts are kept here.")
        )
    return redirect("space:event-proposal", organization.slug, asked.pk)


@represented
@require_safe
def picture(request, organization, picture, width):
    """A picture that its organization sees before the public: asked for, public, or just sent."""
    asked = ProposedEventField.objects.filter(proposal__organization=organization)
    found = (
        Picture.objects.filter(pk=picture)
        .filter(
            Q(added_by=request.user)
            | Q(pk__in=asked.filter(picture__isnull=False).values("picture"))
            | Q(pk__in=Event.objects.filter(posted_for=organization).values("picture"))
        )
        .first()
    )
    if found is None or width not in PICTURE_WIDTHS:
        raise Http404
    return FileResponse(documents().open(found.file_name(width)), content_type="image/webp")
