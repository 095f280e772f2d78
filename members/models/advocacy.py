"""Government relations: dossiers, and what the lobbying laws want recorded of an exchange.

Sources of the rules: Lobbying Act (R.S.C. 1985, c. 44 (4th Supp.)) and, since 2026-01-19, its
in-house threshold of eight hours in any four consecutive weeks.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.engagement import LONGEST, Interaction
from members.models.entries import FindableQuerySet
from members.models.periods import Dated, HasPeriod, period_constraints


class DossierQuerySet(FindableQuerySet):
    vocabulary = ("dossier",)
    among_equals = ("name", "pk")

    def current(self):
        """Dossiers that are not closed."""
        return self.exclude(status=Dossier.Status.CLOSED)


class Dossier(Dated, HasPeriod):
    """An advocacy file: what the network wants to obtain, with whom, from whom."""

    class Status(models.TextChoices):
        PREPARATION = "preparation", _("in preparation")
        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")
        CLOSED = "closed", _("closed")

    name = models.CharField(_("name"), max_length=200)
    aim = models.TextField(_("aim"), max_length=4000, blank=True)
    status = models.CharField(
        _("status"), max_length=20, choices=Status, default=Status.PREPARATION
    )
    outcome = models.TextField(_("outcome"), max_length=4000, blank=True)
    lead = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="dossiers",
        verbose_name=_("person in charge"),
    )
    alliances = models.ManyToManyField(
        "members.Alliance", related_name="dossiers", blank=True, verbose_name=_("alliances")
    )
    institutions = models.ManyToManyField(
        "members.Organization",
        related_name="dossiers",
        blank=True,
        limit_choices_to={"kind": "institution"},
        verbose_name=_("institutions"),
    )

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = _("dossier")
        verbose_name_plural = _("dossiers")
        ordering = ["name", "pk"]
        constraints = [
            *period_constraints("dossier", _("The dossier ends before it starts.")),
            models.CheckConstraint(
                name="dossier_has_a_name",
                condition=Q(name__regex=r"\S"),
                violation_error_message=_("Give the dossier a name."),
            ),
            models.CheckConstraint(
                name="dossier_status_is_known",
                condition=Q(status__in=["preparation", "active", "paused", "closed"]),
                violation_error_message=_("This status does not exist."),
            ),
        ]

    def __str__(self):
        return self.name


class GovernmentInteraction(Dated):
    """What an exchange with a public office holder carries besides (see module docstring).

    Minutes are of contact (`Interaction.minutes`, once for each of our employees) and of
    preparation (`prep_minutes`, all employees together).
    """

    class Jurisdiction(models.TextChoices):
        FEDERAL = "federal", _("federal")
        QUEBEC = "quebec", _("Québec")
        MUNICIPAL = "municipal", _("municipal")
        OTHER = "other", _("other")

    class Mode(models.TextChoices):
        IN_PERSON = "in_person", _("in person")
        VIDEO = "video", _("videoconference")
        PHONE = "phone", _("phone")
        EMAIL = "email", _("e-mail")
        LETTER = "letter", _("letter")
        EVENT = "event", _("event")
        GRASSROOTS = "grassroots", _("appeal to the public")

    # Oral communications, which the federal monthly report is about.
    ORAL = ("in_person", "video", "phone", "event")

    class Initiative(models.TextChoices):
        OURS = "ours", _("us")
        THEIRS = "theirs", _("the office holder")

    class Subject(models.TextChoices):
        LEGISLATION = "legislation", _("legislative proposal")
        BILL = "bill", _("bill or resolution")
        REGULATION = "regulation", _("regulation")
        POLICY = "policy", _("policy or programme")
        FUNDING = "funding", _("grant, contribution or other financial benefit")
        CONTRACT = "contract", _("awarding of a contract")
        MEETING = "meeting", _("arranging a meeting")

    class Report(models.TextChoices):
        TO_ASSESS = "to_assess", _("to assess")
        NOT_REQUIRED = "not_required", _("not required")
        TO_FILE = "to_file", _("to file")
        FILED = "filed", _("filed")

    interaction = models.OneToOneField(
        Interaction,
        models.CASCADE,
        primary_key=True,
        related_name="government",
        verbose_name=_("exchange"),
    )
    jurisdiction = models.CharField(
        _("jurisdiction"), max_length=20, choices=Jurisdiction, default=Jurisdiction.FEDERAL
    )
    mode = models.CharField(_("mode"), max_length=20, choices=Mode, default=Mode.IN_PERSON)
    arranged_in_advance = models.BooleanField(_("arranged in advance"), default=True)
    initiated_by = models.CharField(
        _("initiated by"), max_length=20, choices=Initiative, default=Initiative.OURS
    )
    prep_minutes = models.PositiveIntegerField(
        _("minutes of preparation"),
        default=0,
        validators=[MaxValueValidator(LONGEST)],
        help_text=_("Of all our employees together."),
    )
    subjects = ArrayField(
        models.CharField(max_length=20, choices=Subject),
        verbose_name=_("subjects"),
        default=list,
        blank=True,
    )
    subject_text = models.CharField(_("subjects in words"), max_length=500, blank=True)
    particulars = models.CharField(
        _("particulars"),
        max_length=500,
        blank=True,
        help_text=_("Number of the bill, name of the programme, amount asked for."),
    )
    decision_sought = models.CharField(_("decision sought"), max_length=500, blank=True)
    on_behalf_of = models.CharField(_("on behalf of"), max_length=200, blank=True)
    report = models.CharField(_("report"), max_length=20, choices=Report, default=Report.TO_ASSESS)
    report_reason = models.CharField(_("why no report is required"), max_length=300, blank=True)
    report_number = models.CharField(_("report number"), max_length=40, blank=True)
    filed_on = models.DateField(_("filed on"), null=True, blank=True)

    class Meta:
        verbose_name = _("exchange with a public office holder")
        verbose_name_plural = _("exchanges with public office holders")
        ordering = ["-interaction__happened_at"]
        constraints = [
            models.CheckConstraint(
                name="report_not_required_says_why",
                condition=~Q(report="not_required") | Q(report_reason__regex=r"\S"),
                violation_error_message=_("Say why no report is required."),
            ),
            models.CheckConstraint(
                name="filed_report_has_its_day",
                condition=~Q(report="filed") | Q(filed_on__isnull=False),
                violation_error_message=_("Give the day the report was filed."),
            ),
            models.CheckConstraint(
                name="government_jurisdiction_is_known",
                condition=Q(jurisdiction__in=["federal", "quebec", "municipal", "other"]),
                violation_error_message=_("This jurisdiction does not exist."),
            ),
        ]

    def __str__(self):
        return str(self.interaction)

    @property
    def is_watched(self):
        """Whether the hours count in a registry: federal ones do, Québec's by a setting."""
        if self.jurisdiction == self.Jurisdiction.QUEBEC:
            return settings.QUEBEC_LOBBY_REGIME
        return self.jurisdiction == self.Jurisdiction.FEDERAL

    def file(self, *, by, number, on=None):
        """Record that the monthly report was filed, under that number; `by` is in the history."""
        self.report, self.report_number = self.Report.FILED, number
        self.filed_on = on or timezone.localdate()
        self.full_clean()
        self.save()
