"""What exchanges, what remains to be done and dossiers look like as rows."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.columns.base import Column, Sheet, attribute, choice, name_of


def names(relation):
    """Reads the names of all that the record has under that relation."""
    return lambda record: [str(related) for related in getattr(record, relation).all()]


INTERACTIONS = Sheet(
    "members.interaction",
    "echanges",
    (
        Column("happened_at", _("when"), attribute("happened_at")),
        Column("kind", _("kind"), choice("kind")),
        Column("minutes", _("minutes"), attribute("minutes")),
        Column("subject", _("subject"), attribute("subject")),
        Column("organizations", _("organizations"), names("organizations")),
        Column("people", _("people"), names("participations")),
        Column("staff", _("our staff"), names("staff")),
        Column("alliance", _("alliance"), name_of("alliance")),
        Column("dossier", _("dossier"), name_of("dossier")),
        Column("notes", _("notes"), attribute("notes")),
    ),
    prefetched=lambda rows: rows.with_people(),
    about_people=True,
)

FOLLOW_UPS = Sheet(
    "members.followup",
    "suivis",
    (
        Column("what", _("what"), attribute("what")),
        Column("assigned_to", _("who"), name_of("assigned_to")),
        Column("due_on", _("by"), attribute("due_on")),
        Column(
            "done_on",
            _("done on"),
            lambda f: timezone.localdate(f.done_at) if f.done_at else "",
        ),
        Column("done_by", _("done by"), name_of("done_by")),
        Column("organization", _("organization"), name_of("organization")),
        Column("person", _("person"), name_of("person")),
        Column("dossier", _("dossier"), name_of("dossier")),
        Column("interaction", _("exchange"), name_of("interaction")),
    ),
    prefetched=lambda rows: rows.select_related(
        "assigned_to", "done_by", "organization", "person", "dossier", "interaction"
    ),
    about_people=True,
)

DOSSIERS = Sheet(
    "members.dossier",
    "dossiers",
    (
        Column("name", _("name"), attribute("name")),
        Column("status", _("status"), choice("status")),
        Column("lead", _("person in charge"), name_of("lead")),
        Column("started_on", _("start"), attribute("started_on")),
        Column("ended_on", _("end"), attribute("ended_on")),
        Column("aim", _("aim"), attribute("aim")),
        Column("outcome", _("outcome"), attribute("outcome")),
        Column("alliances", _("alliances"), names("alliances")),
        Column("institutions", _("institutions"), names("institutions")),
    ),
    prefetched=lambda rows: rows.select_related("lead").prefetch_related(
        "alliances", "institutions"
    ),
)
