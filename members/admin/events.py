"""Events as staff keep them: the list, and the page of one with its dates, its preview."""

import datetime

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.postgres.aggregates import StringAgg
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, Max, Min, OuterRef, Q, Subquery
from django.http import FileResponse, Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin

from members import happening, logos, moments
from members.admin.bulk import BulkAction, BulkActions
from members.admin.common import StaffInline, StaffModelAdmin
from members.admin.filters import CountedFilter
from members.admin.interaction_form import LocalTimeInput
from members.admin.proposals import LANGUAGES
from members.admin.together import FormSetAtHand, KnowsOne, KnowsSeveral, read_together
from members.event_pages import PICTURE_WIDTHS
from members.happening import EventLexicon
from members.happening.changes import not_the_time_of
from members.happening.fields import local, midnight, zone_of
from members.happening.preview import page
from members.models import (
    Alliance,
    CampaignEdition,
    Country,
    Event,
    EventDate,
    EventProposal,
    NotKept,
    Organization,
    Picture,
    Theme,
)
from members.models.documents import documents
from members.permissions import may
from regions.folding import Fold, fold

# What hangs on an event, read at once with its page.
RELATIONS = {
    "dates": (EventDate.objects.by_day(), []),
    "organizations": (Organization.objects.order_by("name_fr", "pk"), []),
    "alliances": (Alliance.objects.by_name(), []),
    "themes": (Theme.objects.all(), []),
    "countries": (Country.objects.all(), []),
}
SEVERAL = ("organizations", "alliances", "themes", "countries")
ONE = ("municipality", "posted_for")


def with_facts(events):
    """`events` with what their list says: `next_at`, `last_at`, `holders`, `waits`."""
    dates = EventDate.objects.filter(event=OuterRef("pk")).order_by()
    holders = Organization.objects.filter(activities=OuterRef("pk")).order_by()
    return events.annotate(
        next_at=Subquery(dates.coming().values("event").annotate(at=Min("starts_at")).values("at")),
        last_at=Subquery(dates.values("event").annotate(at=Max("starts_at")).values("at")),
        holders=Subquery(
            holders.values("activities")
            .annotate(names=StringAgg("name_fr", ", ", order_by="name_fr"))
            .values("names")
        ),
        waits=Exists(EventProposal.objects.waiting().filter(event=OuterRef("pk"))),
    ).select_related("municipality")


# The list


class EventList(ChangeList):
    """The next to come first; of those that are over, the last."""

    def _get_default_ordering(self):
        return ["next_at", "-last_at", "-pk"]


class ComingFilter(CountedFilter):
    """Those to come, and those without a date, unless another choice is made."""

    title = _("when")
    parameter_name = "when"

    def conditions(self):
        coming = Q(pk__in=EventDate.objects.coming().values("event"))
        dated = Q(pk__in=EventDate.objects.order_by().values("event"))
        return {
            None: (_("to come"), coming | ~dated),
            "past": (_("past"), dated & ~coming),
            "all": (_("all"), Q()),
        }


class PublicFilter(CountedFilter):
    title = _("public")
    parameter_name = "public"

    def conditions(self):
        return {
            "yes": (_("public"), Q(published_at__isnull=False)),
            "no": (_("not public"), Q(published_at__isnull=True)),
        }


class EventStatusFilter(CountedFilter):
    title = _("status")
    parameter_name = "status"

    def conditions(self):
        return {value: (words, Q(status=value)) for value, words in Event.Status.choices}


class KeptByFilter(CountedFilter):
    title = _("kept by")
    parameter_name = "by"

    def conditions(self):
        return {
            "members": (_("a member"), Q(posted_for__isnull=False)),
            "staff": (_("the staff"), Q(posted_for__isnull=True)),
        }


class Publish(BulkAction):
    """Show events that have a date to the public."""

    name = "publish"
    words = _("Publish")

    def may(self, user):
        return may(user, "change", Event)

    def prefetched(self, records):
        return records.prefetch_related("dates")

    def why_not(self, event, choice):
        if event.is_public:
            return gettext("public already")
        return "" if event.dates.all() else gettext("has no date")

    def sentence(self, count, choice):
        return ngettext(
            "%(count)d event will be public.", "%(count)d events will be public.", count
        ) % {"count": count}

    def done(self, count, choice):
        return ngettext("%(count)d event is public.", "%(count)d events are public.", count) % {
            "count": count
        }

    def do(self, event, *, by, choice):
        event.published_at = timezone.now()
        event.save(update_fields=["published_at", "updated_at"])


# The page


class MomentField(forms.DateTimeField):
    """A day and a time, told in the zone of the `event`; of whole days, only the day counts.

    `is_end`: of whole days, the last one, which ends at midnight after it.
    """

    event, is_end = None, False
    widget = LocalTimeInput

    def prepare_value(self, value):
        if not isinstance(value, datetime.datetime) or timezone.is_naive(value):
            return value
        value = timezone.localtime(value, self.event.tz)
        if self.event.all_day and self.is_end:
            last = value.replace(tzinfo=None) - datetime.timedelta(microseconds=1)
            return datetime.datetime.combine(last.date(), datetime.time.min)
        return value.replace(tzinfo=None)

    def to_python(self, value):
        if value in self.empty_values:
            return None
        if isinstance(value, datetime.datetime):
            return value
        try:
            text = value.strip().replace(" ", "T")
            naive = datetime.datetime.fromisoformat(text)
            zone = self.event.zone
            if self.event.all_day:
                day = naive.date() + datetime.timedelta(days=1 if self.is_end else 0)
                return midnight(day, zone)
            return local(f"{naive:%Y-%m-%dT%H:%M}", zone)
        except (ValueError, OverflowError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class DateForm(forms.ModelForm):
    starts_at = MomentField()
    ends_at = MomentField(required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("starts_at", "ends_at"):
            if name in self.fields:
                self.fields[name].label = capfirst(EventDate._meta.get_field(name).verbose_name)


class DateFormSet(FormSetAtHand):
    """The dates of an event, told in its zone: that of the form, once it is sent."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        for name in ("starts_at", "ends_at"):
            if name in form.fields:
                form.fields[name].event = self.instance
                form.fields[name].is_end = name == "ends_at"

    def clean(self):
        super().clean()
        if any(self.errors) or not self.instance.is_public:
            return
        kept = [
            form
            for form in self.forms
            if (form.has_changed() or form.instance.pk) and form not in self.deleted_forms
        ]
        if not kept:
            raise ValidationError(_("Give at least one date, or do not publish the event yet."))


class DateInline(StaffInline, admin.StackedInline):
    model = EventDate
    form = DateForm
    formset = DateFormSet
    fields = [("starts_at", "ends_at", "is_cancelled")]
    extra = 1
    verbose_name_plural = _("Dates, in the event’s time zone")


class EventForm(forms.ModelForm):
    class Meta:
        widgets = {"text": forms.Textarea(attrs={"rows": 9})}

    is_shown = forms.BooleanField(
        label=_("Public"), required=False, help_text=_("Untick it while it is being prepared.")
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages spoken"),
        required=False,
        choices=lambda: [(key, capfirst(words)) for key, words in Event.Language.choices],
        widget=forms.CheckboxSelectMultiple,
    )
    picture_file = forms.FileField(
        label=_("Choose an image"), required=False, help_text=_("JPEG, PNG or WebP, 5 MB at most.")
    )
    picture_alt_fr = forms.CharField(
        label=_("What it shows, in French"), required=False, max_length=200
    )
    picture_alt_en = forms.CharField(
        label=_("What it shows, in English"), required=False, max_length=200
    )
    picture_goes = forms.BooleanField(label=_("Remove this picture"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        at_hand = getattr(self.instance, "_prefetched_objects_cache", {})
        for name in SEVERAL:
            if name in self.fields and name in at_hand:
                self.fields[name].widget.widget.known = at_hand[name]
        for name in ONE:
            if name in self.fields and getattr(self.instance, f"{name}_id"):
                self.fields[name].widget.widget.known = [getattr(self.instance, name)]
        self.initial.setdefault("is_shown", self.instance.is_public)
        if picture := self.instance.picture if self.instance.picture_id else None:
            self.initial.setdefault("picture_alt_fr", picture.alt_fr)
            self.initial.setdefault("picture_alt_en", picture.alt_en)
        self.image = None

    def clean_picture_file(self):
        upload = self.cleaned_data["picture_file"]
        if upload:
            self.image = logos.check(upload)
        return upload

    def clean(self):
        cleaned = super().clean()
        town, zone = cleaned.get("municipality"), cleaned.get("zone")
        if town and zone and zone != zone_of(town):
            self.add_error("zone", not_the_time_of(town, zone_of(town)))
        has_picture = self.image or (self.instance.picture_id and not cleaned.get("picture_goes"))
        if has_picture and not (cleaned.get("picture_alt_fr") or "").strip():
            self.add_error("picture_alt_fr", _("Say in French what the picture shows."))
        return cleaned

    def put_picture(self, by):
        """Give the event its picture, new, said otherwise or gone."""
        cleaned, event = self.cleaned_data, self.instance
        words = {
            "alt_fr": cleaned.get("picture_alt_fr", ""),
            "alt_en": cleaned.get("picture_alt_en", ""),
        }
        if self.image:
            event.picture = Picture.keep(self.image, by=by, **words)
        elif cleaned.get("picture_goes"):
            event.picture = None
        elif event.picture_id:
            event.picture = event.picture.said_otherwise(by=by, **words)


@admin.register(Event)
class EventAdmin(BulkActions, StaffModelAdmin, TranslationAdmin):
    add_words = _("Add an event")
    history_of_related = True
    form = EventForm
    list_display = ["identity", "when", "where", "held_by", "standing"]
    list_display_links = ["identity"]
    list_filter = [ComingFilter, PublicFilter, EventStatusFilter, KeptByFilter]
    search_fields = ["title"]
    search_help_text = _("Title, place, organization.")
    bulk_actions = [Publish()]
    autocomplete_fields = [*ONE, *SEVERAL]
    inlines = [DateInline]
    fieldsets = [
        (
            _("What it is"),
            {
                "classes": ["side-by-side"],
                "fields": [("title_fr", "title_en"), ("text_fr", "text_en"), "is_shown"],
            },
        ),
        (
            _("Whether it is held"),
            {"fields": ["status", ("status_note_fr", "status_note_en")]},
        ),
        (_("When"), {"fields": [("zone", "all_day")]}),
        (
            _("Where"),
            {"fields": ["municipality", ("venue", "address"), "online_url"]},
        ),
        (
            _("Who holds it, and about what"),
            {
                "fields": [
                    "organizations",
                    "alliances",
                    ("themes", "countries"),
                    ("edition", "posted_for"),
                ]
            },
        ),
        (
            _("For whom, and at what price"),
            {
                "fields": [
                    ("audience", "is_free"),
                    ("cost_fr", "cost_en"),
                    "languages",
                    "registration_url",
                ]
            },
        ),
        (
            _("So that everyone can take part"),
            {
                "fields": [
                    ("is_step_free", "has_captions", "has_sign_language"),
                    ("access_note_fr", "access_note_en"),
                ]
            },
        ),
        (
            _("Picture"),
            {
                "classes": ["collapse"],
                "fields": ["picture_file", ("picture_alt_fr", "picture_alt_en"), "picture_goes"],
            },
        ),
        (_("Address of the page"), {"classes": ["collapse"], "fields": ["slug"]}),
    ]

    def get_queryset(self, request):
        events = super().get_queryset(request)
        if request.resolver_match and request.resolver_match.url_name.endswith("_changelist"):
            return with_facts(events)
        return events

    def get_changelist(self, request, **kwargs):
        return EventList

    def get_search_results(self, request, queryset, search_term):
        """Every word is in the title, the place, the municipality or the name of a holder."""
        found = queryset.annotate(
            folded=Fold("title_fr"), folded_en=Fold("title_en"), folded_venue=Fold("venue")
        )
        for word in fold(search_term).split():
            holders = Organization.objects.annotate(folded=Fold("name_fr")).filter(
                Q(folded__contains=word) | Q(acronym__iexact=word)
            )
            held = Event.organizations.through.objects.filter(
                organization__in=holders.order_by().values("pk")
            )
            found = found.filter(
                Q(folded__contains=word)
                | Q(folded_en__contains=word)
                | Q(folded_venue__contains=word)
                | Q(municipality__sort_name__contains=word)
                | Q(pk__in=held.values("event"))
            )
        return found, False

    @admin.display(description=pgettext_lazy("held in public", "event"), ordering="title_fr")
    def identity(self, event):
        return event.title

    @admin.display(description=_("when"), ordering="next_at")
    def when(self, event):
        """Its next date or, when it is over, its last one."""
        at = event.next_at or event.last_at
        if at is None:
            return gettext("no date")
        return moments.in_words(
            timezone.localtime(at, event.tz), all_day=event.all_day, zone=event.zone
        )

    @admin.display(description=_("where"), ordering="municipality__sort_name")
    def where(self, event):
        if event.municipality:
            return event.municipality.name
        return gettext("online") if event.online_url else event.venue or None

    @admin.display(description=_("held by"), ordering="holders")
    def held_by(self, event):
        return event.holders

    @admin.display(description=_("state"), ordering="status")
    def standing(self, event):
        pills = []
        if not event.is_public:
            pills.append(("unconfirmed", gettext("not public")))
        if event.status != Event.Status.SCHEDULED:
            pills.append(("late", event.get_status_display()))
        if event.waits:
            pills.append(("", gettext("changes wait")))
        if not pills:
            return gettext("public")
        told = [format_html('<span class="pill {}">{}</span>', *pill) for pill in pills]
        return format_html(" ".join("{}" for _one in told), *told)

    # One

    def get_object(self, request, object_id, from_field=None):
        """Read once a request; with all that its page shows, unless it is being saved."""
        if request.method != "GET" or from_field:
            return super().get_object(request, object_id, from_field)
        kept = request.__dict__.setdefault("events_read", {})
        if object_id not in kept:
            try:
                event = self.get_queryset(request)
                event = event.select_related(*ONE, "picture").get(pk=object_id)
                read_together(event, RELATIONS)
                kept[object_id] = event
            except (Event.DoesNotExist, ValueError):
                kept[object_id] = None
        return kept[object_id]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in SEVERAL:
            kwargs["widget"] = KnowsSeveral(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in ONE:
            kwargs["widget"] = KnowsOne(db_field, self.admin_site)
        if db_field.name == "edition":
            editions = CampaignEdition.objects.select_related("campaign")
            kwargs["queryset"] = editions.order_by("-year", "campaign__sort_name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_form(self, request, form, change):
        event = super().save_form(request, form, change)
        if form.cleaned_data.get("is_shown"):
            event.published_at = event.published_at or timezone.now()
        else:
            event.published_at = None
        return event

    def save_model(self, request, obj, form, change):
        """Save what changed: a page saved as it was leaves no trace."""
        if change and not form.has_changed():
            return
        try:
            form.put_picture(request.user)
        except NotKept as error:
            self.message_user(request, str(error), "ERROR")
        super().save_model(request, obj, form, change)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if change and obj is not None:
            preview = reverse("admin:members_event_preview", args=[obj.pk])
            context["tools"] = [(preview, gettext("Preview"))]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def view_on_site(self, event):
        """The address of its public page; None while it has none."""
        # One that a refused form shows again may have no address.
        return event.get_absolute_url() if event.is_public and event.slug else None

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/apercu/", view(self.preview_view), name="members_event_preview"),
            path(
                "<int:pk>/image-<int:width>.webp",
                view(self.picture_view),
                name="members_event_picture",
            ),
            *super().get_urls(),
        ]

    def preview_view(self, request, pk):
        """The event as the public reads it, or would."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        event = Event.objects.for_values().filter(pk=pk).first()
        if event is None:
            raise Http404
        language = request.GET.get("language")
        language = language if language in LANGUAGES else get_language()
        made = page(
            happening.read(event),
            EventLexicon(),
            language=language,
            picture_address=lambda picture, width: reverse(
                "admin:members_event_picture", args=[pk, width]
            ),
        )
        context = {
            **self.admin_site.each_context(request),
            "organization": event,
            "event": event,
            "shown_language": language,
            "shown_lang": LANGUAGES[language],
            "preview": made,
            "back": reverse("admin:members_event_change", args=[pk]),
            "here": reverse("admin:members_event_preview", args=[pk]),
        }
        return TemplateResponse(request, "admin/members/event/preview.html", context)

    def picture_view(self, request, pk, width):
        """The picture of an event, public or not yet, for those who may see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        event = Event.objects.select_related("picture").filter(pk=pk).first()
        if event is None or event.picture is None or width not in PICTURE_WIDTHS:
            raise Http404
        file = documents().open(event.picture.file_name(width))
        response = FileResponse(file, content_type="image/webp")
        response["Cache-Control"] = "private, max-age=3600"
        return response
