"""What alliances, and the parts that organizations take in them, look like as rows."""

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from members.columns.base import Column, Sheet, attribute, choice, name_of
from members.models import AllianceMembership

ALLIANCES = Sheet(
    "members.alliance",
    "alliances",
    (
        Column("name_fr", _("name in French"), attribute("name_fr")),
        Column("name_en", _("name in English"), attribute("name_en")),
        Column("acronym", _("acronym"), attribute("acronym")),
        Column("kind", _("kind"), choice("kind")),
        Column("status", _("status"), choice("status")),
        Column("parent", _("part of"), name_of("parent")),
        Column("founded_year", _("founded in"), attribute("founded_year")),
        Column("ended_year", _("ended in"), attribute("ended_year")),
        Column("website", _("website"), attribute("website")),
        Column("mandate_fr", _("mandate in French"), attribute("mandate_fr")),
        Column("mandate_en", _("mandate in English"), attribute("mandate_en")),
        Column(
            "members",
            _("organizations"),
            lambda alliance: [str(part.organization) for part in alliance.current_parts],
        ),
        Column(
            "themes", _("themes"), lambda alliance: [theme.slug for theme in alliance.themes.all()]
        ),
        Column("tags", _("tags"), lambda alliance: [tag.name for tag in alliance.tags.all()]),
        Column("source", _("source"), attribute("source_url")),
        Column("slug", _("page address"), attribute("slug")),
    ),
    prefetched=lambda rows: rows.select_related("parent").prefetch_related(
        "themes",
        "tags",
        Prefetch(
            "memberships",
            AllianceMembership.objects.current()
            .select_related("organization")
            .order_by("organization__entry__sort_fr", "pk"),
            to_attr="current_parts",
        ),
    ),
)

PARTS = Sheet(
    "members.alliancemembership",
    "participations",
    (
        Column("alliance", _("alliance"), name_of("alliance")),
        Column("organization", _("organization"), name_of("organization")),
        Column("role", _("role"), choice("role")),
        Column("started_on", _("start"), attribute("started_on")),
        Column("since_year", _("since the year"), attribute("since_year")),
        Column("ended_on", _("end"), attribute("ended_on")),
        Column("liaison", _("liaison person"), name_of("liaison")),
        Column("source", _("source"), attribute("source_url")),
    ),
    prefetched=lambda rows: rows.select_related("alliance", "organization", "liaison"),
    about_people=True,
)
