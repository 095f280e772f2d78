"""Writing a plan of people, in batches; `apply.py` says when."""

from collections import defaultdict

from django.utils import timezone

from members.imports.rows import BATCH
from members.models import Person, PersonTag, Position


def write(plan, progress):
    """Write the people and positions of `plan`, within the transaction of `apply`."""
    rows = [*plan.created, *plan.changed]
    numbers = add_people(plan.created)
    made = set(numbers.values())
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        people, positions = defaultdict(dict), {}
        for row in batch:
            row.person_id = numbers.get(row.person_id, row.person_id)
            if row.person_id not in made:
                people[row.person_id] |= row.person_fields
            if row.position_id:
                positions[row.position_id] = row.position_fields
        change(Person, people)
        change(Position, positions)
        add_positions(batch)
        add_tags(batch)
        progress(min(start + BATCH, len(rows)), len(rows))


def add_people(rows):
    """Insert the new people, each once for all their rows; {number in the plan: number}."""
    fields = defaultdict(dict)
    for row in rows:
        fields[row.person_id] |= row.person_fields
    numbers, planned = {}, list(fields)
    for start in range(0, len(planned), BATCH):
        batch = planned[start : start + BATCH]
        people = [Person(**fields[number]) for number in batch]
        for person in people:
            person.normalize()
        made = Person.objects.bulk_create(people)
        numbers |= {number: person.pk for number, person in zip(batch, made, strict=True)}
    return numbers


def change(model, fields):
    """Write {number: {field: value}} in the records of `model`, and the moment."""
    fields = {number: values for number, values in fields.items() if values}
    records = model.objects.in_bulk(fields)
    columns = {"updated_at"}
    for number, values in fields.items():
        for name, value in values.items():
            setattr(records[number], name, value)
            columns.add(name)
        records[number].updated_at = timezone.now()
    model.objects.bulk_update(records.values(), sorted(columns), batch_size=100)


def add_positions(rows):
    positions = [
        Position(
            person_id=row.person_id, organization_id=row.organization_id, **row.position_fields
        )
        for row in rows
        if row.organization_id and row.position_id is None
    ]
    for position in positions:
        position.normalize()
    Position.objects.bulk_create(positions)


def add_tags(rows):
    wanted = {(row.person_id, tag) for row in rows for tag in row.tags}
    people = {person for person, _tag in wanted}
    stored = set(PersonTag.objects.filter(person_id__in=people).values_list("person_id", "tag_id"))
    PersonTag.objects.bulk_create(
        PersonTag(person_id=person, tag_id=tag) for person, tag in sorted(wanted - stored)
    )
