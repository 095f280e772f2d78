import os
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, reset_queries
from django.utils.translation import gettext as _
from django.utils.translation import npgettext, pgettext

from members.columns import text
from members.imports import DirectoryMoved, ImportFailed, UnreadableFile, plan
from members.imports.read import MAX_BYTES, shortened

# How often the import is tried while others change the directory.
TRIES = 3
BAR = 30


class Command(BaseCommand):
    """Prints what each row does, then does it; see members/imports/plan.py for the rules."""

    help = "Import organizations from a CSV or XLSX file. Exits with 1 if a row was refused."

    def add_arguments(self, parser):
        parser.add_argument("file", help="A CSV or XLSX file; the first row holds the headings.")
        parser.add_argument("--dry-run", action="store_true", help="Only say what would be done.")
        parser.add_argument(
            "--skip-errors", action="store_true", help="Leave out the rows that are refused."
        )

    def handle(self, *, file, dry_run, skip_errors, **options):
        path = Path(file)
        try:
            with path.open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
        except (OSError, ValueError) as error:
            raise CommandError(
                _("%(file)s cannot be read: %(reason)s.")
                % {"file": file, "reason": getattr(error, "strerror", None) or error}
            ) from None
        try:
            result = self.import_content(content, path.name, dry_run, skip_errors, **options)
        except (UnreadableFile, ImportFailed) as error:
            raise CommandError(str(error)) from None
        except DatabaseError as error:
            raise CommandError(
                _("The database does not answer as it should: %(reason)s") % {"reason": error}
            ) from None
        except BrokenPipeError:  # whoever was reading has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        if result.refused:
            sys.exit(1)

    def import_content(self, content, name, dry_run, skip_errors, **options):
        for attempt in range(1, TRIES + 1):
            result = plan(content, name, progress=self.progress(_("Reading")))
            if attempt == 1:
                self.print_rows(result, every=options["verbosity"] > 1)
            if dry_run or (result.refused and not skip_errors):
                break
            try:
                result.apply(skip_errors=skip_errors, progress=self.progress(_("Writing")))
                break
            except DirectoryMoved:
                if attempt == TRIES:
                    raise
        self.print_summary(result, dry_run, skip_errors)
        return result

    def print_rows(self, result, every):
        """A line for each row that does something, or for `every` one, and what it does."""
        if result.unknown_headings:
            self.stderr.write(
                _("Columns left out, their headings are not known: %(headings)s")
                % {"headings": "; ".join(shortened(h, 60) for h in result.unknown_headings)}
            )
        outcomes = [
            (row, word)
            for word, rows in (
                (pgettext("import", "created"), result.created),
                (pgettext("import", "changed"), result.changed),
                (pgettext("import", "unchanged"), result.unchanged if every else []),
                (pgettext("import", "refused"), result.refused),
            )
            for row in rows
        ]
        for row, outcome in sorted(outcomes, key=lambda pair: pair[0].line):
            self.stdout.write(f"{row.line:>6}  {outcome:<11} {shortened(row.name, 80)}")
            for change in row.changes if not row.problems else ():
                self.stdout.write(
                    f"        {change.column}: {shortened(text(change.old)) or '–'}"
                    f" → {shortened(text(change.new))}"
                )
            for problem in row.problems:
                self.stdout.write(
                    f"        {problem.column or '–'}: {shortened(problem.value, 60) or '–'}"
                    f" – {problem.reason}"
                )
        for town in result.new_municipalities:
            self.stdout.write(
                _("New municipality: %(town)s (region %(region)s)")
                % {"town": town.name, "region": town.region_id}
            )

    def print_summary(self, result, dry_run, skip_errors):
        counts = [
            npgettext("import", "%d created", "%d created", len(result.created)),
            npgettext("import", "%d changed", "%d changed", len(result.changed)),
            npgettext("import", "%d unchanged", "%d unchanged", len(result.unchanged)),
            npgettext("import", "%d refused", "%d refused", len(result.refused)),
        ]
        numbers = (result.created, result.changed, result.unchanged, result.refused)
        self.stdout.write(
            ", ".join(words % len(rows) for words, rows in zip(counts, numbers, strict=True)) + "."
        )
        if dry_run:
            self.stdout.write(_("This was a trial: nothing was written."))
        elif result.refused and not skip_errors:
            self.stdout.write(
                _("Nothing was imported. Correct these rows, or leave them out with --skip-errors.")
            )

    def progress(self, word):
        """A function that draws how far the work is, on a terminal only."""
        terminal = self.stderr.isatty()

        def draw(done, total):
            reset_queries()  # which Django keeps while DEBUG is on
            if terminal and total:
                bar = "█" * (BAR * done // total)
                end = "\n" if done == total else ""
                line = f"\r{word} {bar:<{BAR}} {done}/{total}"
                self.stderr.write(line, style_func=str, ending=end)
                self.stderr.flush()

        return draw
