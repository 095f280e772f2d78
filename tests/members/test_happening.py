"""What campaigns, events, statements and crises must never be, and what they know of themselves."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from members.models import (
    Campaign,
    CampaignEdition,
    Crisis,
    EditionLink,
    Event,
    EventDate,
    Signature,
    Statement,
)
from members.models.statements import SigningClosed
from members.permissions import Role
from tests.factories import (
    CampaignFactory,
    EditionFactory,
    EventFactory,
    OrganizationFactory,
    StatementFactory,
    UserFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

TORONTO = ZoneInfo("America/Toronto")
DAY = datetime.date


def at(*moment):
    return datetime.datetime(*moment, tzinfo=TORONTO)


def date_of(event, **moments):
    return EventDate(event=event, **moments)


BROKEN = {
    "edition_ends_after_it_starts": lambda: EditionFactory(
        year=2026, starts_on=DAY(2026, 12, 6), ends_on=DAY(2026, 11, 25)
    ),
    "edition_is_in_its_year": lambda: EditionFactory(year=2026, starts_on=DAY(2025, 11, 25)),
    "campaign_has_one_edition_a_year": lambda: [
        EditionFactory(campaign=campaign, year=2026) for campaign in [CampaignFactory()] * 2
    ],
    "edition_link_is_a_web_address": lambda: EditionLink.objects.create(
        edition=EditionFactory(), label_fr="Clic", url="javascript:alert(1)"
    ),
    "event_has_a_french_title": lambda: EventFactory(title_fr=" ", slug="x"),
    "event_links_are_web_addresses": lambda: EventFactory(registration_url="javascript:alert(1)"),
    "event_that_is_free_has_no_cost": lambda: EventFactory(cost_fr="10 $"),
    "event_zone_is_one_of_quebec": lambda: EventFactory(dates=False, zone="Europe/Paris"),
    "event_date_ends_after_it_starts": lambda: date_of(
        EventFactory(dates=False), starts_at=at(2026, 11, 25, 19), ends_at=at(2026, 11, 25, 19)
    ).save(),
    "event_date_is_not_too_long": lambda: date_of(
        EventFactory(dates=False), starts_at=at(2026, 11, 25), ends_at=at(2028, 11, 25)
    ).save(),
    "event_begins_once_at_a_time": lambda: [
        date_of(event, starts_at=at(2026, 11, 25, 19)).save()
        for event in [EventFactory(dates=False)] * 2
    ],
    "statement_signing_has_both_days_in_order": lambda: StatementFactory(
        signing_from=DAY(2026, 1, 2), signing_until=DAY(2026, 1, 1)
    ),
    "public_statement_has_a_date_and_a_text": lambda: StatementFactory(text_fr=""),
    "crisis_has_its_day": lambda: Crisis.objects.create(
        country_id="HT", title_fr="Crise", text_fr="Voir."
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_database_refuses(name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        BROKEN[name]()


# Editions


def test_edition_is_near_then_on_then_over():
    edition = EditionFactory(year=2026, starts_on=DAY(2026, 11, 25), ends_on=DAY(2026, 12, 6))
    assert edition.days_before(DAY(2026, 10, 1)) is None
    assert edition.days_before(DAY(2026, 11, 20)) == 5
    assert not edition.is_on(DAY(2026, 11, 24))
    assert edition.is_on(DAY(2026, 11, 25))
    assert edition.is_on(DAY(2026, 12, 6))
    assert edition.days_before(DAY(2026, 11, 25)) is None
    assert not edition.is_on(DAY(2026, 12, 7))
    leading = CampaignEdition.objects.leading
    assert not leading(DAY(2026, 10, 1)).exists()
    assert leading(DAY(2026, 11, 20)).get() == leading(DAY(2026, 12, 6)).get() == edition
    assert not leading(DAY(2026, 12, 7)).exists()


def test_edition_in_preparation_leads_nothing():
    EditionFactory(
        year=2026, starts_on=DAY(2026, 11, 25), ends_on=DAY(2026, 12, 6), is_published=False
    )
    assert not CampaignEdition.objects.leading(DAY(2026, 11, 26)).exists()


def test_next_edition_is_this_one_without_its_theme_and_files():
    member, staff = OrganizationFactory(), make_user(Role.COMMUNICATIONS)
    edition = EditionFactory(
        year=2024,
        starts_on=DAY(2024, 2, 29),
        ends_on=DAY(2024, 3, 9),
        theme_fr="Thème",
        text_fr="Texte",
    )
    edition.organizations.add(member)
    for kind in ("share", "download"):
        EditionLink.objects.create(
            edition=edition, kind=kind, label_fr=kind, url="https://exemple.example/"
        )
    copy = edition.copied_to(2025, by=staff)
    assert (copy.starts_on, copy.ends_on) == (DAY(2025, 2, 28), DAY(2025, 3, 9))
    assert (copy.theme_fr or "", copy.text_fr, copy.is_published) == ("", "Texte", False)
    assert list(copy.organizations.all()) == [member]
    assert [link.kind for link in copy.links.all()] == ["share"]
    assert edition.links.count() == 2
    with pytest.raises(ValidationError):
        edition.copied_to(2025, by=staff)


def test_address_is_made_once_and_never_another_s():
    one, two = (Campaign.objects.create(name_fr="12 jours d’action") for _n in range(2))
    assert (one.slug, two.slug) == ("12-jours-d-action", "12-jours-d-action-2")
    one.name_fr = "Autre nom"
    one.save()
    assert one.slug == "12-jours-d-action"


# Events


def test_event_takes_no_address_of_ours():
    assert EventFactory(title_fr="Archives").slug == "archives-2"


def test_evening_that_ends_at_midnight_lasts_one_day():
    event = EventFactory(dates=False)
    date = date_of(event, starts_at=at(2026, 11, 25, 19), ends_at=at(2026, 11, 26))
    assert date.first_day == date.last_day == DAY(2026, 11, 25)
    whole = date_of(event, starts_at=at(2026, 11, 25), ends_at=at(2026, 11, 28))
    assert whole.last_day == DAY(2026, 11, 27)


def test_islands_are_an_hour_ahead():
    event = EventFactory(dates=False, zone="America/Halifax")
    date = date_of(event, starts_at=at(2026, 11, 25, 18))
    assert date.starts.hour == 19


def test_dates_within_days():
    event = EventFactory(dates=False)
    date_of(event, starts_at=at(2026, 11, 25, 19), ends_at=at(2026, 11, 27, 12)).save()
    within = EventDate.objects.within
    assert within(DAY(2026, 11, 26), DAY(2026, 11, 26)).exists()
    assert within(DAY(2026, 11, 27), None).exists()
    assert not within(DAY(2026, 11, 28), None).exists()
    assert not within(None, DAY(2026, 11, 24)).exists()
    assert EventDate.objects.coming(at(2026, 11, 27, 11)).exists()
    assert EventDate.objects.past(at(2026, 11, 27, 12)).exists()


def test_each_change_moves_the_sequence():
    event = EventFactory(dates=False)
    assert event.sequence == 0
    date = date_of(event, starts_at=at(2026, 11, 25, 19))
    date.save()
    event.refresh_from_db()
    assert event.sequence == 1
    event.status = Event.Status.CANCELLED
    event.save()
    event.refresh_from_db()
    assert event.sequence == 2
    date.is_cancelled = True
    date.save()
    event.refresh_from_db()
    assert event.sequence == 3
    before = event.updated_at
    date.delete()
    event.refresh_from_db()
    assert event.sequence == 4
    assert event.updated_at >= before


def test_sequence_never_goes_back():
    event = EventFactory(dates=False)
    stale = Event.objects.get(pk=event.pk)
    date_of(event, starts_at=at(2026, 11, 25, 19)).save()
    date_of(event, starts_at=at(2026, 11, 26, 19)).save()
    stale.title_fr = "Autre"
    stale.save()
    event.refresh_from_db()
    assert event.sequence == 3
    # Nothing that anyone sees: no change.
    Event.objects.filter(pk=event.pk).update(posted_for=OrganizationFactory(), sequence=0)
    event.refresh_from_db()
    assert event.sequence == 3


# Statements


def test_organization_signs_once_within_the_days():
    statement, member, user = StatementFactory(open=True), OrganizationFactory(), UserFactory()
    signature = statement.sign(member, by=user, title="Directrice")
    assert statement.sign(member, by=user) == signature
    assert signature.signed_name
    signature.take_back(by=user)
    assert not Signature.objects.standing().exists()
    again = statement.sign(member, by=user)
    assert again != signature
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Statement.objects.update(signing_from=yesterday, signing_until=yesterday)
    statement.refresh_from_db()
    again.refresh_from_db()
    with pytest.raises(SigningClosed):
        statement.sign(OrganizationFactory(), by=user)
    with pytest.raises(SigningClosed):
        again.take_back(by=user)
    again.take_back(by=make_user(Role.PERMANENCE))
    assert Signature.objects.filter(withdrawn_at__isnull=False).count() == 2
