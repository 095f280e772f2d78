"""What members post: the events and changes that wait, the page on which each is decided.

As proposals on profiles (`members.admin.proposals`), with the fields of events; the whole may be
refused too, with words.
"""

from functools import cached_property

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from members import happening
from members.admin.filters import CountedFilter
from members.admin.proposals import ProposalAdmin, StateFilter
from members.admin.review import SPARE_ROWS, Card, Review
from members.happening import FIELDS, EventLexicon
from members.happening import forms as event_forms
from members.happening.preview import page
from members.models import Event, EventDate, EventProposal, Organization, Picture
from members.models.proposals import ChangedMeanwhile, NotWaiting
from members.pages import LOGO_WIDTHS
from members.permissions import can_decide

STATES = EventProposal.State
# By which sort of control a field is corrected, when its shape does not say.
KINDS = {"when": "when", "picture": "picture", "is_free": "tick", "cancelled": "fixed"}


class EventCard(Card):
    """One proposed field of an event."""

    table, forms = FIELDS, event_forms

    @property
    def is_new(self):
        return self.asked.proposal.is_new

    @property
    def kind(self):
        if self.name in ("municipality", "edition", "audience", "status"):
            return "towns"
        return KINDS.get(self.name) or super().kind

    @property
    def template(self):
        return f"admin/members/eventproposal/{self.kind}.html" if self.name in KINDS else ""

    @cached_property
    def form_field(self):
        field = super().form_field
        if self.name == "picture":
            known = {self.asked.seen, self.asked.proposed, self.live}
            field.allowed = lambda picture: picture.pk in known
        return field

    @property
    def zones(self):
        return Event.Zone.choices

    @property
    def zone(self):
        return self.text("when_zone")

    @property
    def is_all_day(self):
        return bool(self.texts.get("when_all_day"))

    @property
    def is_ticked(self):
        return bool(self.texts.get(self.name))

    @property
    def dates(self):
        """[(place, [day, time, day, time])], some of them empty."""
        return event_forms.rows_typed(self.texts, SPARE_ROWS)


class EventReview(Review):
    """A proposal beside the event as the public reads it now, or beside nothing if it is new."""

    card_class = EventCard
    table = FIELDS
    labels, ordered = staticmethod(happening.labels), staticmethod(happening.ordered)
    image, images = "picture", Picture

    def read_subject(self):
        event = self.proposal.event_id
        self.event = Event.objects.for_values().get(pk=event) if event else None
        self.subject = self.event
        # Of a new one that was accepted, what it was made of is compared with nothing.
        is_there = self.event is not None and not self.proposal.is_new
        self.live = happening.read(self.event) if is_there else happening.blank()
        self.lexicon = EventLexicon()
        asked = {one.name: one for one in self.proposal.fields.all()}
        for name in ("organizations", "alliances"):
            if name in asked:
                self.lexicon.also[name] = {*asked[name].proposed, *self.live[name]}
        # What was typed to refuse the whole.
        self.refusal = (self.data or {}).get("refusal", "").replace("\0", "")

    @property
    def title(self):
        return self.proposal.title or gettext("(without a title)")

    def completed(self, values):
        return values

    def written_in(self, name):
        field = self.table[name]
        if name in ("when", "cancelled"):
            return EventDate, ""
        if name in ("organizations", "alliances", "themes", "countries"):
            return getattr(Event, name).through, ""
        column = field.also[0] if name == "access" else name
        return Event, Event._meta.get_field(column).column


class EventStateFilter(StateFilter):
    states = STATES


class NewFilter(CountedFilter):
    title = _("what is asked")
    parameter_name = "new"

    def conditions(self):
        return {
            "yes": (_("new event"), Q(is_new=True)),
            "no": (_("changes"), Q(is_new=False)),
        }


class EventProposalList(ChangeList):
    """The list, each row with how many of its fields changed since: one query more."""

    def get_results(self, request):
        super().get_results(request)
        rows = list(self.result_list)
        events = {row.event_id for row in rows if row.is_waiting and row.event_id}
        found = Event.objects.for_values().in_bulk(events) if events else {}
        live = {pk: happening.read(event) for pk, event in found.items()}
        for row in rows:
            there = live.get(row.event_id, {})
            row.conflicts = sum(
                one.seen != there[one.name] != one.proposed
                for one in row.fields.all()
                if row.is_waiting and one.name in there
            )
        self.result_list = rows


@admin.register(EventProposal)
class EventProposalAdmin(ProposalAdmin):
    list_name = _("Events to review")
    review_class = EventReview
    page_template = "admin/members/eventproposal/change_form.html"
    preview_template = "admin/members/eventproposal/preview.html"
    list_display = ["what", "whose", "waits", "sender", "size", "disagreement", "state_told"]
    list_filter = [EventStateFilter, NewFilter]
    search_help_text = _("The title of the event, or the organization.")

    def get_changelist(self, request, **kwargs):
        return EventProposalList

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        found = Organization.objects.matching(search_term).order_by()
        titled = self.model.objects.filter(
            fields__name="title_fr", fields__proposed__icontains=search_term
        )
        return queryset.filter(
            Q(organization__in=found.values("pk"))
            | Q(event__title_fr__icontains=search_term)
            | Q(pk__in=titled.values("pk"))
        ), False

    @admin.display(description=pgettext_lazy("held in public", "event"))
    def what(self, proposal):
        title = proposal.title or gettext("(without a title)")
        if not proposal.is_new:
            return title
        return format_html('{} <span class="pill">{}</span>', title, gettext("new"))

    @admin.display(description=_("organization"), ordering="organization__entry__sort_fr")
    def whose(self, proposal):
        return proposal.organization

    def title(self, review):
        return gettext("Event: %(title)s") % {"title": review.title}

    # Deciding

    def do(self, **decision):
        return happening.decide(**decision)

    def decide(self, request, proposal):
        if "refuse_all" not in request.POST:
            return super().decide(request, proposal)
        if not proposal.is_waiting:
            return self.too_late(request, proposal)
        if not can_decide(request.user, proposal):
            raise PermissionDenied
        review = self.review_class(proposal, request.POST)
        if review.has_moved:
            return self.page(request, review)
        note = review.refusal
        try:
            if len(note) > EventProposal._meta.get_field("note").max_length:
                raise ValidationError({"refusal": gettext("A note has 500 characters at most.")})
            happening.refuse(
                proposal=proposal, note=note, version=review.seen["version"], by=request.user
            )
        except NotWaiting:
            return self.too_late(request, self.read(proposal.pk))
        except ChangedMeanwhile:
            return self.page(request, self.review_class(self.read(proposal.pk), request.POST))
        except ValidationError as error:
            review.refuse(error)
            return self.page(request, review)
        messages.success(request, gettext("It is refused; whoever sent it is told why by e-mail."))
        return HttpResponseRedirect(self.address("change", proposal.pk))

    def told(self, proposal):
        if not proposal.is_new:
            return super().told(proposal)
        return gettext("The event is public. Whoever sent it is told by e-mail.")

    # Showing

    def images_of(self, proposal):
        asked = proposal.fields.filter(picture__isnull=False).values("picture")
        return Picture.objects.filter(
            Q(pk__in=asked) | Q(pk=proposal.event.picture_id if proposal.event else None)
        )

    def shown(self, review, values, language):
        return page(
            review.live | values,
            review.lexicon,
            language=language,
            picture_address=lambda picture, width: self.address(
                "logo", review.proposal.pk, picture.pk, min(width, max(LOGO_WIDTHS))
            ),
        )
