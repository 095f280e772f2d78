"""What the tables held before the tests, and how a test that writes in earnest leaves them so.

Django would empty all tables after such a test and make its permissions again, and the reference
data would be loaded once more. Here the few tables that changed are put back as they were.
"""

from django.db import connection, transaction

TABLES = """
    SELECT c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
        AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    GROUP BY c.relname
    ORDER BY c.relname
"""


class Tables:
    """The rows of every table of the database, as they were when it was made."""

    def __init__(self):
        self.rows = {}
        with connection.cursor() as cursor:
            cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
            # Only a superuser writes without a trigger that tells of it.
            self.can_be_restored = cursor.fetchone()[0]
            cursor.execute(TABLES)
            self.columns = dict(cursor)
            self.marks = self.marks_now(cursor)
            for table, mark in self.marks.items():
                if mark:
                    with cursor.copy(f'COPY "{table}" ({self.columns[table]}) TO STDOUT') as rows:
                        self.rows[table] = b"".join(rows)

    def marks_now(self, cursor):
        """{table: a digest of its rows and their places, or None when it has none}."""
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}', md5(string_agg(t::text, ' ' ORDER BY ctid)) FROM \"{table}\" t"
                for table in self.columns
            )
        )
        return dict(cursor)

    def restore(self):
        """Put back those that changed; sequences go on."""
        with transaction.atomic(), connection.cursor() as cursor:
            now = self.marks_now(cursor)
            changed = [table for table, mark in self.marks.items() if now[table] != mark]
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table in changed:
                cursor.execute(f'DELETE FROM "{table}"')
                if table in self.rows:
                    with cursor.copy(f'COPY "{table}" ({self.columns[table]}) FROM STDIN') as rows:
                        rows.write(self.rows[table])
            if self.rows.keys() & set(changed):
                self.marks = self.marks_now(cursor)
