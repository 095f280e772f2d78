import datetime

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members import freshness
from members.root import root


class Command(BaseCommand):
    help = (
        "Ask the members whose turn it is whether their profile is still true; for cron, once a "
        "day. What was sent is never sent again."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would be sent, and send nothing."
        )
        parser.add_argument(
            "--limit", type=int, help="So many organizations at most (a day's share of new ones)."
        )
        parser.add_argument(
            "--on",
            type=datetime.date.fromisoformat,
            metavar="DATE",
            help="As if it were that day; only with --dry-run.",
        )

    def handle(self, *, dry_run, limit, on, **options):
        if on and not dry_run:
            raise CommandError(_("--on says what would be sent another day: add --dry-run."))
        if limit is not None and limit < 0:
            raise CommandError(_("--limit is a number of organizations."))
        try:
            root()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        now = timezone.now()
        if on:
            noon = datetime.time(12, tzinfo=timezone.get_default_timezone())
            now = datetime.datetime.combine(on, noon)
        try:
            sent = freshness.remind(
                now=now,
                limit=limit,
                dry_run=dry_run,
                told=self.told if dry_run or options["verbosity"] > 1 else lambda reminder: None,
            )
        except freshness.AlreadyRunning:
            raise CommandError(
                _("Another run is sending the reminders: nothing was done.")
            ) from None
        self.summary(sent, dry_run)

    def told(self, reminder):
        """One line for each mail."""
        recipient = reminder.recipient
        self.stdout.write(
            _("%(organization)s: reminder %(step)d to %(address)s (%(role)s, %(language)s)")
            % {
                "organization": reminder.organization,
                "step": reminder.step,
                "address": recipient.address,
                "role": recipient.role,
                "language": recipient.language,
            }
        )

    def summary(self, sent, dry_run):
        """How many mails, and who is left."""
        count = len(sent.reminders)
        if dry_run:
            words = ngettext(
                "%(count)d mail would be sent.", "%(count)d mails would be sent.", count
            )
        else:
            words = ngettext("%(count)d mail was written.", "%(count)d mails were written.", count)
        self.stdout.write(words % {"count": count})
        for organization in sent.unreachable:
            self.stdout.write(
                _("%(organization)s: no address that works.") % {"organization": organization}
            )
        if sent.postponed:
            self.stdout.write(
                ngettext(
                    "%(count)d organization will have its turn another day.",
                    "%(count)d organizations will have their turn another day.",
                    sent.postponed,
                )
                % {"count": sent.postponed}
            )
