"""Who gets a message: one address each, on a basis, and those who do not get it and why.

Canada's anti-spam law (S.C. 2010, c. 23) is about commercial messages: those must rest on a consent
that holds, or go to the staff of an organization with which the network has a relationship, about
its activities (SOR/2012-36 and SOR/2013-221, s. 3(a)(ii)). What is not commercial needs no consent,
but whoever withdrew theirs for a purpose is left alone in both cases (P-39.1, s. 22).
"""

from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import Consent, Organization, Position


@dataclass(frozen=True)
class Recipient:
    """One address, whose it is and why it may be written to."""

    name: str
    email: str
    organization: str
    title: str
    language: str
    basis: str


@dataclass
class Mailing:
    """Who gets it, who has no address, who is held back and why.

    `repeated` counts those whose address another one of the list has already.
    """

    recipients: list[Recipient] = field(default_factory=list)
    without_address: list[str] = field(default_factory=list)
    held_back: list[tuple[str, str]] = field(default_factory=list)
    repeated: int = 0


def to_people(people, *, purpose, is_commercial):
    """The `Mailing` to people, each at the professional address of their main position."""
    numbers = people.order_by().values("pk")
    positions = positions_of(person__in=numbers)
    held = {}
    for position in positions:
        held.setdefault(position.person_id, []).append(position)
    work = Work(numbers, purpose, is_commercial)
    for person in people.filter(archived_on__isnull=True):
        at_work = held.get(person.pk, [])
        reached = next((position for position in at_work if position.email), None)
        if reached:
            work.add(person, reached)
        else:
            work.mailing.without_address.append(str(person))
    return work.mailing


def to_organizations(organizations, *, kinds, with_public_address, purpose, is_commercial):
    """The `Mailing` to those who have one of the roles `kinds` in each organization.

    `with_public_address`: an organization where none of them has an address gets it at its own.
    """
    positions = positions_of(
        organization__in=organizations.order_by().values("pk"), kinds__overlap=kinds
    )
    held, people = {}, set()
    for position in positions:
        held.setdefault(position.organization_id, []).append(position)
        people.add(position.person_id)
    work = Work(people, purpose, is_commercial)
    for organization in organizations:
        reached = [p for p in held.get(organization.pk, []) if p.email]
        for position in reached:
            work.add(position.person, position)
        if not reached and with_public_address and organization.email:
            work.add_organization(organization)
        elif not reached:
            work.mailing.without_address.append(str(organization))
    return work.mailing


def positions_of(**conditions):
    """Positions of today of people who are not archived, the main ones first."""
    positions = Position.objects.current().filter(person__archived_on__isnull=True, **conditions)
    return positions.select_related("person", "organization").main_first()


class Work:
    """A mailing as it is made: three queries, whatever its length."""

    def __init__(self, people, purpose, is_commercial):
        self.mailing = Mailing()
        self.is_commercial = is_commercial
        self.seen = set()
        self.members = set(Organization.objects.members().values_list("pk", flat=True))
        self.consents = {}
        given = Consent.objects.filter(person__in=people, purpose=purpose)
        for consent in given.order_by("given_on", "pk"):
            self.consents.setdefault(consent.person_id, []).append(consent)

    def add(self, person, position):
        """Add someone at that position's address, or hold them back."""
        consents = self.consents.get(person.pk, [])
        valid = [consent for consent in consents if consent.is_valid()]
        if withdrawn := withdrawn_since(consents, valid):
            reason = _("withdrew their consent on %(day)s") % {"day": withdrawn.isoformat()}
            self.mailing.held_back.append((str(person), reason))
        elif basis := self.basis(valid, position.organization_id):
            self.put(
                Recipient(
                    name=str(person),
                    email=position.email,
                    organization=str(position.organization),
                    title=position.said,
                    language=person.language,
                    basis=basis,
                )
            )
        else:
            self.hold_back(person)

    def add_organization(self, organization):
        """Add an organization at its own address, or hold it back."""
        if basis := self.basis([], organization.pk):
            name = str(organization)
            self.put(Recipient(name, organization.email, name, "", "fr", basis))
        else:
            self.hold_back(organization)

    def hold_back(self, record):
        reason = _("a commercial message needs a consent or a member organization")
        self.mailing.held_back.append((str(record), reason))

    def put(self, recipient):
        """Add the recipient, unless their address already gets it."""
        if recipient.email.casefold() in self.seen:
            self.mailing.repeated += 1
            return
        self.seen.add(recipient.email.casefold())
        self.mailing.recipients.append(recipient)

    def basis(self, valid, organization):
        """Why the address may be written to, in words; "" when it may not."""
        if valid:
            consent = valid[-1]
            return _("consent (%(kind)s) of %(day)s") % {
                "kind": consent.get_kind_display(),
                "day": consent.given_on.isoformat(),
            }
        if organization in self.members:
            return _("staff of a member organization, about its activities")
        return "" if self.is_commercial else _("message that is not commercial")


def withdrawn_since(consents, valid):
    """The last day a consent was withdrawn, unless another was given since; else None."""
    today = timezone.localdate()
    days = [c.withdrawn_on for c in consents if c.withdrawn_on and c.withdrawn_on <= today]
    if not days or any(consent.given_on >= max(days) for consent in valid):
        return None
    return max(days)
