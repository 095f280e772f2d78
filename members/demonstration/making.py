"""What the parts of the demonstration share: the files, and what is made of them so far."""

from dataclasses import dataclass, field
from pathlib import Path

from members.demonstration.past import Past
from members.models import Alliance, Dossier, Interaction, Organization, Person, Tag, User
from members.permissions import DEMONSTRATION_DOMAIN
from regions.reference import read

DATA = Path(__file__).resolve().parents[1] / "data" / "demonstration"

# How many days ago this network's history begins: what is older was typed in on that day.
BEGINNING = 1100


def rows(name):
    """The rows of one of the files."""
    return read(DATA / f"{name}.csv")


def listed(cell):
    """What a cell lists."""
    return [item for item in cell.split(";") if item]


def staff():
    """The demonstration's accounts, by what stands before the @ of their address."""
    accounts = User.objects.filter(email__endswith=DEMONSTRATION_DOMAIN)
    return {user.email.split("@")[0]: user for user in accounts}


def fictional_members():
    """The fictional organizations that the import made, by the name of their website."""
    found = Organization.objects.filter(website__endswith=".example")
    return {
        organization.website.removeprefix("https://").removesuffix(".example"): organization
        for organization in found
    }


@dataclass
class Demonstration:
    """What is made so far, each thing by the key that it has in the files."""

    past: Past = field(default_factory=Past)
    users: dict[str, User] = field(default_factory=staff)
    organizations: dict[str, Organization] = field(default_factory=fictional_members)
    tags: dict[str, Tag] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    alliances: dict[str, Alliance] = field(default_factory=dict)
    dossiers: dict[str, Dossier] = field(default_factory=dict)
    exchanges: dict[str, Interaction] = field(default_factory=dict)

    def days_ago(self, days, minute=10 * 60):
        """The moment so many days ago, or the beginning when it would be before."""
        return self.past.moment(self.past.day(str(min(int(days), BEGINNING))), minute)

    def by(self, who, days, minute=10 * 60):
        """What is done within is done by that account, so many days ago."""
        return self.past.on(self.days_ago(days, minute), self.users[who])
