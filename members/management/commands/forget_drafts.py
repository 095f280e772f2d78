import datetime

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import ngettext

from members import admissions, happening
from members.models import Logo

# How long a logo or a picture that nobody shows, writes with or waits for is kept.
UNUSED_FOR = datetime.timedelta(days=60)


class Command(BaseCommand):
    help = (
        "Delete the applications for membership that were begun, never sent, and left for sixty "
        "days, with their documents; and the logos and pictures that have served nothing for as "
        "long. To be run every day, by cron or a systemd timer."
    )

    def handle(self, **options):
        count = admissions.forget_drafts()
        before = timezone.now() - UNUSED_FOR
        Logo.objects.unused(before=before).delete()
        happening.unused_pictures(before).delete()
        if options["verbosity"]:
            self.stdout.write(
                ngettext(
                    "%(count)d forgotten draft deleted.",
                    "%(count)d forgotten drafts deleted.",
                    count,
                )
                % {"count": count}
            )
