"""Who has access to organizations' spaces: representatives, invitations, requests that wait."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members import actions
from members.admin.common import StaffModelAdmin, mail_link
from members.admin.engagement import keys_in
from members.admin.filters import CountedFilter
from members.admin.positions import small_form
from members.models import AccessRequest, Invitation, Membership, Organization, Representative
from members.permissions import may
from members.space.access_forms import ROLES, WORDS, InvitationForm


def day(moment):
    return moment and date_format(timezone.localtime(moment), "SHORT_DATE_FORMAT")


def posted(request):
    """What a form gets: what was sent, or nothing."""
    return request.POST if request.method == "POST" else None


class OfOrganizationFilter(CountedFilter):
    """Those of one organization, whose page leads here; not among the filters until then."""

    title = gettext_lazy("organization")
    parameter_name = "organization"

    def conditions(self):
        [key, *_others] = [*keys_in(self.request, self.parameter_name), None]
        found = Organization.objects.filter(pk=key).first()
        return {str(found.pk): (str(found), Q(organization=found))} if found else {}


class RoleFilter(CountedFilter):
    title = gettext_lazy("role")
    parameter_name = "role"

    def conditions(self):
        return {value: (words, Q(role=value)) for value, words in Representative.Role.choices}


class ActiveFilter(CountedFilter):
    """Those who have access today, unless another choice is made."""

    title = gettext_lazy("access")
    parameter_name = "state"

    def conditions(self):
        active = Q(pk__in=Representative.objects.active().order_by().values("pk"))
        return {
            None: (_("have access"), active),
            "ended": (_("no longer have access"), ~active),
            "all": (_("all"), Q()),
        }


class InvitationStateFilter(CountedFilter):
    """Those that wait, unless another choice is made."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def conditions(self):
        waiting = Q(accepted_at=None, revoked_at=None)
        return {
            None: (_("waiting"), waiting & Q(expires_at__gt=timezone.now())),
            "expired": (_("expired"), waiting & Q(expires_at__lte=timezone.now())),
            "accepted": (_("accepted"), Q(accepted_at__isnull=False)),
            "revoked": (_("revoked"), Q(revoked_at__isnull=False)),
            "all": (_("all"), Q()),
        }


class RequestStateFilter(CountedFilter):
    """Those that wait, unless another choice is made."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def conditions(self):
        states = AccessRequest.State
        return {
            None: (states.WAITING.label, Q(state=states.WAITING)),
            "accepted": (states.ACCEPTED.label, Q(state=states.ACCEPTED)),
            "refused": (states.REFUSED.label, Q(state=states.REFUSED)),
            "all": (_("all"), Q()),
        }


class AccessAdmin(StaffModelAdmin):
    """A list whose records are read; what is done to one has a short page of its own.

    `steps` are {end of the address: words of the link}, each a method `<step>_page(request,
    record)`; `open_steps` says which are offered for a record.
    """

    steps = {}

    def has_change_permission(self, request, obj=None):
        """Nothing is typed over: see `steps`."""
        return False

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            *(
                path(
                    f"<int:pk>/{step}/",
                    self.admin_site.admin_view(self.step_view),
                    {"step": step},
                    name=f"{name}_{step}",
                )
                for step in self.steps
            ),
            *super().get_urls(),
        ]

    def step_view(self, request, pk, step):
        if not may(request.user, "change", self.model):
            raise PermissionDenied
        record = get_object_or_404(self.get_queryset(request), pk=pk)
        return getattr(self, f"{step}_page")(request, record)

    def open_steps(self, record):
        return list(self.steps)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        record = self.get_object(request, object_id)
        tools = []
        if record and may(request.user, "change", self.model):
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
            tools = [
                (reverse(f"{name}_{step}", args=[record.pk]), self.steps[step])
                for step in self.open_steps(record)
            ]
        context = {"tools": tools, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def page_of(self, record):
        return reverse(
            f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[record.pk]
        )

    @admin.display(
        description=gettext_lazy("organization"), ordering="organization__entry__sort_fr"
    )
    def of_organization(self, record):
        return organization_link(record.organization)


def organization_link(organization):
    address = reverse("admin:members_organization_change", args=[organization.pk])
    return format_html('<a href="{}">{}</a>', address, organization)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why, in words that they will read (optional)"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=gettext_lazy("What they may do"), choices=ROLES)


@admin.register(Representative)
class RepresentativeAdmin(AccessAdmin):
    list_display = ["user", "of_organization", "role", "standing", "since", "last_sign_in"]
    list_filter = [OfOrganizationFilter, ActiveFilter, RoleFilter]
    list_select_related = ["user", "organization"]
    search_fields = [
        "user__email",
        "user__first_name",
        "user__last_name",
        "organization__name_fr",
        "organization__acronym",
    ]
    fields = [
        "user",
        "address",
        "of_organization",
        "role",
        "standing",
        ("started_at", "started_by"),
        ("ended_at", "ended_by"),
        "end_reason",
    ]
    readonly_fields = ["user", "address", "of_organization", "standing", *fields[5], *fields[6]]
    steps = {"role": gettext_lazy("Change the role"), "end": gettext_lazy("End the access")}

    def has_add_permission(self, request):
        """Someone is invited, and accepts: nobody is put here."""
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).with_standing().select_related("organization")

    def open_steps(self, record):
        return [] if record.ended_at else list(self.steps)

    def end_page(self, request, representative):
        form = ReasonForm(posted(request))

        def end():
            actions.end_access(
                representative=representative, by=request.user, reason=form.cleaned_data["reason"]
            )
            return _("%(name)s no longer acts for %(organization)s.") % {
                "name": representative.user,
                "organization": representative.organization,
            }

        return small_form(
            self,
            request,
            form,
            end,
            title=_("End the access of %(name)s") % {"name": representative.user},
            sentences=[
                _("To the space of %(name)s.") % {"name": representative.organization},
                _("They are told by mail. What they did stays in the history."),
            ],
            button=_("End the access"),
            back=self.page_of(representative),
        )

    def role_page(self, request, representative):
        form = RoleForm(posted(request), initial={"role": representative.role})

        def change():
            role = form.cleaned_data["role"]
            actions.give_role(representative=representative, role=role, by=request.user)
            return _("%(name)s: %(role)s from now on.") % {
                "name": representative.user,
                "role": representative.get_role_display(),
            }

        return small_form(
            self,
            request,
            form,
            change,
            title=_("Role of %(name)s") % {"name": representative.user},
            sentences=[_("In the space of %(name)s.") % {"name": representative.organization}],
            button=_("Save"),
            back=self.page_of(representative),
        )

    @admin.display(description=gettext_lazy("e-mail address"))
    def address(self, representative):
        return mail_link(representative.user.email)

    @admin.display(description=gettext_lazy("access"))
    def standing(self, representative):
        return representative.standing or _("access open")

    @admin.display(description=gettext_lazy("since"), ordering="started_at")
    def since(self, representative):
        return day(representative.started_at)

    @admin.display(description=gettext_lazy("last sign-in"), ordering="user__last_login")
    def last_sign_in(self, representative):
        return day(representative.user.last_login)


class StaffInvitationForm(InvitationForm):
    """Whom to invite, for which member."""

    class Meta(InvitationForm.Meta):
        fields = ["organization", *InvitationForm.Meta.fields]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = Organization.objects.filter(
            pk__in=Membership.objects.current().order_by().values("organization")
        ).by_name()
        self.fields["organization"].empty_label = _("Choose in the list")
        self.fields["organization"].label_from_instance = lambda one: one.name


@admin.register(Invitation)
class InvitationAdmin(AccessAdmin):
    add_words = gettext_lazy("Invite")
    list_display = ["email", "of_organization", "role", "stands", "sent", "until", "invited_by"]
    list_filter = [OfOrganizationFilter, InvitationStateFilter, RoleFilter]
    list_select_related = ["organization", "invited_by"]
    search_fields = ["email", "organization__name_fr", "organization__acronym"]
    fields = [
        "email",
        "of_organization",
        "role",
        "stands",
        "person",
        "language",
        "message",
        ("sent_at", "invited_by"),
        "expires_at",
        ("accepted_at", "accepted_by"),
        ("revoked_at", "revoked_by"),
    ]
    readonly_fields = ["of_organization", "stands", *fields[7], fields[8], *fields[9], *fields[10]]
    steps = {"renew": gettext_lazy("Send again"), "revoke": gettext_lazy("Revoke")}

    def open_steps(self, record):
        return list(self.steps) if record.is_waiting else []

    def add_view(self, request, form_url="", extra_context=None):
        """Invite someone to act for a member; `?organization=` chooses it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        [chosen, *_others] = [*keys_in(request, "organization"), None]
        form = StaffInvitationForm(posted(request), initial={"organization": chosen})

        def invite():
            invitation = actions.invite(by=request.user, **form.cleaned_data)
            return _("The invitation leaves to %(email)s. Its link works until %(date)s.") % {
                "email": invitation.email,
                "date": date_format(invitation.expires_at, "DATE_FORMAT"),
            }

        return small_form(
            self,
            request,
            form,
            invite,
            title=_("Invite someone to act for a member"),
            sentences=[
                _(
                    "They get a link by mail, which works once and for fourteen days. An address "
                    "that is already invited gets a new link."
                )
            ],
            button=_("Send the invitation"),
            back=reverse("admin:members_invitation_changelist"),
        )

    def renew_page(self, request, invitation):
        def renew():
            actions.renew(invitation=invitation, by=request.user)
            return _("The invitation leaves to %(email)s. Its link works until %(date)s.") % {
                "email": invitation.email,
                "date": date_format(invitation.expires_at, "DATE_FORMAT"),
            }

        return small_form(
            self,
            request,
            forms.Form(posted(request)),
            renew,
            title=_("Send the invitation of %(email)s again") % {"email": invitation.email},
            sentences=[_("The new link works for fourteen days; the former one no longer does.")],
            button=_("Send again"),
            back=self.page_of(invitation),
        )

    def revoke_page(self, request, invitation):
        def revoke():
            invitation.revoke(by=request.user)
            return _("The invitation of %(email)s is revoked: its link opens nothing.") % {
                "email": invitation.email
            }

        return small_form(
            self,
            request,
            forms.Form(posted(request)),
            revoke,
            title=_("Revoke the invitation of %(email)s") % {"email": invitation.email},
            sentences=[_("Its link opens nothing any more. Nobody is told.")],
            button=_("Revoke"),
            back=self.page_of(invitation),
        )

    @admin.display(description=gettext_lazy("state"))
    def stands(self, invitation):
        return invitation.state

    @admin.display(description=gettext_lazy("sent on"), ordering="sent_at")
    def sent(self, invitation):
        return day(invitation.sent_at)

    @admin.display(description=gettext_lazy("valid until"), ordering="expires_at")
    def until(self, invitation):
        return day(invitation.expires_at)


class AcceptForm(RoleForm):
    words = forms.CharField(
        label=gettext_lazy("A few words to them (optional)"),
        required=False,
        max_length=1000,
        widget=WORDS,
    )


class RefuseForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("Why, in words that they will read"), max_length=1000, widget=WORDS
    )


@admin.register(AccessRequest)
class AccessRequestAdmin(AccessAdmin):
    list_display = ["name", "of_organization", "email", "compared", "state", "asked"]
    list_filter = [OfOrganizationFilter, RequestStateFilter]
    search_fields = ["name", "email", "organization__name_fr", "organization__acronym"]
    fields = [
        "name",
        "of_organization",
        "title",
        "address",
        "compared",
        "message",
        "language",
        "state",
        "asked",
        ("decided_at", "decided_by"),
        "answer",
    ]
    readonly_fields = ["of_organization", "address", "compared", "state", "asked", *fields[9]]
    readonly_fields += ["answer"]
    steps = {"accept": gettext_lazy("Accept"), "refuse": gettext_lazy("Refuse")}

    def get_queryset(self, request):
        return super().get_queryset(request).with_domains().select_related("decided_by")

    def open_steps(self, record):
        return list(self.steps) if record.is_waiting else []

    def told(self, access_request):
        """What the decision is about."""
        return _("%(name)s, %(email)s, for %(organization)s: %(domain)s.") % {
            "name": access_request.name,
            "email": access_request.email,
            "domain": access_request.domain.label,
            "organization": access_request.organization,
        }

    def accept_page(self, request, access_request):
        organization = access_request.organization
        managers = organization.representatives.active().managers().count()
        form = AcceptForm(posted(request), initial={"role": "editor" if managers else "manager"})

        def accept():
            invitation = actions.grant_access(
                access_request=access_request, by=request.user, **form.cleaned_data
            )
            return _("Accepted: the invitation leaves to %(email)s.") % {"email": invitation.email}

        counted = ngettext(
            "%(count)s manager acts for it today.", "%(count)s managers act for it today.", managers
        )
        return small_form(
            self,
            request,
            form,
            accept,
            title=_("Give %(name)s access") % {"name": access_request.name},
            sentences=[
                self.told(access_request),
                counted % {"count": managers},
                _("In doubt, call the organization at a number that you know."),
            ],
            button=_("Accept and invite"),
            back=self.page_of(access_request),
        )

    def refuse_page(self, request, access_request):
        form = RefuseForm(posted(request))

        def refuse():
            actions.refuse_access(
                access_request=access_request, by=request.user, words=form.cleaned_data["words"]
            )
            return _("Refused: %(name)s is told why.") % {"name": access_request.name}

        return small_form(
            self,
            request,
            form,
            refuse,
            title=_("Refuse access to %(name)s") % {"name": access_request.name},
            sentences=[self.told(access_request)],
            button=_("Refuse"),
            back=self.page_of(access_request),
        )

    @admin.display(description=gettext_lazy("e-mail address"))
    def address(self, access_request):
        return mail_link(access_request.email)

    @admin.display(description=gettext_lazy("domain"))
    def compared(self, access_request):
        return access_request.domain.label

    @admin.display(description=gettext_lazy("request of"), ordering="created_at")
    def asked(self, access_request):
        return day(access_request.created_at)
