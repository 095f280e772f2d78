"""People: who does what where, how to reach them, and what they agreed to."""

from urllib.parse import quote, urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, Count, F, Func, Prefetch, Q, Value, When
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from members.admin.bulk import BulkActions
from members.admin.common import (
    StaffInline,
    StaffModelAdmin,
    mail_link,
    phone_link,
)
from members.admin.exchange import ImportsPeople
from members.admin.exports import note
from members.admin.filters import CountedFilter
from members.admin.lists import among
from members.admin.mailings import Mailings
from members.admin.positions import DayForm, PositionForm, described, public_state, small_form, told
from members.admin.selections import AddTag, RemoveTag
from members.admin.tags import TagFilter, pills
from members.models import (
    Consent,
    FollowUp,
    Interaction,
    Organization,
    Person,
    Position,
)
from members.permissions import can_export, can_see_personal, may
from regions.models import Region

# The longest link to a new message that every mail program opens, in characters.
LONGEST_MAIL_LINK = 1800
EXCHANGES_SHOWN = 20


class PeriodFilter(CountedFilter):
    """Those whom the network deals with today, unless another choice is made."""

    title = gettext_lazy("period")
    parameter_name = "period"

    def conditions(self):
        return {
            None: (_("current people"), Q(pk__in=Person.objects.current().values("pk"))),
            "past": (_("former people"), Q(pk__in=Person.objects.past().values("pk"))),
            "all": (_("everyone"), Q()),
        }


class ByPosition(CountedFilter):
    """A filter on what people do: all its choices are counted in one look at their positions."""

    # What a position is counted under, an expression.
    column = ""

    def condition(self, value):
        """The condition on the position."""
        return Q(**{self.column: value})

    def choices_known(self):
        """{value: words}."""
        raise NotImplementedError

    def conditions(self):
        return {
            value: (
                words,
                Q(pk__in=Position.objects.telling().filter(self.condition(value)).values("person")),
            )
            for value, words in self.choices_known().items()
        }

    def get_facet_queryset(self, changelist):
        rows = changelist.get_queryset(self.request, exclude_parameters=self.expected_parameters())
        positions = Position.objects.telling().filter(person__in=rows.order_by().values("pk"))
        counted = positions.order_by().annotate(under=self.under()).values_list("under")
        counts = dict(counted.annotate(count=Count("person", distinct=True)))
        return {
            f"{place}__c": counts.get(value, 0)
            for place, (value, _words) in enumerate(self.lookup_choices)
        }

    def under(self):
        return F(self.column)


class Unnest(Func):
    function = "unnest"
    set_returning = True


class RoleFilter(ByPosition):
    title = gettext_lazy("role")
    parameter_name = "role"

    def choices_known(self):
        return dict(Position.Kind.choices)

    def condition(self, value):
        return Q(kinds__contains=[value])

    def under(self):
        return Unnest("kinds", output_field=Position._meta.get_field("kinds").base_field)


class NetworkFilter(ByPosition):
    title = gettext_lazy("organization")
    parameter_name = "network"

    def choices_known(self):
        return {"members": _("member organization"), "others": _("other organization")}

    def condition(self, value):
        inside = Q(organization__in=Organization.objects.members().values("pk"))
        return inside if value == "members" else ~inside

    def under(self):
        return Case(When(self.condition("members"), Value("members")), default=Value("others"))


class RegionFilter(ByPosition):
    title = gettext_lazy("region of the organization")
    parameter_name = "region"
    column = "organization__region"
    folded = True

    def choices_known(self):
        return {region.code: region.name for region in Region.objects.all()}


class LanguageFilter(CountedFilter):
    title = gettext_lazy("language")
    parameter_name = "language"
    folded = True

    def conditions(self):
        return {value: (words, Q(language=value)) for value, words in Person.Language.choices}


class PersonForm(forms.ModelForm):
    def clean(self):
        cleaned = super().clean()
        phone = cleaned.get("personal_phone")
        if phone and phone.extension:
            self.add_error("personal_phone", _("A personal number is kept without an extension."))
        return cleaned


class PositionFormSet(forms.BaseInlineFormSet):
    """Rows for the positions that have not ended; the others are its `past`, to be read."""

    shows_past = False
    past = ()

    def get_queryset(self):
        if not hasattr(self, "_queryset") and not self.shows_past:
            today = timezone.localdate()
            rows = list(super().get_queryset())
            self.past = [row for row in rows if row.ended_on and row.ended_on < today]
            self._queryset = [row for row in rows if row not in self.past]
        return super().get_queryset()


class PositionInline(StaffInline, admin.StackedInline):
    """What the person does today or will do; what they did is shown apart, and corrected there."""

    model = Position
    form = PositionForm
    formset = PositionFormSet
    verbose_name_plural = gettext_lazy("current positions")
    autocomplete_fields = ["organization"]
    fields = [
        ("organization", "title", "unit"),
        "kinds",
        ("email", "phone", "phone_extension"),
        ("started_on", "ended_on"),
        "is_dpoh",
    ]

    def get_extra(self, request, obj=None, **kwargs):
        return 1 if obj is None else 0

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.shows_past = request.method == "POST"
        return formset

    def get_queryset(self, request):
        """All of them to show; a form that was sent finds again the rows that it showed."""
        rows = super().get_queryset(request).select_related("organization", "public_decided_by")
        if request.method != "POST":
            return rows
        sent = [
            value
            for key, value in request.POST.items()
            if key.startswith("positions-") and key.endswith("-id") and value.isdecimal()
        ]
        today = timezone.localdate()
        return rows.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=today) | Q(pk__in=sent))


class FoldedPositionInline(PositionInline):
    classes = ["collapse"]


def with_current_positions(people):
    """`people` with the list of their `current_positions`, the main ones first: one more query."""
    positions = Position.objects.current().select_related("organization").main_first()
    return people.prefetch_related(Prefetch("positions", positions, to_attr="current_positions"))


@admin.register(Person)
class PersonAdmin(BulkActions, ImportsPeople, Mailings, StaffModelAdmin):
    class Media:
        css = {"all": ["css/timeline.css", "css/people.css"]}

    add_words = gettext_lazy("Add a person")
    history_of_related = True
    form = PersonForm
    change_list_template = "admin/members/person/change_list.html"
    change_form_template = "admin/members/person/change_form.html"
    list_display = ["name", "does", "reached", "tagged", "last_exchange"]
    list_display_links = ["name"]
    list_filter = [
        PeriodFilter,
        RoleFilter,
        NetworkFilter,
        RegionFilter,
        TagFilter,
        LanguageFilter,
    ]
    search_fields = ["last_name"]
    search_help_text = gettext_lazy(
        "A name, a title, an address, or what finds their organizations: theme, country, place."
    )
    ordering = ["sort_name", "pk"]
    actions = ["write_to_selected"]
    bulk_actions = [AddTag(), RemoveTag()]

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("write/", view(require_safe(self.write_view)), name="members_person_write"),
            path("<int:pk>/archive/", view(self.archive_view), name="members_person_archive"),
            *super().get_urls(),
        ]

    def get_inlines(self, request, obj):
        """Positions are told at the top of the page of someone known: their form is folded."""
        return [FoldedPositionInline if obj else PositionInline]

    def get_queryset(self, request):
        people = super().get_queryset(request).prefetch_related("tags")
        if may(request.user, "view", Interaction):
            people = people.with_last_exchange()
        return people

    def get_list_display(self, request):
        columns = super().get_list_display(request)
        if may(request.user, "view", Interaction):
            return columns
        return [column for column in columns if column != "last_exchange"]

    def get_search_results(self, request, queryset, search_term):
        """Their own words, and those of their organizations; their own only for who completes."""
        if request.resolver_match.url_name == "autocomplete":
            return with_current_positions(queryset.matching(search_term)), False
        if not search_term:
            return queryset, False
        # The counts of each filter ask again: what the text finds is looked for once, and only the
        # list itself, which asks first, wants the best first.
        known = request.__dict__.setdefault("people_found", {})
        first = search_term not in known
        if first:
            known[search_term] = Person.objects.keys_matching_at_work(search_term)
        found = queryset.filter(pk__in=among(known[search_term]))
        if first and not request.GET.get("o"):
            found = found.best_first(search_term)
        return found, False

    def completed(self, record):
        """A name and what the person does: two people may have one name."""
        held = getattr(record, "current_positions", ())
        return f"{record} ({told(held[0])})" if held else str(record)

    def get_fieldsets(self, request, obj=None):
        """What is personal is there only for those who may know it."""
        identity = [("first_name", "last_name"), ("language", "tags")]
        if obj and obj.archived_on:
            identity.append("archived_on")
        sections = [(_("Identity"), {"fields": identity})]
        if can_see_personal(request.user):
            personal = [
                ("pronoun", "personal_email", "personal_phone"),
                "personal_address",
                "needs",
                "notes",
            ]
            sections.append((_("Personal"), {"classes": ["collapse"], "fields": personal}))
        return sections

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        """Tags are few: all of them are there to tick."""
        if db_field.name == "tags":
            kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_formset_kwargs(self, request, obj, inline, prefix):
        """Someone new may come with the organization where they are: `?organization=`."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        given = request.GET.get("organization", "")
        if request.method == "GET" and (obj is None or obj.pk is None) and given.isdecimal():
            kwargs["initial"] = [{"organization": given}]
        return kwargs

    # The list

    @admin.display(description=gettext_lazy("name"), ordering="sort_name")
    def name(self, person):
        return str(person)

    @admin.display(description=gettext_lazy("positions"))
    def does(self, person):
        return (
            format_html_join(
                "",
                '<div class="position">{} <a href="{}">{}</a></div>',
                (
                    (
                        position.said,
                        reverse(
                            "admin:members_organization_change", args=[position.organization_id]
                        ),
                        position.organization,
                    )
                    for position in person.current_positions
                ),
            )
            or None
        )

    @admin.display(description=gettext_lazy("to reach them"))
    def reached(self, person):
        links = []
        for position in person.current_positions:
            links += [
                mail_link(position.email),
                phone_link(position.phone, position.phone_extension),
            ]
        return format_html_join(
            "", "<div>{}</div>", ((link,) for link in dict.fromkeys(links) if link)
        )

    @admin.display(description=gettext_lazy("tags"))
    def tagged(self, person):
        return pills(person.tags.all())

    @admin.display(description=gettext_lazy("last exchange"), ordering="last_exchange_at")
    def last_exchange(self, person):
        at = person.last_exchange_at
        return at and date_format(timezone.localtime(at), "SHORT_DATE_FORMAT")

    def get_changelist_instance(self, request):
        """The list, with what each person does."""
        changelist = super().get_changelist_instance(request)
        changelist.result_list = with_current_positions(changelist.result_list)
        return changelist

    # Writing to those of the list

    def write_view(self, request):
        """The addresses of the people of the list, as it is filtered."""
        people = self.get_changelist_instance(request).queryset
        return self.write_to(request, people, request.GET.get("role"))

    @admin.action(description=gettext_lazy("Write to the selected people"), permissions=["view"])
    def write_to_selected(self, request, queryset):
        return self.write_to(request, queryset, request.GET.get("role"))

    def write_to(self, request, people, role=None):
        """A page with the professional address of each; of the position with that role first.

        Nothing is asked, since writing to colleagues is the daily work, but it is noted like any
        export of data about people.
        """
        if not can_export(request.user):
            raise PermissionDenied
        reached, without = {}, []
        for person in with_current_positions(people):
            positions = [position for position in person.current_positions if position.email]
            positions.sort(key=lambda position: role not in position.kinds)
            if positions:
                reached.setdefault(positions[0].email.casefold(), []).append(positions[0])
            else:
                without.append(person)
        addresses = [positions[0].email for positions in reached.values()]
        if addresses:
            note(
                by=request.user,
                model=self.opts.label_lower,
                query=request.GET.urlencode(),
                format="addresses",
                columns=["email"],
                count=len(addresses),
                reason=_("Message written from the list"),
            )
        link = "mailto:?" + urlencode({"bcc": ",".join(addresses)}, quote_via=quote, safe="@,")
        return TemplateResponse(
            request,
            "admin/members/person/write.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Write to these people"),
                "subtitle": None,
                "addresses": addresses,
                "link": link if len(link) <= LONGEST_MAIL_LINK else "",
                "reached": [position for positions in reached.values() for position in positions],
                "without": without,
                "back": reverse("admin:members_person_changelist")
                + (f"?{request.GET.urlencode()}" if request.GET else ""),
            },
        )

    def changelist_view(self, request, extra_context=None):
        context = {"may_write": can_export(request.user)}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    # One person's page

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj and change:
            (inline,) = context["inline_admin_formsets"]
            context.update(self.glance(request, obj, inline.formset))
        return super().render_change_form(request, context, add, change, form_url, obj)

    def glance(self, request, person, rows):
        """What the page says besides the form, of what this user may know."""
        if request.method == "GET":
            positions = [*rows.get_queryset(), *rows.past]
        else:  # those of the form have taken what was typed
            positions = list(person.positions.select_related("organization", "public_decided_by"))
        kinds = Position.Kind.values
        current = [position for position in positions if position.is_current()]
        current.sort(key=lambda position: [kinds.index(kind) for kind in position.kinds] or [99])
        for position in current:
            position.public_words = public_state(position)
        today = timezone.localdate()
        context = {
            "person": person,
            "tags": pills(person.tags.all()),
            "current_positions": current,
            "past_positions": [
                position
                for position in positions
                if position.ended_on and position.ended_on < today
            ],
            "liaisons": list(person.liaisons.select_related("alliance", "organization")),
            "may_change_positions": may(request.user, "change", Position),
            "may_archive": self.may_archive(request, person),
            "may_add_exchange": may(request.user, "add", Interaction),
            "may_add_follow_up": may(request.user, "add", FollowUp),
        }
        if may(request.user, "view", FollowUp):
            to_do = FollowUp.objects.open().about_person(person).by_due_day()
            context["follow_ups"] = list(to_do.select_related("assigned_to"))
        if may(request.user, "view", Interaction):
            exchanges = person.interactions.recent().with_people()[:EXCHANGES_SHOWN]
            context["exchanges"] = list(exchanges)
        if may(request.user, "view", Consent):
            context["consents"] = list(person.consents.select_related("recorded_by"))
            context["may_add_consent"] = may(request.user, "add", Consent)
        return context

    def response_add(self, request, obj, post_url_continue=None):
        """Say so when someone else has the same name: it may be the same person."""
        others = Person.objects.named(obj.first_name, obj.last_name).exclude(pk=obj.pk)
        for other in others:
            link = format_html(
                '<a href="{}">{}</a>',
                reverse("admin:members_person_change", args=[other.pk]),
                described(other),
            )
            messages.warning(
                request,
                format_html(
                    _("Someone of that name was already there: {person}. Is it the same person?"),
                    person=link,
                ),
            )
        return super().response_add(request, obj, post_url_continue)

    def may_archive(self, request, person):
        """Archiving ends positions too."""
        allowed = may(request.user, "change", Person) and may(request.user, "change", Position)
        return allowed and not person.archived_on

    def archive_view(self, request, pk):
        """Put someone among the former people, after confirmation."""
        person = self.get_object(request, str(pk))
        if person is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if not self.may_archive(request, person):
            raise PermissionDenied
        address = reverse("admin:members_person_change", args=[pk])
        form = DayForm(
            request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()}
        )

        def archive():
            person.archive(by=request.user, on=form.cleaned_data["on"])
            return _("%(person)s is now among the former people.") % {"person": person}

        return small_form(
            self,
            request,
            form,
            archive,
            title=_("Put %(person)s among the former people") % {"person": person},
            sentences=[
                _("All their positions end that day. Nothing of what is known is lost."),
                *(told(position) for position in person.positions.current()),
            ],
            button=_("Put among the former people"),
            back=address,
        )


@admin.register(Consent)
class ConsentAdmin(StaffModelAdmin):
    """Written once: a consent is added, then maybe withdrawn; nothing else changes it."""

    add_words = gettext_lazy("Add a consent")
    list_display = [
        "person",
        "purpose",
        "channel",
        "kind",
        "given_on",
        "expires_on",
        "withdrawn_on",
    ]
    list_filter = ["purpose", "channel", "kind"]
    list_select_related = ["person"]
    search_fields = ["evidence"]
    search_help_text = gettext_lazy("The name of the person.")
    autocomplete_fields = ["person"]
    fields = ["person", ("purpose", "channel", "kind"), ("given_on", "expires_on"), "evidence"]

    def get_urls(self):
        withdraw = self.admin_site.admin_view(self.withdraw_view)
        return [
            path("<int:pk>/withdraw/", withdraw, name="members_consent_withdraw"),
            *super().get_urls(),
        ]

    def get_search_results(self, request, queryset, search_term):
        people = Person.objects.matching(search_term).order_by().values("pk")
        return queryset.filter(person__in=people), False

    def get_fields(self, request, obj=None):
        fields = super().get_fields(request, obj)
        return [*fields, "withdrawn_on", "recorded_by"] if obj else fields

    def save_model(self, request, obj, form, change):
        obj.recorded_by = request.user
        super().save_model(request, obj, form, change)

    def response_post_save_add(self, request, obj):
        return HttpResponseRedirect(reverse("admin:members_person_change", args=[obj.person_id]))

    def withdraw_view(self, request, pk):
        """Record that someone takes a consent back."""
        if not may(request.user, "add", Consent):
            raise PermissionDenied
        consent = self.get_object(request, str(pk))
        if consent is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        back = reverse("admin:members_person_change", args=[consent.person_id])
        data = request.POST if request.method == "POST" else None
        form = DayForm(data, initial={"on": timezone.localdate()}, label=_("Withdrawn on"))

        def withdraw():
            if consent.withdrawn_on:
                raise ValidationError(_("This consent was already withdrawn."))
            consent.withdraw(by=request.user, on=form.cleaned_data["on"])
            return _("The withdrawal is recorded.")

        return small_form(
            self,
            request,
            form,
            withdraw,
            title=_("%(person)s withdraws a consent") % {"person": consent.person},
            sentences=[
                str(consent),
                _("The consent stays with its proof; from that day on it no longer holds."),
            ],
            button=_("Record the withdrawal"),
            back=back,
        )
