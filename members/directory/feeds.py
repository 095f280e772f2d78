"""What changed, for feed readers (Atom), and every public page, for search engines (sitemap)."""

import itertools
import re
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape as escape_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members.directory.addresses import LANGUAGE_TAGS, absolute, in_languages, site_root, tag
from members.directory.caching import public_page, version_for
from members.directory.listing import Listing, card, for_cards
from members.directory.opendata import directory, in_words, left_out, opened, streamed, terms
from members.filters import OrganizationFilter
from members.models import (
    Alliance,
    Campaign,
    CampaignEdition,
    DirectoryChange,
    Event,
    Organization,
    Statement,
)

# Characters that no XML document may hold, not even escaped (XML 1.0, section 2.2).
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text):
    """`text` without the characters that XML does not have."""
    return NOT_XML.sub("", text)


# Atom

# Rows of the sitemap that are read and written together.
BATCH = 1000

# Entries of the feed, the last changed first.
ENTRIES = 50


class DirectoryFeed(Atom1Feed):
    """Django's Atom feed; without entries it is as old as the day, not as the second."""

    content_type = "application/atom+xml; charset=utf-8"

    def latest_post_date(self):
        if self.items:
            return super().latest_post_date()
        return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


@public_page
def organization_atom(request):
    """The organizations found, the last changed first, as an Atom feed (RFC 4287)."""
    filterset = directory(request)
    language = get_language()
    page = reverse("members:organization-list")
    listing = Listing(filterset, reverse("members:organization-atom"))
    pairs = [pair for pair in listing.parameters if pair[0] in ("q", *filterset.chosen)]
    query = f"?{urlencode(pairs)}" if pairs else ""
    ignored = ", ".join(in_words(part) for part in left_out(filterset))
    about = _("The last organizations whose profile changed.")
    if ignored:
        about += " " + _("Left out of this address, because unknown: %(parts)s") % {
            "parts": ignored
        }
    feed = DirectoryFeed(
        title=_("AQOCI members – latest updates"),
        link=absolute(request, page + query),
        description="",
        subtitle=xml_text(about),
        language=LANGUAGE_TAGS[language],
        author_name="AQOCI",
        author_link=absolute(request, reverse("members:home")),
        feed_url=absolute(request, listing.url + query),
        feed_guid=tag(request, f"organizations/{language}{query}"),
        feed_copyright="{attribution} {licence}".format(**terms(request)),
    )
    for row in for_cards(filterset.qs.recently_changed(), "updated_at")[:ENTRIES]:
        entry = card(row, filterset.vocabulary, page)
        title = f"{entry['name']} ({entry['acronym']})" if entry["acronym"] else entry["name"]
        feed.add_item(
            title=xml_text(title),
            link=absolute(request, entry["url"]),
            description=escape_html(xml_text(entry["summary"])),
            unique_id=tag(request, f"organization/{row['pk']}/{language}"),
            updateddate=row["updated_at"],
            categories=entry["themes"],
        )
    response = HttpResponse(content_type=feed.content_type)
    feed.write(response, "utf-8")
    return opened(request, response)


# Sitemap

NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
)
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
# The most addresses that one file may hold (sitemaps.org); each page has one in each language.
ADDRESSES_A_FILE = 50_000
PAGES_A_FILE = ADDRESSES_A_FILE // len(LANGUAGE_TAGS)

# Pages that change when any organization does, and pages of text, whose last change we do not know.
LISTS = (
    "home",
    "organization-list",
    "calendar",
    "alliance-list",
    "campaign-list",
    "statement-list",
    "theme-list",
    "country-list",
)
TEXTS = ("region-list", "data", "embed", "about", "accessibility", "privacy")


@public_page
def sitemap(request):
    """Every public page in both languages (sitemaps.org 0.9), or an index of files if too many."""
    few = list(few_pages(OrganizationFilter({}, version=version_for(request))))
    count = len(few) + sum(rows.count() for _name, rows in many())
    files = -(-count // PAGES_A_FILE)
    part = request.GET.get("part", "")
    if part:
        if not (part.isascii() and part.isdigit() and 1 <= int(part[:9]) <= files):
            raise Http404
        first = (int(part) - 1) * PAGES_A_FILE
    elif files > 1:
        return opened(request, HttpResponse(index(request, files), content_type="application/xml"))
    else:
        first = 0
    pages = itertools.islice(itertools.chain(few, many_pages()), first, first + PAGES_A_FILE)
    return streamed(request, sitemap_pieces(site_root(request), pages), "application/xml")


def index(request, files):
    """The sitemap that leads to the others."""
    own = absolute(request, reverse("sitemap"))
    lines = [f"<sitemap><loc>{escape(own)}?part={n + 1}</loc></sitemap>" for n in range(files)]
    return "\n".join([f"{DECLARATION}<sitemapindex {NAMESPACES}>", *lines, "</sitemapindex>\n"])


def few_pages(whole):
    """({language: path}, time of the last change or None) of the public pages that are few: all
    but those of organizations and events. `whole` is the directory without any choice.

    A country where nobody works has a page, which nobody needs to find.
    """
    words, counts = whole.vocabulary, whole.counts.by
    latest = DirectoryChange.objects.order_by("-pk").values_list("changed_at", flat=True).first()
    for name in LISTS:
        yield in_languages(name), latest
    for name in TEXTS:
        yield in_languages(name), None
    for code in sorted(words.by_key["region"]):
        yield in_languages("region-detail", words.by_key["region"][code].slug), None
    for slug in sorted(words.by_value["theme"]):
        yield in_languages("theme-detail", slug), None
    for code in sorted(counts["country"]):
        yield in_languages("country-detail", words.by_key["country"][code].slug), None
    statements = Statement.objects.published().order_by("pk")
    for slug, updated_at in statements.values_list("slug", "updated_at"):
        yield in_languages("statement-detail", slug), updated_at
    for slug, updated_at in Alliance.objects.order_by("pk").values_list("slug", "updated_at"):
        yield in_languages("alliance-detail", slug), updated_at
    for slug, updated_at in Campaign.objects.order_by("pk").values_list("slug", "updated_at"):
        yield in_languages("campaign-detail", slug), updated_at
    editions = CampaignEdition.objects.published().order_by("pk")
    for slug, year, updated_at in editions.values_list("campaign__slug", "year", "updated_at"):
        yield in_languages("edition-detail", slug, year), updated_at


def many():
    """(name of a list, rows that have each a page under its address, by their slug)."""
    yield "organization-list", Organization.objects.members()
    yield "calendar", Event.objects.public()


def many_pages():
    """The same of the pages that are many: of every member, of every event."""
    for name, rows in many():
        lists = in_languages(name)
        pages = rows.order_by("pk").values_list("slug", "updated_at")
        for slug, updated_at in pages.iterator(chunk_size=BATCH):
            yield {code: f"{path}{slug}/" for code, path in lists.items()}, updated_at


def sitemap_pieces(root, pages):
    """The file, some pages at a time."""
    text = f"{DECLARATION}<urlset {NAMESPACES}>\n"
    while batch := list(itertools.islice(pages, BATCH)):
        yield text + "".join(sitemap_urls(root, *page) for page in batch)
        text = ""
    yield f"{text}</urlset>\n"


def sitemap_urls(root, paths, changed_at):
    """One page in each language; each says where the others are."""
    whole = {code: f"{root}{path}" for code, path in paths.items()}
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{name}" href={quoteattr(address)}/>'
        for name, address in [
            *((LANGUAGE_TAGS[code], address) for code, address in whole.items()),
            ("x-default", whole[settings.LANGUAGE_CODE]),
        ]
    )
    day = f"<lastmod>{changed_at.isoformat(timespec='seconds')}</lastmod>" if changed_at else ""
    return "".join(
        f"<url><loc>{escape(address)}</loc>{day}{links}</url>\n" for address in whole.values()
    )
