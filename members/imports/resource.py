"""The importer and the columns as django-import-export knows such things.

There is no rule here: a `Plan` is made of the whole dataset, each row's result is read from it, and
a confirmed import applies it at the end, all or nothing.
"""

import datetime

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from import_export import resources
from import_export.fields import Field
from import_export.formats.base_formats import Format
from import_export.results import RowResult

from members.columns import COLUMNS, prefetched, safe, text
from members.imports.plan import plan_lines
from members.imports.read import Line, read
from members.models import Organization

# The heading under which a dataset says on which line of the file each row begins.
LINE = "line"


class OrganizationFile(Format):
    """A CSV or an XLSX, whichever its bytes are, read as the importer reads it."""

    def get_title(self):
        return _("CSV or Excel workbook (XLSX)")

    def can_import(self):
        return True

    def create_dataset(self, in_stream):
        """The rows under our keys and their line; raises UnreadableFile with a sentence."""
        table = read(in_stream)
        keys = [column.key for column in table.columns]
        dataset = tablib.Dataset(headers=[LINE, *keys])
        for line in table.lines:
            dataset.append([line.number, *(line.cells.get(key, "") for key in keys)])
        return dataset


class ColumnField(Field):
    """One of our columns, as it is exported."""

    def __init__(self, column):
        super().__init__(column_name=column.key, readonly=not column.is_input)
        self.column = column

    def export(self, instance, **kwargs):
        value = self.column.value(instance)
        return value if isinstance(value, int | datetime.date) else safe(text(value))


class OrganizationResource(resources.ModelResource):
    """Organizations in the columns of `members.columns`, imported by the rules of `imports.plan`.

    `import_data(dataset, dry_run=…, user=…, file_name=…)` takes a dataset of `OrganizationFile`.
    """

    class Meta:
        model = Organization
        fields = ()
        use_transactions = True

    def import_data(self, dataset, *args, **kwargs):
        self.headings = dataset.headers
        return super().import_data(dataset, *args, **kwargs)

    def get_diff_headers(self):
        return self.headings

    def before_import(self, dataset, **kwargs):
        """Plan the whole file: rows may contradict one another."""
        lines = [
            Line(row[LINE], {key: row[key] for key in row if key != LINE and row[key]})
            for row in dataset.dict
        ]
        self.plan = plan_lines(lines, kwargs.get("file_name") or "")
        self.outcomes = [
            *((row, RowResult.IMPORT_TYPE_NEW) for row in self.plan.created),
            *((row, RowResult.IMPORT_TYPE_UPDATE) for row in self.plan.changed),
            *((row, RowResult.IMPORT_TYPE_SKIP) for row in self.plan.unchanged),
            *((row, RowResult.IMPORT_TYPE_INVALID) for row in self.plan.refused),
        ]
        self.outcomes.sort(key=lambda outcome: outcome[0].line)

    def import_row(self, row, instance_loader, **kwargs):
        """What the plan says of the row; nothing is written yet."""
        planned, outcome = self.outcomes[kwargs["row_number"] - 1]
        result = RowResult()
        result.import_type = outcome
        result.object_id, result.object_repr = planned.organization_id, planned.name
        result.diff = [self.difference(key, row[key], planned) for key in self.headings]
        if planned.problems:
            reasons = {}
            for problem in planned.problems:
                reasons.setdefault(problem.column or NON_FIELD_ERRORS, []).append(problem.reason)
            result.validation_error = ValidationError(reasons)
        return result

    def difference(self, key, said, planned):
        """A cell of the preview: what it says, and what it takes the place of."""
        for change in planned.changes:
            if change.column == key:
                return format_html(
                    "<del>{}</del> <ins>{}</ins>", text(change.old), text(change.new)
                )
        return format_html("<ins>{}</ins>" if planned.organization_id is None else "{}", said)

    def after_import(self, dataset, result, **kwargs):
        """Write it; ImportFailed becomes an error of the whole import, which is rolled back."""
        if not kwargs.get("dry_run", True) and not self.plan.refused:
            self.plan.apply(by=kwargs.get("user"))

    def filter_export(self, queryset, **kwargs):
        return prefetched(queryset)


OrganizationResource.fields |= {column.key: ColumnField(column) for column in COLUMNS}
