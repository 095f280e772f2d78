"""The fictional network: organizations around the members, people, alliances, memberships."""

from members.demonstration.making import BEGINNING, listed, rows
from members.models import (
    Alliance,
    AllianceMembership,
    Consent,
    MembershipDecision,
    Organization,
    Person,
    Position,
    Tag,
    Theme,
)
from regions.models import Municipality

# What of a position the corrections of changes.csv are about.
WORK_FIELDS = ("title", "email", "phone")


def load(made):
    """Add all of it to the fictional organizations, in the order in which it rests on itself."""
    for part in (
        organizations,
        tags,
        decisions,
        alliances,
        people,
        other_positions,
        participations,
        consents,
        changes,
    ):
        part(made)


def organizations(made):
    """Institutions, an ally, a former member, and a member typed twice: none is a member."""
    towns = {town.name: town for town in Municipality.objects.all()}
    for place, row in enumerate(rows("organizations")):
        key, themes = row.pop("key"), listed(row.pop("themes"))
        countries = listed(row.pop("countries"))
        years = {name: int(row.pop(name) or 0) or None for name in ("founded_year", "closed_year")}
        organization = Organization(municipality=towns[row.pop("city")], **years, **row)
        with made.by("permanence", BEGINNING - 30 * place):
            organization.save()
            organization.themes.set(Theme.objects.filter(slug__in=themes))
            organization.countries.set(countries)
        made.organizations[key] = organization


def tags(made):
    for row in rows("tags"):
        keys = listed(row.pop("organizations"))
        with made.by("permanence", BEGINNING):
            tag = made.tags[row["name"]] = Tag.objects.create(**row)
        for place, key in enumerate(keys):
            with made.by("permanence", 80 + 3 * place):
                made.organizations[key].tags.add(tag)


def decisions(made):
    """Admissions, a suspension and its end, and a member that closed."""
    direction = made.users["direction"]
    for row in rows("decisions"):
        organization = made.organizations[row["organization"]]
        decided_on = made.past.working_day(row["days"])
        decision = MembershipDecision(
            body=row["body"],
            decided_on=decided_on,
            resolution=row["resolution"].format(year=decided_on.year),
            note=row["note"],
        )
        since = made.past.day(row["since"])
        with made.by("direction", int(row["days"]) - 1):
            if row["kind"] == "admission" and organization.memberships.exists():
                # The import made it, without its day.
                membership = organization.memberships.get()
                membership.started_on = since
                membership.save()
                decision.record(membership, row["kind"], direction)
            elif row["kind"] == "admission":
                organization.admit(by=direction, on=since, decision=decision, category="regular")
            elif row["kind"] == "suspension":
                organization.memberships.get().suspend(by=direction, decision=decision)
            elif row["kind"] == "reinstatement":
                organization.memberships.get().reinstate(by=direction, decision=decision)
            else:
                organization.memberships.get().end(
                    by=direction, on=since, reason=row["reason"], decision=decision
                )


def alliances(made):
    for row in rows("alliances"):
        key, names, themes = row.pop("key"), listed(row.pop("tags")), listed(row.pop("themes"))
        years = {name: int(row.pop(name) or 0) or None for name in ("founded_year", "ended_year")}
        alliance = Alliance(parent=made.alliances.get(row.pop("parent")), **years, **row)
        with made.by("permanence", BEGINNING - 5):
            alliance.save()
            alliance.themes.set(Theme.objects.filter(slug__in=themes))
            alliance.tags.set(made.tags[name] for name in names)
        made.alliances[key] = alliance


def people(made):
    """Each with a position; those who left are there still, and some are shown publicly."""
    corrected = {(row["person"], row["field"]): row["before"] for row in rows("changes")}
    for place, row in enumerate(rows("people")):
        person = Person(
            **{
                name: row[name]
                for name in (
                    "first_name",
                    "last_name",
                    "language",
                    "pronoun",
                    "personal_email",
                    "personal_phone",
                    "needs",
                    "notes",
                )
            }
        )
        position = new_position(made, row)
        for name in ("last_name", "title", "email", "phone"):
            if (row["key"], name) in corrected:
                setattr(
                    person if name == "last_name" else position, name, corrected[row["key"], name]
                )
        minute = 9 * 60 + 7 * place
        with made.by("permanence", row["since"], minute):
            person.save()
            person.tags.set(made.tags[name] for name in listed(row["tags"]))
            position.person = person
            position.save()
        made.people[row["key"]] = person
        if row["public"]:
            with made.by("communications", int(row["since"]) - 20, minute):
                position.show_publicly(by=made.users["communications"], basis=row["public"])
        leave(made, position, row["until"])
        if row["archived"]:
            with made.by("permanence", row["archived"], minute):
                person.archive(by=made.users["permanence"], on=made.past.day(row["archived"]))


def other_positions(made):
    """What some of them do, or did, elsewhere."""
    for row in rows("positions"):
        position = new_position(made, row)
        position.person = made.people[row["person"]]
        with made.by("permanence", row["since"], 14 * 60):
            position.save()
        leave(made, position, row["until"])


def new_position(made, row):
    """The unsaved position of a row; an address without a domain is in its organization's."""
    organization = made.organizations[row["organization"]]
    kinds = listed(row["kinds"])
    official = {"office_holder", "political_staff"} & set(kinds)
    email, phone = row["email"], row.get("phone", "")
    if email and "@" not in email:
        email = f"{email}@{organization.email.split('@')[1]}"
    if row.get("extension") and not phone:
        phone = organization.phone
    return Position(
        organization=organization,
        title=row["title"],
        unit=row.get("unit", ""),
        kinds=kinds,
        email=email,
        phone=phone,
        phone_extension=row.get("extension", ""),
        started_on=made.past.day(row["since"]),
        is_dpoh=bool(official) and row["organization"] in ("ministere-exemples", "bureau-deputee"),
    )


def leave(made, position, until):
    """End the position on that day, if there is one."""
    if until:
        with made.by("permanence", until, 16 * 60):
            position.leave(by=made.users["permanence"], on=made.past.day(until))


def participations(made):
    for row in rows("participations"):
        participation = AllianceMembership(
            alliance=made.alliances[row["alliance"]],
            organization=made.organizations[row["organization"]],
            role=row["role"],
            started_on=made.past.day(row["since"]),
            ended_on=made.past.day(row["until"]),
            liaison=made.people[row["liaison"]],
        )
        with made.by("permanence", row["until"] or row["since"], 11 * 60):
            participation.save()


def consents(made):
    for row in rows("consents"):
        consent = Consent(
            person=made.people[row["person"]],
            purpose=row["purpose"],
            channel=row["channel"],
            kind=row["kind"],
            given_on=made.past.day(row["given"]),
            evidence=row["evidence"],
            expires_on=made.past.day(row["expires"]),
            recorded_by=made.users["confidentialite"],
        )
        with made.by("confidentialite", row["given"], 15 * 60):
            consent.save()
        if row["withdrawn"]:
            with made.by("confidentialite", row["withdrawn"], 15 * 60):
                consent.withdraw(by=made.users["confidentialite"])


def changes(made):
    """What staff corrected lately; a person's record says until then what was there before."""
    for place, row in enumerate(rows("changes")):
        minute = 9 * 60 + 47 * place
        if row["person"]:
            record = made.people[row["person"]]
            if row["organization"]:
                record = record.positions.get(organization=made.organizations[row["organization"]])
        else:
            record = made.organizations[row["organization"]]
            with made.by(row["by"], "90", minute):
                correct(record, row["field"], row["before"])
        when = made.past.moment(made.past.day(row["day"]), minute)
        with made.past.on(when, made.users[row["by"]]):
            correct(record, row["field"], row["after"])


def correct(record, field, value):
    """Write that value, on the record as it is."""
    record.refresh_from_db()
    setattr(record, field, value)
    record.save()
