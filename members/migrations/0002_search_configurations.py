"""How words become lexemes: French and English stems, and the plain words beside them.

Stems alone lose one unfinished word in eight, hence `plain`. All three fold accents.
"""

from django.contrib.postgres.operations import CreateExtension
from django.db import migrations

CREATE = """
CREATE TEXT SEARCH CONFIGURATION fr (COPY = french);
ALTER TEXT SEARCH CONFIGURATION fr
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, french_stem;
CREATE TEXT SEARCH CONFIGURATION en (COPY = english);
ALTER TEXT SEARCH CONFIGURATION en
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;
CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION plain
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple;
"""

DROP = """
DROP TEXT SEARCH CONFIGURATION plain;
DROP TEXT SEARCH CONFIGURATION en;
DROP TEXT SEARCH CONFIGURATION fr;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0001_users"), ("regions", "0001_folding")]
    operations = [
        migrations.RunSQL(CREATE, DROP),
        CreateExtension("fuzzystrmatch"),  # levenshtein_less_equal, for misspellings
    ]
