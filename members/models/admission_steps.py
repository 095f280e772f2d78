"""What is said and done about one application: answers, questions, decisions, the welcome.

They hang on an `AdmissionFile`, whose methods write them.
"""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.admission_lists import AdmissionCriterion
from members.models.periods import FIRST_DAY, LAST_DAY, Dated


class CriterionAnswer(models.Model):
    """What a candidate answers to a criterion, and what staff make of it.

    `asked` is the criterion as it was worded then, in the candidate's language.
    """

    class Said(models.TextChoices):
        YES = "yes", _("yes")
        NO = "no", _("no")

    class Finding(models.TextChoices):
        MET = "met", _("met")
        NOT_MET = "not_met", _("not met")
        TO_CLARIFY = "to_clarify", _("to clarify")

    file = models.ForeignKey(
        "members.AdmissionFile",
        models.CASCADE,
        related_name="answers",
        verbose_name=_("application"),
    )
    criterion = models.ForeignKey(
        AdmissionCriterion, models.PROTECT, related_name="answers", verbose_name=_("criterion")
    )
    asked = models.CharField(_("as it was asked"), max_length=300)
    said = models.CharField(_("answer"), max_length=10, choices=Said)
    explanation = models.TextField(_("explanation"), max_length=2000, blank=True)
    finding = models.CharField(_("check"), max_length=20, choices=Finding, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    checked_at = models.DateTimeField(_("checked on"), null=True, blank=True, editable=False)
    checked_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("checked by"),
    )

    class Meta:
        verbose_name = _("answer to a criterion")
        verbose_name_plural = _("answers to the criteria")
        ordering = ["criterion__order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["file", "criterion"],
                name="criterion_is_answered_once",
                violation_error_message=_("This criterion is answered already."),
            ),
            models.CheckConstraint(
                name="criterion_answer_is_known",
                condition=Q(said__in=["yes", "no"])
                & Q(finding__in=["", "met", "not_met", "to_clarify"]),
                violation_error_message=_("This answer does not exist."),
            ),
            models.CheckConstraint(
                name="criterion_answered_no_is_explained",
                condition=~Q(said="no") | Q(explanation__regex=r"\S"),
                violation_error_message=_("Explain the answer “no”."),
            ),
            models.CheckConstraint(
                name="criterion_is_checked_by_someone",
                condition=Q(checked_at__isnull=True, checked_by__isnull=True, finding="")
                | Q(checked_at__isnull=False, checked_by__isnull=False),
                violation_error_message=_("A check has its day and its author."),
            ),
        ]

    def __str__(self):
        return self.asked


class AdmissionQuestion(models.Model):
    """Something that staff ask of a candidate, and the answer."""

    file = models.ForeignKey(
        "members.AdmissionFile",
        models.CASCADE,
        related_name="questions",
        verbose_name=_("application"),
    )
    text = models.TextField(_("question"), max_length=3000)
    asked_at = models.DateTimeField(_("asked on"), auto_now_add=True)
    asked_by = models.ForeignKey(
        "members.User", models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    answer = models.TextField(_("answer"), max_length=6000, blank=True)
    answered_at = models.DateTimeField(_("answered on"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("question to a candidate")
        verbose_name_plural = _("questions to candidates")
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="admission_question_has_words",
                condition=Q(text__regex=r"\S"),
                violation_error_message=_("Write the question."),
            ),
            models.CheckConstraint(
                name="admission_answer_has_its_day",
                condition=Q(answer="") | Q(answered_at__isnull=False),
                violation_error_message=_("An answer has its day."),
            ),
        ]

    def __str__(self):
        return self.text[:80]

    @transaction.atomic
    def reply(self, text):
        """Record the candidate's answer; one sent later is added to it. Raises ValidationError
        if the file is closed."""
        self.file.require(*self.file.OPEN)
        self.refresh_from_db(fields=["answer", "answered_at"])
        if text not in self.answer.split("\n\n"):
            self.answer = f"{self.answer}\n\n{text}".strip()[:6000]
        self.answered_at = timezone.now()
        self.full_clean(exclude=["file"])
        self.save(update_fields=["answer", "answered_at"])


class AdmissionDecision(Dated):
    """What the board or the assembly decided about an application, as its minutes say it."""

    class Body(models.TextChoices):
        BOARD = "board", _("board of directors")
        ASSEMBLY = "assembly", _("general assembly")

    file = models.ForeignKey(
        "members.AdmissionFile",
        models.CASCADE,
        related_name="decisions",
        verbose_name=_("application"),
    )
    body = models.CharField(_("decided by"), max_length=20, choices=Body)
    favourable = models.BooleanField(_("in favour"), default=True)
    decided_on = models.DateField(_("decided on"), default=timezone.localdate)
    resolution = models.CharField(_("resolution number"), max_length=40, blank=True)
    votes_for = models.PositiveSmallIntegerField(
        _("votes in favour"), null=True, blank=True, validators=[MaxValueValidator(2000)]
    )
    votes_against = models.PositiveSmallIntegerField(
        _("votes against"), null=True, blank=True, validators=[MaxValueValidator(2000)]
    )
    abstentions = models.PositiveSmallIntegerField(
        _("abstentions"), null=True, blank=True, validators=[MaxValueValidator(2000)]
    )
    conditions = models.TextField(
        _("conditions"),
        max_length=1000,
        blank=True,
        help_text=_("What is asked of the organization besides; it reads it."),
    )
    recorded_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("recorded by"),
    )

    class Meta:
        verbose_name = _("decision on an application")
        verbose_name_plural = _("decisions on applications")
        ordering = ["decided_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["file", "body"],
                name="body_decides_once_on_an_application",
                violation_error_message=_("This body has decided already."),
            ),
            models.CheckConstraint(
                name="admission_body_is_known",
                condition=Q(body__in=["board", "assembly"]),
                violation_error_message=_("This body does not exist."),
            ),
            models.CheckConstraint(
                name="admission_decision_has_a_plausible_day",
                condition=Q(decided_on__range=(FIRST_DAY, LAST_DAY)),
                violation_error_message=_("A day lies between 1900 and 2100."),
            ),
        ]

    def __str__(self):
        number = f" ({self.resolution})" if self.resolution else ""
        return f"{self.get_body_display()}, {self.decided_on}{number}"

    def clean(self):
        """The day has come, it follows the other body’s, and the votes say the same."""
        if self.decided_on and self.decided_on > timezone.localdate():
            raise ValidationError({"decided_on": _("This day has not come yet.")})
        if self.body == self.Body.ASSEMBLY and self.file_id and self.decided_on:
            board = self.file.decision_of(self.Body.BOARD)
            if board and self.decided_on < board.decided_on:
                raise ValidationError(
                    {"decided_on": _("The board decided after that day: check both.")}
                )
        if self.votes_for is not None and self.votes_against is not None:
            if self.favourable and self.votes_for <= self.votes_against:
                raise ValidationError(
                    {"votes_for": _("These votes are not in favour: check them.")}
                )
            if not self.favourable and self.votes_for > self.votes_against:
                raise ValidationError(
                    {"votes_against": _("These votes are in favour: check them.")}
                )


class WelcomeItem(models.Model):
    """A welcome step on the file of one new member: done or not, when, by whom."""

    file = models.ForeignKey(
        "members.AdmissionFile",
        models.CASCADE,
        related_name="welcome",
        verbose_name=_("application"),
    )
    text = models.CharField(_("what is to be done"), max_length=200)
    order = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(_("done on"), null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("done by"),
    )

    class Meta:
        verbose_name = _("item of a welcome list")
        verbose_name_plural = _("items of welcome lists")
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                name="welcome_item_is_done_by_someone",
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
                violation_error_message=_("What is done has its day and its author."),
            ),
        ]

    def __str__(self):
        return self.text

    @transaction.atomic
    def mark(self, done, *, by):
        """Say that it is done, or that it is not after all; said twice is said once."""
        if done == (self.done_at is not None):
            return
        self.done_at, self.done_by = (timezone.now(), by) if done else (None, None)
        self.save(update_fields=["done_at", "done_by"])
