from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from members.mail import deliver
from members.models import SentMail


class Command(BaseCommand):
    help = "Deliver the mails that wait, and those that failed; for cron, every few minutes."

    def handle(self, **options):
        keys = list(SentMail.objects.to_deliver().values_list("pk", flat=True))
        done = deliver(keys)
        if sent := done[SentMail.State.SENT]:
            self.stdout.write(
                ngettext("%(count)d mail left.", "%(count)d mails left.", sent) % {"count": sent}
            )
        if left := len(keys) - sent:
            self.stderr.write(
                ngettext(
                    "%(count)d mail did not leave: see the mails in the admin.",
                    "%(count)d mails did not leave: see the mails in the admin.",
                    left,
                )
                % {"count": left}
            )
        if lost := SentMail.objects.interrupted().count():
            self.stderr.write(
                ngettext(
                    "%(count)d mail was interrupted while leaving: someone has to decide.",
                    "%(count)d mails were interrupted while leaving: someone has to decide.",
                    lost,
                )
                % {"count": lost}
            )
