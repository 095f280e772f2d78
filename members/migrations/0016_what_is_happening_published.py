"""What else public pages show: alliances, campaigns, events, statements, crises.

Pages that were made are made again when one of these changes (members_note_change, 0004). An
event's `sequence` is the database's, so that no change is missed by the calendars that follow it
(RFC 5545, 3.8.7.4).
"""

from django.db import migrations

# Tables of which any change may show.
SHOWN = [
    "members_alliance",
    "members_alliance_themes",
    "members_alliancemembership",
    "members_programme",
    "members_campaign",
    "members_campaignedition",
    "members_campaignedition_organizations",
    "members_editionlink",
    "members_event",
    "members_event_organizations",
    "members_event_alliances",
    "members_event_themes",
    "members_event_countries",
    "members_eventdate",
    "members_statement",
    "members_statement_themes",
    "members_statement_countries",
    "members_signature",
    "members_crisis",
]

SEQUENCE = """
CREATE FUNCTION members_event_moved_on() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.sequence := OLD.sequence + 1;
    RETURN NEW;
END $$;
-- Whose representatives may change it is nobody else's business.
CREATE TRIGGER moved_on BEFORE UPDATE ON members_event
    FOR EACH ROW WHEN (
        to_jsonb(OLD) - 'posted_for_id' IS DISTINCT FROM to_jsonb(NEW) - 'posted_for_id'
        AND NEW.sequence = OLD.sequence
    )
    EXECUTE FUNCTION members_event_moved_on();

-- A date that comes, goes or moves is a change of its event.
CREATE FUNCTION members_event_date_moved() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE members_event SET sequence = sequence + 1, updated_at = clock_timestamp()
        WHERE id = OLD.event_id;
    END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND OLD.event_id <> NEW.event_id) THEN
        UPDATE members_event SET sequence = sequence + 1, updated_at = clock_timestamp()
        WHERE id = NEW.event_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER date_moved AFTER INSERT OR DELETE ON members_eventdate
    FOR EACH ROW EXECUTE FUNCTION members_event_date_moved();
CREATE TRIGGER date_changed AFTER UPDATE ON members_eventdate
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION members_event_date_moved();
"""

NO_SEQUENCE = """
DROP TRIGGER date_changed ON members_eventdate;
DROP TRIGGER date_moved ON members_eventdate;
DROP FUNCTION members_event_date_moved();
DROP TRIGGER moved_on ON members_event;
DROP FUNCTION members_event_moved_on();
"""


def on_each(template):
    return "\n".join(template.format(table=table) for table in SHOWN)


class Migration(migrations.Migration):
    dependencies = [("members", "0015_what_is_happening")]
    operations = [
        migrations.RunSQL(
            on_each(
                "CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION members_note_change();"
            ),
            on_each("DROP TRIGGER note_change ON {table};"),
        ),
        migrations.RunSQL(SEQUENCE, NO_SEQUENCE),
    ]
