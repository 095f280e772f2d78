"""The staff's home: what each person has to do, what others did, and the network in figures.

Every number is the length of a list, and leads to it.
"""

import datetime
import hashlib
from dataclasses import dataclass

from django.db.models import Count, Q, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from members import completeness, facets, freshness, lobbying, maps
from members.admin.activity import changes_by_others
from members.admin.freshness import address as freshness_address
from members.admin.proposals import URGENT_AFTER
from members.models import (
    AccessRequest,
    AdmissionFile,
    Country,
    DirectoryEntry,
    EventProposal,
    FollowUp,
    GovernmentInteraction,
    Interaction,
    Membership,
    Organization,
    ProfileProposal,
    PublishedChange,
    SentMail,
    Theme,
)
from members.models.memberships import counted_days
from members.models.periods import is_current
from members.permissions import may, roles_of
from regions.models import Region

# How many follow-ups and changes are shown before the whole list.
SHOWN = 6
# How many themes and countries have a bar.
BARS = 8
# From when a profile is old, in days: representatives are asked once a year.
STALE_AFTER = 365


@dataclass(frozen=True)
class Number:
    """A number that is the length of a list: `url` shows it. `urgent` when it should not wait."""

    count: int
    label: str
    url: str
    urgent: bool = False


@dataclass(frozen=True)
class Bar:
    """A row of a small chart: `count` is written, and drawn `width` % wide of the longest."""

    label: str
    count: int
    width: float
    url: str


def dashboard(request):
    """All that the home page shows to this user, as the template's variables."""
    user = request.user
    context = {"today": timezone.localdate(), "to_do": work(user)}
    if may(user, "view", FollowUp):
        context |= follow_ups(user)
    context["can_log"] = may(user, "add", Interaction)
    if may(user, "view", GovernmentInteraction):
        context["lobbying"] = lobbying.due_reports()
    if may(user, "view", Organization):
        context |= network()
    if roles_of(user):
        context["changes"] = changes_by_others(user, SHOWN)
    return context


def address(model, **parameters):
    """The list of `model` in the staff's site, filtered."""
    url = reverse(f"admin:members_{model}_changelist")
    return f"{url}?{urlencode(parameters)}" if parameters else url


# What waits for me


def follow_ups(user):
    """The user's open follow-ups: the first ones, and how many are late or due this week."""
    mine = FollowUp.objects.mine(user).open()
    numbers = mine.aggregate(
        open=Count("pk"),
        late=Count("pk", filter=Q(pk__in=FollowUp.objects.late().values("pk"))),
        week=Count("pk", filter=Q(pk__in=FollowUp.objects.this_week().values("pk"))),
    )
    return {
        "follow_ups": mine.select_related(
            "assigned_to", "organization", "person", "dossier", "interaction"
        ).by_due_day()[:SHOWN],
        "follow_up_numbers": [
            Number(
                numbers["late"],
                _("late"),
                address("followup", state="late"),
                urgent=bool(numbers["late"]),
            ),
            Number(numbers["week"], _("this week"), address("followup", state="week")),
            Number(numbers["open"], _("in all"), address("followup")),
        ],
    }


def work(user):
    """What the directory's records wait for: each number with the list that makes it."""
    return [*sent_to_us(user), *profiles(user)]


def sent_to_us(user):
    """What members and others sent that waits for the staff: all counted in one query.

    Requests for access are rare: they have a number only while there are some.
    """
    long_ago = timezone.localdate() - datetime.timedelta(days=URGENT_AFTER)
    waiting, events = ProfileProposal.objects.waiting(), EventProposal.objects.waiting()
    counted = {
        "applications": (AdmissionFile, "view", AdmissionFile.objects.open()),
        "requests": (AccessRequest, "change", AccessRequest.objects.waiting()),
        "proposals": (ProfileProposal, "view", waiting),
        "late": (ProfileProposal, "view", waiting.filter(proposed_at__date__lt=long_ago)),
        "events": (EventProposal, "view", events),
        "late_events": (EventProposal, "view", events.filter(proposed_at__date__lt=long_ago)),
        "published": (PublishedChange, "view", PublishedChange.objects.to_see()),
    }
    rows = [
        found.order_by().annotate(what=Value(what)).values("what").annotate(count=Count("*"))
        for what, (model, action, found) in counted.items()
        if may(user, action, model)
    ]
    if not rows:
        return []
    numbers = {row["what"]: row["count"] for row in rows[0].union(*rows[1:], all=True)}

    def number(what, label, model, **more):
        """The `Number` of one of them; none for who may not."""
        model_counted, action, _found = counted[what]
        if not may(user, action, model_counted):
            return []
        return [Number(numbers.get(what, 0), label, address(model), **more)]

    asked = numbers.get("requests", 0)
    sent, seen = numbers.get("proposals", 0), numbers.get("published", 0)
    posted = numbers.get("events", 0)
    return [
        *number("applications", _("applications to deal with"), "admissionfile"),
        *(
            number(
                "requests",
                ngettext("access request", "access requests", asked),
                "accessrequest",
                urgent=True,
            )
            if asked
            else []
        ),
        *number(
            "proposals",
            ngettext("proposal to review", "proposals to review", sent),
            "profileproposal",
            urgent=bool(numbers.get("late")),
        ),
        *number(
            "events",
            ngettext("event to review", "events to review", posted),
            "eventproposal",
            urgent=bool(numbers.get("late_events")),
        ),
        *number(
            "published",
            ngettext("published change to look at", "published changes to look at", seen),
            "publishedchange",
        ),
    ]


def profiles(user):
    """What members and their profiles wait for."""
    if not may(user, "view", Organization):
        return []
    current = Q(pk__in=Membership.objects.current().values("organization"))
    long_ago = timezone.localdate() - datetime.timedelta(days=STALE_AFTER)
    in_good_standing = Q(entry__listed__has_day=timezone.localdate())
    numbers = freshness.with_freshness(Organization.objects.filter(current)).aggregate(
        unconfirmed=Count(
            "pk",
            filter=Q(
                pk__in=Membership.objects.current()
                .filter(confirmed=False, status=Membership.Status.ACTIVE)
                .values("organization")
            ),
        ),
        never=Count("pk", filter=Q(last_confirmed_on__isnull=True)),
        old=Count("pk", filter=Q(last_confirmed_on__lte=long_ago)),
        incomplete=Count("pk", filter=completeness.INCOMPLETE),
        silent=Count("pk", filter=in_good_standing & Q(freshness=freshness.State.SILENT)),
        bounced=Count("pk", filter=in_good_standing & freshness.has_bounced_address()),
    )
    return [
        Number(
            numbers["unconfirmed"],
            _("memberships to confirm"),
            address("organization", membership="unconfirmed"),
        ),
        Number(
            numbers["never"],
            _("profiles never confirmed"),
            address("organization", confirmed="never"),
        ),
        Number(
            numbers["old"],
            _("profiles confirmed more than a year ago"),
            address("organization", confirmed="old"),
        ),
        Number(
            numbers["incomplete"],
            _("incomplete profiles"),
            address("organization", profile="incomplete"),
        ),
        *(unanswered(numbers) if may(user, "view", SentMail) else []),
    ]


def unanswered(numbers):
    """The members that did not answer the reminders, and those with an address that bounced."""
    return [
        Number(
            numbers["silent"],
            _("members that did not answer"),
            freshness_address(state="silent"),
            urgent=bool(numbers["silent"]),
        ),
        Number(
            numbers["bounced"],
            _("members with an address that does not work"),
            freshness_address(state="bounced"),
            urgent=bool(numbers["bounced"]),
        ),
    ]


# The network in figures


def network():
    """Members by region, over the years, by theme and by country."""
    members = DirectoryEntry.objects.filter(
        organization__in=Membership.objects.current().values("organization")
    )
    counts = facets.count(members, {}).by
    regions = {
        region.code: (region.name, address("organization", region=region.code))
        for region in Region.objects.all()
    }
    by_region = [
        Number(counts["region"][code], name, url)
        for code, (name, url) in regions.items()
        if counts["region"].get(code)
    ]
    shown = f"{get_language()} {sorted(counts['region'].items())}"
    return {
        "map": maps.drawn(regions, counts["region"], key=map_key(shown)),
        "by_region": sorted(by_region, key=lambda number: -number.count),
        "members_over_time": members_over_time(),
        "themes": bars(counts["theme"], Theme.objects.all(), "pk", "theme", "slug"),
        "countries": bars(counts["country"], Country.objects, "code", "country", "code"),
    }


def map_key(shown):
    """Where the map that shows these counts is kept."""
    return f"staff-map:{hashlib.sha256(shown.encode()).hexdigest()[:32]}"


def bars(counts, records, column, parameter, value):
    """The BARS highest counts of {key: count}, with the names that `records` have for the keys."""
    highest = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:BARS]
    known = {
        str(getattr(record, column)): record
        for record in records.filter(**{f"{column}__in": [key for key, _count in highest]})
    }
    most = max((count for _key, count in highest), default=1)
    return [
        Bar(
            known[key].name,
            count,
            round(100 * count / most, 1),
            address("organization", **{parameter: getattr(known[key], value)}),
        )
        for key, count in highest
        if key in known
    ]


def members_over_time():
    """How many memberships ran on the last day of each of the last years, and run today.

    Memberships whose start is not known count as if they had always been: `undated` says how many.
    """
    days = counted_days()
    counted = Membership.objects.aggregate(
        undated=Count("pk", filter=is_current(days[-1]) & Q(started_on__isnull=True)),
        **{f"on_{place}": Count("pk", filter=is_current(day)) for place, day in enumerate(days)},
    )
    counts = [counted[f"on_{place}"] for place in range(len(days))]
    most = max(1, *counts)
    words = [*(str(day.year) for day in days[:-1]), _("today")]
    return {
        "undated": counted["undated"],
        "bars": [
            Bar(
                label,
                count,
                round(100 * count / most, 1),
                address("membership", period="all", day=day.isoformat()),
            )
            for label, count, day in zip(words, counts, days, strict=True)
        ],
    }
