"""What else public pages show since profiles have them: social links, and people who chose so.

Pages that were made are made again when one of these changes (members_note_change, 0004). Of
positions and people, only what is shown counts: staff change the others all day.
"""

from django.db import migrations

LINKS = """
CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE ON members_sociallink
    FOR EACH STATEMENT EXECUTE FUNCTION members_note_change();
"""

PEOPLE = """
CREATE TRIGGER note_change_shown AFTER INSERT ON members_position
    FOR EACH ROW WHEN (NEW.is_public) EXECUTE FUNCTION members_note_change();
CREATE TRIGGER note_change_hidden AFTER DELETE ON members_position
    FOR EACH ROW WHEN (OLD.is_public) EXECUTE FUNCTION members_note_change();
CREATE TRIGGER note_change AFTER UPDATE ON members_position
    FOR EACH ROW WHEN ((OLD.is_public OR NEW.is_public) AND OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION members_note_change();
CREATE TRIGGER note_change AFTER UPDATE ON members_person
    FOR EACH ROW WHEN (
        (OLD.first_name, OLD.last_name, OLD.archived_on)
        IS DISTINCT FROM (NEW.first_name, NEW.last_name, NEW.archived_on)
    )
    EXECUTE FUNCTION members_note_change();
"""

UNDO_PEOPLE = """
DROP TRIGGER note_change_shown ON members_position;
DROP TRIGGER note_change_hidden ON members_position;
DROP TRIGGER note_change ON members_position;
DROP TRIGGER note_change ON members_person;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0012_members_space")]
    operations = [
        migrations.RunSQL(LINKS, "DROP TRIGGER note_change ON members_sociallink;"),
        migrations.RunSQL(PEOPLE, UNDO_PEOPLE),
    ]
