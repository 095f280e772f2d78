"""What representatives propose: the list, the page on which each field is decided, its preview.

The page takes the place of Django's form: a proposal is decided, never edited. `ProposalAdmin` is
all that proposals on profiles and on events have in common.
"""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Prefetch, Q
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language, gettext, ngettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from members import profile
from members.admin.common import StaffModelAdmin
from members.admin.filters import CountedFilter
from members.admin.review import SHOWN, Review
from members.models import Organization, ProfileProposal, ProposedField
from members.models.documents import documents
from members.models.proposals import ChangedMeanwhile, NotWaiting
from members.pages import LOGO_WIDTHS, profile_page, with_changes
from members.permissions import can_decide, may

# From how many days a proposal has waited too long.
URGENT_AFTER = 10
LANGUAGES = {"fr": "fr-CA", "en": "en-CA"}

STATES = ProfileProposal.State


class StateFilter(CountedFilter):
    """Those that wait, unless another choice is made."""

    title = _("state")
    parameter_name = "state"
    states = STATES

    def conditions(self):
        return {
            None: (_("waiting"), Q(state=self.states.WAITING)),
            **{
                state.value: (state.label, Q(state=state))
                for state in self.states
                if state != "waiting"
            },
            "all": (_("all"), Q()),
        }


class ProposalList(ChangeList):
    """The list, each row with how many of its fields changed since (`conflicts`): two queries."""

    def get_results(self, request):
        super().get_results(request)
        rows = list(self.result_list)
        waiting = {row.organization_id for row in rows if row.is_waiting}
        found = Organization.objects.for_profile().in_bulk(waiting) if waiting else {}
        live = {pk: profile.read(organization) for pk, organization in found.items()}
        for row in rows:
            there = live.get(row.organization_id, {})
            row.conflicts = sum(
                one.seen != there[one.name] != one.proposed
                for one in row.fields.all()
                if row.is_waiting and one.name in there
            )
        self.result_list = rows


def waited(proposal):
    """For how long a proposal has waited, in words."""
    days = proposal.age()
    if not days:
        return gettext("since today")
    return ngettext("for %(count)d day", "for %(count)d days", days) % {"count": days}


def is_urgent(proposal):
    return proposal.is_waiting and proposal.age() > URGENT_AFTER


class ProposalAdmin(StaffModelAdmin):
    """The list and the page of proposals of one kind, which `review_class` reads."""

    class Media:
        css = {"all": ["css/review.css"]}

    review_class = Review
    page_template = "admin/members/profileproposal/change_form.html"
    preview_template = "admin/members/profileproposal/preview.html"
    list_display_links = ["what"]
    search_fields = ["organization__name"]
    search_help_text = _("As on the public site: name, acronym, theme, country, place, mission.")
    list_per_page = 50

    # The list

    def get_queryset(self, request):
        return super().get_queryset(request).for_list()

    def get_ordering(self, request):
        """Who waits the longest first; of what no longer waits, the last first."""
        if request.GET.get("state") in self.model.State.values:
            return ["-decided_at", "-pk"]
        return ["proposed_at", "pk"]

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        found = Organization.objects.matching(search_term).order_by()
        return queryset.filter(organization__in=found.values("pk")), False

    @admin.display(description=_("waits"), ordering="proposed_at")
    def waits(self, proposal):
        if not proposal.is_waiting:
            return date_format(timezone.localtime(proposal.proposed_at), "SHORT_DATE_FORMAT")
        if not is_urgent(proposal):
            return waited(proposal)
        return format_html(
            '{} <span class="pill late">{}</span>', waited(proposal), gettext("too long")
        )

    @admin.display(description=_("sent by"), ordering="proposed_by__first_name")
    def sender(self, proposal):
        return proposal.proposed_by

    @admin.display(description=_("fields"))
    def size(self, proposal):
        return len(proposal.fields.all())

    @admin.display(description=_("conflicts"))
    def disagreement(self, proposal):
        if not proposal.conflicts:
            return ""
        words = ngettext("%(count)d field", "%(count)d fields", proposal.conflicts)
        return format_html(
            '<span class="pill unconfirmed">{}</span>', words % {"count": proposal.conflicts}
        )

    @admin.display(description=_("state"), ordering="state")
    def state_told(self, proposal):
        if not proposal.decided_by:
            return proposal.get_state_display()
        return format_html(
            '{} <span class="quiet">{}, {}</span>',
            proposal.get_state_display(),
            proposal.decided_by,
            date_format(timezone.localtime(proposal.decided_at), "SHORT_DATE_FORMAT"),
        )

    # Who

    def has_add_permission(self, request, obj=None):
        return False

    def why_not(self, user, proposal):
        """Why the user does not decide this proposal, in words; empty when they do."""
        if can_decide(user, proposal):
            return ""
        if not may(user, "change", proposal):
            return gettext("You may read proposals; those who keep public profiles decide them.")
        return gettext(
            "You asked for some of this yourself: someone else decides it, so that two people have "
            "looked at what the public reads."
        )

    # One

    def get_urls(self):
        view, name = self.admin_site.admin_view, f"members_{self.opts.model_name}"
        return [
            path("<int:pk>/apercu/", view(self.preview_view), name=f"{name}_preview"),
            path("<int:pk>/clore/", view(self.close_view), name=f"{name}_close"),
            path(
                "<int:pk>/logo/<int:logo>-<int:width>.webp",
                view(self.logo_view),
                name=f"{name}_logo",
            ),
            *super().get_urls(),
        ]

    def read(self, pk):
        """The proposal with its fields and who asked for them: two queries."""
        fields = self.model.fields.rel.related_model
        return (
            self.model.objects.select_related("proposed_by", "decided_by")
            .prefetch_related(Prefetch("fields", fields.objects.select_related("proposed_by")))
            .filter(pk=pk)
            .first()
        )

    def asked_for(self, request, pk):
        """The proposal of a page, for those who may see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        proposal = self.read(pk)
        if proposal is None:
            raise Http404
        return proposal

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The proposal, to be decided as long as it waits."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        key = unquote(object_id)
        proposal = self.read(int(key)) if key.isascii() and key.isdecimal() else None
        if proposal is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if request.method != "POST":
            return self.page(request, self.review_class(proposal))
        if "back" in request.POST:
            return self.page(request, self.review_class(proposal, request.POST))
        return self.decide(request, proposal)

    def decide(self, request, proposal):
        """Do what came back, or show it again with what stands in the way: nothing is lost."""
        if not may(request.user, "change", proposal):
            raise PermissionDenied
        if not proposal.is_waiting:
            return self.too_late(request, proposal)
        if not can_decide(request.user, proposal):
            raise PermissionDenied
        everything = "accept_all" in request.POST
        review = self.review_class(proposal, request.POST, accepts_all=everything)
        if review.has_moved:
            return self.page(request, review)
        if everything and review.conflicts:
            review.errors.append(
                gettext("Some fields changed meanwhile: decide them one by one, below.")
            )
            return self.page(request, review)
        found = review.all_accepted() if everything else review.choices()
        if found is None:
            return self.page(request, review)
        try:
            with transaction.atomic():
                done = self.do(
                    proposal=proposal,
                    choices=review.with_words(found, by=request.user),
                    shown=review.seen["live"],
                    version=review.seen["version"],
                    by=request.user,
                )
        except NotWaiting:
            return self.too_late(request, self.read(proposal.pk))
        except ChangedMeanwhile:
            again = self.review_class(self.read(proposal.pk), request.POST, accepts_all=everything)
            return self.page(request, again)
        except ValidationError as error:
            review.refuse(error)
            return self.page(request, review)
        messages.success(request, self.told(done))
        return HttpResponseRedirect(self.address("change", proposal.pk))

    def told(self, proposal):
        """What a decision did, in a sentence or two."""
        fields = proposal.fields.all()
        refused = sum(one.decision == ProposedField.Decision.REFUSED for one in fields)
        accepted = len(fields) - refused
        parts = []
        if accepted:
            parts.append(
                ngettext(
                    "%(count)d field accepted: it is on the public page.",
                    "%(count)d fields accepted: they are on the public page.",
                    accepted,
                )
                % {"count": accepted}
            )
        if refused:
            parts.append(
                ngettext("%(count)d field refused.", "%(count)d fields refused.", refused)
                % {"count": refused}
            )
        parts.append(gettext("Whoever asked for it is told by e-mail."))
        return " ".join(parts)

    def too_late(self, request, proposal):
        """It was decided or withdrawn meanwhile: what became of it, and what was typed."""
        review = self.review_class(proposal, request.POST)
        return self.page(request, review, typed=review.typed, status=409)

    def do(self, **decision):
        """Decide a proposal: `profile.decide`, or its like. Raises what it raises."""
        raise NotImplementedError

    def title(self, review):
        """What the page of a proposal is called."""
        raise NotImplementedError

    def address(self, page, *args):
        return reverse(f"admin:members_{self.opts.model_name}_{page}", args=args)

    def page(self, request, review, typed=(), status=200):
        proposal = review.proposal
        for image in filter(None, review.lexicon.logos.values()):
            image.src = self.address("logo", proposal.pk, image.pk, 384)
        may_decide = proposal.is_waiting and can_decide(request.user, proposal)
        context = {
            **self.admin_site.each_context(request),
            "title": self.title(review),
            "subtitle": None,
            "opts": self.opts,
            "original": proposal,
            "proposal": proposal,
            "review": review,
            "organization": review.organization,
            "media": self.media,
            "waited": waited(proposal),
            "is_urgent": is_urgent(proposal),
            "may_decide": may_decide,
            "may_accept_all": may_decide and not review.conflicts,
            "why_not": self.why_not(request.user, proposal) if proposal.is_waiting else "",
            "is_outside": not review.organization.current_membership,
            "typed": typed,
            "is_too_late": status == 409,
            "next": self.next_one(proposal),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.page_template, context, status=status)

    def next_one(self, proposal):
        """The proposal that has waited the longest, offered once this one no longer waits."""
        if proposal.is_waiting:
            return None
        waiting = self.model.objects.waiting().oldest_first()
        return waiting.select_related("organization").first()

    # The preview

    def preview_view(self, request, pk):
        """The public page with what would be accepted: all of it, or what the form says."""
        proposal = self.asked_for(request, pk)
        if not proposal.is_waiting:
            return HttpResponseRedirect(self.address("change", pk))
        data = request.POST if request.method == "POST" and SHOWN in request.POST else None
        review = self.review_class(proposal, data)
        values = (
            {card.name: card.asked.proposed for card in review.cards}
            if data is None
            else review.result()
        )
        if any(card.errors for card in review.cards):
            return self.page(request, review)
        asked = (request.POST if data is not None else request.GET).get("language")
        language = asked if asked in LANGUAGES else get_language()
        context = {
            **self.admin_site.each_context(request),
            "proposal": proposal,
            "organization": review.organization,
            "fields": review.labels(name for name in values if values[name] != review.live[name]),
            "shown_language": language,
            "shown_lang": LANGUAGES[language],
            "preview": self.shown(review, values, language),
            "back": self.address("change", pk),
            "here": self.address("preview", pk),
            "typed": [
                (key, text)
                for key in request.POST
                if key not in ("csrfmiddlewaretoken", "language")
                for text in request.POST.getlist(key)
            ]
            if data is not None
            else [],
        }
        return TemplateResponse(request, self.preview_template, context)

    def shown(self, review, values, language):
        """What the public would read with these values, in that language (safe HTML)."""
        raise NotImplementedError

    # Images

    def images_of(self, proposal):
        """The images that belong to a proposal, as a queryset."""
        raise NotImplementedError

    @method_decorator(require_safe)
    def logo_view(self, request, pk, logo, width):
        """An image of the proposal, for those who may see it."""
        proposal = self.asked_for(request, pk)
        found = get_object_or_404(self.images_of(proposal), pk=logo)
        if width not in LOGO_WIDTHS:
            raise Http404
        file = documents().open(found.file_name(width))
        response = FileResponse(file, content_type="image/webp")
        response["Cache-Control"] = "private, max-age=3600"
        return response

    def logo_addresses(self, proposal, logo):
        """Where staff find the files of an image: the public has only those that are shown."""
        addresses = [self.address("logo", proposal.pk, logo.pk, width) for width in LOGO_WIDTHS]
        return {"src": addresses[0], "srcset": f"{addresses[0]} 1x, {addresses[1]} 2x"}

    # Closing

    @method_decorator(require_POST)
    def close_view(self, request, pk):
        """Put it aside without deciding, when its organization is no longer a member."""
        proposal = self.asked_for(request, pk)
        if not can_decide(request.user, proposal):
            raise PermissionDenied
        organization = Organization.objects.for_profile().get(pk=proposal.organization_id)
        if organization.current_membership:
            messages.error(
                request,
                gettext("%(name)s is a member: decide its proposal.") % {"name": organization},
            )
            return HttpResponseRedirect(self.address("change", pk))
        try:
            proposal.close(by=request.user)
        except NotWaiting:
            messages.error(request, gettext("This proposal no longer waits."))
        else:
            messages.success(request, gettext("The proposal is closed without a decision."))
        return HttpResponseRedirect(self.address("change", pk))


@admin.register(ProfileProposal)
class ProfileProposalAdmin(ProposalAdmin):
    list_name = _("Proposals")
    list_display = ["what", "waits", "sender", "size", "disagreement", "state_told"]
    list_filter = [StateFilter]

    def get_changelist(self, request, **kwargs):
        return ProposalList

    @admin.display(description=_("organization"), ordering="organization__entry__sort_fr")
    def what(self, proposal):
        return proposal.organization

    def do(self, **decision):
        return profile.decide(**decision)

    def title(self, review):
        return gettext("Proposal: %(name)s") % {"name": review.organization}

    def images_of(self, proposal):
        return proposal.organization.logos

    def shown(self, review, values, language):
        """The public profile with these values, in that language (safe HTML)."""
        with override(language):
            changed = with_changes(review.organization, values, review.lexicon)
            variables = profile_page(changed, review.lexicon.vocabulary)
            if variables["logo"]:
                variables["logo"] |= self.logo_addresses(review.proposal, changed.logo)
            return render_to_string("members/partials/profile.html", variables | {"main": "h2"})
