"""The network's alliances and who is in them, from the files in `data/`; see `load_alliances`.

Each row rests on the page that it names. Those of alliance_members.csv give an organization by its
name; `AQOCI` is the association itself.
"""

from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from members.display import typographic
from members.imports.match import Index, Mismatch
from members.models import Alliance, AllianceMembership, Organization, Theme
from regions.reference import read

DATA = Path(__file__).resolve().parent / "data"

# What the files call the association itself.
ITSELF = "AQOCI"

# What a row's kind is here. A campaign is not an alliance: its row is left out.
KINDS = {
    "coalition": Alliance.Kind.COALITION,
    "network": Alliance.Kind.NETWORK,
    "committee": Alliance.Kind.COMMITTEE,
    "working-group": Alliance.Kind.WORKING_GROUP,
}


@dataclass
class Loaded:
    """How many alliances and participations were added, and the rows left out, each with why."""

    alliances: int = 0
    participations: int = 0
    left_out: list[str] = field(default_factory=list)


@transaction.atomic
def association_itself():
    """The association as an organization, made if it is not there.

    It has no membership, being what others are members of: the directory never lists it. The year
    is that of its founding and the website its own (aqoci.qc.ca).
    """
    found = Organization.objects.filter(kind=Organization.Kind.ASSOCIATION).first()
    if found is not None:
        return found
    with override("fr"):
        return Organization.objects.create(
            kind=Organization.Kind.ASSOCIATION,
            name_fr="Association québécoise des organismes de coopération internationale",
            acronym="AQOCI",
            slug="aqoci",
            founded_year=1976,
            website="https://aqoci.qc.ca/",
            source_url="https://aqoci.qc.ca/",
        )


@transaction.atomic
def load_alliances(folder=DATA):
    """Add the alliances of alliances.csv and the participations of alliance_members.csv; `Loaded`.

    What is there already is left as staff made it, so a second run adds nothing: an alliance is
    known by its address, a participation by its alliance and organization, past ones included. An
    organization is recognized as an import recognizes it (`members.imports.match.Index`).
    """
    loaded = Loaded()
    with override("fr"):
        load_rows(read(folder / "alliances.csv"), loaded)
        load_participations(read(folder / "alliance_members.csv"), loaded)
    return loaded


def load_rows(rows, loaded):
    """Add the alliances of these rows that are not there, then say which belong to others.

    Their themes are those that their purpose names; few have none.
    """
    themes = {theme.slug: theme for theme in Theme.objects.all()}
    known = {alliance.slug: alliance for alliance in Alliance.objects.all()}
    added = {}
    for row in rows:
        if row["slug"] in known:
            continue
        if row["kind"] not in KINDS:
            loaded.left_out.append(
                _("%(name)s: “%(kind)s” is not a kind of alliance.")
                % {"name": row["name_fr"], "kind": row["kind"]}
            )
            continue
        alliance = Alliance(
            slug=row["slug"],
            kind=KINDS[row["kind"]],
            name_fr=typographic(row["name_fr"]),
            name_en=typographic(row["name_en"]),
            acronym=row["acronym"],
            mandate_fr=typographic(row["purpose_fr"]),
            mandate_en=typographic(row["purpose_en"]),
            website=row["website"],
            founded_year=int(row["year_founded"]) if row["year_founded"] else None,
            source_url=row["source"],
        )
        alliance.full_clean()
        alliance.save()
        slugs = filter(None, row.get("themes", "").split(";"))
        alliance.themes.set(themes[slug] for slug in slugs)
        known[alliance.slug] = added[alliance.slug] = alliance
    for row in rows:
        if row["slug"] in added and row.get("parent") in known:
            alliance = added[row["slug"]]
            alliance.parent = known[row["parent"]]
            alliance.full_clean()
            alliance.save()
    loaded.alliances = len(added)


def load_participations(rows, loaded):
    """Add these rows' participations that are not there; what matches nothing is left out."""
    alliances = {alliance.slug: alliance for alliance in Alliance.objects.all()}
    known = set(AllianceMembership.objects.values_list("alliance_id", "organization_id"))
    itself = association_itself()
    index = Index()
    for row in rows:
        name = row["organization_name_fr"]
        alliance = alliances.get(row["alliance_slug"])
        if alliance is None:
            loaded.left_out.append(
                _("%(organization)s in “%(alliance)s”: this alliance is not there.")
                % {"organization": name, "alliance": row["alliance_slug"]}
            )
            continue
        try:
            organization = itself.pk if name == ITSELF else index.find({"name_fr": name})
            reason = _("no organization has this name.")
        except Mismatch as mismatch:
            organization, reason = None, str(mismatch)
        if organization is None:
            loaded.left_out.append(
                _("%(organization)s in “%(alliance)s”: %(reason)s")
                % {"organization": name, "alliance": alliance.name, "reason": reason}
            )
            continue
        if (alliance.pk, organization) in known:
            continue
        known.add((alliance.pk, organization))
        participation = AllianceMembership(
            alliance=alliance,
            organization_id=organization,
            since_year=int(row["since_year"]) if row["since_year"] else None,
            source_url=row["source"],
        )
        participation.full_clean()
        participation.save()
        loaded.participations += 1
