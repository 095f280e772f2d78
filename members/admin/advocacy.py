"""Dossiers: what the network asks of governments, with whom, and how far it has got."""

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from members.admin.common import StaffModelAdmin
from members.admin.filters import CountedFilter
from members.admin.together import KnowsSeveral, read_together
from members.models import (
    Alliance,
    Document,
    Dossier,
    FollowUp,
    GovernmentInteraction,
    Interaction,
    Organization,
    Participation,
    Statement,
    User,
)
from members.models.advocacy import counted
from members.permissions import may

# How many exchanges and people the page shows; the others are one click away.
EXCHANGES_SHOWN = 8
PEOPLE_SHOWN = 30


class StatusFilter(CountedFilter):
    """Those that are not closed, unless another choice is made."""

    title = _("status")
    parameter_name = "status"

    def conditions(self):
        closed = Dossier.Status.CLOSED
        return {
            None: (_("current dossiers"), ~Q(status=closed)),
            **{value: (words, Q(status=value)) for value, words in Dossier.Status.choices},
            "all": (_("all"), Q()),
        }


class LeadFilter(CountedFilter):
    title = _("person in charge")
    parameter_name = "lead"

    def conditions(self):
        leads = User.objects.filter(
            pk__in=Dossier.objects.filter(lead__isnull=False).order_by().values("lead")
        ).exclude(pk=self.request.user.pk)
        return {
            "me": (_("me"), Q(lead=self.request.user)),
            "nobody": (_("nobody yet"), Q(lead=None)),
            **{str(user.pk): (str(user), Q(lead=user)) for user in leads.by_name()},
        }


# Relations that are completed as one types.
COMPLETED = {"alliances", "institutions"}
# What hangs on a dossier and is not long: (its rows, in order, and what they point to).
RELATIONS = {
    "alliances": (Alliance.objects.all(), []),
    "institutions": (Organization.objects.all(), []),
    "statements": (Statement.objects.latest_first(), []),
}


class DossierForm(forms.ModelForm):
    class Meta:
        widgets = {
            "name": forms.TextInput(attrs={"class": "vTextField"}),
            "aim": forms.Textarea(attrs={"rows": 4}),
            "outcome": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # What is chosen was read with the dossier, on its page.
        at_hand = getattr(self.instance, "_prefetched_objects_cache", {})
        for name in COMPLETED & self.fields.keys() & at_hand.keys():
            picker = self.fields[name].widget
            getattr(picker, "widget", picker).known = at_hand[name]
        if "lead" not in self.fields:
            return
        for name in ("institutions", "alliances"):
            # The form has read them: its fields need not ask again.
            widget = getattr(self.fields[name].widget, "widget", self.fields[name].widget)
            widget.known = self.initial.get(name, ())
        # Whoever is in charge stays so, even if they left since.
        able = User.objects.who_may("change", Dossier).values("pk")
        lead = self.fields["lead"]
        lead.widget = getattr(lead.widget, "widget", lead.widget)
        lead.queryset = User.objects.filter(Q(pk__in=able) | Q(pk=self.instance.lead_id)).by_name()


@admin.register(Dossier)
class DossierAdmin(StaffModelAdmin):
    class Media:
        css = {"all": ["css/timeline.css", "css/documents.css", "css/advocacy.css"]}

    add_words = _("Add a dossier")
    history_of_related = False
    form = DossierForm
    list_display = ["identity", "state", "lead", "last_exchange", "to_do"]
    list_display_links = ["identity"]
    list_filter = [StatusFilter, LeadFilter]
    list_select_related = ["lead"]
    search_fields = ["name"]
    search_help_text = _("Name, aim, alliances or institutions.")
    fieldsets = [
        (None, {"fields": ["name", "aim", ("status", "lead")]}),
        (_("With whom"), {"fields": ["institutions", "alliances"]}),
        (
            _("Days and outcome"),
            {"classes": ["collapse"], "fields": [("started_on", "ended_on"), "outcome"]},
        ),
    ]

    def get_autocomplete_fields(self, request):
        fields = {"institutions": Dossier.institutions, "alliances": Dossier.alliances}
        return [
            name for name, field in fields.items() if self.admin_site.is_registered(field.rel.model)
        ]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = KnowsSeveral(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_object(self, request, object_id, from_field=None):
        """With what its page shows, unless it is being saved."""
        dossier = super().get_object(request, object_id, from_field)
        if dossier and request.method == "GET":
            read_together(dossier, RELATIONS)
        return dossier

    # The list

    def get_queryset(self, request):
        """With the day of the last exchange, and what remains to be done; on a dossier's page, with
        the time spent.
        """
        if request.resolver_match and request.resolver_match.url_name == "members_dossier_change":
            return super().get_queryset(request).select_related("lead").annotate(**hours())
        exchanges = Interaction.objects.filter(dossier=OuterRef("pk")).recent()
        to_do = FollowUp.objects.open().filter(
            Q(dossier=OuterRef("pk")) | Q(interaction__dossier=OuterRef("pk"))
        )
        return (
            super()
            .get_queryset(request)
            .annotate(
                exchanged_at=Subquery(exchanges.values("happened_at")[:1]),
                open_follow_ups=counted(to_do),
                has_late=Exists(to_do.late()),
            )
        )

    def get_search_results(self, request, queryset, search_term):
        """What the staff's search finds, the best first unless the list is sorted by a column."""
        found = queryset.matching(search_term)
        if request.GET.get("o"):
            found = found.order_by(*queryset.query.order_by)
        return found, False

    @admin.display(description=_("name"), ordering="name")
    def identity(self, dossier):
        return dossier.name

    @admin.display(description=_("status"), ordering="status")
    def state(self, dossier):
        return format_html(
            '<span class="pill {}">{}</span>', dossier.status, dossier.get_status_display()
        )

    @admin.display(description=_("last exchange"), ordering="exchanged_at")
    def last_exchange(self, dossier):
        at = dossier.exchanged_at
        return at and date_format(timezone.localtime(at), "SHORT_DATE_FORMAT")

    @admin.display(description=_("to do"), ordering="open_follow_ups")
    def to_do(self, dossier):
        if not dossier.open_follow_ups:
            return ""
        return format_html(
            '{} <span class="pill late">{}</span>' if dossier.has_late else "{}",
            dossier.open_follow_ups,
            pgettext("follow-up", "late"),
        )

    # One

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj and change:
            context.update(self.glance(request, obj))
        return super().render_change_form(request, context, add, change, form_url, obj)

    def glance(self, request, dossier):
        """What the page says besides the form."""
        to_do = (
            FollowUp.objects.open()
            .filter(Q(dossier=dossier) | Q(interaction__dossier=dossier))
            .by_due_day()
            .select_related("assigned_to")
        )
        exchanges = list(dossier.interactions.recent().with_people()[: EXCHANGES_SHOWN + 1])
        documents = (
            Document.objects.filter(Q(dossier=dossier) | Q(interaction__dossier=dossier))
            if may(request.user, "view", Document)
            else None
        )
        doors = {
            "exchange": (Interaction, "interaction", f"?dossier={dossier.pk}"),
            "government": (Interaction, "interaction", f"?dossier={dossier.pk}&government=1"),
            "follow_up": (FollowUp, "followup", f"?dossier={dossier.pk}"),
            "document": (Document, "document", f"?dossier={dossier.pk}"),
        }
        return {
            "dossier": dossier,
            "exchanges": exchanges[:EXCHANGES_SHOWN],
            "more_exchanges": len(exchanges) > EXCHANGES_SHOWN,
            "follow_ups": list(to_do),
            "documents": documents,
            "statements": dossier.statements.all()
            if may(request.user, "view", Statement)
            else None,
            "people_met": people_met(dossier),
            "hours": {"spent": dossier.minutes_spent, "count": dossier.government_count},
            "doors": {
                what: reverse(f"admin:members_{name}_add") + query
                for what, (model, name, query) in doors.items()
                if may(request.user, "add", model)
            },
            "alliances_have_pages": self.admin_site.is_registered(Alliance),
        }


def hours():
    """The annotations `minutes_spent` on exchanges with office holders, and `government_count`."""
    own = GovernmentInteraction.objects.filter(interaction__dossier=OuterRef("pk"))
    spent = own.with_time().order_by().values("interaction__dossier")
    total = spent.annotate(total=Sum("spent")).values("total")
    return {"minutes_spent": Coalesce(Subquery(total), 0), "government_count": counted(own)}


def people_met(dossier):
    """Who took part in the dossier's exchanges besides us, the last met first: participations,
    with the title of the last time."""
    last = (
        Participation.objects.filter(interaction__dossier=dossier)
        .exclude(capacity__in=[Participation.Capacity.EMPLOYEE, Participation.Capacity.VOLUNTEER])
        .order_by("person_id", "-interaction__happened_at", "pk")
        .distinct("person")
        .select_related("person", "organization", "interaction")
    )
    found = sorted(last, key=lambda one: one.interaction.happened_at, reverse=True)
    return found[:PEOPLE_SHOWN]
