"""What points to a record, and how it follows to another one."""

from collections import defaultdict

from django.conf import settings
from django.db import connection
from pghistory.models import Event

from members.merging.choices import MERGED, REMOVED
from members.merging.rows import delete, point, rows, write
from members.models import Organization, OtherName
from regions.folding import fold


class Ledger:
    """Does what a merge does, and writes it down in order: read backwards, it undoes it."""

    def __init__(self, choices):
        self.choices, self.steps = choices, []

    def move(self, field, moved, to):
        """Make rows point to another record by `field`."""
        if not moved:
            return
        model, column = field.model, field.column
        point(model, moved, column, to)
        keys = [row[model._meta.pk.column] for row in moved]
        self.note("move", model, column=column, keys=keys, before=moved[0][column], after=to)

    def change(self, model, row, after):
        """Give a row's columns other values; those that have them already are left."""
        after = {name: value for name, value in after.items() if row[name] != value}
        if after:
            write(model, row[model._meta.pk.column], after)
            self.noted_change(model, row, after)

    def noted_change(self, model, row, after):
        before = {name: row[name] for name in after}
        key = row[model._meta.pk.column]
        self.note("change", model, key=key, before=before, after=after)

    def delete(self, model, taken):
        if taken:
            delete(model, [row[model._meta.pk.column] for row in taken])
            self.note("delete", model, rows=taken)

    def created(self, record):
        """Write down a record that was just added."""
        model = type(record)
        (row,) = rows(model, model._meta.pk.column, record.pk)
        self.note("create", model, row=row)

    def note(self, did, model, **what):
        self.steps.append({"did": did, "model": model._meta.label_lower, **what})

    def absorb(self, model, row, into):
        """Take a row away that says the same as the row with the key `into`: what hangs on it
        follows."""
        key = row[model._meta.pk.column]
        for field in followers(model):
            rule_of(field)(self, field, into, key)
        self.delete(model, [row])


def followers(model):
    """The fields of other models that point to `model`, hidden ones and links included.

    Histories are left where they are: they say what was.
    """
    return [
        relation.field
        for relation in model._meta.get_fields(include_hidden=True)
        if relation.auto_created
        and not relation.concrete
        and (relation.one_to_many or relation.one_to_one)
        and not relation.related_model._meta.proxy
        and not issubclass(relation.related_model, Event)
    ]


def rule_of(field):
    """How the rows that point by `field` follow. Raises LookupError if nobody decided it."""
    if rule := RULES.get(name_of(field)):
        return rule
    if field.model._meta.auto_created:
        ends = {other.related_model._meta.label for other in field.model._meta.fields[1:]}
        if settings.AUTH_USER_MODEL not in ends:
            return link
    raise LookupError(f"{name_of(field)} has no rule in members.merging.RULES.")


def name_of(field):
    return f"{field.model._meta.label_lower}.{field.name}"


def move(ledger, field, kept, removed):
    """All follow."""
    ledger.move(field, rows(field.model, field.column, removed), kept)


def leave(ledger, field, kept, removed):
    """The database's own, which it keeps true by itself."""


def link(ledger, field, kept, removed):
    """They follow, except those whose like is there."""
    (other,) = (end.column for end in field.model._meta.fields[1:] if end != field)
    there = {row[other] for row in rows(field.model, field.column, kept)}
    sort_out(ledger, field, removed, kept, lambda row: row[other] in there)


def sort_out(ledger, field, removed, kept, is_there):
    """Rows that are there already go; the others follow."""
    came = rows(field.model, field.column, removed)
    ledger.delete(field.model, [row for row in came if is_there(row)])
    ledger.move(field, [row for row in came if not is_there(row)], kept)


def follow_names(ledger, field, kept, removed):
    """Other names: each once."""
    there = {row["name"] for row in rows(OtherName, field.column, kept)}
    sort_out(ledger, field, removed, kept, lambda row: row["name"] in there)


def follow_numbers(ledger, field, kept, removed):
    """Numbers: one of each register. The chosen one stays; the other is in the merge's record."""
    there = {row["scheme"]: row for row in rows(field.model, field.column, kept)}
    came = rows(field.model, field.column, removed)
    ours = [
        there[row["scheme"]]
        for row in came
        if row["scheme"] in there and ledger.choices.get(f"number-{row['scheme']}") == REMOVED
    ]
    dropped = {row["scheme"] for row in ours}
    ledger.delete(field.model, ours)
    sort_out(
        ledger,
        field,
        removed,
        kept,
        lambda row: row["scheme"] in there and row["scheme"] not in dropped,
    )


def follow_links(ledger, field, kept, removed):
    """Social links: one a network, the kept record's where both have one."""
    there = {row["network"] for row in rows(field.model, field.column, kept)}
    sort_out(ledger, field, removed, kept, lambda row: row["network"] in there)


def follow_proposals(ledger, field, kept, removed):
    """Proposals all follow; of two that wait, the removed record's is closed undecided."""
    waits = any(row["state"] == "waiting" for row in rows(field.model, field.column, kept))
    came = rows(field.model, field.column, removed)
    for row in came:
        if waits and row["state"] == "waiting":
            ledger.change(field.model, row, {"state": "closed"})
    ledger.move(field, came, kept)


def follow_signatures(ledger, field, kept, removed):
    """Signatures follow; of two that stand under one statement, the kept record's stays."""
    there = {
        row["statement_id"]
        for row in rows(field.model, field.column, kept)
        if row["withdrawn_at"] is None
    }
    sort_out(
        ledger,
        field,
        removed,
        kept,
        lambda row: row["withdrawn_at"] is None and row["statement_id"] in there,
    )


def follow_drafts(ledger, field, kept, removed):
    """What someone was writing follows, unless they were writing on the kept record too."""
    there = {row["user_id"] for row in rows(field.model, field.column, kept)}
    sort_out(ledger, field, removed, kept, lambda row: row["user_id"] in there)


def follow_positions(ledger, field, kept, removed):
    """Positions all stay, past and present, unless two say the very same."""

    def said(row):
        apart = {"id", field.column, "created_at", "updated_at"}
        return {name: value for name, value in row.items() if name not in apart} | {
            "title": fold(row["title"]),
            "unit": fold(row["unit"]),
        }

    there = rows(field.model, field.column, kept)
    came = rows(field.model, field.column, removed)
    for row in list(came):
        if same := next((other for other in there if said(other) == said(row)), None):
            ledger.absorb(field.model, row, same["id"])
            came.remove(row)
    ledger.move(field, came, kept)


def follow_participations(ledger, field, kept, removed):
    """Each person is once in an exchange: of two, the kept one's place takes what it lacks."""
    there = {row["interaction_id"]: row for row in rows(field.model, field.column, kept)}
    came = rows(field.model, field.column, removed)
    for row in list(came):
        if place := there.get(row["interaction_id"]):
            after = {"is_dpoh": place["is_dpoh"] or row["is_dpoh"]}
            if not place["title"]:
                names = ("title", "unit", "position_id", "organization_id")
                after |= {name: row[name] for name in names if row[name] and not place[name]}
            if place["capacity"] == "other":
                after["capacity"] = row["capacity"]
            ledger.absorb(field.model, row, place["id"])
            ledger.change(field.model, place, after)
            came.remove(row)
    ledger.move(field, came, kept)


def follow_account(ledger, field, kept, removed):
    """The account of a person, unless the kept one has their own: each has one at most."""
    came = rows(field.model, field.column, removed)
    if rows(field.model, field.column, kept):
        for row in came:
            ledger.change(field.model, row, {field.column: None})
    else:
        ledger.move(field, came, kept)


def follow_memberships(ledger, field, kept, removed):
    """Periods in the network never overlap: those that would are joined."""
    follow_periods(ledger, field, kept, removed, [], join_memberships)


def follow_alliances(ledger, field, kept, removed):
    """So it is of the participations in one alliance."""
    follow_periods(ledger, field, kept, removed, ["alliance_id"], join_participations)


def follow_periods(ledger, field, kept, removed, same, join):
    """Rows whose periods overlap (with the same values of the columns `same`) become one."""
    moved = []
    for cluster, joined in clusters(field, kept, removed, same, join):
        survivor, *others = cluster
        for row in others:
            ledger.absorb(field.model, row, survivor["id"])
        ledger.change(field.model, survivor, joined)
        if survivor[field.column] == removed:
            moved.append(survivor)
    ledger.move(field, moved, kept)


def clusters(field, kept, removed, same, join):
    """[(rows that become one, its values)]; the row that stays, the kept record's, comes first."""
    found = [
        ([row], row) for key in (kept, removed) for row in rows(field.model, field.column, key)
    ]
    while pair := next(
        (
            (one, other)
            for place, one in enumerate(found)
            for other in found[place + 1 :]
            if all(one[1][name] == other[1][name] for name in same) and overlap(one[1], other[1])
        ),
        None,
    ):
        one, other = pair
        found.remove(other)
        place = found.index(one)
        found[place] = (one[0] + other[0], one[1] | join(one[1], other[1]))
    return found


def overlap(one, other):
    """Whether two rows have a day in common; an unknown start or end is open."""
    return (one["started_on"] or "") <= (other["ended_on"] or "9") and (
        other["started_on"] or ""
    ) <= (one["ended_on"] or "9")


def join_periods(one, other):
    """The period that covers both: a known start goes before an unknown one, going on before an
    end. Also the row that ends last."""
    starts = [row["started_on"] for row in (one, other) if row["started_on"]]
    last = max((one, other), key=lambda row: row["ended_on"] or "9")
    return {"started_on": min(starts, default=None), "ended_on": last["ended_on"]}, last


def join_memberships(one, other):
    """One membership for two that overlap: what is unknown in one comes from the other. It is
    suspended if one that ends last is."""
    period, last = join_periods(one, other)
    lasting = [row for row in (one, other) if row["ended_on"] == last["ended_on"]]
    return period | {
        "end_reason": last["end_reason"]
        or next((row["end_reason"] for row in lasting if row["end_reason"]), ""),
        "status": "suspended" if any(r["status"] == "suspended" for r in lasting) else "active",
        "category": one["category"] or other["category"],
        "confirmed": one["confirmed"] or other["confirmed"],
        "source_url": one["source_url"] or other["source_url"],
    }


def join_participations(one, other):
    """One participation for two that overlap, in the closer role."""
    period, _last = join_periods(one, other)
    years = [row["since_year"] for row in (one, other) if row["since_year"]]
    year = min(years, default=None)
    if year and period["started_on"]:
        # The day or the year, whichever is before.
        if str(year) < period["started_on"][:4]:
            period["started_on"] = None
        else:
            year = None
    roles = ["coordination", "member", "observer"]
    return period | {
        "since_year": year,
        "role": min(one["role"], other["role"], key=roles.index),
        "liaison_id": one["liaison_id"] or other["liaison_id"],
        "source_url": one["source_url"] or other["source_url"],
    }


# How each relation follows. Links between two records need no word here, except links to users:
# what is about users grants something, and a merge grants nothing.
RULES = {
    # What access they gave has ended before they follow: see `members.merging.access`.
    "members.accessrequest.organization": move,
    "members.invitation.organization": move,
    "members.invitation.person": move,
    "members.representative.organization": move,
    "members.user.person": follow_account,
    "members.admissionfile.organization": move,
    "members.alliancemembership.liaison": move,
    "members.alliancemembership.organization": follow_alliances,
    "members.consent.person": move,
    "members.directoryentry.organization": leave,
    "members.event.posted_for": move,
    "members.eventproposal.organization": move,
    "members.document.organization": move,
    "members.followup.organization": move,
    "members.followup.person": move,
    "members.formerslug.organization": move,
    "members.identifier.organization": follow_numbers,
    "members.logo.organization": move,
    "members.membership.organization": follow_memberships,
    "members.membershipdecision.membership": move,
    "members.othername.organization": follow_names,
    "members.participation.organization": move,
    "members.participation.person": follow_participations,
    "members.participation.position": move,
    "members.personentry.person": leave,
    "members.position.organization": follow_positions,
    "members.position.person": follow_positions,
    "members.profiledraft.organization": follow_drafts,
    "members.profileproposal.organization": follow_proposals,
    "members.publishedchange.organization": move,
    "members.sentmail.organization": move,
    "members.signature.organization": follow_signatures,
    "members.sociallink.organization": follow_links,
}


def what_follows(*records):
    """For each record, how many rows of each kind hang on it: {words: [count, …]}, in one query."""
    model = type(records[0])
    fields = [field for field in followers(model) if rule_of(field) is not leave]
    counts = ", ".join(
        f'(SELECT count(*) FROM "{field.model._meta.db_table}" WHERE "{field.column}" = record)'
        for field in fields
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {counts} FROM unnest(%s::bigint[]) WITH ORDINALITY AS asked (record, place)"
            " ORDER BY place",
            [[record.pk for record in records]],
        )
        found = cursor.fetchall()
    told = defaultdict(lambda: [0] * len(records))
    for place, field in enumerate(fields):
        for number, row in enumerate(found):
            told[str(words_of(field.model, field.column))][number] += row[place]
    return {words: numbers for words, numbers in told.items() if any(numbers)}


def joined_periods(kept, removed):
    """The periods of two organizations that would become one: [(words, [rows], joined)]."""
    found = []
    for field, same, join in (
        (Organization._meta.get_field("memberships").field, [], join_memberships),
        (
            Organization._meta.get_field("alliance_memberships").field,
            ["alliance_id"],
            join_participations,
        ),
    ):
        found += [
            (field.model, cluster, values_)
            for cluster, values_ in clusters(field, kept.pk, removed.pk, same, join)
            if len(cluster) > 1
        ]
    return found


def words_of(model, but=None):
    """What the rows of a model are called; of links, what they are links to."""
    if not model._meta.auto_created:
        return model._meta.verbose_name_plural
    ends = [end for end in model._meta.fields[1:] if end.column != but]
    end = next((e for e in ends if e.related_model not in MERGED), ends[0])
    return end.related_model._meta.verbose_name_plural
