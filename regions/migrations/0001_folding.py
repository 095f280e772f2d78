"""The extensions, and the two functions that say which texts are the same.

They are schema-qualified so that a dump restores whatever the search path.
"""

from django.contrib.postgres.operations import (
    BtreeGistExtension,
    TrigramExtension,
    UnaccentExtension,
)
from django.db import migrations

FOLD = r"""
CREATE FUNCTION f_fold(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN btrim(regexp_replace(
    lower(public.unaccent('public.unaccent'::regdictionary, $1)),
    '[][[:space:]!-/:-@\\^_`{|}~¡-¿×÷‐-⁊₠-⃀∀-⋿]+', ' ', 'g'
));
"""

SORT = r"""
CREATE FUNCTION f_sort(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN regexp_replace(public.f_fold($1), '^(le|la|les|l|the) ', '');
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        BtreeGistExtension(),
        migrations.RunSQL(FOLD, "DROP FUNCTION f_fold(text)"),
        migrations.RunSQL(SORT, "DROP FUNCTION f_sort(text)"),
    ]
