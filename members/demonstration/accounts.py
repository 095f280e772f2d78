"""The accounts of a demonstration site: one for each role, and one that may do everything."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group

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


def passwords_path():
    """The file of the passwords, which only its owner reads."""
    return Path(settings.BASE_DIR) / ".data" / "demonstration-passwords"


def make_accounts():
    """Make the accounts that are not there, and find their passwords; [(Account, password)].

    Passwords are drawn at random and kept in a file: other databases of the checkout may use it.
    Those of accounts that are there are left alone, unless the file has lost them.
    """
    known = kept_passwords()
    passwords = {
        account.email: known.get(account.email) or secrets.token_urlsafe(12) for account in ACCOUNTS
    }
    users = {user.email: user for user in User.objects.filter(email__in=passwords)}
    for account in ACCOUNTS:
        if account.email not in users or account.email not in known:
            make(account, users.get(account.email), passwords[account.email])
    if passwords != known:
        keep(passwords)
    return [(account, passwords[account.email]) for account in ACCOUNTS]


def make(account, user, password):
    """Give that account its password, its name and its role; `user` is who has it, if it exists."""
    user = user or User(email=account.email)
    user.first_name = user.first_name or account.first_name
    user.last_name = user.last_name or account.last_name
    user.is_staff = user.is_active = True
    user.is_superuser = account.role is None
    user.set_password(password)
    user.save()
    if account.role:
        user.groups.add(Group.objects.get(name=account.role.value))


def kept_passwords():
    """{address: password} of the file; empty if there is none."""
    path = passwords_path()
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split() for line in lines if len(line.split()) == 2)


def keep(passwords):
    """Write the file anew, for its owner's eyes only."""
    path = passwords_path()
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{email} {password}\n" for email, password in passwords.items())
    unfinished.replace(path)
