"""Changes that no single record owns; each is done whole or not at all."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from members.models import Person, Position


@transaction.atomic
def succeed(
    *,
    position,
    last_day,
    by,
    successor=None,
    first_name="",
    last_name="",
    first_day=None,
    title=None,
    kinds=None,
    email="",
    phone="",
    phone_extension="",
):
    """Someone leaves a position and someone else takes it; return the successor's `Position`.

    `last_day` is the last day of who leaves (when already recorded, that very day), `first_day` the
    first of who comes: the day after if None. The successor is a `Person`, or someone new by
    name. Organization, unit, title and roles are those of the position unless others are given;
    neither its address, nor that it was shown publicly, passes to another person. `by` is whoever
    records it. Raises ValidationError, and nothing is done, if the position had ended before, or
    if the successor has no name or is the person who leaves.
    """
    position = Position.objects.select_for_update().get(pk=position.pk)
    if position.ended_on != last_day:
        position.leave(by=by, on=last_day)
    if successor is None:
        successor = Person(first_name=first_name, last_name=last_name)
        successor.full_clean(exclude=["tags"])
        successor.save()
    elif successor.pk == position.person_id:
        raise ValidationError(_("Who comes is who leaves: choose someone else."))
    taken = Position(
        person=successor,
        organization=position.organization,
        unit=position.unit,
        title=position.title if title is None else title,
        kinds=position.kinds if kinds is None else kinds,
        is_dpoh=position.is_dpoh,
        started_on=first_day or last_day + datetime.timedelta(days=1),
        email=email,
        phone=phone,
        phone_extension=phone_extension,
    )
    taken.full_clean()
    taken.save()
    return taken
