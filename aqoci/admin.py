"""The staff’s site: only our models, under the names and in the order that staff use.

Stands here, not in `members.admin`, because that package registers its models with this very site.
"""

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from members.permissions import can_enter

# (section, [(model, one sentence on what it holds)])
SECTIONS = [
    (
        _("Network"),
        [
            (
                "members.Organization",
                _("Members, former members, allies and institutions: all that the site says."),
            ),
            (
                "members.Membership",
                _("Who belongs to the network, since when and until when."),
            ),
            (
                "members.Person",
                _("The people we deal with, what they do and where to reach them."),
            ),
            (
                "members.Alliance",
                _("Coalitions, networks, committees and working groups, and who is in them."),
            ),
        ],
    ),
    (
        _("Campaigns and events"),
        [
            (
                "members.EventProposal",
                _("Events that members post, and what they ask to change, to accept or refuse."),
            ),
            ("members.Event", _("What members, alliances or the association hold in public.")),
            (
                "members.CampaignEdition",
                _("Each year’s edition: its theme, its days, who takes part. Copy the last one."),
            ),
            ("members.Campaign", _("What comes back, most years, and its editions.")),
            (
                "members.Programme",
                _("The association’s programmes, which campaigns belong to."),
            ),
        ],
    ),
    (
        _("Profiles"),
        [
            (
                "members.ProfileProposal",
                _("What members ask to change in their profile, to accept or refuse."),
            ),
            (
                "members.PublishedChange",
                _("What members changed at once: to look at, or put back in one click."),
            ),
        ],
    ),
    (
        _("In public"),
        [
            (
                "members.Statement",
                _("Positions and open letters, opened to members for them to sign."),
            ),
            ("members.Signature", _("Which organization signed which letter, and when.")),
            ("members.Crisis", _("The countries in the news: they lead the home page.")),
        ],
    ),
    (
        _("Admission"),
        [
            (
                "members.AdmissionFile",
                _("Organizations that ask to become members, and what was decided."),
            ),
            ("members.AdmissionCriterion", _("What candidates must be, as they read it.")),
            ("members.WelcomeStep", _("What is done for each new member.")),
        ],
    ),
    (
        _("Follow-up"),
        [
            (
                "members.Interaction",
                _("Calls, meetings and letters: with whom, when, about what."),
            ),
            ("members.FollowUp", _("What remains to be done, by whom, by when.")),
            (
                "members.Dossier",
                _("What the network asks of governments, and how far it has got."),
            ),
            (
                "members.GovernmentInteraction",
                _("Exchanges with public office holders, their hours and their reports."),
            ),
            ("members.Document", _("Files attached to organizations, alliances and dossiers.")),
            ("members.SentMail", _("What the site wrote, to whom, and whether it arrived.")),
            ("members.SavedList", _("Lists kept under a name, yours and your colleagues’.")),
        ],
    ),
    (
        _("Vocabulary"),
        [
            ("members.Tag", _("The words that staff put on records to find them again.")),
            ("members.Theme", _("The short list of what organizations work on.")),
            (
                "members.Country",
                _("The countries of the world, and the other words that should find them."),
            ),
        ],
    ),
    (
        _("Places"),
        [
            ("regions.Region", _("The seventeen administrative regions of Québec.")),
            ("regions.Municipality", _("The towns where head offices are, each in its region.")),
        ],
    ),
    (
        _("Access"),
        [
            (
                "members.AccessRequest",
                _("People whom nobody invited, and who ask to act for a member."),
            ),
            ("members.Representative", _("Who may act for which member, in its own space.")),
            ("members.Invitation", _("Who was invited to act for a member, and answered or not.")),
            ("members.User", _("The people who may sign in here, and their roles.")),
            ("members.Merge", _("Records that were joined into one; undone within thirty days.")),
            ("members.ExportRecord", _("Who took data about people away, when and why.")),
            (
                "members.AccountEvent",
                _("Who signed in, what was refused, and which second factors changed."),
            ),
        ],
    ),
]


class Completion(AutocompleteJsonView):
    """What completes what one types: each record in the words of its own page."""

    def serialize_result(self, obj, to_field_name):
        found = super().serialize_result(obj, to_field_name)
        return found | {"text": self.model_admin.completed(obj)}


class StaffSite(admin.AdminSite):
    site_title = _("AQOCI directory")
    site_header = _("AQOCI directory")
    index_title = _("Management")
    empty_value_display = "—"

    def get_urls(self):
        """Django's pages but those of passwords, and the search over all that staff keep."""
        from members.admin import search

        pages = [
            pattern
            for pattern in super().get_urls()
            if getattr(pattern, "name", "") not in ("password_change", "password_change_done")
        ]
        return [
            path("recherche/", self.admin_view(search.results), name="search"),
            path(
                "recherche/suggestions/",
                self.admin_view(search.suggestions),
                name="search_suggestions",
            ),
            *pages,
        ]

    def autocomplete_view(self, request):
        return Completion.as_view(admin_site=self)(request)

    def has_permission(self, request):
        """Whoever has a role on the staff comes in, once a second factor is proved."""
        from members.accounts.factors import has_second_factor  # needs allauth's models

        return can_enter(request.user) and has_second_factor(request)

    @method_decorator(login_not_required)
    def login(self, request, extra_context=None):
        """Leads to the sign-in page of the whole site, or to what else is missing, then to `next`.

        This page is where Django sends whoever may not come in; it has no form of its own.
        """
        index = reverse("admin:index")
        asked = request.GET.get(REDIRECT_FIELD_NAME, "")
        is_ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure())
        # Here again would turn in circles.
        then = asked if is_ours and not asked.startswith(reverse("admin:login")) else index
        if not request.user.is_authenticated:
            return redirect_to_login(then)
        if self.has_permission(request):
            return HttpResponseRedirect(then)
        way = reverse("account_second_factor")
        return HttpResponseRedirect(f"{way}?{urlencode({REDIRECT_FIELD_NAME: then})}")

    def logout(self, request, extra_context=None):
        return HttpResponseRedirect(reverse("account_logout"))

    def get_app_list(self, request, app_label=None):
        """Our sections, as Django describes its applications, without what `request` may not see.

        With `app_label`, only that application's models.
        """
        known = {
            f"{app}.{model['object_name']}": model
            for app, description in self._build_app_dict(request, app_label).items()
            for model in description["models"]
        }
        sections = []
        for name, content in SECTIONS:
            models = [
                known[label]
                | {
                    "name": self._registry[known[label]["model"]].list_name or known[label]["name"],
                    "sentence": sentence,
                    "add_words": self._registry[known[label]["model"]].add_words,
                }
                for label, sentence in content
                if label in known
            ]
            if models:
                sections.append(
                    {
                        "name": name,
                        "app_label": models[0]["model"]._meta.app_label,
                        "app_url": "",
                        "has_module_perms": True,
                        "models": models,
                    }
                )
        return sections

    def index(self, request, extra_context=None):
        """The home page of the staff: their work, what others changed, the network in figures."""
        from members.admin.dashboard import dashboard  # a package that needs this site made

        return super().index(request, {**dashboard(request), **(extra_context or {})})

    def app_index(self, request, app_label, extra_context=None):
        """The lists of one application, under its own name."""
        title = capfirst(apps.get_app_config(app_label).verbose_name)
        return super().app_index(request, app_label, {"title": title, **(extra_context or {})})
