from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from members import admissions


class Command(BaseCommand):
    help = (
        "Delete the applications for membership that were begun, never sent, and left for sixty "
        "days, with their documents. To be run every day, by cron or a systemd timer."
    )

    def handle(self, **options):
        count = admissions.forget_drafts()
        if options["verbosity"]:
            self.stdout.write(
                ngettext(
                    "%(count)d forgotten draft deleted.",
                    "%(count)d forgotten drafts deleted.",
                    count,
                )
                % {"count": count}
            )
