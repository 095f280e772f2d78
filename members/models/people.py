"""The people the network knows, what they do where and when, and what they agreed to."""

import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Concat, Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from members import search
from members.models.entries import FindableQuerySet
from members.models.office import PersonEntry
from members.models.organizations import Organization
from members.models.periods import (
    FIRST_DAY,
    LAST_DAY,
    Dated,
    HasPeriod,
    LatelyQuerySet,
    PeriodQuerySet,
    period_constraints,
)
from regions.folding import Fold, fold

EXTENSION = RegexValidator(r"^\d{1,8}$", _("An extension is digits only."))


class Privacy(models.TextChoices):
    """What a field about a person is, by the Act respecting the protection of personal information
    in the private sector (P-39.1, s. 1): what concerns their work may be published if they agree,
    the rest never is."""

    PROFESSIONAL = "professional", _("professional")
    PERSONAL = "personal", _("personal")


class PersonQuerySet(FindableQuerySet, LatelyQuerySet):
    taker = "person"
    vocabulary = ("person",)
    among_equals = ("sort_name", "pk")

    def current(self):
        """People who are not archived and whose positions have not all ended."""
        positions = Position.objects.filter(person=OuterRef("pk"))
        return self.filter(
            Exists(positions.current()) | ~Exists(positions), archived_on__isnull=True
        )

    def past(self):
        """People who are archived, or all of whose positions have ended."""
        positions = Position.objects.filter(person=OuterRef("pk"))
        return self.filter(
            Q(archived_on__isnull=False) | (~Exists(positions.current()) & Exists(positions))
        )

    def by_name(self):
        return self.order_by("sort_name", "pk")

    def named(self, first_name, last_name):
        """People of that very name; accents, case and hyphens do not count."""
        return self.filter(sort_name=fold(f"{last_name} {first_name}"))

    def matching_at_work(self, text):
        """As `matching`, but an organization's words are also those of the people who work there.

        "communications eau haiti" finds who does communications where one works on water in Haiti:
        each word is the person's or one of their organizations', by its name, theme, country, place
        or prose. Without an answer, what `text` may mean of either.
        """
        question = search.parse(text)
        if not question:
            return self
        found = self.having_at_work(question)
        if not found.exists():
            found = self.meant_at_work(text)
        return found.best_first(text)

    def keys_matching_at_work(self, text):
        """The keys of those that `matching_at_work` finds, in no order; looked for only once."""
        question = search.parse(text)
        if not question:
            return list(self.order_by().values_list("pk", flat=True))
        keys = list(self.having_at_work(question).order_by().values_list("pk", flat=True))
        return keys or list(self.meant_at_work(text).order_by().values_list("pk", flat=True))

    def having_at_work(self, question):
        """Those of whom each word is found, theirs or one of their organizations'."""
        phrased = [word for phrase in question.phrases for word in phrase]
        found = self
        for word in (*question.words, *phrased):
            unfinished = bool(question.words) and search.is_unfinished(question, word)
            own = PersonEntry.objects.filter(search.has_word(word, "", unfinished))
            there = Position.objects.telling().filter(
                search.has_word(word, "organization__entry__", unfinished)
            )
            found = found.filter(Q(pk__in=own.values("pk")) | Q(pk__in=there.values("person")))
        for word in question.excluded:
            own = PersonEntry.objects.filter(search.has_word(word, ""))
            found = found.exclude(pk__in=own.values("pk"))
        return found

    def meant_at_work(self, text):
        """Those whom `text` may mean, themselves or by one of their organizations."""
        near = Organization.objects.matching(text).order_by().values("pk")
        there = Position.objects.telling().filter(organization__in=near)
        own = self.matching(text).order_by().values("pk")
        return self.filter(Q(pk__in=own) | Q(pk__in=there.values("person")))

    def best_first(self, text):
        """Those whose own words answer `text` best come first."""
        return search.ranked(self, search.parse(text)).in_order_of_score()


class Person(Dated):
    """Someone the network knows; what they do, and where to reach them at work, is in `Position`.

    `privacy` gives the class of each field, once for all views and exports: a field that is not
    there is personal.
    """

    class Language(models.TextChoices):
        FRENCH = "fr", _("French")
        ENGLISH = "en", _("English")

    privacy = {
        "first_name": Privacy.PROFESSIONAL,
        "last_name": Privacy.PROFESSIONAL,
        "language": Privacy.PROFESSIONAL,
        "archived_on": Privacy.PROFESSIONAL,
        "tags": Privacy.PROFESSIONAL,
        "created_at": Privacy.PROFESSIONAL,
        "updated_at": Privacy.PROFESSIONAL,
        "pronoun": Privacy.PERSONAL,
        "personal_email": Privacy.PERSONAL,
        "personal_phone": Privacy.PERSONAL,
        "personal_address": Privacy.PERSONAL,
        "needs": Privacy.PERSONAL,
        "notes": Privacy.PERSONAL,
    }

    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=Language, default=Language.FRENCH
    )
    tags = models.ManyToManyField(
        "members.Tag", related_name="people", blank=True, verbose_name=_("tags")
    )
    archived_on = models.DateField(
        _("archived on"),
        null=True,
        blank=True,
        help_text=_("Someone the network no longer deals with; nothing of theirs is lost."),
    )

    pronoun = models.CharField(_("pronoun"), max_length=30, blank=True)
    personal_email = models.EmailField(_("personal e-mail address"), blank=True)
    personal_phone = PhoneNumberField(_("personal phone number"), blank=True)
    personal_address = models.CharField(_("home address"), max_length=300, blank=True)
    needs = models.CharField(
        _("needs at meetings"),
        max_length=300,
        blank=True,
        help_text=_("Food, access, interpretation: only what the person asked for."),
    )
    notes = models.TextField(
        _("notes"),
        max_length=4000,
        blank=True,
        help_text=_("Facts only, professional in tone: the person may read them."),
    )
    sort_name = models.GeneratedField(
        expression=Fold(
            Concat("last_name", Value(" "), "first_name", output_field=models.TextField())
        ),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["sort_name", "pk"]
        indexes = [
            models.Index(fields=["sort_name", "id"], name="person_sort_name"),
            GinIndex(OpClass(F("sort_name"), "gin_trgm_ops"), name="person_name_trigrams"),
            models.Index(
                Lower("personal_email"),
                name="person_personal_email",
                condition=~Q(personal_email=""),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="person_has_a_name",
                condition=Q(first_name__regex=r"\S") | Q(last_name__regex=r"\S"),
                violation_error_message=_("Give at least a first name or a last name."),
            ),
            models.CheckConstraint(
                name="person_language_is_known",
                condition=Q(language__in=["fr", "en"]),
                violation_error_message=_("This language is not one of ours."),
            ),
            models.CheckConstraint(
                name="person_is_archived_on_a_plausible_day",
                condition=Q(archived_on__isnull=True) | Q(archived_on__range=(FIRST_DAY, LAST_DAY)),
                violation_error_message=_("A day lies between 1900 and 2100."),
            ),
        ]

    def __str__(self):
        return f"{self.first_name} {self.last_name}".strip()

    def clean(self):
        self.normalize()

    def save(self, **kwargs):
        self.normalize()
        super().save(**kwargs)

    def normalize(self):
        """Write names and addresses without blanks around or doubled."""
        for field in ("first_name", "last_name", "pronoun", "personal_address", "needs"):
            setattr(self, field, " ".join((getattr(self, field) or "").split()))
        self.personal_email = self.personal_email.strip()

    @classmethod
    def personal_fields(cls):
        """The names of the fields that only those who `can_see_personal` read."""
        names = [field.name for field in [*cls._meta.fields, *cls._meta.many_to_many]]
        return [
            name
            for name in names
            if name not in ("id", "sort_name")
            and cls.privacy.get(name, Privacy.PERSONAL) == Privacy.PERSONAL
        ]

    @transaction.atomic
    def archive(self, *, by, on=None):
        """Put the person among the former ones, that day (today if None): positions end too.

        `by` is whoever did it, kept by the history.
        """
        on = on or timezone.localdate()
        for position in self.positions.current(on):
            position.leave(by=by, on=on)
        self.archived_on = on
        self.full_clean(exclude=["tags"])
        self.save(update_fields=["archived_on", "updated_at"])


class PositionQuerySet(PeriodQuerySet):
    def public(self, on=None):
        """Current positions whose person chose to be shown."""
        return self.current(on).filter(is_public=True)

    def telling(self):
        """Those that say what someone does: not ended, or of someone who has no other."""
        today = timezone.localdate()
        others = Position.objects.filter(person=OuterRef("person")).exclude(ended_on__lt=today)
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=today) | ~Exists(others))

    def of_kind(self, kind):
        """Positions of one of `Position.Kind`."""
        return self.filter(kinds__contains=[kind])

    def main_first(self):
        """The direction first, then presidency, then as `Position.Kind` goes, then by name."""
        rank = models.Case(
            *(
                models.When(kinds__contains=[kind], then=place)
                for place, kind in enumerate(Position.Kind.values)
            ),
            default=len(Position.Kind.values),
        )
        return self.order_by(rank, "person__sort_name", "pk")


class Position(Dated, HasPeriod):
    """What a person does in an organization, from one day to another; a new one for a new title."""

    class Kind(models.TextChoices):
        DIRECTION = "direction", _("direction")
        PRESIDENCY = "presidency", _("presidency")
        DELEGATE = "delegate", _("delegate with vote")
        BOARD = "board", _("board")
        COMMUNICATIONS = "communications", _("communications")
        FINANCE = "finance", _("finance")
        EDUCATION = "education", _("education")
        PROGRAMME = "programme", _("programmes")
        OFFICE_HOLDER = "office_holder", _("public office holder")
        POLITICAL_STAFF = "political_staff", _("political staff")
        OTHER = "other", _("other")

    privacy = {
        "person": Privacy.PROFESSIONAL,
        "organization": Privacy.PROFESSIONAL,
        "title": Privacy.PROFESSIONAL,
        "unit": Privacy.PROFESSIONAL,
        "kinds": Privacy.PROFESSIONAL,
        "started_on": Privacy.PROFESSIONAL,
        "ended_on": Privacy.PROFESSIONAL,
        "email": Privacy.PROFESSIONAL,
        "phone": Privacy.PROFESSIONAL,
        "phone_extension": Privacy.PROFESSIONAL,
        "is_dpoh": Privacy.PROFESSIONAL,
        "is_public": Privacy.PROFESSIONAL,
        "public_basis": Privacy.PROFESSIONAL,
        "public_since": Privacy.PROFESSIONAL,
        "public_decided_by": Privacy.PROFESSIONAL,
        "created_at": Privacy.PROFESSIONAL,
        "updated_at": Privacy.PROFESSIONAL,
    }

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="positions", verbose_name=_("person")
    )
    organization = models.ForeignKey(
        "members.Organization",
        models.PROTECT,
        related_name="positions",
        verbose_name=_("organization"),
    )
    title = models.CharField(_("title"), max_length=150, blank=True)
    unit = models.CharField(
        _("unit or branch"), max_length=150, blank=True, help_text=_("For a large institution.")
    )
    kinds = ArrayField(
        models.CharField(max_length=20, choices=Kind),
        verbose_name=_("roles"),
        default=list,
        blank=True,
    )
    email = models.EmailField(_("professional e-mail address"), blank=True)
    phone = PhoneNumberField(_("professional phone number"), blank=True)
    phone_extension = models.CharField(
        _("extension"), max_length=8, blank=True, validators=[EXTENSION]
    )
    is_dpoh = models.BooleanField(
        _("designated public office holder"),
        default=False,
        help_text=_(
            "Within the meaning of the federal Lobbying Act: ministers and their staff, members of "
            "Parliament, senators, deputy ministers and their assistants."
        ),
    )
    is_public = models.BooleanField(_("shown publicly"), default=False, editable=False)
    public_basis = models.CharField(
        _("basis"),
        max_length=200,
        blank=True,
        editable=False,
        help_text=_("How the person agreed: in writing, by phone on such a day…"),
    )
    public_since = models.DateTimeField(_("decided on"), null=True, editable=False)
    public_decided_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("recorded by"),
    )

    objects = PositionQuerySet.as_manager()

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering = [F("ended_on").desc(nulls_first=True), F("started_on").desc(nulls_last=True)]
        indexes = [
            GinIndex(fields=["kinds"], name="position_kinds"),
            models.Index(Lower("email"), name="position_email", condition=~Q(email="")),
        ]
        constraints = [
            *period_constraints("position", _("The position ends before it starts.")),
            models.CheckConstraint(
                name="position_says_what_it_is",
                condition=Q(title__regex=r"\S") | Q(kinds__len__gt=0),
                violation_error_message=_("Give a title, or choose a role."),
            ),
            models.CheckConstraint(
                name="position_kinds_are_known",
                condition=Q(
                    kinds__contained_by=[
                        "direction",
                        "presidency",
                        "delegate",
                        "board",
                        "communications",
                        "finance",
                        "education",
                        "programme",
                        "office_holder",
                        "political_staff",
                        "other",
                    ]
                ),
                violation_error_message=_("This role does not exist."),
            ),
            models.CheckConstraint(
                name="position_is_public_by_a_decision",
                condition=Q(is_public=False)
                | (Q(public_since__isnull=False) & Q(public_basis__regex=r"\S")),
                violation_error_message=_(
                    "Someone is shown publicly only with the day and the basis of their choice."
                ),
            ),
            models.CheckConstraint(
                name="position_extension_goes_with_a_phone",
                condition=Q(phone_extension="")
                | (~Q(phone="") & Q(phone_extension__regex=r"^[0-9]+$")),
                violation_error_message=_("An extension is digits, and goes with a phone number."),
            ),
        ]

    def __str__(self):
        return f"{self.person}, {self.said}, {self.organization}"

    @property
    def said(self):
        """What the person is called there: the title, or else the roles."""
        return self.title or ", ".join(self.kind_names)

    @property
    def kind_names(self):
        """The roles in words."""
        return [str(self.Kind(kind).label) for kind in self.kinds]

    def clean(self):
        self.normalize()

    def save(self, **kwargs):
        self.normalize()
        super().save(**kwargs)

    def normalize(self):
        """Write titles and the address without blanks around, each role once in its order."""
        self.title = " ".join(self.title.split())
        self.unit = " ".join(self.unit.split())
        self.email = self.email.strip()
        known = self.Kind.values
        self.kinds = sorted(
            dict.fromkeys(self.kinds or ()),
            key=lambda kind: known.index(kind) if kind in known else len(known),
        )

    @transaction.atomic
    def leave(self, *, by, on=None):
        """The person leaves on that last day (today if None); the past stays as it was.

        Nobody is shown publicly in a position they left. Raises ValidationError if it ended before.
        """
        on = on or timezone.localdate()
        if self.ended_on and self.ended_on <= on:
            raise ValidationError(_("This position has already ended."))
        self.ended_on = on
        self.full_clean()
        self.save(update_fields=["ended_on", "updated_at"])

    @transaction.atomic
    def show_publicly(self, *, by, basis):
        """Publish the position, since the person agreed; `basis` says how."""
        self.is_public, self.public_basis = True, " ".join(basis.split())
        self.public_since, self.public_decided_by = timezone.now(), by
        self.full_clean()
        self.save()

    @transaction.atomic
    def hide(self, *, by):
        """Take the position off all public pages, at once."""
        self.is_public, self.public_basis = False, ""
        self.public_since, self.public_decided_by = timezone.now(), by
        self.save()


class Consent(Dated):
    """What a person agreed to receive or to have published, with the proof.

    P-39.1, s. 14; Canada's anti-spam law, s. 13. Written once: a withdrawal is added, nothing else.
    """

    class Purpose(models.TextChoices):
        MEMBERSHIP = "membership", _("life of the network")
        NEWSLETTER = "newsletter", _("newsletter")
        CAMPAIGN = "campaign", _("campaigns")
        EVENT = "event", _("events")
        ADVOCACY = "advocacy", _("government relations")
        DIRECTORY = "directory", _("public directory")

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        PHONE = "phone", _("phone")
        POST = "post", _("post")
        WEB = "web", _("website")

    class Kind(models.TextChoices):
        EXPRESS = "express", _("express")
        IMPLIED = "implied", _("implied")
        EXEMPT = "exempt", _("exempt")

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="consents", verbose_name=_("person")
    )
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel, default=Channel.EMAIL)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.EXPRESS)
    given_on = models.DateField(_("given on"), default=timezone.localdate)
    evidence = models.CharField(
        _("evidence"),
        max_length=500,
        help_text=_("Form and version of its wording, letter, call: what proves it."),
    )
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    recorded_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("recorded by"),
    )

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-given_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="consent_is_withdrawn_after_it_was_given",
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("given_on")),
                violation_error_message=_("The withdrawal precedes the consent."),
            ),
            models.CheckConstraint(
                name="consent_has_evidence",
                condition=Q(evidence__regex=r"\S"),
                violation_error_message=_("Say what proves the consent."),
            ),
        ]

    def __str__(self):
        return f"{self.get_purpose_display()}, {self.get_channel_display()}, {self.given_on}"

    def is_valid(self, on=None):
        """Whether it holds on that day (a date, today if None)."""
        on = on or timezone.localdate()
        return (
            self.given_on <= on
            and (self.expires_on or datetime.date.max) >= on
            and (self.withdrawn_on or datetime.date.max) > on
        )

    def withdraw(self, *, by, on=None):
        """Record that the person withdrew it, that day (today if None)."""
        self.withdrawn_on = on or timezone.localdate()
        self.full_clean()
        self.save(update_fields=["withdrawn_on", "updated_at"])
