"""The accounts of a demonstration site: one for each role, and one that may do everything."""

from dataclasses import dataclass

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group

from members.accounts.factors import has_factor
from members.models import User
from members.permissions import DEMONSTRATION_DOMAIN, Role


@dataclass(frozen=True)
class Account:
    """Someone who signs in to see the site as that role does; without a role, as all of them."""

    local: str
    first_name: str
    last_name: str
    role: Role | None = None

    @property
    def email(self):
        return f"{self.local}{DEMONSTRATION_DOMAIN}"


ACCOUNTS = [
    Account("equipe", "Équipe", "de la démonstration"),
    Account("direction", "Solange", "Beauchesne-Hakizimana", Role.DIRECTION),
    Account("permanence", "Noémie", "Lalancette-Duarte", Role.PERMANENCE),
    Account("communications", "Félix-Antoine", "Bourdages", Role.COMMUNICATIONS),
    Account("lecture", "Odile", "Vaillancourt-Simard", Role.READING),
    Account("confidentialite", "Hamza", "El Idrissi-Gauvin", Role.PRIVACY),
]


def make_accounts():
    """Make the accounts that are not there, each with an authenticator app; those of `ACCOUNTS`.

    A code sent by e-mail, then the app's: both can be read on the page of the demonstration's mail
    (`members.accounts.mailbox`), so that whoever visits goes the same way as on a real site.
    """
    users = {
        user.email: user for user in User.objects.filter(email__iendswith=DEMONSTRATION_DOMAIN)
    }
    for account in ACCOUNTS:
        user = users.get(account.email) or make(account)
        if not has_factor(user):
            TOTP.activate(user, generate_totp_secret())
    return ACCOUNTS


def make(account):
    """A new account, with its name and its role."""
    user = User.objects.create_user(
        account.email,
        first_name=account.first_name,
        last_name=account.last_name,
        is_staff=True,
        is_superuser=account.role is None,
    )
    if account.role:
        user.groups.add(Group.objects.get(name=account.role.value))
    return user
