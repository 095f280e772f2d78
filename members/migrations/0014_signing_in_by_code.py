"""The cache that all processes share; and accounts of before sign in by a code, at their address."""

from django.db import migrations

# What `createcachetable` makes.
TABLE = """
    CREATE TABLE shared_cache (
        cache_key varchar(255) PRIMARY KEY,
        value text NOT NULL,
        expires timestamp with time zone NOT NULL
    );
    CREATE INDEX shared_cache_expires ON shared_cache (expires);
"""

# An unusable password, each its own: the sessions of before, opened with one, end.
NO_PASSWORD = "UPDATE members_user SET password = '!' || replace(gen_random_uuid()::text, '-', '')"

ADDRESSES = """
    INSERT INTO account_emailaddress (user_id, email, verified, "primary")
    SELECT id, lower(email), true, true FROM members_user
    ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0013_profiles_published"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("usersessions", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(TABLE, "DROP TABLE shared_cache"),
        migrations.RunSQL(NO_PASSWORD, migrations.RunSQL.noop),
        migrations.RunSQL(ADDRESSES, migrations.RunSQL.noop),
    ]
