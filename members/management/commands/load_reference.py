from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.translation import gettext as _

from members import reference as members_reference
from regions import reference as regions_reference


class Command(BaseCommand):
    help = "Bring regions, municipalities, themes and countries up to the project's own copy."

    def handle(self, **options):
        with transaction.atomic():
            loaded = regions_reference.load() | members_reference.load()
        if not options["verbosity"]:
            return
        for model, (added, updated) in loaded.items():
            self.stdout.write(
                _("%(what)s: %(added)d added, %(updated)d updated")
                % {
                    "what": str(model._meta.verbose_name_plural).capitalize(),
                    "added": added,
                    "updated": updated,
                }
            )
