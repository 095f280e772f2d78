"""What the network exchanges with others, and what remains to be done."""

import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Count, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.entries import FindableQuerySet
from members.models.people import Position
from members.models.periods import FIRST_DAY, LAST_DAY, Dated
from members.search import COARSELY, MAX_CHARACTERS
from regions.folding import Fold, fold

# The longest exchange, in minutes: a week. Beyond, the hours of two were added up.
LONGEST = 7 * 24 * 60

# When exchanges may have begun: the association was founded in 1976.
FIRST_MOMENT = datetime.datetime(1976, 1, 1, tzinfo=datetime.UTC)
LAST_MOMENT = datetime.datetime(2101, 1, 1, tzinfo=datetime.UTC)
IMPLAUSIBLE_DAY = _("An exchange took place between 1976 and 2100.")


class InteractionQuerySet(FindableQuerySet):
    # Its labels are the names of the others.
    vocabulary = ("interaction", "person", "alliance", "dossier")
    by_score = COARSELY
    among_equals = ("-happened_at", "-pk")

    def recent(self):
        """The last first."""
        return self.order_by("-happened_at", "-pk")

    def with_people(self):
        """With whom and whose, for a timeline: four more queries, whatever the number of rows.

        Besides, `open_follow_ups` is what remains to be done, and `documents_count` a number.
        """
        documents = self.model.documents.rel.related_model.objects.filter(
            interaction=OuterRef("pk")
        )
        to_do = FollowUp.objects.open().by_due_day().select_related("assigned_to")
        return (
            self.select_related("alliance", "dossier", "government")
            .prefetch_related(
                "organizations",
                "staff",
                models.Prefetch("participations", Participation.objects.select_related("person")),
                models.Prefetch("follow_ups", to_do, to_attr="open_follow_ups"),
            )
            .annotate(
                documents_count=Subquery(
                    documents.order_by()
                    .values("interaction")
                    .annotate(count=Count("pk"))
                    .values("count")
                )
            )
        )

    def with_office_holders(self):
        """Exchanges with a public office holder: said so, or someone took part as one."""
        return self.filter(with_office_holder())


def with_office_holder():
    """The condition that an exchange was with a public office holder."""
    holders = Participation.objects.as_office_holders()
    declared = Interaction._meta.get_field("government").related_model.objects.all()
    return Q(pk__in=holders.values("interaction")) | Q(pk__in=declared.values("interaction"))


def only(found):
    """The only one of what was found; None if there are none or several."""
    found = list(found)
    return found[0] if len(found) == 1 else None


class Interaction(Dated):
    """A meeting, call, letter or message: who, when, about what.

    `happened_at` is when it began; people are there with the title that they had that day
    (`Participation`), which no later change of position rewrites.
    """

    class Kind(models.TextChoices):
        CALL = "call", _("call")
        EMAIL = "email", _("e-mail")
        MEETING = "meeting", _("meeting")
        VIDEO = "video", _("videoconference")
        LETTER = "letter", _("letter")
        EVENT = "event", _("event")
        OTHER = "other", _("other")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.CALL)
    happened_at = models.DateTimeField(_("when"), default=timezone.now)
    minutes = models.PositiveIntegerField(
        _("minutes"), null=True, blank=True, validators=[MaxValueValidator(LONGEST)]
    )
    subject = models.CharField(_("subject"), max_length=200)
    notes = models.TextField(
        _("notes"),
        max_length=10000,
        blank=True,
        help_text=_("Facts only, professional in tone: the person may read them."),
    )
    staff = models.ManyToManyField(
        "members.User", related_name="interactions", blank=True, verbose_name=_("our staff")
    )
    organizations = models.ManyToManyField(
        "members.Organization",
        related_name="interactions",
        blank=True,
        verbose_name=_("organizations"),
    )
    people = models.ManyToManyField(
        "members.Person",
        through="members.Participation",
        related_name="interactions",
        blank=True,
        verbose_name=_("people"),
    )
    alliance = models.ForeignKey(
        "members.Alliance",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="interactions",
        verbose_name=_("alliance"),
    )
    dossier = models.ForeignKey(
        "members.Dossier",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="interactions",
        verbose_name=_("dossier"),
    )
    recorded_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("recorded by"),
    )

    objects = InteractionQuerySet.as_manager()

    class Meta:
        verbose_name = _("exchange")
        verbose_name_plural = _("exchanges")
        ordering = ["-happened_at", "-pk"]
        indexes = [models.Index(fields=["-happened_at", "-id"], name="interaction_recent")]
        constraints = [
            models.CheckConstraint(
                name="interaction_has_a_subject",
                condition=Q(subject__regex=r"\S"),
                violation_error_message=_("Say what it was about."),
            ),
            models.CheckConstraint(
                name="interaction_kind_is_known",
                condition=Q(
                    kind__in=["call", "email", "meeting", "video", "letter", "event", "other"]
                ),
                violation_error_message=_("This kind of exchange does not exist."),
            ),
            models.CheckConstraint(
                name="interaction_has_a_plausible_day",
                condition=Q(happened_at__range=(FIRST_MOMENT, LAST_MOMENT)),
                violation_error_message=IMPLAUSIBLE_DAY,
            ),
            models.CheckConstraint(
                name="interaction_lasts_a_week_at_most",
                condition=Q(minutes__isnull=True) | Q(minutes__lte=LONGEST),
                violation_error_message=_("An exchange lasts a week at most."),
            ),
        ]

    def __str__(self):
        return self.subject

    def clean(self):
        """Refuse what has not begun: what is to come is a follow-up, with its day.

        A day ahead passes, for clocks and for what is noted on the morning of a meeting.
        """
        self.subject = " ".join((self.subject or "").split())
        if self.happened_at and not FIRST_MOMENT <= self.happened_at < LAST_MOMENT:
            raise ValidationError({"happened_at": IMPLAUSIBLE_DAY})
        if self.happened_at and self.happened_at > timezone.now() + datetime.timedelta(days=1):
            raise ValidationError(
                {
                    "happened_at": _(
                        "This exchange has not taken place yet. What is to come is written as a "
                        "follow-up, with its day."
                    )
                }
            )

    @property
    def day(self):
        """The local day it began."""
        return timezone.localdate(self.happened_at)

    @transaction.atomic
    def set_people(self, people):
        """Make `people` those who take part: newcomers with their title of that day.

        Those who were there already keep the title that was written.
        """
        kept = {
            participation.person_id: participation for participation in self.participations.all()
        }
        wanted = {person.pk for person in people}
        for key, participation in kept.items():
            if key not in wanted:
                participation.delete()
        for person in people:
            if person.pk not in kept:
                self.add_person(person)

    @transaction.atomic
    def add_follow_up(self, follow_up, *, by):
        """Save what is to be done after it: about its organization and person if they are alone."""
        follow_up.interaction, follow_up.recorded_by = self, by
        follow_up.dossier = self.dossier
        follow_up.organization = only(self.organizations.all()[:2])
        follow_up.person = only(self.people.all()[:2])
        follow_up.full_clean()
        follow_up.save()
        return follow_up

    def add_their_organizations(self):
        """Say that the organizations of those who took part did, as their titles say."""
        self.organizations.add(
            *self.participations.filter(organization__isnull=False).values_list(
                "organization", flat=True
            )
        )

    @property
    def is_with_office_holder(self):
        """Whether a public office holder took part; no query after `with_people`."""
        return hasattr(self, "government") or any(
            participation.is_office_holder for participation in self.participations.all()
        )

    @transaction.atomic
    def add_person(self, person, *, position=None, capacity=None):
        """Add a person with what they were that day; return the `Participation`.

        Without a `position`, the one they held that day in one of the exchange's organizations, or
        else the only one they held.
        """
        participation = Participation(interaction=self, person=person, position=position)
        participation.take_title()
        if capacity:
            participation.capacity = capacity
        participation.save()
        return participation


class ParticipationQuerySet(models.QuerySet):
    def as_office_holders(self):
        """Those who took part as public office holders."""
        holder = self.model.Capacity.OFFICE_HOLDER
        return self.filter(Q(capacity=holder) | Q(is_dpoh=True))


class Participation(models.Model):
    """A person in an exchange, with their title that day: it stays when they change."""

    class Capacity(models.TextChoices):
        OFFICE_HOLDER = "office_holder", _("public office holder")
        EMPLOYEE = "employee", _("our employee")
        VOLUNTEER = "volunteer", _("our volunteer")
        MEMBER = "member", _("member organization")
        OTHER = "other", _("other")

    interaction = models.ForeignKey(
        Interaction,
        models.CASCADE,
        related_name="participations",
        verbose_name=_("exchange"),
    )
    person = models.ForeignKey(
        "members.Person", models.PROTECT, related_name="participations", verbose_name=_("person")
    )
    position = models.ForeignKey(
        Position,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="participations",
        verbose_name=_("position"),
    )
    organization = models.ForeignKey(
        "members.Organization",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="participations",
        verbose_name=_("organization that day"),
    )
    title = models.CharField(_("title that day"), max_length=150, blank=True)
    unit = models.CharField(_("unit or branch that day"), max_length=150, blank=True)
    is_dpoh = models.BooleanField(_("designated public office holder that day"), default=False)
    capacity = models.CharField(_("as"), max_length=20, choices=Capacity, default=Capacity.OTHER)

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["interaction", "person"],
                name="person_is_once_in_an_exchange",
                violation_error_message=_("This person is already in the exchange."),
            ),
            models.CheckConstraint(
                name="participation_capacity_is_known",
                condition=Q(
                    capacity__in=["office_holder", "employee", "volunteer", "member", "other"]
                ),
                violation_error_message=_("This capacity does not exist."),
            ),
        ]

    def __str__(self):
        return ", ".join(filter(None, [str(self.person), self.title]))

    @property
    def is_office_holder(self):
        """Whether the person took part as a public office holder."""
        return self.is_dpoh or self.capacity == self.Capacity.OFFICE_HOLDER

    def save(self, **kwargs):
        if self._state.adding and not self.title and self.position_id is None:
            self.take_title()
        super().save(**kwargs)

    def take_title(self):
        """Copy title, unit and organization from the position held that day, if there is one."""
        position = self.position or self.position_that_day()
        if position is None:
            return
        self.position, self.organization = position, position.organization
        self.title = position.said[:150]
        self.unit, self.is_dpoh = position.unit, position.is_dpoh
        kinds = Position.Kind
        if {kinds.OFFICE_HOLDER, kinds.POLITICAL_STAFF} & set(position.kinds):
            self.capacity = self.Capacity.OFFICE_HOLDER
        elif position.organization.kind == "association":
            self.capacity = self.Capacity.EMPLOYEE
        elif position.organization.kind == "cooperation":
            self.capacity = self.Capacity.MEMBER

    def position_that_day(self):
        """The position held that day: in one of the exchange's organizations, or the only one."""
        held = list(
            self.person.positions.current(self.interaction.day).select_related("organization")
        )
        if self.interaction.pk:
            there = set(self.interaction.organizations.values_list("pk", flat=True))
            if here := [position for position in held if position.organization_id in there]:
                return here[0]
        return held[0] if len(held) == 1 else None


def is_late(on=None):
    """The condition of being due before that day (a date, today if None)."""
    return Q(due_on__lt=on or timezone.localdate())


def is_due_this_week(on=None):
    """The condition of being due from that day (today if None) to the Saturday of its week."""
    on = on or timezone.localdate()
    saturday = on + datetime.timedelta(days=(5 - on.weekday()) % 7)
    return Q(due_on__range=(on, saturday))


class FollowUpQuerySet(models.QuerySet):
    def open(self):
        """What is not done."""
        return self.filter(done_at__isnull=True)

    def done(self):
        return self.filter(done_at__isnull=False)

    def mine(self, user):
        """What `user` has to do."""
        return self.filter(assigned_to=user)

    def late(self, on=None):
        """What should have been done before that day (a date, today if None)."""
        return self.open().filter(is_late(on))

    def this_week(self, on=None):
        """What is due from that day to the Saturday of its week: weeks begin on Sunday here."""
        return self.open().filter(is_due_this_week(on))

    def matching(self, text):
        """Those whose words, or the name of what they are about, have every word of `text`."""
        text_field = models.TextField()
        names = ("what", "organization__name", "person__sort_name", "dossier__name")
        said = Value("", text_field)
        for name in (*names, "interaction__subject"):
            part = Coalesce(Cast(name, text_field), Value("", text_field))
            said = Concat(said, Value(" ", text_field), part)
        found = self.alias(said=Fold(said))
        for word in fold(text[:MAX_CHARACTERS]).split():
            found = found.filter(said__contains=word)
        return found

    def about_organization(self, organization):
        """What is to be done about it, said so or after an exchange with it."""
        exchanges = organization.interactions.through.objects.filter(organization=organization)
        return self.filter(
            Q(organization=organization) | Q(interaction__in=exchanges.values("interaction"))
        )

    def about_person(self, person):
        """What is to be done about that person, said so or after an exchange with them."""
        exchanges = Participation.objects.filter(person=person)
        return self.filter(Q(person=person) | Q(interaction__in=exchanges.values("interaction")))

    def by_due_day(self):
        """The most urgent first; those without a day last."""
        return self.order_by(F("due_on").asc(nulls_last=True), "pk")


class FollowUp(Dated):
    """Something to do: what, by whom, by when."""

    what = models.CharField(_("what"), max_length=200)
    assigned_to = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="follow_ups",
        verbose_name=_("who"),
    )
    due_on = models.DateField(_("by"), null=True, blank=True)
    done_at = models.DateTimeField(_("done on"), null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("done by"),
    )
    interaction = models.ForeignKey(
        Interaction,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="follow_ups",
        verbose_name=_("exchange"),
    )
    organization = models.ForeignKey(
        "members.Organization",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="follow_ups",
        verbose_name=_("organization"),
    )
    person = models.ForeignKey(
        "members.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="follow_ups",
        verbose_name=_("person"),
    )
    dossier = models.ForeignKey(
        "members.Dossier",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="follow_ups",
        verbose_name=_("dossier"),
    )
    recorded_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("recorded by"),
    )

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        ordering = [F("due_on").asc(nulls_last=True), "pk"]
        indexes = [
            models.Index(
                fields=["assigned_to", "due_on"],
                name="follow_up_to_do",
                condition=Q(done_at__isnull=True),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="follow_up_says_what",
                condition=Q(what__regex=r"\S"),
                violation_error_message=_("Say what is to be done."),
            ),
            models.CheckConstraint(
                name="follow_up_is_due_on_a_plausible_day",
                condition=Q(due_on__isnull=True) | Q(due_on__range=(FIRST_DAY, LAST_DAY)),
                violation_error_message=_("A day lies between 1900 and 2100."),
            ),
        ]

    def __str__(self):
        return self.what

    @property
    def is_late(self):
        return bool(self.done_at is None and self.due_on and self.due_on < timezone.localdate())

    def finish(self, *, by):
        """It is done, now, by that user. Done twice is done once; return whether it was not yet."""
        if self.done_at is not None:
            return False
        self.done_at, self.done_by = timezone.now(), by
        self.save(update_fields=["done_at", "done_by", "updated_at"])
        return True

    def entrust(self, user, *, by):
        """Give it to that user; `by` is kept by the history. Return whether it was another's."""
        if self.assigned_to == user:
            return False
        self.assigned_to = user
        self.save(update_fields=["assigned_to", "updated_at"])
        return True

    def reopen(self, *, by):
        """It was not done after all; `by` is kept by the history. Return whether it was done."""
        if self.done_at is None:
            return False
        self.done_at = self.done_by = None
        self.save(update_fields=["done_at", "done_by", "updated_at"])
        return True
