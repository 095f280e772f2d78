"""What records are found by: the columns that `members/search.py` reads, and who asks them.

Database triggers alone write such rows (migrations/0004 and later).
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Value
from django.db.models.functions import Concat

from members import search


class Entry(models.Model):
    """What one record is found by.

    `names` are all its names, `labels` what is said of it in a few words, then comes its prose; all
    are folded, so that PostgreSQL's parser meets words only (it takes « Solidarité/Trois-Rivières »
    for a file). `exact` holds each whole name, folded. `search` has the words as written, `stems`
    their French and English stems: apart, so that a stem never passes for a word.
    """

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

    class Meta:
        abstract = True

    def __str__(self):
        return self.names


class FindableQuerySet(models.QuerySet):
    """Records that have an `entry`: a text finds them.

    `vocabulary` are the kinds of the staff's own words that a misspelling may have been meant for,
    `by_score` the order of the best first, `among_equals` of those found equally well.
    """

    vocabulary = ()
    by_score = "-score"
    among_equals = ("pk",)

    def matching(self, text):
        """Those that `text` finds, the best first; approximate ones if there are none.

        An empty text, or one of noise only, finds all of them.
        """
        question = search.parse(text)
        if not question:
            return self
        found = search.ranked(search.matching(self, question), question)
        if question.words and not found.exists():
            found = self.approximately(question)
        return found.in_order_of_score()

    def keys_matching(self, text):
        """The keys of those that `matching` finds, in its order; None for a text that asks nothing.

        For a page that asks about them several times: one query, and three when approximate.
        """
        question = search.parse(text)
        if not question:
            return None
        found = search.ranked(search.matching(self, question), question)
        keys = list(found.in_order_of_score().values_list("pk", flat=True))
        if not keys and question.words:
            found = self.approximately(question).in_order_of_score()
            keys = list(found.values_list("pk", flat=True))
        return keys

    def approximately(self, question):
        """Those that have each word, or one that it may have been meant for."""
        near = search.respelled(question, self.vocabulary)
        found = search.approximate(self, question, near)
        return search.ranked_approximately(found, question, near)

    def in_order_of_score(self):
        """The best first, by the `score` that `search` gave each."""
        return self.order_by(self.by_score, *self.among_equals)
