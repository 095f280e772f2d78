from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from members import demonstration
from members.campaigns import load_campaigns
from members.demonstration.accounts import ACCOUNTS, make_accounts
from members.demonstration.making import BEGINNING
from members.demonstration.past import Past
from members.demonstration.space import DELEGATES
from members.imports import plan
from members.models import Interaction, Organization, Person, Representative, User
from members.network import load_alliances

DATA = Path(__file__).resolve().parents[2] / "data"
REAL, FICTIONAL = FILES = ("organizations.csv", "fictional_organizations.csv")
EMAIL = ACCOUNTS[0].email


def planned(name):
    """The import of one of the files of organizations."""
    return plan((DATA / name).read_bytes(), name)


class Command(BaseCommand):
    """Real organizations, alliances and campaigns with their sources, a fictional network, and
    accounts."""

    help = "Fill an empty demonstration site: organizations, people, exchanges and accounts."

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
            accounts = make_accounts()
            self.fill(again=options["again"])
        if options["verbosity"]:
            self.tell(accounts)

    def fill(self, again):
        """Add what is not there: what is real, with its sources; then, once, what is fictional."""
        is_empty = not Organization.objects.exists()
        is_new = not (Person.objects.exists() or Interaction.objects.exists())
        if again or is_empty:
            planned(REAL).apply()
            load_alliances()
            load_campaigns()
        if again and not is_new:
            planned(FICTIONAL).apply()
        if is_new:
            self.load_fictional_network()

    def load_fictional_network(self):
        """Its organizations, as if they had been there long, and what hangs on them."""
        fictional, past = planned(FICTIONAL), Past()
        with past.on(past.moment(past.day(str(BEGINNING)))):
            fictional.apply()
        past.date_history()
        demonstration.load()

    def tell(self, accounts):
        """What is there, and how to sign in: one account for each role."""
        self.stdout.write(
            _("%(count)d organizations, %(members)d of them members; %(people)d people.")
            % {
                "count": Organization.objects.count(),
                "members": Organization.objects.members().count(),
                "people": Person.objects.count(),
            }
        )
        self.stdout.write(
            _(
                "Sign in at /admin/ with one of these addresses. The code arrives at /courriels/, "
                "where the present code of the authenticator app stands too:"
            )
        )
        width = max(len(account.email) for account in [*accounts, *DELEGATES])
        for account in accounts:
            who = account.role.value if account.role else _("everything")
            self.stdout.write(f"  {account.email:<{width}}  {who}")
        self.stdout.write(
            _("Or at /mon-organisme/ as a member’s representative, with the code alone:")
        )
        for delegate in DELEGATES:
            represented = ", ".join(
                representative.organization.name
                for representative in Representative.objects.active().filter(
                    user__email=delegate.email
                )
            )
            self.stdout.write(f"  {delegate.email:<{width}}  {represented}")
