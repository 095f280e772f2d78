"""What the network exchanges with others: the list, and each exchange's page."""

import datetime

from django.contrib import admin
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from members.admin.common import StaffInline, StaffModelAdmin
from members.admin.documents import KeepsDocuments
from members.admin.filters import CountedFilter
from members.admin.government import GovernmentInline, asks_for_government, is_with_government
from members.admin.interaction_form import InteractionForm
from members.admin.lists import StaffList
from members.models import (
    Alliance,
    Document,
    Dossier,
    Interaction,
    Organization,
    Participation,
    Person,
    Position,
)
from members.models.engagement import with_office_holder
from members.permissions import may

# How many names a row of the list shows: the others are on the page.
NAMES_SHOWN = 3


class KindFilter(CountedFilter):
    title = _("kind")
    parameter_name = "kind"

    def conditions(self):
        return {value: (words, Q(kind=value)) for value, words in Interaction.Kind.choices}


class WhoseFilter(CountedFilter):
    """Those in which the person who looks took part."""

    title = _("our staff")
    parameter_name = "whose"

    def conditions(self):
        mine = Interaction.staff.through.objects.filter(user=self.request.user)
        return {"mine": (_("mine"), Q(pk__in=mine.values("interaction")))}


class PeriodFilter(CountedFilter):
    title = _("period")
    parameter_name = "period"

    def conditions(self):
        today = timezone.localdate()
        year = first_moment(today.replace(month=1, day=1))
        month = first_moment(today.replace(day=1))
        return {
            "month": (_("this month"), Q(happened_at__gte=month)),
            "year": (_("this year"), Q(happened_at__gte=year)),
            "older": (_("before this year"), Q(happened_at__lt=year)),
        }


class OfficeHolderFilter(CountedFilter):
    title = _("public office holders")
    parameter_name = "holder"
    folded = True

    def conditions(self):
        return {"with": (_("with an office holder"), with_office_holder())}


class TiedFilter(CountedFilter):
    """By what an exchange is tied to: only what some exchange is tied to is proposed."""

    folded = True
    model = None

    def conditions(self):
        name = self.parameter_name
        tied = Interaction.objects.filter(**{f"{name}__isnull": False}).order_by().values(name)
        return {
            str(record.pk): (str(record), Q(**{name: record.pk}))
            for record in self.model.objects.filter(pk__in=tied)
        }


class AllianceFilter(TiedFilter):
    title = _("alliance")
    parameter_name = "alliance"
    model = Alliance


class DossierFilter(TiedFilter):
    title = _("dossier")
    parameter_name = "dossier"
    model = Dossier


class WithFilter(CountedFilter):
    """Exchanges with one record, whose page leads here; not among the filters until then."""

    model = None

    def conditions(self):
        [key, *_others] = [*keys_in(self.request, self.parameter_name), None]
        record = self.model.objects.filter(pk=key).first()
        if record is None:
            return {}
        ties = Interaction._meta.get_field(self.field).remote_field.through.objects
        with_it = ties.filter(**{self.parameter_name: record}).values("interaction")
        return {str(record.pk): (str(record), Q(pk__in=with_it))}


class OrganizationFilter(WithFilter):
    title = _("organization")
    parameter_name = "organization"
    field = "organizations"
    model = Organization


class PersonFilter(WithFilter):
    title = _("person")
    parameter_name = "person"
    field = "people"
    model = Person


def first_moment(day):
    """The moment a local day begins."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))


class ExchangeList(StaffList):
    """The rows of the list with those who took part."""

    def get_results(self, request):
        self.queryset = self.queryset.with_people()
        super().get_results(request)


class ParticipationInline(StaffInline, admin.StackedInline):
    """The titles of that day, for whoever must set one right; people come and go by their field."""

    model = Participation
    fields = [("title", "unit"), ("organization", "capacity", "is_dpoh")]
    readonly_fields = ["organization"]
    classes = ["collapse"]
    verbose_name_plural = _("titles that day")
    max_num = 0
    can_delete = False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("person", "organization")


@admin.register(Interaction)
class InteractionAdmin(KeepsDocuments, StaffModelAdmin):
    class Media:
        css = {"all": ["css/timeline.css", "css/interaction.css"]}

    add_words = _("Log an exchange")
    history_of_related = True
    form = InteractionForm
    list_display = ["day", "what", "with_whom", "our_staff", "to_do"]
    list_display_links = ["what"]
    list_filter = [
        OrganizationFilter,
        PersonFilter,
        PeriodFilter,
        WhoseFilter,
        KindFilter,
        OfficeHolderFilter,
        AllianceFilter,
        DossierFilter,
    ]
    search_fields = ["subject"]
    search_help_text = _("Subject, notes, people, organizations, alliance or dossier.")
    autocomplete_fields = ["organizations"]
    readonly_fields = ["those_who_took_part", "recorded"]

    def get_fieldsets(self, request, obj=None):
        may_write = self.has_change_permission(request, obj) if obj else True
        who = ["participants", "organizations"] if may_write else ["those_who_took_part"]
        sets = [
            (
                None,
                {
                    "classes": ["short"],
                    "fields": ["kind", "subject", *who, ("happened_at", "minutes"), "notes"],
                },
            )
        ]
        if not may_write:
            sets[0][1]["fields"].insert(3, "organizations")
        else:
            sets.append(
                (
                    _("Follow-up") if obj is None else _("Another follow-up"),
                    {
                        "classes": ["short", "after"],
                        "fields": [
                            "follow_up_what",
                            "follow_up_due",
                            ("follow_up_on", "follow_up_who"),
                        ],
                    },
                )
            )
        more = ["staff", ("alliance", "dossier"), *(["attachments"] if may_write else [])]
        sets.append(
            (
                _("More"),
                {"classes": ["collapse"], "fields": more if obj is None else [*more, "recorded"]},
            )
        )
        return sets

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.user = request.user
        return form

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("recorded_by", "government")

    def get_object(self, request, object_id, from_field=None):
        """Asked for by the page's title, then by the page."""
        kept = request.__dict__.setdefault("exchanges_opened", {})
        if object_id not in kept:
            kept[object_id] = super().get_object(request, object_id, from_field)
        return kept[object_id]

    def get_inlines(self, request, obj):
        """The titles of that day; what the lobbying laws want, if it may be wanted."""
        titles = [ParticipationInline] if obj else []
        wanted = asks_for_government(request) or (obj and is_with_government(obj))
        return [*titles, GovernmentInline] if wanted else titles

    def get_changeform_initial_data(self, request):
        """What the page one comes from says: keys in the address, those that exist."""
        wanted = {
            name: keys_in(request, name)
            for name in ("people", "organizations", "alliance", "dossier")
        }
        initial = {}
        if people := list(Person.objects.filter(pk__in=wanted["people"])):
            initial["participants"] = [person.pk for person in people]
        organizations = list(
            Organization.objects.filter(pk__in=wanted["organizations"]).values_list("pk", flat=True)
        )
        if people and not organizations:
            organizations = only_organizations(people)
        if organizations:
            initial["organizations"] = organizations
        for name in ("alliance", "dossier"):
            if wanted[name]:
                initial[name] = wanted[name][0]
        kind = request.GET.get("kind")
        if kind in Interaction.Kind.values:
            initial["kind"] = kind
        return initial

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        """With what remains to be done after the exchange, and its documents."""
        if obj:
            context["follow_ups"] = obj.follow_ups.by_due_day().select_related("assigned_to")
            context["documents"] = obj.documents.all()
        context["show_save_and_continue"] = False
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.recorded_by = request.user
        if not change or form.has_changed():
            super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        """Those who took part, with their title of that day, and what is to be done."""
        super().save_related(request, form, formsets, change)
        exchange = form.instance
        exchange.set_people(form.cleaned_data["participants"])
        if not change and not form.cleaned_data["organizations"]:
            exchange.add_their_organizations()
        for file in form.cleaned_data["attachments"]:
            Document(interaction=exchange).keep(file, by=request.user)
        if follow_up := form.follow_up():
            exchange.add_follow_up(follow_up, by=request.user)

    def response_post_save_add(self, request, obj):
        """Back to the record that one came from, if there is one."""
        for name, field in (
            ("organization", "organizations"),
            ("person", "people"),
            ("dossier", "dossier"),
            ("alliance", "alliance"),
        ):
            model = Interaction._meta.get_field(field).related_model
            keys = keys_in(request, field)
            has_page = self.admin_site.is_registered(model) and may(request.user, "view", model)
            if keys and has_page:
                return HttpResponseRedirect(reverse(f"admin:members_{name}_change", args=keys[:1]))
        return super().response_post_save_add(request, obj)

    def get_changelist(self, request, **kwargs):
        return ExchangeList

    def get_search_results(self, request, queryset, search_term):
        """What the staff's search finds, the best first unless the list is sorted by a column."""
        found = queryset.matching(search_term)
        if request.GET.get("o"):
            found = found.order_by(*queryset.query.order_by)
        return found, False

    @admin.display(description=_("day"), ordering="happened_at")
    def day(self, exchange):
        return date_format(timezone.localtime(exchange.happened_at), "SHORT_DATE_FORMAT")

    @admin.display(description=_("subject"), ordering="subject")
    def what(self, exchange):
        return format_html(
            '{} <span class="quiet">{}</span>', exchange.subject, exchange.get_kind_display()
        )

    @admin.display(description=_("with"))
    def with_whom(self, exchange):
        """People, then organizations, the first of each."""
        people = named(participation.person for participation in exchange.participations.all())
        organizations = named(
            organization.acronym or organization.name
            for organization in exchange.organizations.all()
        )
        holder = exchange.is_with_office_holder and _("public office holder")
        return format_html(
            "{}{}{}{}",
            people,
            " – " if people and organizations else "",
            format_html('<span class="quiet">{}</span>', organizations) if organizations else "",
            format_html(' <span class="pill holder">{}</span>', holder) if holder else "",
        )

    @admin.display(description=_("our staff"))
    def our_staff(self, exchange):
        return named(exchange.staff.all())

    @admin.display(description=_("to do"))
    def to_do(self, exchange):
        """How many follow-ups are open, and whether one is late."""
        to_do = exchange.open_follow_ups
        if not to_do:
            return ""
        late = any(follow_up.is_late for follow_up in to_do)
        return format_html(
            '{} <span class="pill late">{}</span>' if late else "{}",
            len(to_do),
            pgettext("follow-up", "late"),
        )

    @admin.display(description=_("people"))
    def those_who_took_part(self, exchange):
        return (
            format_html_join(
                "\n",
                "<p>{}</p>",
                ([str(one)] for one in exchange.participations.select_related("person")),
            )
            or "—"
        )

    @admin.display(description=_("recorded"))
    def recorded(self, exchange):
        """When, and by whom if it is known."""
        when = date_format(timezone.localtime(exchange.created_at), "DATETIME_FORMAT")
        return f"{when}, {exchange.recorded_by}" if exchange.recorded_by else when


def named(records):
    """The first names of what a row shows, and how many more there are."""
    names = [str(record) for record in records]
    shown = ", ".join(names[:NAMES_SHOWN])
    more = len(names) - NAMES_SHOWN
    return _("%(names)s and %(more)d more") % {"names": shown, "more": more} if more > 0 else shown


def keys_in(request, name):
    """The keys of records that the address gives under that name; what is no key is ignored."""
    keys = ",".join(request.GET.getlist(name)).split(",")
    return [int(key) for key in keys if key.isdecimal() and len(key) <= 18]


def only_organizations(people):
    """The organizations of those of `people` who hold one position today."""
    held = {}
    for person, organization in (
        Position.objects.current().filter(person__in=people).values_list("person", "organization")
    ):
        held.setdefault(person, set()).add(organization)
    return sorted({found for one in held.values() if len(one) == 1 for found in one})
