"""Keeping profiles true: each member is asked once a year, twice more if need be, then listed.

A *round* begins on the day of its first mail; two more follow, three weeks apart, unless the
organization confirms its profile. After that it is silent, until a year later another round begins.
What was asked is read from the mails themselves (`SentMail.reminders`), so that nothing else has to
be kept in step with them.
"""

import datetime
import math
import uuid
import zlib
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field

import pghistory
from django.core import signing
from django.db import connection, models, transaction
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower, TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from members import mail
from members.models import (
    BouncedAddress,
    Membership,
    Organization,
    Position,
    Representative,
    SentMail,
)

A_YEAR = datetime.timedelta(days=365)
BETWEEN = datetime.timedelta(weeks=3)
STEPS = 3
# Those never confirmed are asked over so many days from when they came, each on its own day.
SPREAD = 364
# How many rounds begin on one day, at least, and the part of the members they are: what is late is
# caught up over two months rather than in a morning.
FEWEST_A_DAY, DAYS_TO_CATCH_UP = 5, 60
# Organizations whose mails are written in one transaction.
BATCH = 250
# How long the link of a mail confirms, and what makes it good for that only.
LINK_DAYS = 90
SALT = "members.freshness.confirmation"
# What two runs at once would both take: any number, of our own.
LOCK = 4_207_311


class State(models.TextChoices):
    """Where a member stands this year."""

    CONFIRMED = "confirmed", _("confirmed this year")
    TO_ASK = "to_ask", _("not asked yet")
    REMINDED = "reminded", _("reminded")
    SILENT = "silent", _("silent")


def with_freshness(organizations, on=None):
    """The organizations with what was asked of them since they last confirmed, and `freshness`.

    `asked_step` (1 to 3), `asked_round` (a day) and `asked_on` (a day) are those of the last
    reminder, None without any; `freshness` is a `State` on that day (today if None).
    """
    on = on or timezone.localdate()
    reminders = (
        SentMail.objects.reminders()
        .filter(organization=OuterRef("pk"))
        .annotate(day=TruncDate("created_at"))
        .filter(
            Q(day__gt=Coalesce(OuterRef("last_confirmed_on"), Value(datetime.date(1900, 1, 1))))
        )
        .order_by("-round_on", "-step", "-pk")
    )
    return organizations.annotate(
        asked_step=Subquery(reminders.values("step")[:1]),
        asked_round=Subquery(reminders.values("round_on")[:1]),
        asked_on=Subquery(reminders.values("day")[:1]),
    ).annotate(
        freshness=Case(
            When(last_confirmed_on__gt=on - A_YEAR, then=Value(State.CONFIRMED.value)),
            When(asked_step=STEPS, asked_on__lte=on - BETWEEN, then=Value(State.SILENT.value)),
            When(asked_step__isnull=False, then=Value(State.REMINDED.value)),
            default=Value(State.TO_ASK.value),
            output_field=models.CharField(),
        )
    )


def addresses(on):
    """(those who represent an organization, its people who are written to), each with `low`, the
    address in lower case; about OuterRef("pk")."""
    representatives = Representative.objects.active(on).annotate(low=Lower("user__email"))
    people = (
        Position.objects.current(on)
        .filter(kinds__overlap=[kind for kind, _words in RUNGS], person__archived_on__isnull=True)
        .exclude(email="")
        .annotate(low=Lower("email"))
    )
    here = {"organization": OuterRef("pk")}
    return representatives.filter(**here), people.filter(**here)


PUBLIC_ADDRESS_BOUNCED = Exists(BouncedAddress.objects.filter(address=Lower(OuterRef("email"))))


def has_bounced_address(on=None):
    """The condition that an address that an organization is written to at does not work."""
    known = BouncedAddress.objects.values("address")
    found = [Exists(rows.filter(low__in=known)) for rows in addresses(on or timezone.localdate())]
    return Q(found[0]) | Q(found[1]) | Q(PUBLIC_ADDRESS_BOUNCED)


def cannot_be_reached(on=None):
    """The condition that an organization has no address that works, as `reachable` looks for it."""
    known = BouncedAddress.objects.values("address")
    found = [Exists(rows.exclude(low__in=known)) for rows in addresses(on or timezone.localdate())]
    return ~Q(found[0]) & ~Q(found[1]) & (Q(email="") | Q(PUBLIC_ADDRESS_BOUNCED))


# Whom to write to


@dataclass(frozen=True)
class Recipient:
    """Someone to write to for an organization: address, language, and as what (words)."""

    address: str
    language: str
    role: str


@dataclass
class Reachable:
    """Whom to write to for one organization, and the addresses on the way that do not work."""

    recipients: list = field(default_factory=list)
    bounced: list = field(default_factory=list)


# Whose positions are written to when nobody represents the organization, in this order.
RUNGS = [
    (Position.Kind.DIRECTION.value, _("direction")),
    (Position.Kind.COMMUNICATIONS.value, _("communications")),
]


def reachable(organizations, on=None):
    """{organization's key: `Reachable`}, in three queries whatever their number.

    Those who represent it, each in their language; else its direction, else its communications,
    else its public address. Where all the addresses of a step do not work, the next one is taken.
    """
    on = on or timezone.localdate()
    keys = [organization.pk for organization in organizations]
    known = BouncedAddress.objects.known()
    rungs = defaultdict(lambda: [[] for _rung in range(len(RUNGS) + 2)])
    for key, address, language in (
        Representative.objects.active(on)
        .filter(organization__in=keys)
        .order_by("pk")
        .values_list("organization", "user__email", "user__language")
    ):
        rungs[key][0].append(Recipient(address, language, _("representative")))
    for key, kinds, address, language in (
        Position.objects.current(on)
        .filter(organization__in=keys, kinds__overlap=[kind for kind, _words in RUNGS])
        .filter(person__archived_on__isnull=True)
        .exclude(email="")
        .order_by("pk")
        .values_list("organization", "kinds", "email", "person__language")
    ):
        for place, (kind, words) in enumerate(RUNGS, start=1):
            if kind in kinds:
                rungs[key][place].append(Recipient(address, language, words))
    found = {}
    for organization in organizations:
        if organization.email:
            public = Recipient(organization.email, "fr", _("public address"))
            rungs[organization.pk][-1].append(public)
        found[organization.pk] = first_that_works(rungs[organization.pk], known)
    return found


def first_that_works(rungs, bounced):
    """The `Reachable` of the first rung with an address that works; each address once."""
    told = Reachable()
    for rung in rungs:
        seen = {}
        for recipient in rung:
            seen.setdefault(recipient.address.lower(), recipient)
        told.bounced += [low for low in seen if low in bounced and low not in told.bounced]
        told.recipients = [recipient for low, recipient in seen.items() if low not in bounced]
        if told.recipients:
            break
    return told


# When


def due_on(organization):
    """The day from which an organization is to be asked, however often it was already.

    A year after it last confirmed. If it never did, within a year of when it came, on a day that
    its number spreads: a list imported in a morning is not asked in a morning.
    """
    if organization.last_confirmed_on:
        return organization.last_confirmed_on + A_YEAR
    came = timezone.localdate(organization.created_at)
    if organization.member_since:
        came = max(came, organization.member_since)
    return came + datetime.timedelta(days=zlib.crc32(str(organization.pk).encode()) % SPREAD)


def next_step(organization, on):
    """(day its round began, step) of the reminder to write that day; None if there is none.

    The organization is one of `with_freshness`, with `member_since`.
    """
    if organization.freshness == State.CONFIRMED:
        return None
    if organization.asked_step is None or on >= organization.asked_round + A_YEAR:
        return (on, 1) if due_on(organization) <= on else None
    if organization.asked_step < STEPS and organization.asked_on + BETWEEN <= on:
        return organization.asked_round, organization.asked_step + 1
    return None


def members(on):
    """The members that day, with what `next_step` reads."""
    current = Membership.objects.filter(organization=OuterRef("pk")).current(on)
    return with_freshness(
        Organization.objects.members(on).annotate(
            member_since=Subquery(current.order_by("-started_on").values("started_on")[:1])
        ),
        on,
    )


def a_days_share(count):
    """How many rounds may begin on one day, for that number of members."""
    return max(FEWEST_A_DAY, math.ceil(count / DAYS_TO_CATCH_UP))


# What is sent


@dataclass
class Sent:
    """What one run did: reminders as (organization, step, Recipient), and who cannot be reached."""

    reminders: list = field(default_factory=list)
    unreachable: list = field(default_factory=list)
    postponed: int = 0


@dataclass
class Reminder:
    """One mail to write."""

    organization: Organization
    round_on: datetime.date
    step: int
    recipient: Recipient
    again: str = ""

    @property
    def key(self):
        """What makes it unique, for ever; `again` when staff want it once more."""
        key = (
            f"reminder:{self.organization.pk}:{self.round_on}:{self.step}"
            f":{self.recipient.address.lower()}"
        )
        return f"{key}:{self.again}" if self.again else key


class AlreadyRunning(Exception):
    """Someone else is sending the reminders."""


@contextmanager
def alone():
    """Hold what only one run may hold; raises AlreadyRunning if another does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        (mine,) = cursor.fetchone()
    if not mine:
        raise AlreadyRunning
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def remind(*, now=None, limit=None, dry_run=False, told=lambda reminder: None):
    """Write and deliver the reminders of a moment (now if None); return what was `Sent`.

    At most `limit` organizations (a day's share of new rounds if None). What was written by a run
    that died is not written again, and the mails it left waiting leave by `deliver_mail`. `told` is
    called with each `Reminder`. With `dry_run` nothing is written. Raises AlreadyRunning.
    """
    now = now or timezone.now()
    with alone():
        sent = Sent()
        chosen = choose(timezone.localdate(now), limit, sent)
        for start in range(0, len(chosen), BATCH):
            send_batch(chosen[start : start + BATCH], now, sent, dry_run, told)
        return sent


def choose(on, limit, sent):
    """[(organization, round, step)] to write that day: rounds that go on first, then the oldest."""
    everyone = list(members(on).order_by("pk"))
    steps = [(one, step) for one in everyone if (step := next_step(one, on))]
    going_on = [(one, *step) for one, step in steps if step[1] > 1]
    new = sorted(
        ((one, *step) for one, step in steps if step[1] == 1),
        key=lambda row: (due_on(row[0]), row[0].pk),
    )
    if limit is not None:
        chosen = (going_on + new)[:limit]
    else:
        begun = SentMail.objects.reminders().filter(round_on=on, step=1)
        share = a_days_share(len(everyone)) - begun.values("organization").distinct().count()
        chosen = going_on + new[: max(0, share)]
    sent.postponed = len(steps) - len(chosen)
    return chosen


def send_batch(chosen, now, sent, dry_run, told):
    """Write the mails of some organizations, all or none, then deliver them."""
    found = reachable([organization for organization, *_step in chosen], timezone.localdate(now))
    reminders = []
    for organization, round_on, step in chosen:
        recipients = found[organization.pk].recipients
        if not recipients:
            sent.unreachable.append(organization)
        reminders += [Reminder(organization, round_on, step, one) for one in recipients]
    if dry_run:
        written = reminders
    else:
        with transaction.atomic():
            mails = {one.key: one for one in reminders}
            saved = mail.write([drawn_up(one, now) for one in reminders])
        mail.deliver([one.pk for one in saved])
        written = [mails[one.key] for one in saved]
    for reminder in written:
        told(reminder)
    sent.reminders += written


def drawn_up(reminder, now):
    """The `SentMail` of a reminder, with the link that confirms."""
    organization, number = reminder.organization, uuid.uuid4()
    language = reminder.recipient.language
    with override(language):
        link = reverse("space:confirm-link", args=[token(organization, number)])
    return mail.made(
        "reminder",
        reminder.recipient.address,
        language=language,
        organization=organization,
        context={"step": reminder.step, "days": LINK_DAYS, "link": link},
        key=reminder.key,
        message_id=number,
        round_on=reminder.round_on,
        step=reminder.step,
        created_at=now,
    )


@transaction.atomic
def remind_now(organization, *, by, now=None):
    """Write to an organization at once, as staff ask: the next mail of its round, or the last one
    again. Return the mails written: none if nobody can be reached, or if it was asked today."""
    now = now or timezone.now()
    on = timezone.localdate(now)
    Organization.objects.select_for_update().get(pk=organization.pk)
    organization = with_freshness(Organization.objects.filter(pk=organization.pk), on).get()
    round_on, step = organization.asked_round or on, (organization.asked_step or 0) + 1
    if organization.asked_step and on >= organization.asked_round + A_YEAR:
        round_on, step = on, 1
    if organization.asked_on == on:
        return []
    again = on.isoformat() if step > STEPS else ""
    reminders = [
        Reminder(organization, round_on, min(step, STEPS), recipient, again)
        for recipient in reachable([organization], on)[organization.pk].recipients
    ]
    mails = [drawn_up(one, now) for one in reminders]
    for one in mails:
        one.by = by
    written = mail.write(mails)
    mail.leave_on_commit(written)
    return written


# The link


class Unusable(Exception):
    """A link that confirms nothing: `reason` is one of `broken`, `expired`, `gone`, `joined`,
    `left` or `older`; `organization` is the one it was about, if it is known."""

    def __init__(self, reason, organization=None):
        self.reason, self.organization = reason, organization
        super().__init__(reason)


def token(organization, number):
    """What the link of the mail with that number holds: good for this organization, and once."""
    return signing.dumps({"organization": organization.pk, "mail": number.hex}, salt=SALT)


def asked(token, *, lock=False):
    """(the mail, the organization) of a link; raises Unusable.

    With `lock`, the organization is held until the end of the transaction.
    """
    try:
        said = signing.loads(token, salt=SALT, max_age=datetime.timedelta(days=LINK_DAYS))
        number, key = uuid.UUID(said["mail"]), int(said["organization"])
    except signing.SignatureExpired:
        raise Unusable("expired") from None
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        raise Unusable("broken") from None
    reminder = SentMail.objects.filter(kind="reminder", message_id=number).first()
    if reminder is None or reminder.organization_id is None:
        raise Unusable("gone")
    organizations = Organization.objects.for_profile()
    if lock:
        Organization.objects.select_for_update().get(pk=reminder.organization_id)
    organization = organizations.get(pk=reminder.organization_id)
    if organization.pk != key:
        raise Unusable("joined", organization)
    if not Membership.objects.current().filter(organization=organization).exists():
        raise Unusable("left", organization)
    newer = SentMail.objects.reminders().filter(
        organization=organization, round_on__gt=reminder.round_on
    )
    if not is_confirmed_since(reminder, organization) and newer.exists():
        raise Unusable("older", organization)
    return reminder, organization


def is_confirmed_since(reminder, organization):
    """Whether the organization confirmed its profile after that mail."""
    on = organization.last_confirmed_on
    return on is not None and on >= timezone.localdate(reminder.created_at)


@transaction.atomic
def confirm(token):
    """Confirm what a link asks about; return (the organization, whether this did it).

    Used twice, or after another confirmation, it changes nothing. Raises Unusable.
    """
    reminder, organization = asked(token, lock=True)
    if is_confirmed_since(reminder, organization):
        return organization, False
    # The history keeps whose link it was, not the link.
    with pghistory.context(url=""):
        organization.confirm(source=Organization.ConfirmedBy.LINK, address=reminder.to)
    return organization, True
