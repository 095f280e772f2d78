"""Addresses that records make of their names, once: what was shared keeps leading there."""

from django.utils.text import slugify

from regions.folding import fold


def free_slug(record, text, otherwise, reserved=()):
    """An address made of `text` that no record of the same kind has, nor `reserved` has.

    `otherwise` is what it begins with when the text has no letter to make one from.
    """
    model = type(record)
    longest = model._meta.get_field("slug").max_length - 10
    base = slugify(fold(text or ""))[:longest].strip("-") or otherwise
    used = set(reserved) | set(
        model._base_manager.filter(slug__startswith=base)
        .exclude(pk=record.pk)
        .values_list("slug", flat=True)
    )
    slug, number = base, 1
    while slug in used:
        number += 1
        slug = f"{base}-{number}"
    return slug
