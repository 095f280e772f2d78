"""Becoming a member: what a candidate sends, what staff check, what the association decides.

A file is a draft until it is sent: it is then the candidate's alone, and no history keeps it. Sent,
it hangs on a candidate `Organization`, which has no membership and is shown nowhere.
"""

import datetime
import secrets

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import IntegrityError, models, transaction
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy
from phonenumber_field.modelfields import PhoneNumberField

from members.models.admission_lists import WelcomeStep
from members.models.admission_steps import AdmissionDecision, AdmissionQuestion, WelcomeItem
from members.models.identity import Identifier
from members.models.memberships import MembershipDecision
from members.models.organizations import Organization
from members.models.periods import Dated

# How long a link serves, and a draft is kept, after the last time something was saved or sent.
LINK_DAYS = 60


def new_key():
    """Nineteen random bytes that name a file in its link, and that nobody guesses."""
    return secrets.token_urlsafe(19)


def link_end():
    """When a link that is sent or used now stops to serve."""
    return timezone.now() + datetime.timedelta(days=LINK_DAYS)


def counted(rows):
    """How many of `rows`, of another table, hang on each file."""
    grouped = rows.filter(file=OuterRef("pk")).order_by().values("file")
    return Coalesce(
        Subquery(grouped.annotate(n=Count("pk")).values("n"), output_field=models.IntegerField()), 0
    )


class AdmissionFileQuerySet(models.QuerySet):
    def drafts(self):
        return self.filter(state=AdmissionFile.State.DRAFT)

    def sent(self):
        """All but drafts: what staff may know of."""
        return self.exclude(state=AdmissionFile.State.DRAFT)

    def open(self):
        """Those that the association has to deal with."""
        return self.filter(state__in=AdmissionFile.OPEN)

    def of_address(self, email):
        """The drafts and open files whose contact has that address, whatever its capitals."""
        states = [AdmissionFile.State.DRAFT, *AdmissionFile.OPEN]
        return self.filter(contact_email__iexact=email, state__in=states).order_by("pk")

    def forgotten(self, now=None):
        """Drafts that nobody touched for LINK_DAYS."""
        before = (now or timezone.now()) - datetime.timedelta(days=LINK_DAYS)
        return self.drafts().filter(saved_at__lt=before)

    def with_waiting(self):
        """With `unanswered`, how many questions wait for the candidate."""
        return self.annotate(
            unanswered=counted(AdmissionQuestion.objects.filter(answered_at__isnull=True))
        )


class AdmissionFile(Dated):
    """One organization's application, from the first word typed to the decision.

    While it is a draft, `typed` holds what was typed in each step, right or wrong:
    {step: {field: [texts]}}. When it is sent, the columns hold what was understood of it.
    """

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("application", "draft")
        SUBMITTED = "submitted", pgettext_lazy("application", "sent")
        IN_REVIEW = "in_review", pgettext_lazy("application", "in review")
        RECOMMENDED = "recommended", pgettext_lazy("application", "ready for the board")
        BOARD = "board", pgettext_lazy("application", "decided by the board")
        ASSEMBLY = "assembly", pgettext_lazy("application", "decided by the assembly")
        ADMITTED = "admitted", pgettext_lazy("application", "admitted")
        REFUSED = "refused", pgettext_lazy("application", "refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("application", "withdrawn")

    LINK_DAYS = LINK_DAYS
    OPEN = (State.SUBMITTED, State.IN_REVIEW, State.RECOMMENDED, State.BOARD, State.ASSEMBLY)
    CLOSED = (State.ADMITTED, State.REFUSED, State.WITHDRAWN)

    class Language(models.TextChoices):
        FRENCH = "fr", _("French")
        ENGLISH = "en", _("English")

    class Advice(models.TextChoices):
        ADMIT = "admit", _("admit")
        REFUSE = "refuse", _("refuse")

    state = models.CharField(_("state"), max_length=20, choices=State, default=State.DRAFT)

    contact_name = models.CharField(_("contact"), max_length=150, blank=True)
    contact_role = models.CharField(_("role of the contact"), max_length=150, blank=True)
    contact_email = models.EmailField(_("professional e-mail address"))
    language = models.CharField(
        _("language of mails"), max_length=2, choices=Language, default=Language.FRENCH
    )
    consented_at = models.DateTimeField(
        _("agreed to be written to"), null=True, blank=True, editable=False
    )

    name = models.CharField(_("name"), max_length=200, blank=True)
    acronym = models.CharField(_("acronym"), max_length=30, blank=True)
    neq = models.CharField(_("Québec enterprise number (NEQ)"), max_length=30, blank=True)
    charity = models.CharField(_("charity registration number"), max_length=30, blank=True)
    corporation = models.CharField(_("federal corporation number"), max_length=30, blank=True)
    founded_year = models.PositiveSmallIntegerField(
        _("founded in"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1600), MaxValueValidator(2100)],
    )
    address = models.CharField(_("street address"), max_length=200, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=7, blank=True)
    town = models.CharField(_("municipality, as typed"), max_length=80, blank=True)
    municipality = models.ForeignKey(
        "regions.Municipality",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("municipality of the head office"),
    )
    website = models.URLField(_("website"), max_length=300, blank=True)
    email = models.EmailField(_("public e-mail address"), blank=True)
    phone = PhoneNumberField(_("public phone number"), blank=True)
    phone_extension = models.CharField(_("extension"), max_length=8, blank=True)
    summary = models.CharField(_("summary"), max_length=400, blank=True)
    mission = models.TextField(_("mission"), max_length=4000, blank=True)
    why = models.TextField(_("why it applies"), max_length=3000, blank=True)
    themes = models.ManyToManyField(
        "members.Theme", related_name="admission_files", blank=True, verbose_name=_("themes")
    )
    countries = models.ManyToManyField(
        "members.Country",
        related_name="admission_files",
        blank=True,
        verbose_name=_("countries of action"),
    )

    organization = models.ForeignKey(
        "members.Organization",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="admission_files",
        verbose_name=_("organization"),
    )
    submitted_at = models.DateTimeField(_("sent on"), null=True, blank=True, editable=False)
    reviewed_at = models.DateTimeField(_("in review since"), null=True, blank=True, editable=False)
    advice = models.CharField(_("recommendation"), max_length=10, choices=Advice, blank=True)
    recommendation = models.TextField(
        _("reasons of the recommendation"), max_length=4000, blank=True
    )
    recommended_at = models.DateTimeField(
        _("recommended on"), null=True, blank=True, editable=False
    )
    recommended_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("recommended by"),
    )
    closed_at = models.DateTimeField(_("closed on"), null=True, blank=True, editable=False)
    letter = models.TextField(_("letter of refusal"), max_length=6000, blank=True)
    withdrawal_reason = models.TextField(_("why it was withdrawn"), max_length=1000, blank=True)

    typed = models.JSONField(default=dict, blank=True, editable=False)
    saved_at = models.DateTimeField(default=timezone.now, editable=False)
    link_key = models.CharField(max_length=40, default=new_key, unique=True, editable=False)
    link_until = models.DateTimeField(default=link_end, editable=False)

    objects = AdmissionFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("application for membership")
        verbose_name_plural = _("applications for membership")
        ordering = ["submitted_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("contact_email"),
                condition=Q(state="draft"),
                name="address_has_one_draft_application",
                violation_error_message=_("This address already has a draft."),
            ),
            models.CheckConstraint(
                name="application_state_is_known",
                condition=Q(
                    state__in=[
                        "draft",
                        "submitted",
                        "in_review",
                        "recommended",
                        "board",
                        "assembly",
                        "admitted",
                        "refused",
                        "withdrawn",
                    ]
                ),
                violation_error_message=_("This state does not exist."),
            ),
            models.CheckConstraint(
                name="sent_application_is_about_an_organization",
                condition=Q(state="draft", submitted_at__isnull=True, organization__isnull=True)
                | (
                    ~Q(state="draft")
                    & Q(submitted_at__isnull=False, organization__isnull=False)
                    & Q(consented_at__isnull=False)
                    & Q(name_fr__regex=r"\S", name_fr__isnull=False)
                ),
                violation_error_message=_("What was sent is about an organization, with its day."),
            ),
            models.CheckConstraint(
                name="closed_application_has_its_day",
                condition=Q(state__in=["admitted", "refused", "withdrawn"], closed_at__isnull=False)
                | (~Q(state__in=["admitted", "refused", "withdrawn"]) & Q(closed_at__isnull=True)),
                violation_error_message=_("A closed application has the day it was closed."),
            ),
            models.CheckConstraint(
                name="refused_application_has_its_letter",
                condition=~Q(state="refused") | Q(letter__regex=r"\S"),
                violation_error_message=_("A refusal gives its reasons."),
            ),
            models.CheckConstraint(
                name="application_recommended_by_someone",
                condition=Q(advice="", recommended_at__isnull=True, recommended_by__isnull=True)
                | (
                    Q(advice__in=["admit", "refuse"])
                    & Q(recommended_at__isnull=False, recommended_by__isnull=False)
                ),
                violation_error_message=_("A recommendation has its day and its author."),
            ),
        ]

    def __str__(self):
        return self.name or self.typed_name or self.contact_email

    # What it is

    @property
    def is_draft(self):
        return self.state == self.State.DRAFT

    @property
    def is_open(self):
        """Whether the association has to deal with it."""
        return self.state in self.OPEN

    @property
    def is_closed(self):
        return self.state in self.CLOSED

    @property
    def saved_once(self):
        """Whether something was written in it, or it was sent."""
        return bool(self.typed) or not self.is_draft

    @property
    def typed_name(self):
        """The name that was typed so far; empty without any."""
        texts = self.typed.get("identity", {}).get("name_fr", [])
        return " ".join(texts[0].split())[:200] if texts else ""

    @property
    def age(self):
        """For how many days it has waited since it was sent, or did until it was closed."""
        if self.submitted_at is None:
            return None
        last = timezone.localdate(self.closed_at) if self.closed_at else timezone.localdate()
        return (last - timezone.localdate(self.submitted_at)).days

    def decision_of(self, body):
        """What that body decided; None if it has not."""
        return next((one for one in self.decisions.all() if one.body == body), None)

    @property
    def conditions(self):
        """What was asked of it besides: [(body, words)]."""
        return [(d.get_body_display(), d.conditions) for d in self.decisions.all() if d.conditions]

    @property
    def next_body(self):
        """Who decides next, "board" or "assembly"; empty when nobody does."""
        if self.state == self.State.RECOMMENDED:
            return MembershipDecision.Body.BOARD.value
        board = self.decision_of(MembershipDecision.Body.BOARD)
        if self.state == self.State.BOARD and board and board.favourable:
            return MembershipDecision.Body.ASSEMBLY.value
        return ""

    @property
    def can_be_admitted(self):
        """Whether the assembly said yes, and nothing else remains but to do it."""
        decision = self.decision_of(MembershipDecision.Body.ASSEMBLY)
        return self.state == self.State.ASSEMBLY and bool(decision and decision.favourable)

    @property
    def can_be_refused(self):
        """Whether a body said no."""
        return self.is_open and any(not one.favourable for one in self.decisions.all())

    # The draft

    def hold(self):
        """Read it again, and keep others from changing it until the transaction ends."""
        type(self).objects.select_for_update().values_list("pk").get(pk=self.pk)
        self.refresh_from_db()

    @classmethod
    @transaction.atomic
    def begin(cls, email, language):
        """The draft of that address: the one that is there, or else a new one."""
        draft = cls.objects.drafts().filter(contact_email__iexact=email).first()
        if draft is None:
            try:
                with transaction.atomic():
                    draft = cls.objects.create(contact_email=email, language=language)
            except IntegrityError:  # two requests at once
                draft = cls.objects.drafts().get(contact_email__iexact=email)
        return draft

    @transaction.atomic
    def keep(self, step, texts):
        """Keep what was typed in one step, {field: [texts]}, right or wrong; other steps stay.

        False, and nothing is kept, once the file is sent.
        """
        self.hold()
        if not self.is_draft:
            return False
        self.typed = {**self.typed, step: texts}
        self.saved_at, self.link_until = timezone.now(), link_end()
        self.save(update_fields=["typed", "saved_at", "link_until", "updated_at"])
        return True

    def renew_link(self):
        """Make its link serve LINK_DAYS more, from now."""
        self.link_until = link_end()
        type(self).objects.filter(pk=self.pk).update(link_until=self.link_until)

    @transaction.atomic
    def submit(self, *, facts, themes, countries, answers):
        """Send the draft: from now on staff see it, and an organization stands for it.

        `facts` are the values of its columns, `themes` and `countries` records, `answers` unsaved
        `CriterionAnswer`s. False, and nothing is done, if it was sent already.
        """
        self.hold()
        if not self.is_draft:
            return False
        for name, value in facts.items():
            setattr(self, name, value)
        self.organization = self.make_candidate(themes, countries)
        self.state, self.typed = self.State.SUBMITTED, {}
        self.submitted_at = self.consented_at = self.saved_at = timezone.now()
        self.link_until = link_end()
        self.full_clean()
        self.save()
        self.themes.set(themes)
        self.countries.set(countries)
        for answer in answers:
            answer.file = self
            answer.full_clean()
            answer.save()
        return True

    def make_candidate(self, themes, countries):
        """The organization that it describes, added without a membership.

        A number that another organization has is left on the file: staff say whether they are one.
        """
        organization = Organization(
            **{
                name: getattr(self, name)
                for name in (
                    "name_fr",
                    "name_en",
                    "acronym",
                    "founded_year",
                    "address",
                    "postal_code",
                    "municipality",
                    "website",
                    "email",
                    "phone",
                    "phone_extension",
                    "summary_fr",
                    "summary_en",
                    "mission_fr",
                    "mission_en",
                )
            }
        )
        organization.full_clean(exclude=["slug"])
        organization.save()
        organization.themes.set(themes)
        organization.countries.set(countries)
        for scheme, value in self.numbers.items():
            if not Identifier.objects.filter(scheme=scheme, value=value).exists():
                Identifier.objects.create(organization=organization, scheme=scheme, value=value)
        return organization

    @property
    def numbers(self):
        """Its public numbers as {scheme: value}."""
        return {
            scheme: getattr(self, scheme) for scheme in Identifier.Scheme if getattr(self, scheme)
        }

    # What staff do

    def require(self, *states):
        """Hold it; raise ValidationError, in words, unless it is in one of the states."""
        self.hold()
        if self.state not in states:
            raise ValidationError(
                _("This application is “%(state)s”: that cannot be done any more, or not yet.")
                % {"state": self.get_state_display()}
            )

    def take_up(self):
        """Note that someone has begun to look at it."""
        if self.state == self.State.SUBMITTED:
            self.state, self.reviewed_at = self.State.IN_REVIEW, timezone.now()
            self.save(update_fields=["state", "reviewed_at", "updated_at"])

    @transaction.atomic
    def start_review(self, *, by):
        """`by` looks at it from now on: the candidate sees so."""
        self.require(self.State.SUBMITTED)
        self.take_up()

    @transaction.atomic
    def check_answers(self, checks, *, by):
        """Record what `by` makes of answers: {CriterionAnswer: (finding, note)}."""
        self.require(*self.OPEN)
        self.take_up()
        for answer, (finding, note) in checks.items():
            answer.finding, answer.note = finding, note
            answer.checked_at, answer.checked_by = timezone.now(), by
            answer.full_clean()
            answer.save(update_fields=["finding", "note", "checked_at", "checked_by"])

    @transaction.atomic
    def ask(self, text, *, by):
        """Ask the candidate for something; return the `AdmissionQuestion`."""
        self.require(*self.OPEN)
        question = AdmissionQuestion(file=self, text=text, asked_by=by)
        question.full_clean()
        question.save()
        self.take_up()
        return question

    @transaction.atomic
    def recommend(self, advice, text, *, by):
        """Recommend to the board to admit or to refuse, and why; it may be written again until
        the board decides."""
        self.require(self.State.SUBMITTED, self.State.IN_REVIEW, self.State.RECOMMENDED)
        self.take_up()
        self.state, self.advice, self.recommendation = self.State.RECOMMENDED, advice, text
        self.recommended_at, self.recommended_by = timezone.now(), by
        self.full_clean()
        self.save()

    @transaction.atomic
    def decide(self, decision, *, by):
        """Record what the board, then the assembly decided: an unsaved `AdmissionDecision`.

        What a body decided may be corrected while the file is open and the next body has not
        decided. Raises ValidationError otherwise.
        """
        self.require(self.State.RECOMMENDED, self.State.BOARD, self.State.ASSEMBLY)
        bodies = AdmissionDecision.Body
        board, assembly = self.decision_of(bodies.BOARD), self.decision_of(bodies.ASSEMBLY)
        if decision.body == bodies.BOARD and assembly:
            raise ValidationError(_("The assembly has decided since."))
        if decision.body == bodies.ASSEMBLY and not (board and board.favourable):
            raise ValidationError(_("The assembly decides once the board is in favour."))
        known = board if decision.body == bodies.BOARD else assembly
        if known:
            decision.pk, decision.created_at = known.pk, known.created_at
            decision._state.adding = False
        decision.file, decision.recorded_by = self, by
        decision.full_clean()
        decision.save()
        self.state = self.State(decision.body)
        self.save(update_fields=["state", "updated_at"])
        self._prefetched_objects_cache = {}

    @transaction.atomic
    def admit(self, *, by, on, category=""):
        """Make its organization a member from the day `on`; return the `Membership`.

        Its welcome list begins. Raises ValidationError unless the assembly was in favour, or if
        the organization is a member already.
        """
        self.require(self.State.ASSEMBLY)
        decided = self.decision_of(AdmissionDecision.Body.ASSEMBLY)
        if not decided.favourable:
            raise ValidationError(_("The assembly was not in favour."))
        membership = self.organization.admit(
            by=by,
            on=on,
            category=category,
            decision=MembershipDecision(
                body=MembershipDecision.Body.ASSEMBLY,
                decided_on=decided.decided_on,
                resolution=decided.resolution,
                note=decided.conditions,
            ),
        )
        self.close(self.State.ADMITTED)
        with override("fr"):
            WelcomeItem.objects.bulk_create(
                WelcomeItem(file=self, text=step.text, order=place)
                for place, step in enumerate(WelcomeStep.objects.active())
            )
        return membership

    @transaction.atomic
    def refuse(self, letter, *, by):
        """Close it with the letter that gives the reasons. Raises ValidationError unless a body
        decided against it."""
        self.require(*self.OPEN)
        if not self.can_be_refused:
            raise ValidationError(_("Nobody decided against it: record the decision first."))
        self.letter = letter
        self.close(self.State.REFUSED)

    @transaction.atomic
    def withdraw(self, *, reason=""):
        """The candidate takes it back. Raises ValidationError if it is closed."""
        self.require(*self.OPEN)
        self.withdrawal_reason = reason
        self.close(self.State.WITHDRAWN)

    def close(self, state):
        self.state, self.closed_at = state, timezone.now()
        self.link_until = link_end()
        self.full_clean()
        self.save()

    @transaction.atomic
    def change_contact(self, *, by, **facts):
        """Write to someone else from now on; a link that was sent to another address no longer
        opens the file."""
        self.hold()
        if facts.get("contact_email", self.contact_email).lower() != self.contact_email.lower():
            self.link_key, self.link_until = new_key(), link_end()
        for name, value in facts.items():
            setattr(self, name, value)
        self.full_clean()
        self.save()
