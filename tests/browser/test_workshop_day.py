"""A staff person's day in the workshop: whole journeys in a browser, by the words on the screen."""

import datetime
import re
from urllib.parse import unquote

import pghistory
import pytest
from django.urls import reverse
from django.utils import timezone

from members.models import Position
from members.permissions import Role
from tests.browser.axe import too_wide, violations
from tests.browser.conftest import come_in
from tests.conftest import load_reference
from tests.factories import OrganizationFactory, PersonFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def network():
    """Two organizations: one works on water in Haiti, the other does not; each has its people."""
    load_reference()
    water = OrganizationFactory(
        name_fr="Eau vive (fictif)", themes=["eau-assainissement"], countries=["HT"]
    )
    other = OrganizationFactory(name_fr="Jeunesse unie (fictif)", countries=["ML"])
    for organization, name in ((water, "Vive"), (other, "Unie")):
        for first, kind in (("Anouk", "direction"), ("Basile", "communications")):
            PersonFactory(
                first_name=first,
                last_name=name,
                at=organization,
                kinds=[kind],
                title="Direction générale" if kind == "direction" else "Communications",
                email=f"{first}.{name}@organisme.example".lower(),
            )
    return water


@pytest.fixture
def office(page, live_server, network):
    """A page of someone of the permanence."""
    user = make_user(Role.PERMANENCE, email="marie@example.org", first_name="Marie")
    come_in(page, live_server, user)
    return page


def test_write_to_the_communications_of_who_works_on_water_in_haiti(office, live_server, faults):
    office.goto(f"{live_server.url}/admin/members/person/")
    office.locator("#searchbar").fill("eau haiti")
    office.locator("#changelist-search [type=submit]").click()
    office.locator("#changelist-filter").get_by_role(
        "link", name=re.compile(r"^communications")
    ).click()
    office.locator(".object-tools").get_by_role("link", name=re.compile("Écrire")).click()
    assert office.locator("#addresses").input_value() == "basile.vive@organisme.example"
    link = office.locator("a[href^='mailto:']").first.get_attribute("href")
    assert "basile.vive@organisme.example" in unquote(link)
    assert violations(office, faults) == []


def test_record_that_a_director_left_and_another_came(office, live_server, faults, network):
    leaving = Position.objects.get(organization=network, kinds__contains=["direction"])
    office.goto(live_server.url + reverse("admin:members_person_change", args=[leaving.person_id]))
    office.get_by_role("link", name="Noter une relève").click()
    office.locator("[name=last_day]").fill("2026-10-30")
    office.locator("[name=first_name]").fill("Célestine")
    office.locator("[name=last_name]").fill("Nouvelle")
    assert violations(office, faults) == []
    office.locator(".submit-row .default").click()
    office.wait_for_selector(".messagelist .success")
    leaving.refresh_from_db()
    assert leaving.ended_on == datetime.date(2026, 10, 30)
    came = Position.objects.get(person__last_name="Nouvelle")
    assert (came.organization, came.title) == (network, "Direction générale")
    assert came.started_on == datetime.date(2026, 10, 31)
    assert faults == []


def test_see_who_changed_a_phone_number_last_month(office, live_server, faults, network):
    paul = make_user(Role.PERMANENCE, email="paul@example.org", first_name="Paul")
    with pghistory.context(user=paul.pk):
        network.phone = "+15145550199"
        network.save()
    office.goto(f"{live_server.url}/admin/")
    changes = office.locator("section", has=office.get_by_role("heading", name="Les changements"))
    changes.get_by_role("link", name="Eau vive (fictif)").click()
    moment = office.locator(".moments > li", has_text="555-0199")
    assert "Paul" in moment.locator(".who").inner_text()
    assert str(timezone.localdate().year) in moment.locator("time").inner_text()
    assert faults == []


def test_home_is_usable_on_a_phone_and_at_a_desk(office, live_server, faults):
    for width, scheme in ((390, "light"), (1280, "light"), (1280, "dark")):
        office.set_viewport_size({"width": width, "height": 800})
        office.emulate_media(color_scheme=scheme)
        office.goto(f"{live_server.url}/admin/")
        assert too_wide(office) <= 0
        assert violations(office, faults) == []
