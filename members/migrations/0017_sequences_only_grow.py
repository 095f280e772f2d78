"""An event that was read before one of its dates moved may be saved after: its sequence, older,
would go back, and calendars would take the change for one they have (RFC 5545, 3.8.7.4). Whatever
is written, the database's own count goes on.
"""

from django.db import migrations

ONLY_GROWS = """
DROP TRIGGER moved_on ON members_event;
CREATE OR REPLACE FUNCTION members_event_moved_on() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.sequence := OLD.sequence;
    -- Whose representatives may change it is nobody else's business.
    IF to_jsonb(OLD) - 'posted_for_id' IS DISTINCT FROM to_jsonb(NEW) - 'posted_for_id' THEN
        NEW.sequence := OLD.sequence + 1;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER moved_on BEFORE UPDATE ON members_event
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.* AND NEW.sequence <= OLD.sequence)
    EXECUTE FUNCTION members_event_moved_on();
"""

MAY_GO_BACK = """
DROP TRIGGER moved_on ON members_event;
CREATE OR REPLACE FUNCTION members_event_moved_on() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.sequence := OLD.sequence + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER moved_on BEFORE UPDATE ON members_event
    FOR EACH ROW WHEN (
        to_jsonb(OLD) - 'posted_for_id' IS DISTINCT FROM to_jsonb(NEW) - 'posted_for_id'
        AND NEW.sequence = OLD.sequence
    )
    EXECUTE FUNCTION members_event_moved_on();
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0016_what_is_happening_published")]
    operations = [migrations.RunSQL(ONLY_GROWS, MAY_GO_BACK)]
