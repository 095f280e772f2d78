"""A representative brings a profile up to date: on a phone and a desktop, with and without script,
by keyboard alone; and what axe says of each page."""

import re

import pytest
from django.urls import reverse

from members.models import Organization, ProfileDraft, ProfileProposal, User
from tests.browser.axe import COLOURS, too_wide, violations
from tests.browser.conftest import come_in
from tests.conftest import load_reference
from tests.factories import OrganizationFactory, RepresentativeFactory

pytestmark = pytest.mark.django_db(transaction=True)

SCREENS = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}


@pytest.fixture(autouse=True)
def site_url(settings):
    """Where the links of mails lead."""
    settings.SITE_URL = "https://annuaire.example"


@pytest.fixture
def organization():
    load_reference()
    return OrganizationFactory(
        name_fr="Eau vive (fictif)",
        acronym="EV",
        town="Sherbrooke",
        phone="+15145550123",
        summary_fr="De l’eau.",
        mission_fr="De l’eau pour le monde.",
        themes=["eau-assainissement"],
        countries=["HT", "SN"],
    )


@pytest.fixture
def ana(organization):
    user = User.objects.create_user("ana@eau.example", first_name="Ana")
    RepresentativeFactory(user=user, organization=organization)
    return user


def public(organization):
    return Organization.objects.get(pk=organization.pk)


def enter(page, live_server, ana, organization, name="state"):
    come_in(page, live_server, ana, reverse(f"space:{name}", args=[organization.slug]))


def fits(page):
    wide = too_wide(page)
    assert wide <= 0, f"{page.url} is {wide} px too wide"


def journey(page, organization):
    """Mission and phone are changed: the phone is live, the mission waits."""
    page.get_by_role("link", name="Modifier la fiche").first.click()
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_label("Mission en français").fill("De l’eau pour toutes et tous.")
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_label("Téléphone public").fill("12")
    page.get_by_role("button", name="Enregistrer et continuer").click()
    problems = page.get_by_role("alert")
    problems.get_by_role("link", name="Téléphone public").click()
    assert page.get_by_label("Téléphone public").input_value() == "12"
    page.get_by_label("Téléphone public").fill("819 555-0199")
    page.get_by_role("button", name="Relire et envoyer").click()
    assert page.locator("ins", has_text="toutes et").is_visible()
    fits(page)
    assert str(public(organization).phone) == "+15145550123"
    page.get_by_label("Mot à l’équipe").fill("C’est voté.")
    page.get_by_role("button", name="Envoyer mes changements").click()
    page.get_by_text("En attente de l’équipe.").wait_for()
    fits(page)
    assert str(public(organization).phone) == "+18195550199"
    assert public(organization).mission_fr == "De l’eau pour le monde."
    assert ProfileProposal.objects.get().message == "C’est voté."


@pytest.mark.parametrize("screen", SCREENS)
def test_mission_waits_and_phone_is_live(page, live_server, ana, organization, screen):
    page.set_viewport_size(SCREENS[screen])
    enter(page, live_server, ana, organization)
    journey(page, organization)


def test_same_journey_without_script(browser, live_server, ana, organization):
    context = browser.new_context(java_script_enabled=False, viewport=SCREENS["phone"])
    page = context.new_page()
    enter(page, live_server, ana, organization)
    page.goto(live_server.url + reverse("space:edit", args=[organization.slug, "identity"]))
    page.get_by_role("button", name="Ajouter des lignes (Autres noms)").click()
    page.get_by_label("Ligne 3\N{NO-BREAK SPACE}: texte").first.fill("Source vive")
    page.get_by_role("button", name="Enregistrer le brouillon").click()
    assert "Choisissez dans la liste" in page.get_by_role("alert").inner_text()
    page.get_by_label("Ligne 1\N{NO-BREAK SPACE}: lequel").first.select_option("former")
    page.get_by_role("button", name="Enregistrer le brouillon").click()
    page.goto(live_server.url + reverse("space:state", args=[organization.slug]))
    journey(page, organization)
    asked = {one.name: one.proposed for one in ProfileProposal.objects.get().fields.all()}
    assert asked["other_names"] == [["former", "Source vive"]]
    context.close()


def test_what_is_typed_is_kept_by_itself(page, live_server, ana, organization):
    enter(page, live_server, ana, organization)
    page.goto(live_server.url + reverse("space:edit", args=[organization.slug, "presentation"]))
    page.get_by_label("Résumé en français").fill("De l’eau claire.")
    page.get_by_text(re.compile("Brouillon enregistré à")).wait_for()
    assert ProfileDraft.objects.get().typed == {
        "presentation": {"summary_fr": ["De l’eau claire."]}
    }
    page.get_by_role("article").get_by_text("De l’eau claire.").wait_for()
    page.get_by_label("Résumé en français").fill("x" * 405)
    assert page.get_by_text("5 caractères de trop").first.is_visible()
    page.reload()
    assert page.get_by_label("Résumé en français").input_value() in ("x" * 405, "De l’eau claire.")


def test_network_that_fails_is_told_and_tried_again(page, live_server, ana, organization, faults):
    enter(page, live_server, ana, organization)
    page.goto(live_server.url + reverse("space:edit", args=[organization.slug, "presentation"]))
    page.route("**/presentation/", lambda route: route.abort())
    page.get_by_label("Résumé en français").fill("De l’eau claire.")
    page.get_by_text(re.compile("Non enregistré")).wait_for()
    page.unroute("**/presentation/")
    page.get_by_text(re.compile("Brouillon enregistré à")).wait_for(timeout=15000)
    assert page.get_by_label("Résumé en français").input_value() == "De l’eau claire."
    faults.clear()


def test_country_is_found_by_typing(page, live_server, ana, organization):
    enter(page, live_server, ana, organization)
    page.goto(live_server.url + reverse("space:edit", args=[organization.slug, "themes"]))
    page.get_by_label("Chercher").fill("benin")
    box = page.get_by_label("Bénin")
    assert not page.get_by_label("Haïti").is_visible()
    box.check()
    page.get_by_text(re.compile("Brouillon enregistré à")).wait_for()
    typed = ProfileDraft.objects.get().typed["themes"]["countries"]
    assert sorted(typed) == ["BJ", "HT", "SN"]


def test_keyboard_alone_is_enough(page, live_server, ana, organization):
    enter(page, live_server, ana, organization)
    page.goto(live_server.url + reverse("space:edit", args=[organization.slug, "presentation"]))
    page.get_by_label("Résumé en français").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Claire.")
    for _step in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "next":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/lieu-et-contact/")
    assert ProfileDraft.objects.get().typed["presentation"]["summary_fr"] == ["De l’eau. Claire."]


PAGES = ["state", "editing", "send", "preview", "discard"]
STEPS = ["presentation", "contact", "themes", "logo"]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_page_fails_axe(page, live_server, ana, organization, faults, language):
    enter(page, live_server, ana, organization)
    page.goto(live_server.url + reverse("space:edit", args=[organization.slug, "presentation"]))
    page.get_by_label("Résumé en anglais").fill("x" * 405)
    page.get_by_label("Résumé en français").fill("De l’eau claire.")
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_role("alert").wait_for()
    slug = organization.slug
    found = []
    names = [reverse(f"space:{name}", args=[slug]) for name in PAGES]
    names += [reverse("space:edit", args=[slug, step]) for step in STEPS]
    for path in names:
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(live_server.url + path)
        if language == "en":
            page.locator("[data-language]").click()
            page.wait_for_load_state()
        found += [(page.url, *one) for one in violations(page, faults)]
        page.set_viewport_size({"width": 320, "height": 800})
        found += [(page.url, *one) for one in violations(page, faults)]
        fits(page)
        page.emulate_media(color_scheme="dark")
        found += [(page.url, *one) for one in violations(page, faults, COLOURS)]
    assert found == []
