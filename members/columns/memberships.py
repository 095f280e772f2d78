"""What a membership in the network looks like as one row."""

from django.utils.translation import gettext_lazy as _

from members.columns.base import Column, Sheet, attribute, choice, yes_or_no

MEMBERSHIPS = Sheet(
    "members.membership",
    "adhesions",
    (
        Column("organization", _("organization"), lambda m: m.organization.name),
        Column("category", _("category"), choice("category")),
        Column("status", _("status"), choice("status")),
        Column("started_on", _("start"), attribute("started_on")),
        Column("ended_on", _("end"), attribute("ended_on")),
        Column("end_reason", _("reason of the end"), choice("end_reason")),
        Column("confirmed", _("confirmed"), yes_or_no("confirmed")),
        Column("source", _("source"), attribute("source_url")),
        Column(
            "decisions", _("decisions"), lambda m: [str(decision) for decision in m.decisions.all()]
        ),
        Column("slug", _("page address"), lambda m: m.organization.slug),
    ),
    prefetched=lambda rows: rows.select_related("organization").prefetch_related("decisions"),
)
