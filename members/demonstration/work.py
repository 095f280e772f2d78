"""What the staff of the fictional network did: exchanges, dossiers, follow-up, lists, documents."""

import datetime
from contextlib import contextmanager
from pathlib import Path
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile

from members.demonstration import files
from members.demonstration.making import BEGINNING, listed, rows
from members.documents import check
from members.models import (
    Document,
    Dossier,
    FollowUp,
    GovernmentInteraction,
    Interaction,
    SavedList,
)
from regions.reference import read

FICTIONAL = Path(__file__).resolve().parents[1] / "data" / "fictional_organizations.csv"


def load(made):
    """Add all of it to the network that is made."""
    for part in (dossiers, exchanges, routine, follow_ups, documents, saved_lists):
        part(made)


def dossiers(made):
    for row in rows("dossiers"):
        dossier = Dossier(
            name=row["name"],
            aim=row["aim"],
            status=row["status"],
            outcome=row["outcome"],
            lead=made.users[row["lead"]],
            started_on=made.past.day(row["since"]),
            ended_on=made.past.day(row["until"]),
        )
        with made.by("direction", row["since"], 9 * 60):
            dossier.save()
            dossier.alliances.set(made.alliances[key] for key in listed(row["alliances"]))
            dossier.institutions.set(made.organizations[key] for key in listed(row["institutions"]))
        made.dossiers[row["key"]] = dossier


def exchanges(made):
    """Those that make a story: of the dossiers, the alliances, the changes of direction."""
    for place, row in enumerate(rows("exchanges")):
        user = made.users[row["by"]]
        exchange = Interaction(
            kind=row["kind"],
            happened_at=made.past.moment(
                made.past.working_day(row["days"]), 9 * 60 + 15 * (place * 7 % 29)
            ),
            minutes=int(row["minutes"] or 0) or None,
            subject=row["subject"],
            notes=row["notes"],
            alliance=made.alliances.get(row["alliance"]),
            dossier=made.dossiers.get(row["dossier"]),
        )
        about = [made.organizations[key] for key in listed(row["organizations"])]
        with_whom = [made.people[key] for key in listed(row["people"])]
        with record(made, exchange, user, about, with_whom):
            if row["jurisdiction"]:
                government(made, exchange, row)
        made.exchanges[exchange.subject] = exchange


@contextmanager
def record(made, exchange, user, about, with_whom):
    """Save an exchange just after it took place; what is done within is done then too."""
    exchange.recorded_by = user
    when = exchange.happened_at + datetime.timedelta(minutes=5 + (exchange.minutes or 0))
    with made.past.on(min(when, made.past.now), user):
        exchange.save()
        exchange.staff.set([user])
        exchange.organizations.set(about)
        for person in with_whom:
            exchange.add_person(person)
        yield


def government(made, exchange, row):
    """What an exchange with a public office holder carries besides."""
    details = GovernmentInteraction(
        interaction=exchange,
        jurisdiction=row["jurisdiction"],
        mode=row["mode"],
        initiated_by=row["initiated_by"],
        prep_minutes=int(row["prep_minutes"]),
        subjects=listed(row["subjects"]),
        particulars=row["particulars"],
        decision_sought=row["decision_sought"],
        report=row["report"],
        report_reason=row["report_reason"],
        report_number=row["report_number"],
        filed_on=made.past.day(row["filed_days"]),
    )
    details.save()


def routine(made):
    """Everyday exchanges with members in turn: each text once, then once more with another end.

    Drawn at random, the same ones each time: `with` says whom it is best to talk to.
    """
    texts = rows("routine")
    told = [(row, row["notes"]) for row in texts] + [(row, row["again"]) for row in texts]
    members = [row["website"] for row in read(FICTIONAL)]
    keys = [website.removeprefix("https://").removesuffix(".example") for website in members]
    random = Random(1976)
    for place, (row, notes) in enumerate(told):
        days = BEGINNING - 20 - place * (BEGINNING - 30) // len(told)
        day = made.past.working_day(str(days - int(8 * random.random())))
        organization = made.organizations[keys[place * 5 % len(keys)]]
        there = organization.positions.current(day).main_first().select_related("person")
        chosen = there.of_kind(row["with"]).first() or there.last()
        years = {"year": day.year, "next": day.year + 1}
        exchange = Interaction(
            kind=row["kind"],
            happened_at=made.past.moment(day, 9 * 60 + 15 * int(29 * random.random())),
            minutes=int(row["minutes"] or 0) or None,
            subject=row["subject"].format(**years),
            notes=notes,
        )
        with_whom = [chosen.person] if chosen else []
        with record(made, exchange, made.users[row["by"]], [organization], with_whom):
            pass


def follow_ups(made):
    """Late, due this week, later, some day, and done."""
    for place, row in enumerate(rows("follow_ups")):
        user = made.users[row["who"]]
        exchange = made.exchanges.get(row["exchange"])
        due_in = int(row["due"]) if row["due"] else None
        follow_up = FollowUp(
            what=row["what"],
            assigned_to=user,
            due_on=made.past.day(str(-due_in)) if row["due"] else None,
            interaction=exchange,
            organization=made.organizations.get(row["organization"]),
            person=made.people.get(row["person"]),
            dossier=made.dossiers.get(row["dossier"]),
            recorded_by=exchange.recorded_by if exchange else user,
        )
        minute = 9 * 60 + 10 * place
        noted = made.days_ago(max(1, 14 - min(due_in or 0, 12)), minute)
        if exchange:
            noted = min(exchange.happened_at + datetime.timedelta(hours=1), made.past.now)
        with made.past.on(noted, follow_up.recorded_by):
            follow_up.save()
        if row["done"]:
            with made.past.on(made.days_ago(-int(row["done"]), minute), user):
                follow_up.finish(by=user)


def documents(made):
    """A few small files, made here and checked as if someone had sent them."""
    for title, name, content, belongs in files.all_of(made):
        with made.by("permanence", 120 + 13 * len(title)):
            checked = check(SimpleUploadedFile(name, content))
            Document(title=title, **belongs).keep(checked, by=made.users["permanence"])


def saved_lists(made):
    for row in rows("saved_lists"):
        owner = made.users[row.pop("owner")]
        saved = SavedList(owner=owner, is_shared=bool(row.pop("shared")), **row)
        with made.past.on(made.days_ago(45), owner):
            saved.save()
