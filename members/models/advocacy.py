"""Government relations: dossiers, and what the lobbying laws want recorded of an exchange.

Sources of the rules: Lobbying Act (R.S.C. 1985, c. 44 (4th Supp.)) and, since 2026-01-19, its
in-house threshold of eight hours in any four consecutive weeks.
"""

import datetime
import re

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.accounts import User
from members.models.engagement import LONGEST, Interaction, Participation
from members.models.entries import FindableQuerySet
from members.models.periods import Dated, HasPeriod, beginning, period_constraints
from regions.folding import Fold, fold


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


def counted(rows):
    """How many `rows` of another table there are for each of ours, without a join."""
    return Coalesce(
        Subquery(
            rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("*")).values("n"),
            output_field=models.IntegerField(),
        ),
        0,
    )


class GovernmentInteractionQuerySet(models.QuerySet):
    def watched(self):
        """Those whose hours count in a registry: federal ones do, Québec's by a setting."""
        jurisdictions = [GovernmentInteraction.Jurisdiction.FEDERAL]
        if settings.QUEBEC_LOBBY_REGIME:
            jurisdictions.append(GovernmentInteraction.Jurisdiction.QUEBEC)
        return self.filter(jurisdiction__in=jurisdictions)

    def between(self, first, last):
        """Those that began on a local day from `first` to `last`, both included."""
        return self.filter(
            interaction__happened_at__gte=beginning(first),
            interaction__happened_at__lt=beginning(last + datetime.timedelta(days=1)),
        )

    def with_time(self):
        """Each with `employees`, how many of our paid people were there, and `spent`, the minutes
        of all of them together: of contact for each one, and of preparation.

        An employee may be there as a user and as a person: the same address or the same name is
        the same one. Volunteers do not count.
        """
        name = Fold(Concat("first_name", Value(" "), "last_name"))
        staff = User.objects.filter(interactions=OuterRef("pk"))
        same = (
            User.objects.filter(interactions=OuterRef("interaction"))
            .alias(folded=name)
            .filter(Q(email__iexact=OuterRef("position__email")) | Q(folded=OuterRef("folded")))
        )
        people = (
            Participation.objects.filter(
                interaction=OuterRef("pk"), capacity=Participation.Capacity.EMPLOYEE
            )
            .alias(folded=Fold(Concat("person__first_name", Value(" "), "person__last_name")))
            .exclude(Exists(same))
        )
        return self.annotate(
            employees=counted(staff) + counted(people),
            spent=Coalesce("interaction__minutes", 0) * F("employees") + F("prep_minutes"),
        )

    def reportable(self):
        """Those that the federal monthly report is about: oral, arranged in advance, with a
        designated public office holder."""
        holders = Participation.objects.filter(interaction=OuterRef("pk"), is_dpoh=True)
        return self.filter(
            Exists(holders),
            jurisdiction=GovernmentInteraction.Jurisdiction.FEDERAL,
            mode__in=GovernmentInteraction.ORAL,
            arranged_in_advance=True,
        )

    def to_report(self):
        """Those whose report remains to be filed: by what was decided, or else by what they are."""
        report = GovernmentInteraction.Report
        needed = GovernmentInteraction.objects.reportable().values("pk")
        return self.filter(Q(report=report.TO_FILE) | Q(report=report.TO_ASSESS, pk__in=needed))

    def with_people(self):
        """With whom, whose and on what, for a list or a report: a few queries for any number."""
        return self.select_related(
            "interaction__dossier", "interaction__alliance"
        ).prefetch_related(
            "interaction__staff",
            "interaction__organizations",
            "interaction__participations__person",
            "interaction__participations__organization",
        )

    def by_day(self):
        """The first first."""
        return self.order_by("interaction__happened_at", "pk")


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

    objects = GovernmentInteractionQuerySet.as_manager()

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
    def subject_names(self):
        """The subjects in words."""
        return [str(self.Subject(subject).label) for subject in self.subjects]

    @property
    def is_oral(self):
        return self.mode in self.ORAL

    @property
    def office_holders(self):
        """The participations of designated public office holders, as they were that day."""
        return [one for one in self.interaction.participations.all() if one.is_dpoh]

    @property
    def needs_report(self):
        """Whether the federal monthly report is about it, by what is recorded."""
        return bool(
            self.jurisdiction == self.Jurisdiction.FEDERAL
            and self.is_oral
            and self.arranged_in_advance
            and self.office_holders
        )

    @property
    def deadline(self):
        """The last day to file its report: the fifteenth of the month after (a local day)."""
        return deadline(self.interaction.day)

    @classmethod
    def guessed(cls, interaction):
        """What can be told from an exchange, not saved: mode, jurisdiction, whether to report."""
        kinds = Interaction.Kind
        guess = cls(
            interaction=interaction,
            mode={
                kinds.CALL: cls.Mode.PHONE,
                kinds.EMAIL: cls.Mode.EMAIL,
                kinds.VIDEO: cls.Mode.VIDEO,
                kinds.LETTER: cls.Mode.LETTER,
                kinds.EVENT: cls.Mode.EVENT,
            }.get(interaction.kind, cls.Mode.IN_PERSON),
            jurisdiction=cls.jurisdiction_of(interaction),
        )
        guess.assess()
        return guess

    @classmethod
    def jurisdiction_of(cls, interaction):
        """Whose office holders an exchange is with: federal when nothing says otherwise, since
        that is where the law asks most."""
        if interaction.pk is None:
            return cls.Jurisdiction.FEDERAL
        people = interaction.participations.select_related("organization")
        organizations = {one.organization for one in people if one.organization_id}
        if any(one.is_dpoh for one in people):
            return cls.Jurisdiction.FEDERAL
        organizations |= set(interaction.organizations.all())
        signs = {
            cls.Jurisdiction.MUNICIPAL: r"^(ville|municipalite|mrc|arrondissement)\b|\bville de\b",
            cls.Jurisdiction.FEDERAL: r"\bcanada|federal|\bgc ca\b|parl|chambre des communes|senat",
            cls.Jurisdiction.QUEBEC: r"quebec|\bgouv qc\b|assnat",
        }
        for organization in organizations:
            if organization.kind != "institution":
                continue
            text = fold(f"{organization.name} {organization.website}")
            for jurisdiction, sign in signs.items():
                if re.search(sign, text):
                    return jurisdiction
        return cls.Jurisdiction.FEDERAL

    def clean(self):
        today = timezone.localdate()
        if self.filed_on and not self.interaction.day <= self.filed_on <= today:
            raise ValidationError(
                {"filed_on": _("A report is filed between the day of the exchange and today.")}
            )

    def assess(self):
        """A report that nobody decided on is to be filed when the law asks for it; not saved."""
        if self.report == self.Report.TO_ASSESS and self.interaction.pk and self.needs_report:
            self.report = self.Report.TO_FILE

    @transaction.atomic
    def file(self, *, by, number, on=None):
        """Record that the monthly report was filed, under that number; `by` is in the history.

        Raises ValidationError when the day is not one on which it could have been.
        """
        self.report, self.report_number = self.Report.FILED, " ".join(number.split())
        self.filed_on = on or timezone.localdate()
        self.full_clean()
        self.save()

    @transaction.atomic
    def dismiss(self, *, by, reason):
        """Record that no report is required, and why; `by` is in the history."""
        self.report, self.report_reason = self.Report.NOT_REQUIRED, " ".join(reason.split())
        self.full_clean()
        self.save()


def deadline(day):
    """The last day to file the report of what took place that day: the next month's fifteenth.

    Source: Lobbying Act (R.S.C. 1985, c. 44 (4th Supp.)), s. 7(4).
    """
    return (day.replace(day=1) + datetime.timedelta(days=32)).replace(day=15)
