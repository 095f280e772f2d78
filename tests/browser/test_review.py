"""A proposal reviewed in a browser: half accepted with a note, a correction, a conflict."""

import io
import os

import pghistory
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from members import logos, profile
from members.models import Logo, Organization, PublishedChange, User
from members.permissions import Role
from tests.browser.axe import too_wide, violations
from tests.browser.conftest import come_in, watch
from tests.conftest import load_reference
from tests.factories import OrganizationFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = (
    "Eau vive travaille depuis 1980 avec des comités de femmes d’Haïti et du Sénégal.\n\n"
    "Elle creuse des puits et forme celles qui les entretiennent."
)
AFTER = (
    "Eau vive travaille depuis 1980 avec des comités de femmes d’Haïti, du Mali et du Sénégal.\n\n"
    "Elle creuse des puits, forme celles qui les entretiennent et défend le droit à l’eau."
)


@pytest.fixture(autouse=True)
def somewhere(settings, tmp_path):
    settings.SITE_URL = "https://membres.example.org"
    settings.STORAGES = settings.STORAGES | {
        "documents": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        }
    }


@pytest.fixture
def organization():
    load_reference()
    return OrganizationFactory(
        name_fr="Eau vive (fictif)",
        acronym="EV",
        town="Sherbrooke",
        mission_fr=BEFORE,
        summary_fr="De l’eau pour le monde.",
        themes=["eau-assainissement"],
        countries=["HT", "SN"],
        phone="+15145550123",
    )


@pytest.fixture
def ana():
    return User.objects.create_user("ana@eau.example", first_name="Ana")


@pytest.fixture
def marie(organization):
    return make_user(Role.PERMANENCE, email="marie@example.org", first_name="Marie")


@pytest.fixture
def office(page, live_server, marie):
    come_in(page, live_server, marie)
    return page


def picture(organization, colour):
    image = Image.new("RGBA", (600, 240), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((200, 20, 400, 220), fill=colour)
    file = io.BytesIO()
    image.save(file, "PNG")
    checked = logos.check(SimpleUploadedFile("logo.png", file.getvalue(), "image/png"))
    return Logo.keep(organization, checked, alt_fr="Une goutte d’eau", alt_en="A drop of water")


def propose(organization, by, **values):
    live = now(organization)
    return profile.send(
        organization=organization,
        values=live | values,
        start=live,
        shown=live,
        by=by,
        message="Notre assemblée l’a voté en octobre.",
    ).proposal


def now(organization):
    return profile.read(Organization.objects.for_profile().get(pk=organization.pk))


def address(live_server, proposal, page="change"):
    return f"{live_server.url}/admin/members/profileproposal/{proposal.pk}/{page}/"


def card(page, name):
    return page.locator(f"section[aria-labelledby='{name}-title']")


def seen_as(page, name):
    """For whoever looks at the pages: a picture of this one, where `PICTURES` says."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_half_is_accepted_with_a_note_after_a_preview(
    office, live_server, faults, organization, ana
):
    proposal = propose(organization, ana, mission_fr=AFTER, acronym="EAU", countries=["HT", "ML"])
    office.goto(f"{live_server.url}/admin/")
    office.locator("#to-do ~ ul a", has_text="proposition").click()
    office.get_by_role("link", name="Eau vive (fictif)").click()
    assert violations(office, faults) == []
    assert (
        "défend le droit à l’eau" in card(office, "mission_fr").locator("ins").all_inner_texts()[-1]
    )
    card(office, "acronym").get_by_label("Refuser").check()
    card(office, "acronym").get_by_label("Note").fill("Ce sigle est déjà pris.")
    office.get_by_role("button", name="Aperçu du résultat").click()
    office.wait_for_selector(".review-preview")
    assert "défend le droit à l’eau" in office.locator("main").inner_text()
    assert "Mali" in office.locator("main").inner_text()
    assert violations(office, faults) == []
    office.get_by_role("button", name="La voir en anglais").click()
    assert office.locator("article").get_attribute("lang") == "en-CA"
    office.get_by_role("button", name="Revenir à la décision").click()
    assert card(office, "acronym").get_by_label("Note").input_value() == "Ce sigle est déjà pris."
    office.get_by_role("button", name="Enregistrer la décision").click()
    office.wait_for_selector(".messagelist .success")
    assert violations(office, faults) == []
    assert "Ce sigle est déjà pris." in card(office, "acronym").inner_text()
    after = now(organization)
    assert (after["mission_fr"], after["acronym"]) == (AFTER, "EV")
    proposal.refresh_from_db()
    assert proposal.state == "decided"
    office.goto(f"{live_server.url}/admin/members/organization/{organization.pk}/history/")
    assert "proposé par Ana, accepté par Marie" in office.locator(".moments").inner_text()
    assert faults == []


def test_text_is_corrected_then_accepted(office, live_server, faults, organization, ana):
    proposal = propose(organization, ana, summary_fr="De l’eau pour le monde entier!!!")
    office.goto(address(live_server, proposal))
    field = office.get_by_label("version corrigée")
    assert not field.is_visible()
    office.get_by_label("Corriger, puis accepter").check()
    field.fill("De l’eau pour le monde entier.")
    assert violations(office, faults) == []
    office.get_by_role("button", name="Enregistrer la décision").click()
    office.wait_for_selector(".messagelist .success")
    assert now(organization)["summary_fr"] == "De l’eau pour le monde entier."
    assert faults == []


def test_conflict_is_decided_with_its_three_values_in_sight(
    office, live_server, faults, organization, ana, marie
):
    proposal = propose(organization, ana, acronym="EAU", countries=["ML"])
    with pghistory.context(user=marie.pk):
        Organization.objects.filter(pk=organization.pk).update(acronym="EVF")
    office.goto(address(live_server, proposal))
    shown = card(office, "acronym")
    assert [
        text.split("\n")[-1].strip() for text in shown.locator(".three > div").all_inner_texts()
    ]
    assert "Marie" in shown.inner_text()
    assert shown.locator("input:checked").count() == 0
    assert office.get_by_role("button", name="Tout accepter").count() == 0
    assert violations(office, faults) == []
    office.get_by_role("button", name="Enregistrer la décision").click()
    office.wait_for_selector(".errornote")
    assert violations(office, faults) == []
    card(office, "acronym").get_by_label("Refuser").check()
    office.get_by_role("button", name="Enregistrer la décision").click()
    office.wait_for_selector(".messagelist .success")
    assert (now(organization)["acronym"], now(organization)["countries"]) == ("EVF", ["ML"])
    assert faults == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark"), (320, "light")])
def test_every_kind_of_field_is_usable(
    office, live_server, faults, organization, ana, marie, width, scheme
):
    organization.logo = picture(organization, "#8a4a12")
    organization.save()
    proposal = propose(
        organization,
        ana,
        name_fr="Eau vive internationale (fictif)",
        acronym="EVI",
        mission_fr=AFTER,
        mission_en="Living Water has worked since 1980 with committees of women in Haiti.",
        countries=["HT", "ML"],
        themes=[],
        active_regions=["01", "05"],
        other_names=[["working", "EV International"]],
        identifiers=[["neq", "1181440711"]],
        postal_code="J1H1A1",
        founded_year=1980,
        logo=picture(organization, "#0b5d56").pk,
    )
    with pghistory.context(user=marie.pk):
        Organization.objects.filter(pk=organization.pk).update(acronym="EVF")
    office.set_viewport_size({"width": width, "height": 800})
    office.emulate_media(color_scheme=scheme)
    office.goto(address(live_server, proposal))
    seen_as(office, f"review-{width}")
    assert too_wide(office) <= 0
    assert violations(office, faults) == []
    for choice in office.locator("input[value=edit]").all():
        choice.check()
    office.locator(".review-boxes details").first.evaluate("details => { details.open = true; }")
    seen_as(office, f"correct-{width}")
    assert too_wide(office) <= 0
    assert violations(office, faults) == []
    for choice in office.locator("input[value=accept]").all():
        choice.check()
    office.get_by_role("button", name="Aperçu du résultat").click()
    office.wait_for_selector(".review-preview")
    seen_as(office, f"preview-{width}")
    assert too_wide(office) <= 0
    office.get_by_role("button", name="Revenir à la décision").click()
    card(office, "name_fr").get_by_label("Refuser").check()
    card(office, "name_fr").get_by_label("Note").fill("Pas avant l’acte de modification.")
    card(office, "mission_fr").get_by_label("Corriger").check()
    office.get_by_label("mission en français, version corrigée").fill("De l’eau.")
    office.get_by_role("button", name="Enregistrer la décision").click()
    office.wait_for_selector(".messagelist .success")
    seen_as(office, f"decided-{width}")
    assert too_wide(office) <= 0
    assert violations(office, faults) == []
    assert faults == []


@pytest.mark.parametrize("width", [1280, 320])
def test_lists_are_usable_and_a_change_is_put_back(
    office, live_server, faults, organization, ana, width
):
    propose(
        organization,
        ana,
        acronym="EAU",
        phone="+18195550199",
        volunteering_fr="Venez nous voir un samedi.",
        social_links=[["facebook", "https://reseau.example/eau"]],
    )
    office.set_viewport_size({"width": width, "height": 800})
    office.goto(f"{live_server.url}/admin/members/profileproposal/")
    seen_as(office, f"list-{width}")
    assert violations(office, faults) == []
    office.goto(f"{live_server.url}/admin/members/publishedchange/")
    seen_as(office, f"published-{width}")
    assert violations(office, faults) == []
    office.get_by_role("button", name="Remettre comme avant").click()
    office.wait_for_selector(".messagelist .success")
    assert now(organization)["phone"] == "+15145550123"
    assert PublishedChange.objects.get().reverted_by.first_name == "Marie"
    office.goto(f"{live_server.url}/admin/members/organization/{organization.pk}/change/")
    seen_as(office, f"organization-{width}")
    assert "1 proposition attend" in office.locator(".glance").inner_text()
    assert faults == []


def test_all_of_it_works_without_script(browser, live_server, organization, ana, marie):
    proposal = propose(organization, ana, mission_fr=AFTER, acronym="EAU")
    context = browser.new_context(java_script_enabled=False)
    faults = watch(context)
    page = context.new_page()
    come_in(page, live_server, marie)
    page.goto(address(live_server, proposal))
    card(page, "mission_fr").get_by_label("Corriger").check()
    card(page, "mission_fr").get_by_label("version corrigée").fill("De l’eau.")
    page.get_by_role("button", name="Aperçu du résultat").click()
    assert "De l’eau." in page.locator("main").inner_text()
    page.get_by_role("button", name="Revenir à la décision").click()
    page.get_by_role("button", name="Enregistrer la décision").click()
    assert page.locator(".messagelist .success").count() == 1
    assert (now(organization)["mission_fr"], now(organization)["acronym"]) == ("De l’eau.", "EAU")
    context.close()
    assert faults == []
