import os
import secrets
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from members.imports import plan
from members.models import Organization, User

DATA = Path(__file__).resolve().parents[2] / "data"
FILES = ("organizations.csv", "fictional_organizations.csv")
EMAIL = "equipe@demonstration.example"


class Command(BaseCommand):
    """Real organizations with their sources, fictional ones, and someone who may do everything."""

    help = "Fill an empty demonstration site: organizations and an account of the staff."

    def add_arguments(self, parser):
        parser.add_argument(
            "--again",
            action="store_true",
            help="Bring the organizations up to the files even when there are some already.",
        )

    def handle(self, **options):
        if not settings.DEMONSTRATION:
            raise CommandError(
                _(
                    "This is not a demonstration site: set DEMONSTRATION=1 to load the "
                    "demonstration data."
                )
            )
        with transaction.atomic():
            call_command("load_reference", verbosity=0)
            if Organization.objects.exists() and not User.objects.filter(email=EMAIL).exists():
                raise CommandError(
                    _(
                        "This database already holds organizations that are not the "
                        "demonstration’s: nothing was changed."
                    )
                )
            if options["again"] or not Organization.objects.exists():
                for name in FILES:
                    plan((DATA / name).read_bytes(), name).apply()
            password = self.staff_password()
        if options["verbosity"]:
            self.stdout.write(
                _("%(count)d organizations, %(members)d of them members.")
                % {
                    "count": Organization.objects.count(),
                    "members": Organization.objects.members().count(),
                }
            )
            self.stdout.write(
                _("Sign in at /admin/ as %(email)s; the password is %(password)s")
                % {
                    "email": EMAIL,
                    "password": password or _("in %(path)s") % {"path": self.password_path},
                }
            )

    @property
    def password_path(self):
        return Path(settings.BASE_DIR) / ".data" / "demonstration-password"

    def staff_password(self):
        """Make the account if there is none, or its password if it is lost; the password if new."""
        user = User.objects.filter(email=EMAIL).first()
        if user and self.password_path.exists():
            return ""
        password = self.kept_password()
        user = user or User(email=EMAIL)
        user.is_staff = user.is_superuser = user.is_active = True
        user.set_password(password)
        user.save()
        return password

    def kept_password(self):
        """The password in the file, made if need be; other databases of the checkout may use it."""
        path = self.password_path
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(f"{secrets.token_urlsafe(12)}\n")
        return path.read_text().strip()
