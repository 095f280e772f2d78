"""A double is merged and the merge undone from the history, in a browser, wide and narrow."""

import pytest

from members.models import Interaction, Merge, Organization
from members.permissions import Role
from tests.browser.axe import too_wide, violations
from tests.browser.conftest import come_in
from tests.conftest import load_reference
from tests.factories import InteractionFactory, OrganizationFactory, PersonFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def eaux():
    """(the member, its double)."""
    load_reference()
    member = OrganizationFactory(name_fr="Eau vive (fictif)", town="Montréal")
    double = OrganizationFactory(
        name_fr="Eau vive inc. (fictif)", acronym="EVI", outside=True, phone="+15145550123"
    )
    InteractionFactory(about=[double], subject="Premier appel")
    PersonFactory(at=double, title="Directrice", first_name="Awa", last_name="Sarr")
    return member, double


def sign_in(page, live_server):
    user = make_user(Role.PERMANENCE, email="permanence@example.org")
    come_in(page, live_server, user)


def check(page, faults):
    """The page fits, and neither axe nor the strict policy complains."""
    assert too_wide(page) <= 0, page.url
    assert violations(page, faults) == [], page.url


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_merge_a_double_and_undo_it(page, live_server, faults, eaux, width, scheme):
    member, double = eaux
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/admin/members/organization/")
    page.locator(".list-menu summary").click()
    page.locator(".list-menu a[href*='/doubles/organization/']").click()
    check(page, faults)
    page.locator(".pair .acts a").click()
    check(page, faults)
    page.locator("[name='choice-name_fr'][value=removed]").check()
    page.locator(".submit-row [type=submit]").click()
    page.wait_for_selector(".messagelist .success")
    member.refresh_from_db()
    assert member.name_fr == "Eau vive inc. (fictif)"
    assert str(member.phone) == "+15145550123"
    assert list(Interaction.objects.get().organizations.all()) == [member]

    page.goto(f"{live_server.url}/admin/members/organization/{double.pk}/history/")
    assert page.url.endswith(f"/{member.pk}/history/")
    check(page, faults)
    page.locator(".merges button").click()
    page.wait_for_selector(".messagelist .success")
    member.refresh_from_db()
    assert member.name_fr == "Eau vive (fictif)"
    assert list(Interaction.objects.get().organizations.all()) == [double]
    assert Merge.objects.get().undone_at
    assert faults == []


@pytest.fixture
def plain(browser):
    """A page of a browser without script."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_merge_without_script(plain, live_server, eaux):
    member, double = eaux
    sign_in(plain, live_server)
    plain.goto(f"{live_server.url}/admin/members/merge/with/organization/{member.pk}/")
    plain.locator("#other").fill("evi")
    plain.locator(".find [type=submit]").click()
    plain.locator(".pair .acts a").click()
    plain.locator(".swap a").click()
    plain.locator(".submit-row [type=submit]").click()
    plain.wait_for_selector(".messagelist .success")
    assert [o.pk for o in Organization.objects.all()] == [double.pk]
    plain.locator(".messagelist a").click()
    plain.locator(".submit-row [type=submit]").click()
    plain.wait_for_selector(".messagelist .success")
    assert Organization.objects.count() == 2
