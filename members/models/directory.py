"""What the directory reads to find and to count: written by database triggers only.

The functions and triggers are in migrations/0002 and later; `members/search.py` and
`members/facets.py` read these tables, nothing else does.
"""

from contextlib import contextmanager

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import connection, models, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import get_language


class DateMultirangeField(models.Field):
    """Days as PostgreSQL's `datemultirange`; the database alone writes it."""

    def db_type(self, connection):
        return "datemultirange"


@DateMultirangeField.register_lookup
class HasDay(models.Lookup):
    """`field__has_day=date`: the day is within one of the ranges."""

    lookup_name = "has_day"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        left, left_params = self.process_lhs(compiler, connection)
        return f"{left} @> %s::date", [*left_params, self.rhs]


# From how many changed organizations the planner's figures are taken anew.
MANY = 500


@contextmanager
def refreshed_together():
    """A transaction of many changes, after which each entry is written once.

    Without it, an organization's themes, countries and memberships would each write it again.
    The planner learns at once of a large change, rather than when PostgreSQL gets round to it:
    until then, a search might take minutes.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE members_touched (id bigint) ON COMMIT DROP")
        cursor.execute("SELECT set_config('members.refresh', 'together', true)")
        yield
        cursor.execute("SELECT set_config('members.refresh', '', true)")
        cursor.execute(
            "SELECT members_refresh_entries(ARRAY(SELECT DISTINCT id FROM members_touched))"
        )
        cursor.execute("SELECT count(DISTINCT id) FROM members_touched")
        if cursor.fetchone()[0] > MANY:
            cursor.execute("ANALYZE members_organization, members_directoryentry")
            cursor.execute("ANALYZE members_membership, members_directoryword")
        cursor.execute("DROP TABLE members_touched")


class DirectoryEntryQuerySet(models.QuerySet):
    def listed(self, on=None):
        """Entries that the public directory shows that day (a date, today if None)."""
        return self.filter(listed__has_day=on or timezone.localdate())

    def by_name(self, first=None):
        """In the order of names, in the current language; `first` is an order that goes before."""
        name = "sort_en" if get_language() == "en" else "sort_fr"
        return self.order_by(*([first] if first else []), name, "pk")


class DirectoryEntry(models.Model):
    """What one organization is found by and counted under.

    `names` are all its names and acronyms, `labels` its themes, countries, municipality and region
    in both languages, the prose its summary and mission; all four are folded, so that PostgreSQL's
    parser meets words only (it takes « Solidarité/Trois-Rivières » for a file). `exact` holds each
    whole name and acronym, folded. `search` has the words as written, `stems` their French and
    English stems: apart, so that a stem never passes for a word. `listed` are the days of its
    memberships in good standing.
    """

    organization = models.OneToOneField(
        "members.Organization",
        models.DO_NOTHING,
        primary_key=True,
        related_name="entry",
        db_constraint=False,  # the migration adds one that deletes the entry with its organization
    )
    listed = DateMultirangeField()
    region = models.ForeignKey(
        "regions.Region",
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
    )
    active_regions = ArrayField(models.CharField(max_length=2))
    themes = ArrayField(models.SmallIntegerField())
    countries = ArrayField(models.CharField(max_length=2))
    # By code points, which sort folded text the same on every server and serve beginnings too.
    sort_fr = models.TextField(db_collation="C")
    sort_en = models.TextField(db_collation="C")
    exact = ArrayField(models.TextField())
    names = models.TextField()
    labels = models.TextField()
    prose_fr = models.TextField()
    prose_en = models.TextField()
    haystack = models.GeneratedField(
        expression=Concat("names", Value(" "), "labels", output_field=models.TextField()),
        output_field=models.TextField(),
        db_persist=True,
    )
    # Names alone, as written (A) and by their stems (B): short, for what is asked at each key typed
    # and for every answer's rank.
    name_search = models.GeneratedField(
        expression=SearchVector("names", config="plain", weight="A")
        + SearchVector("names", config="fr", weight="B")
        + SearchVector("names", config="en", weight="B"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    search = models.GeneratedField(
        expression=SearchVector("names", config="plain", weight="A")
        + SearchVector("labels", config="plain", weight="B")
        + SearchVector("prose_fr", config="plain", weight="C")
        + SearchVector("prose_en", config="plain", weight="D"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    stems = models.GeneratedField(
        expression=SearchVector("names", config="fr", weight="A")
        + SearchVector("names", config="en", weight="A")
        + SearchVector("labels", config="fr", weight="B")
        + SearchVector("labels", config="en", weight="B")
        + SearchVector("prose_fr", config="fr", weight="C")
        + SearchVector("prose_en", config="en", weight="D"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = DirectoryEntryQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [
            GinIndex(fields=["name_search"], name="entry_name_search"),
            GinIndex(fields=["search"], name="entry_search"),
            GinIndex(fields=["stems"], name="entry_stems"),
            GinIndex(fields=["exact"], name="entry_exact"),
            GinIndex(fields=["countries"], name="entry_countries"),
            GinIndex(fields=["themes"], name="entry_themes"),
            GinIndex(OpClass(F("haystack"), "gin_trgm_ops"), name="entry_haystack_trigrams"),
            models.Index(fields=["sort_fr", "organization"], name="entry_sort_fr"),
            models.Index(fields=["sort_en", "organization"], name="entry_sort_en"),
        ]

    def __str__(self):
        return self.names


class DirectoryWord(models.Model):
    """A word that some entry's names or labels have, or had: what a misspelling may have meant.

    A trigger adds words and never takes them away; one that is no longer used finds nothing.
    """

    word = models.TextField(primary_key=True)

    class Meta:
        default_permissions = ()
        indexes = [GinIndex(OpClass(F("word"), "gin_trgm_ops"), name="directory_word_trigrams")]

    def __str__(self):
        return self.word


class DirectoryChange(models.Model):
    """One row per statement that changed what the public sees.

    The number of rows and the last of them are together the directory's version: a cached page is
    as good as new as long as it has not moved. Old rows are swept by the trigger itself.
    """

    changed_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self):
        return str(self.pk)
