"""What staff search: the entries of people, alliances, dossiers and exchanges, and their words.

Written by database triggers only (migrations/0007); never a personal field (`Person.privacy`).
Organizations have their `DirectoryEntry`, which the public searches too. What is here is the
staff's: nothing public reads these tables, but for `AllianceEntry`, whose words are all public.
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F

from members.models.entries import Entry


class OfficeEntry(Entry):
    """What one record of the staff's is found by; `sort` is its folded name, for their order."""

    # By code points, as names are sorted everywhere.
    sort = models.TextField(db_collation="C")

    class Meta:
        abstract = True
        default_permissions = ()
        indexes = [
            GinIndex(fields=["name_search"], name="%(class)s_names"),
            GinIndex(fields=["search"], name="%(class)s_search"),
            GinIndex(fields=["stems"], name="%(class)s_stems"),
            GinIndex(fields=["exact"], name="%(class)s_exact"),
        ]


def entry_of(model):
    """The key of an entry: it goes with its record, by a constraint that the migration adds."""
    return models.OneToOneField(
        model,
        models.DO_NOTHING,
        primary_key=True,
        related_name="entry",
        db_constraint=False,
    )


class PersonEntry(OfficeEntry):
    """Names; then titles, organizations, addresses and numbers at work, the past ones as prose."""

    person = entry_of("members.Person")


class AllianceEntry(OfficeEntry):
    """Names and acronym, then the mandate: what their public pages show, and nothing else."""

    alliance = entry_of("members.Alliance")


class DossierEntry(OfficeEntry):
    """The name, then aim and outcome."""

    dossier = entry_of("members.Dossier")


class InteractionEntry(OfficeEntry):
    """The subject, then organizations, people, alliance and dossier, then the notes.

    `at` is when it happened: of many that match, the last are looked at.
    """

    interaction = entry_of("members.Interaction")
    at = models.DateTimeField()


class OfficeWord(models.Model):
    """A word that staff's entries of one `kind` have, or had: what a misspelling may have meant.

    Apart from `DirectoryWord`, which suggests words to the public; and by kind, for nobody is
    offered a word from where they may not look. A trigger adds words and takes none away.
    """

    pk = models.CompositePrimaryKey("kind", "word")
    kind = models.CharField(max_length=20)
    word = models.TextField()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["word"], name="officeword_word"),
            GinIndex(OpClass(F("word"), "gin_trgm_ops"), name="officeword_trigrams"),
        ]

    def __str__(self):
        return self.word
