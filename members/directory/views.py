"""The public pages. Each reads the directory through the filterset, and answers."""

from django.conf import settings
from django.http import FileResponse, Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from members import facets
from members.calendar_cards import coming_cards
from members.columns import PUBLIC
from members.crises import crises_shown
from members.directory.caching import is_partial, public_page, version_for
from members.directory.calendar_exports import FIELDS
from members.directory.campaigns import leading
from members.directory.cards import moved
from members.directory.head import head_meta
from members.directory.listing import Listing, card, for_cards
from members.directory.schema import dataset, page_of_organization, website
from members.directory.sharing import alt_of, place_of
from members.filters import OrganizationFilter
from members.maps import map_of
from members.models import DirectoryEntry, EventDate, Organization
from members.models.documents import documents
from members.models.statements import with_signed
from members.pages import LOGO_WIDTHS, in_language, profile_page
from members.search import MAX_CHARACTERS, parse, suggested
from members.statement_cards import OF_ORGANIZATION, latest_statements, signed_statements
from regions.folding import fold

SUGGESTED_ORGANIZATIONS = 6
SUGGESTED_TERMS = 5
SIMILAR = 3
LATEST = 6
# Events that come, on the home page.
COMING = 6


def directory(request, data=None):
    """The filterset of a request, or of other `data`, over the directory as it is now."""
    return OrganizationFilter(request.GET if data is None else data, version=version_for(request))


@public_page
def home(request):
    """What the news is about, the edition that leads, the search box, the map and its figures, what
    comes, the latest statements and profiles."""
    whole = directory(request, {})
    counts, words = whole.counts, whole.vocabulary
    latest = for_cards(Organization.objects.members().recently_changed())[:LATEST]
    url = reverse("members:organization-list")
    return render(
        request,
        "members/home.html",
        {
            "meta": head_meta(
                request,
                title=_("AQOCI – Directory of members"),
                description=_("Who, in Québec, works for international solidarity?"),
                data=website(request),
            ),
            "leading": leading(),
            "map": map_of(whole),
            "total": counts.total,
            "figures": {group: len(counts.by[group]) for group in facets.GROUPS},
            "themes": [
                (term, counts.by["theme"][term.key])
                for term in words.terms("theme")
                if term.key in counts.by["theme"]
            ],
            "events": coming_cards(EventDate.objects.all(), words, COMING),
            "latest": [card(row, words, url) for row in latest],
            "crises": crises_shown(whole),
            "statements": latest_statements(words, whole.version),
        },
    )


@public_page
def organization_list(request):
    """The directory; for htmx, only its results and choices."""
    listing = Listing(
        directory(request), reverse("members:organization-list"), request.GET.get("page", "")
    )
    partial = is_partial(request)
    template = "members/partials/directory.html" if partial else "members/organization_list.html"
    meta = head_meta(request, title=_("Organizations"), path=listing.canonical)
    response = render(request, template, {"listing": listing, "partial": partial, "meta": meta})
    if partial:
        response["HX-Push-Url"] = listing.canonical
    return response


@public_page
def suggestions(request):
    """What the text being typed may mean: organizations and terms, as options of a list box."""
    text = request.GET.get("q", "")[:MAX_CHARACTERS]
    whole = directory(request, {})
    organizations = []
    if len(fold(text)) > 1:
        listed = DirectoryEntry.objects.listed().select_related("organization")
        organizations = [
            (*in_language(entry.organization, "name", get_language()), entry.organization)
            for entry in suggested(listed, parse(text), SUGGESTED_ORGANIZATIONS).only(
                "organization__name_fr",
                "organization__name_en",
                "organization__acronym",
                "organization__slug",
            )
        ]
    terms = [
        (term, whole.counts.by[term.group].get(term.key, 0))
        for term in whole.vocabulary.starting_with(fold(text), SUGGESTED_TERMS * 4)
    ]
    return render(
        request,
        "members/partials/suggestions.html",
        {
            "text": text,
            "organizations": organizations,
            "terms": [(term, count) for term, count in terms if count][:SUGGESTED_TERMS],
        },
    )


@public_page
def organization_detail(request, slug):
    """Everything public about one organization. A former address leads to the present one."""
    visible = Organization.objects.visible_to(getattr(request, "user", None)).for_profile()
    organization = with_signed(visible, OF_ORGANIZATION).filter(slug=slug).first()
    if organization is None:
        if response := moved(request, slug, "organization-detail"):
            return response
        raise Http404
    whole = directory(request, {})
    words = whole.vocabulary
    url = reverse("members:organization-list")
    shown = profile_page(organization, words)
    return render(
        request,
        "members/organization_detail.html",
        shown
        | {
            "meta": head_meta(
                request,
                title=shown["name"],
                description=shown["summary"],
                data=page_of_organization(request, organization, words),
                image=reverse("members:organization-share-image", args=[organization.slug]),
                image_alt=alt_of(shown["name"], place_of(organization, words)),
            ),
            "contact_email": settings.CONTACT_EMAIL,
            "correction_subject": _("Correction to the profile: {name}").format(name=shown["name"]),
            "map": map_of(whole, current=organization.region_id, counted=False),
            "events": coming_cards(EventDate.objects.of_organization(organization), words),
            "similar": [
                card(row, words, url)
                for row in for_cards(organization.similar(whole.counts.by))[:SIMILAR]
            ],
            "statements": signed_statements(organization, words),
        },
    )


@public_page
def logo(request, organization, logo, width):
    """The logo that an organization shows, at least so many pixels wide (or as wide as it is)."""
    user = getattr(request, "user", None)
    visible = Organization.objects.visible_to(user)
    shown = visible.filter(pk=organization, logo=logo).select_related("logo").first()
    if shown is None or width not in LOGO_WIDTHS:
        raise Http404
    file = documents().open(shown.logo.file_name(width))
    response = FileResponse(file, content_type="image/webp")
    # Its number is that of this very image: another one has another address. Whoever signed in may
    # see one that others do not.
    whose = "private" if user is not None and user.is_authenticated else "public"
    response["Cache-Control"] = f"{whose}, max-age=86400"
    return response


@public_page
def region_list(request):
    """The seventeen regions, those with members first."""
    whole = directory(request, {})
    counts = whole.counts.by["region"]
    terms = [(term, counts.get(term.key, 0)) for term in whole.vocabulary.terms("region")]
    return render(
        request,
        "members/region_list.html",
        {
            "map": map_of(whole),
            "meta": head_meta(request, title=_("Regions")),
            "represented": [pair for pair in terms if pair[1]],
            "others": [pair for pair in terms if not pair[1]],
            "total": whole.counts.total,
        },
    )


@public_page
def region_detail(request, slug):
    """The members whose head office is in a region, and those that say they act there."""
    whole = directory(request, {})
    words = whole.vocabulary
    term = next((term for term in words.terms("region") if term.slug == slug), None)
    if term is None:
        raise Http404
    url = reverse("members:organization-list")
    here = directory(request, {"region": [term.value]})
    there = for_cards(
        Organization.objects.members().active_in_regions([term.key]).exclude(region_id=term.key)
    ).by_name()
    return render(
        request,
        "members/region_detail.html",
        {
            "meta": head_meta(request, title=term.name),
            "region": term,
            "map": map_of(whole, current=term.key),
            "count": whole.counts.by["region"].get(term.key, 0),
            "cards": [card(row, words, url) for row in for_cards(here.qs)[:PER_REGION]],
            "active": [card(row, words, url) for row in there[:PER_REGION]],
            "events": coming_cards(EventDate.objects.in_region(term.key), words),
        },
    )


# A region's page shows this many, then leads to the directory.
PER_REGION = 48


@public_page
def data(request):
    """The open data: formats, fields, sources and freshness."""
    whole = directory(request, {})
    latest = Organization.objects.members().recently_changed()
    updated_at = latest.values_list("updated_at", flat=True).first()
    return render(
        request,
        "members/data.html",
        {
            "meta": head_meta(
                request, title=_("Open data"), data=dataset(request, modified=updated_at)
            ),
            "columns": PUBLIC,
            "calendar_fields": FIELDS,
            "organizations_count": whole.counts.total,
            "updated_at": updated_at,
        },
    )


def page(template, title, description):
    """A public page of plain text, with who answers for the site."""

    @public_page
    def view(request):
        return render(
            request,
            template,
            {
                "meta": head_meta(request, title=title, description=description),
                "contact_email": settings.CONTACT_EMAIL,
                "privacy_officer_title": settings.PRIVACY_OFFICER_TITLE,
                "privacy_officer_email": settings.PRIVACY_OFFICER_EMAIL,
                "today": timezone.localdate(),
            },
        )

    return view


about = page(
    "members/about.html",
    gettext_lazy("About this directory"),
    gettext_lazy(
        "What this directory is, who runs it, where its facts come from and how to have one "
        "corrected."
    ),
)
accessibility = page(
    "members/accessibility.html",
    gettext_lazy("Accessibility"),
    gettext_lazy(
        "What is done so that everyone can use this directory, how it is checked, and how to "
        "report a barrier."
    ),
)
privacy = page(
    "members/privacy.html",
    gettext_lazy("Protection of personal information"),
    gettext_lazy(
        "What this site collects, what it publishes, who is in charge, and what your rights are."
    ),
)
