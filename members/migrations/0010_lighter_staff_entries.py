"""Searching reads few pages: no index has the order of names or days, which the planner would walk
from end to end for words that are rare together; and long texts lie out of the row."""

from django.db import migrations

KINDS = ["person", "alliance", "dossier", "interaction"]
TABLES = [f"members_{kind}entry" for kind in KINDS]


class Migration(migrations.Migration):
    dependencies = [("members", "0009_periods_may_change_places")]
    operations = [
        *(migrations.RemoveIndex(f"{kind}entry", f"{kind}entry_sort") for kind in KINDS),
        migrations.RemoveIndex("interactionentry", "interactionentry_recent"),
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} SET (toast_tuple_target = 256);",
                f"ALTER TABLE {table} RESET (toast_tuple_target);",
            )
            for table in TABLES
        ),
    ]
