"""A row that goes from one organization to another changes the entries of both.

The triggers of 0004 look at the organization that an updated row has now; the one it left kept its
words and its days until something else changed it.
"""

from django.db import migrations

TABLES = [
    "members_organization_themes",
    "members_organization_countries",
    "members_organization_active_regions",
    "members_othername",
    "members_membership",
]

FUNCTION = """
CREATE FUNCTION members_refresh_left() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE ids bigint[];
BEGIN
    SELECT array_agg(organization_id) INTO ids FROM (
        SELECT organization_id FROM former EXCEPT SELECT organization_id FROM changed
    ) AS gone;
    IF ids IS NULL THEN
        RETURN NULL;
    END IF;
    IF current_setting('members.refresh', true) = 'together' THEN
        INSERT INTO members_touched SELECT unnest(ids);
    ELSE
        PERFORM members_refresh_entries(ids);
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0010_lighter_staff_entries")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION members_refresh_left();"),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER entry_after_leaving AFTER UPDATE ON {table} "
                "REFERENCING OLD TABLE AS former NEW TABLE AS changed FOR EACH STATEMENT "
                "EXECUTE FUNCTION members_refresh_left();",
                f"DROP TRIGGER entry_after_leaving ON {table};",
            )
            for table in TABLES
        ),
    ]
