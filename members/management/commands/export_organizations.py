import os
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from members.columns import COLUMNS, prefetched
from members.imports.write import DIALECTS, csv_lines, write_xlsx
from members.models import Organization

CHUNK = 500


class Command(BaseCommand):
    help = "Write all organizations as CSV, or as XLSX to a file whose name ends so."

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", help="Without a file, the CSV is printed.")
        parser.add_argument(
            "--dialect",
            choices=DIALECTS,
            default="excel",
            help="excel: semicolons and a byte order mark; standard: commas.",
        )

    def handle(self, *, file, dialect, **options):
        organizations = prefetched(Organization.objects.by_name()).iterator(chunk_size=CHUNK)
        try:
            if file and file.lower().endswith(".xlsx"):
                with Path(file).open("wb") as opened:
                    write_xlsx(opened, organizations, COLUMNS)
                return
            lines = csv_lines(organizations, COLUMNS, dialect)
            if not file:
                for line in lines:
                    self.stdout.write(line, ending="")
                return
            with Path(file).open("w", encoding="utf-8", newline="") as opened:
                opened.writelines(lines)
        except BrokenPipeError:  # whoever was reading has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            raise CommandError(
                _("%(file)s cannot be written: %(reason)s.")
                % {"file": file, "reason": error.strerror}
            ) from None
