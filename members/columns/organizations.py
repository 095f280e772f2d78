"""What an organization looks like as one row: the one list of its columns.

The public exports, the staff's exports, the importer and the data page all read it. A column that
is not `public` never leaves the staff's side.
"""

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.columns.base import Column, Sheet, attribute, number_text


def postal_code_text(organization):
    """`H2X 1Y6`, or ""."""
    return f"{organization.postal_code[:3]} {organization.postal_code[3:]}".strip()


def phone_text(organization):
    """Its phone number, with its extension; see `number_text`."""
    return number_text(organization.phone, organization.phone_extension)


def identifier(scheme):
    """Reads the organization's number in that register."""

    def value(organization):
        found = organization.identifiers_by_scheme.get(scheme)
        return found.value if found else ""

    return value


def current_membership(organization, on=None):
    """The membership that runs that day (a date, today if None), or None."""
    on = on or timezone.localdate()
    return next((m for m in organization.memberships.all() if m.is_current(on)), None)


def membership(organization):
    """`confirmed` or `unverified` for a member, `former` for one who left, `none` for others."""
    if current := current_membership(organization):
        return "confirmed" if current.confirmed else "unverified"
    today = timezone.localdate()
    left = any(m.ended_on and m.ended_on < today for m in organization.memberships.all())
    return "former" if left else "none"


def membership_source(organization):
    """The page that says so, for a current membership."""
    current = current_membership(organization)
    return current.source_url if current else ""


# How a cell holds a list.
LIST_HELP = _("Several values are separated by a semicolon.")

COLUMNS = (
    Column(
        "name_fr", _("name in French"), attribute("name_fr"), aliases=("nom", "name", "organisme")
    ),
    Column("name_en", _("name in English"), attribute("name_en")),
    Column("acronym", _("acronym"), attribute("acronym"), aliases=("sigle", "acronyme")),
    Column(
        "other_names",
        _("other names"),
        lambda o: [f"{other.kind}:{other.name}" for other in o.other_names.all()],
        _(
            "Each as former:Name, working:Name or acronym:Name. An import adds names and never "
            "takes one away."
        ),
    ),
    Column(
        "city",
        _("municipality"),
        lambda o: o.municipality.name if o.municipality else "",
        _("Municipality of the head office."),
        aliases=("ville", "town"),
    ),
    Column(
        "region_code",
        _("region code"),
        attribute("region_id"),
        _("Official code of the head office’s administrative region, from 01 to 17."),
    ),
    Column(
        "region",
        _("region"),
        lambda o: o.region.name if o.region else "",
        _("Name of that region; an import reads it where there is no code."),
    ),
    Column("address", _("street address"), attribute("address"), aliases=("adresse",)),
    Column("postal_code", _("postal code"), postal_code_text),
    Column("website", _("website"), attribute("website"), aliases=("site web", "site")),
    Column("email", _("public e-mail address"), attribute("email"), aliases=("courriel",)),
    Column("phone", _("public phone number"), phone_text, aliases=("téléphone",)),
    Column("year_founded", _("founded in"), attribute("founded_year"), aliases=("founded_year",)),
    Column("closed_year", _("closed in"), attribute("closed_year"), aliases=("year_closed",)),
    Column(
        "themes",
        _("themes"),
        lambda o: [theme.slug for theme in o.themes.all()],
        LIST_HELP,
    ),
    Column(
        "countries",
        _("countries of action"),
        lambda o: [country.code for country in o.countries.all()],
        _("ISO 3166-1 alpha-2 codes, separated by a semicolon."),
        aliases=("pays",),
    ),
    Column(
        "active_regions",
        _("regions of action"),
        lambda o: [region.code for region in o.active_regions.all()],
        _("Codes of the regions of Québec where it acts, separated by a semicolon."),
        aliases=("regions_of_action",),
    ),
    Column("neq", _("Québec enterprise number (NEQ)"), identifier("neq")),
    Column("charity_number", _("charity registration number"), identifier("charity")),
    Column("corporation_number", _("federal corporation number"), identifier("corporation")),
    Column(
        "org_id",
        _("org-id identifier"),
        lambda o: o.org_id,
        _("Identifier in the org-id list (org-id.guide), made from the numbers."),
        is_input=False,
    ),
    Column("summary_fr", _("summary in French"), attribute("summary_fr")),
    Column("summary_en", _("summary in English"), attribute("summary_en")),
    Column("mission_fr", _("mission in French"), attribute("mission_fr")),
    Column("mission_en", _("mission in English"), attribute("mission_en")),
    Column(
        "membership",
        _("membership"),
        membership,
        _(
            "confirmed, unverified (to be confirmed), former or none. An import neither ends nor "
            "renews a membership."
        ),
    ),
    Column(
        "member_source",
        _("source of the membership"),
        membership_source,
        _("The page that says that this is a member."),
    ),
    Column("source", _("source"), attribute("source_url"), _("The page these facts rest on.")),
    Column("as_of", _("year of the source"), attribute("as_of")),
    Column("last_confirmed_on", _("last confirmed on"), attribute("last_confirmed_on")),
    Column(
        "slug",
        _("page address"),
        attribute("slug"),
        _("The end of its page’s address; an import recognizes the organization by it."),
    ),
    Column(
        "url",
        _("page"),
        lambda o: settings.SITE_URL + o.get_absolute_url(),
        is_input=False,
    ),
)

PUBLIC = tuple(column for column in COLUMNS if column.public)
BY_KEY = {column.key: column for column in COLUMNS}


def prefetched(queryset):
    """`queryset` of organizations with all that the columns read, whatever the number of rows.

    Seven queries a chunk. With `iterator(chunk_size=…)` memory stays flat.
    """
    return queryset.select_related("municipality", "region").prefetch_related(
        "themes", "countries", "active_regions", "other_names", "identifiers", "memberships"
    )


ORGANIZATIONS = Sheet(
    "members.organization",
    "organismes",
    COLUMNS,
    prefetched=prefetched,
    needed=("name_fr", "slug"),
)
