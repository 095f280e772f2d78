from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from members.models import User


class Command(BaseCommand):
    """Django's asks for a password; here nobody has one."""

    help = "Make the account of who answers for the site: it may do everything."

    def add_arguments(self, parser):
        parser.add_argument("--email", help="The address where the codes to sign in with go.")

    def handle(self, **options):
        email = options["email"] or input(_("E-mail address: "))
        user = User(email=User.objects.normalize_email(email.strip()))
        user.is_staff = user.is_superuser = True
        user.set_unusable_password()
        try:
            user.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.save()
        self.stdout.write(
            _("%(email)s answers for the site: sign in at /admin/, a code goes to that address.")
            % {"email": user.email}
        )
