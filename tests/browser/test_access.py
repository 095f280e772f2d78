"""Coming in, seeing who has access and asking for it, on a telephone and without script."""

import re

import pytest
from django.core import mail
from django.urls import reverse, translate_url

from members.models import AccessRequest, Representative
from members.space.people import link_token
from tests.browser.axe import too_wide, violations
from tests.browser.conftest import come_in, watch
from tests.conftest import load_reference
from tests.factories import (
    OrganizationFactory,
    PersonFactory,
    RepresentativeFactory,
    UserFactory,
    invitation_to,
)

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 700}


@pytest.fixture
def organization():
    load_reference()
    return OrganizationFactory(name_fr="Eau vive (fictif)", name_en="Living Water (fictional)")


@pytest.fixture
def manager(organization):
    person = PersonFactory(
        first_name="Ana",
        last_name="Rivière",
        at=organization,
        title="Direction générale",
        email="ana@eauvive.example",
    )
    user = UserFactory(email="ana@eauvive.example", first_name="Ana", person=person)
    return RepresentativeFactory(user=user, organization=organization, manager=True)


def test_manager_invites_a_colleague_who_comes_in_and_is_removed(
    page, browser, live_server, organization, manager
):
    page.set_viewport_size(PHONE)
    come_in(page, live_server, manager.user, "/mon-organisme/")
    page.goto(f"{live_server.url}/mon-organisme/{organization.slug}/acces/")
    page.get_by_role("link", name="Inviter").click()
    page.get_by_label("adresse courriel").fill("basile@eauvive.example")
    page.get_by_role("button", name="Envoyer l’invitation").click()
    page.get_by_text("basile@eauvive.example").first.wait_for()
    link = re.search(r"https?://[^/\s]+(/\S*invitation/\S+)", mail.outbox[-1].body)[1]

    with browser.new_context(viewport=PHONE) as context:
        faults = watch(context)
        colleague = context.new_page()
        colleague.goto(live_server.url + link)
        colleague.get_by_role("button", name="Accepter l’invitation").click()
        colleague.locator("[name=code]").wait_for()
        code = re.search(r"^\s*([A-Z0-9-]{6,9})\s*$", mail.outbox[-1].body, re.M)[1]
        colleague.locator("[name=code]").fill(code)
        colleague.locator("[name=code]").press("Enter")
        colleague.wait_for_url(f"**/mon-organisme/{organization.slug}/")
        assert faults == []

        page.reload()
        page.get_by_role("link", name="Retirer basile@eauvive.example").click()
        page.get_by_role("button", name="Retirer").click()
        page.get_by_text("n’agit plus pour l’organisme").wait_for()
        answer = colleague.goto(f"{live_server.url}/mon-organisme/{organization.slug}/acces/")
        assert answer.status == 404
        assert "Votre accès a pris fin" in colleague.content()
    assert Representative.objects.get(user__email="basile@eauvive.example").ended_at


def test_access_is_asked_for_without_script(browser, live_server, organization):
    with browser.new_context(java_script_enabled=False, viewport=PHONE) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/mon-organisme/demande/")
        page.get_by_label("Votre organisme").select_option(organization.name_fr)
        page.get_by_label("Votre nom").fill("Basile Fictif")
        page.get_by_label("Votre adresse courriel professionnelle").fill("basile@eauvive.example")
        page.get_by_label("Votre fonction").fill("Communications")
        page.wait_for_timeout(2100)  # as long as it takes to read it
        page.get_by_role("button", name="Envoyer la demande").click()
        page.wait_for_url("**/demande/envoyee/")
    assert AccessRequest.objects.get().name == "Basile Fictif"


@pytest.mark.parametrize("language", ["", "/en"])
def test_pages_have_no_fault_and_no_sideways_scroll(
    page, live_server, faults, organization, manager, language
):
    RepresentativeFactory(organization=organization, user__email="basile@eauvive.example")
    other = PersonFactory(
        first_name="Basile", at=organization, title="Communications", email="b@eauvive.example"
    )
    invitation = invitation_to(
        organization, manager.user, email="une-tres-longue-adresse-de-courriel@eauvive.example"
    )
    space = f"/mon-organisme/{organization.slug}/"
    public = [
        "/mon-organisme/demande/",
        "/mon-organisme/demande/envoyee/",
        reverse("space:invitation", args=[invitation.token]),
        reverse("space:invitation", args=["a" * 43]),
        reverse("space:show-publicly", args=[link_token(other.positions.get())]),
        reverse("space:show-publicly", args=["a:b:c"]),
    ]
    own = [
        f"{space}acces/",
        f"{space}acces/inviter/",
        f"{space}acces/quitter/",
        f"{space}acces/{manager.pk}/role/",
        f"{space}personnes/",
    ]
    if language:
        public = [translate_url(path, "en") for path in public]
        own = [translate_url(path, "en") for path in own]
    page.set_viewport_size(NARROW)
    wrong = []
    for path in [*public, *own]:
        if path == own[0]:
            come_in(page, live_server, manager.user, "/mon-organisme/")
        page.goto(live_server.url + path)
        wrong += [(path, fault) for fault in violations(page, faults)]
        if too_wide(page) > 0:
            wrong.append((path, "scrolls sideways"))
    assert wrong == []
