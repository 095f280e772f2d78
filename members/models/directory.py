"""What the directory reads to find and to count: written by database triggers only.

The functions and triggers are in migrations/0002 and later; `members/search.py` and
`members/facets.py` read these tables, nothing else does.
"""

from contextlib import contextmanager

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import connection, models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import get_language

from members.models.entries import Entry


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
        cursor.execute(
            "CREATE TEMPORARY TABLE members_touched_office (kind text, id bigint) ON COMMIT DROP"
        )
        cursor.execute("SELECT set_config('members.refresh', 'together', true)")
        yield
        # Organizations first: their names are labels of the others, which this touches in turn.
        cursor.execute(
            "SELECT members_refresh_entries(ARRAY(SELECT DISTINCT id FROM members_touched))"
        )
        cursor.execute("SELECT set_config('members.refresh', '', true)")
        cursor.execute(
            "SELECT members_refresh_office(kind, array_agg(DISTINCT id))"
            " FROM members_touched_office GROUP BY kind"
        )
        cursor.execute("SELECT count(DISTINCT id) FROM members_touched")
        if cursor.fetchone()[0] > MANY:
            cursor.execute("ANALYZE members_organization, members_directoryentry")
            cursor.execute("ANALYZE members_membership, members_directoryword")
        cursor.execute("SELECT count(DISTINCT (kind, id)) FROM members_touched_office")
        if cursor.fetchone()[0] > MANY:
            cursor.execute("ANALYZE members_person, members_personentry, members_position")
            cursor.execute("ANALYZE members_interaction, members_interactionentry")
            cursor.execute("ANALYZE members_interaction_organizations, members_participation")
            cursor.execute("ANALYZE members_officeword")
        cursor.execute("DROP TABLE members_touched, members_touched_office")


class DirectoryEntryQuerySet(models.QuerySet):
    def listed(self, on=None):
        """Entries that the public directory shows that day (a date, today if None)."""
        return self.filter(listed__has_day=on or timezone.localdate())

    def by_name(self, first=None):
        """In the order of names, in the current language; `first` is an order that goes before."""
        name = "sort_en" if get_language() == "en" else "sort_fr"
        return self.order_by(*([first] if first else []), name, "pk")


class DirectoryEntry(Entry):
    """What one organization is found by and counted under.

    `names` are all its names and acronyms, `labels` its themes, countries, municipality and region
    in both languages, the prose its summary and mission. `listed` are the days of its memberships
    in good standing.
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
