"""Where removed records are, and what was joined to one."""

from collections import Counter

from django.apps import apps
from django.utils.text import capfirst

from members.merging.choices import can_be_merged
from members.merging.following import words_of
from members.models import Merge


def where_is(model, key):
    """The key of the record that the one with that key was joined to, through others; or None."""
    seen = set()
    while key not in seen:
        seen.add(key)
        latest = (
            Merge.objects.filter(model=model._meta.label_lower, removed_id=key, undone_at=None)
            .order_by("-merged_at")
            .first()
        )
        if latest is None:
            break
        key = latest.kept_id
    exists = model._base_manager.filter(pk=key).exists()
    return key if exists and len(seen) > 1 else None


def merges_into(record):
    """The merges that made the record what it is, undone ones included, the last first; also those
    of the records that were joined to it."""
    if not can_be_merged(type(record)):
        return []
    found, keys = [], [record.pk]
    while keys:
        merges = Merge.objects.filter(model=record._meta.label_lower, kept_id__in=keys)
        merges = list(merges.select_related("merged_by", "undone_by"))
        merges = [merge for merge in merges if merge not in found]
        found += merges
        keys = [merge.removed_id for merge in merges if merge.undone_at is None]
    return sorted(found, key=lambda merge: merge.merged_at, reverse=True)


def joined_to(record):
    """The keys of the records that were joined to this one, through others too."""
    return [merge.removed_id for merge in merges_into(record) if merge.undone_at is None]


def followed(merge):
    """What moved or was joined in a merge: [(words, how many rows)]; nothing of what they say."""
    counts = Counter()
    for step in merge.done.get("steps", []):
        if step["did"] == "move":
            words = words_of(apps.get_model(step["model"]), step["column"])
            counts[capfirst(str(words))] += len(step["keys"])
        elif step["did"] == "delete" and step["model"] not in (merge.model, "members.notdouble"):
            counts[capfirst(str(words_of(apps.get_model(step["model"]))))] += len(step["rows"])
    return sorted(counts.items())
