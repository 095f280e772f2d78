"""Gives generated organizations what the staff keep of them: people, alliances, exchanges.

For each organization three people and ten exchanges, one participation in an alliance and half a
follow-up: 10 000 organizations have 30 000 people and 100 000 exchanges. The same ones every time,
for the same organizations; only days follow today.
"""

import datetime
from random import Random

import pgtrigger
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import slugify

from members import profile
from members.demonstration.making import rows
from members.models import (
    Alliance,
    AllianceMembership,
    Consent,
    Dossier,
    FollowUp,
    GovernmentInteraction,
    Interaction,
    Organization,
    Participation,
    Person,
    Position,
    ProfileProposal,
    ProposedField,
    Representative,
    SavedList,
    Tag,
    User,
)
from members.models.directory import refreshed_together
from members.permissions import Role
from regions.folding import fold
from tests import generated

# Organizations whose records are written at once.
BATCH = 1000
STAFF = 10
TITLES = {
    "direction": "Directrice générale",
    "presidency": "Président du conseil",
    "communications": "Responsable des communications",
    "finance": "Comptable",
    "programme": "Chargé de programme",
    "education": "Responsable de l’éducation du public",
}
KINDS = tuple(TITLES)
THREE_YEARS = 3 * 365


# Who represents so many organizations, of which each has a proposal that waits.
REPRESENTATIVE = "representante@example.org"
REPRESENTED = 40


def populate(progress=lambda done: None):
    """Add all of it to the organizations there are; `progress` is told how many have theirs."""
    random = Random(1976)
    keys = list(Organization.objects.order_by("pk").values_list("pk", flat=True))
    with transaction.atomic(), pgtrigger.ignore():
        shared = Shared(random, len(keys))
    for start in range(0, len(keys), BATCH):
        # Row by row, the history would take five times as long as all the rest.
        with refreshed_together(), pgtrigger.ignore():
            add(random, keys[start : start + BATCH], shared)
        progress(min(start + BATCH, len(keys)))
    write_history(shared.staff)
    represent(keys[:REPRESENTED], shared.staff[0])


def represent(keys, keeper):
    """One account manages these organizations, for each of which a proposal waits."""
    user = User.objects.create_user(REPRESENTATIVE, first_name="Personne", last_name="Fictive")
    for organization in Organization.objects.in_bulk(keys).values():
        Representative.objects.create(
            user=user, organization=organization, role="manager", started_by=keeper
        )
        live = profile.read(Organization.objects.for_profile().get(pk=organization.pk))
        waiting = ProfileProposal.objects.create(organization=organization, proposed_by=user)
        for name in ("summary_fr", "mission_fr", "mission_en", "countries"):
            value = live[name]
            ProposedField.objects.create(
                proposal=waiting,
                name=name,
                seen=value,
                proposed=["HT", "ML"] if name == "countries" else f"{value} Et davantage.",
                proposed_by=user,
            )


class Shared:
    """What exchanges and people have in common: the staff, tags, alliances and dossiers."""

    def __init__(self, random, count):
        self.today = timezone.localdate()
        self.texts = rows("routine")
        self.staff = [staff(number) for number in range(STAFF)]
        self.tags = Tag.objects.bulk_create(
            Tag(name=f"Étiquette {number}", colour=Tag.Colour.values[number % 6])
            for number in range(8)
        )
        self.alliances = Alliance.objects.bulk_create(
            alliance(random, number) for number in range(max(4, count // 50))
        )
        self.institutions = Organization.objects.bulk_create(
            institution(number) for number in range(max(3, count // 500))
        )
        self.holders = Person.objects.bulk_create(
            person(random) for _ in self.institutions for _ in range(3)
        )
        Position.objects.bulk_create(
            Position(
                person=holder,
                organization=self.institutions[place // 3],
                title="Conseiller (fictif)",
                kinds=["office_holder"],
                is_dpoh=True,
            )
            for place, holder in enumerate(self.holders)
        )
        self.dossiers = Dossier.objects.bulk_create(
            Dossier(
                name=f"Dossier {number} (fictif)",
                aim=self.texts[number % len(self.texts)]["notes"],
                status=Dossier.Status.values[number % 4],
                lead=self.staff[number % STAFF],
            )
            for number in range(max(3, count // 200))
        )
        Dossier.institutions.through.objects.bulk_create(
            Dossier.institutions.through(
                dossier=dossier, organization=self.institutions[place % len(self.institutions)]
            )
            for place, dossier in enumerate(self.dossiers)
        )
        SavedList.objects.bulk_create(
            SavedList(
                name=f"Liste {number}",
                model="members.organization",
                query=f"region={number:02}",
                owner=self.staff[number % STAFF],
                is_shared=True,
            )
            for number in range(1, 11)
        )


def staff(number):
    """One of the staff, who signs in with no password; the first one is of the direction."""
    user = User.objects.create_user(
        f"equipe{number}@example.org",
        first_name=generated.FIRST_NAMES[number],
        last_name=f"Fictive {number}",
        is_staff=True,
    )
    role = Role.PERMANENCE if number else Role.DIRECTION
    user.groups.add(Group.objects.get(name=role.value))
    return user


def alliance(random, number):
    name = f"{'Coalition' if number % 3 else 'Réseau'} {generated.coined_word(random)} (fictif)"
    return Alliance(
        name=name,
        name_fr=name,
        name_en="",
        mandate="",
        mandate_fr="Parler d’une même voix.",
        mandate_en="",
        slug=f"{slugify(fold(name))}-{number}",
        kind=Alliance.Kind.values[number % 4],
        founded_year=1980 + number % 40,
    )


def institution(number):
    name = f"Ministère des Exemples {number} (fictif)"
    return Organization(
        name=name, name_fr=name, kind="institution", slug=f"ministere-des-exemples-{number}"
    )


def person(random):
    """Someone whose name is invented."""
    last = generated.invented_surname(random)
    if random.random() < 0.3:
        last = f"{last}-{generated.invented_surname(random)}"
    first = pick(random, generated.FIRST_NAMES)
    return Person(
        first_name=first, last_name=last, language="en" if random.random() < 0.1 else "fr"
    )


def pick(random, choices):
    return choices[int(random.random() * len(choices))]


def add(random, keys, shared):
    """Add what belongs to the organizations of these keys."""
    people = Person.objects.bulk_create(person(random) for _key in keys for _ in range(3))
    positions = Position.objects.bulk_create(
        position(random, someone, key, place % 3, shared.today)
        for place, (someone, key) in enumerate(
            (people[3 * number + place], key)
            for number, key in enumerate(keys)
            for place in range(3)
        )
    )
    # One in ten holds a second position, in the next organization.
    Position.objects.bulk_create(
        position(random, someone, keys[(place // 3 + 1) % len(keys)], 3, shared.today)
        for place, someone in enumerate(people)
        if place % 10 == 0
    )
    add_tags(random, keys, people, shared)
    AllianceMembership.objects.bulk_create(
        AllianceMembership(
            alliance=pick(random, shared.alliances), organization_id=key, since_year=2020
        )
        for key in keys
    )
    Consent.objects.bulk_create(
        Consent(person=someone, purpose="newsletter", evidence="Case cochée au formulaire")
        for someone in people[::4]
    )
    add_exchanges(random, keys, positions, shared)
    add_follow_ups(random, keys, people, shared)


def position(random, someone, key, place, today):
    """What someone does in an organization; one in eight has left."""
    kind = KINDS[(key + place) % len(KINDS)]
    started = today - datetime.timedelta(days=400 + int(3000 * random.random()))
    left = random.random() < 0.125
    address = slugify(fold(f"{someone.first_name} {someone.last_name}"))
    return Position(
        person=someone,
        organization_id=key,
        title=TITLES[kind],
        kinds=[kind],
        email=f"{address}@organisme{key}.example",
        phone=f"+1514555{100 + key % 100:04}",
        started_on=started,
        ended_on=started + datetime.timedelta(days=300) if left else None,
    )


def add_tags(random, keys, people, shared):
    """One organization in three and one person in ten bear a tag."""
    Organization.tags.through.objects.bulk_create(
        Organization.tags.through(organization_id=key, tag=pick(random, shared.tags))
        for key in keys[::3]
    )
    Person.tags.through.objects.bulk_create(
        Person.tags.through(person=someone, tag=pick(random, shared.tags))
        for someone in people[::10]
    )


def add_exchanges(random, keys, positions, shared):
    """Ten for each organization, most with one of its people; one in fifty with an institution."""
    now = timezone.now()
    exchanges, about = [], []
    for number, key in enumerate(keys):
        for place in range(10):
            text = pick(random, shared.texts)
            ago = datetime.timedelta(minutes=int(THREE_YEARS * 24 * 60 * random.random()))
            with_government = (number * 10 + place) % 50 == 0
            exchanges.append(
                Interaction(
                    kind=text["kind"],
                    happened_at=now - ago,
                    minutes=int(text["minutes"] or 0) or None,
                    subject=text["subject"].format(year=2025, next=2026),
                    notes=text["notes"],
                    recorded_by=pick(random, shared.staff),
                    alliance=pick(random, shared.alliances) if random.random() < 0.1 else None,
                    dossier=pick(random, shared.dossiers) if with_government else None,
                )
            )
            about.append((key, positions[3 * number + place % 3], with_government))
    Interaction.objects.bulk_create(exchanges)
    Interaction.organizations.through.objects.bulk_create(
        Interaction.organizations.through(interaction=exchange, organization_id=key)
        for exchange, (key, _position, _government) in zip(exchanges, about, strict=True)
    )
    Interaction.staff.through.objects.bulk_create(
        Interaction.staff.through(interaction=exchange, user=exchange.recorded_by)
        for exchange in exchanges
    )
    Participation.objects.bulk_create(
        Participation(
            interaction=exchange,
            person=position.person,
            position=position,
            organization_id=key,
            title=position.title,
            capacity="member",
        )
        for exchange, (key, position, _government) in zip(exchanges, about, strict=True)
    )
    official = [exchange for exchange, told in zip(exchanges, about, strict=True) if told[2]]
    Participation.objects.bulk_create(
        Participation(
            interaction=exchange,
            person=pick(random, shared.holders),
            title="Conseiller (fictif)",
            is_dpoh=True,
            capacity="office_holder",
        )
        for exchange in official
    )
    GovernmentInteraction.objects.bulk_create(
        GovernmentInteraction(
            interaction=exchange,
            prep_minutes=30,
            subjects=["policy"],
            particulars="Programme (fictif)",
        )
        for exchange in official
    )


def add_follow_ups(random, keys, people, shared):
    """One for every other organization: two in three are done, others late or to come."""
    now = timezone.now()
    FollowUp.objects.bulk_create(
        FollowUp(
            what="Rappeler au sujet de l’assemblée générale",
            assigned_to=pick(random, shared.staff),
            due_on=shared.today + datetime.timedelta(days=int(120 * random.random()) - 60),
            organization_id=key,
            person=people[3 * place],
            **({"done_at": now, "done_by": shared.staff[0]} if place % 3 else {}),
        )
        for place, key in enumerate(keys[::2])
    )


def write_history(users):
    """Let every record have been added by one of the staff, on one of the last thousand days."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE day ON COMMIT DROP AS"
            " SELECT n, gen_random_uuid() AS context, now() - n * interval '1 day' AS at"
            " FROM generate_series(0, 999) AS n"
        )
        cursor.execute("CREATE UNIQUE INDEX ON day (n)")
        cursor.execute(
            "INSERT INTO pghistory_context (id, created_at, updated_at, metadata)"
            " SELECT context, at, at, jsonb_build_object('user', (%s::bigint[])[1 + n %% %s])"
            " FROM day",
            [[user.pk for user in users], len(users)],
        )
        for model in apps.get_models():
            events = getattr(model, "pgh_event_models", {}).get("insert")
            if events is not None and not events.objects.exists():
                cursor.execute(history_of(model, events))
        cursor.execute("ANALYZE")


def history_of(model, events):
    """The statement that writes the addition of every record of `model`."""
    fields = events._meta.concrete_fields
    copied = [
        field.column for field in fields if not (field.name.startswith("pgh_") or field.generated)
    ]
    key = model._meta.pk.column
    values = {"pgh_label": "'insert'", "pgh_created_at": "day.at", "pgh_context_id": "day.context"}
    if any(field.name == "pgh_obj" for field in fields):
        values["pgh_obj_id"] = f"record.{key}"
    values |= {f'"{column}"': f'record."{column}"' for column in copied}
    return (
        f"INSERT INTO {events._meta.db_table} ({', '.join(values)})"
        f" SELECT {', '.join(values.values())}"
        f" FROM (SELECT *, row_number() OVER (ORDER BY {key}) AS place FROM {model._meta.db_table})"
        " AS record JOIN day ON day.n = record.place % 1000"
    )
