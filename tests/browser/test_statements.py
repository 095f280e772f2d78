"""A letter is opened by the staff, signed on a phone without script, and read by the public."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from members.models import Statement
from members.permissions import Role
from tests.browser.axe import COLOURS, too_wide, violations
from tests.browser.conftest import come_in, watch
from tests.conftest import load_reference
from tests.factories import (
    OrganizationFactory,
    RepresentativeFactory,
    StatementFactory,
    make_user,
)

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 360, "height": 740}
TEXT = (
    "Mesdames et Messieurs,\n\nNous demandons **de l’eau** :\n\n- des puits;\n- des filtres.\n\n"
    "Lire [la suite](https://exemple.example/une-page-au-nom-tres-long-et-sans-espace)."
)


@pytest.fixture(autouse=True)
def site_url(settings):
    settings.SITE_URL = "https://annuaire.example"


@pytest.fixture
def organization():
    load_reference()
    return OrganizationFactory(
        name_fr="Eau vive (fictif)", acronym="EV", town="Sherbrooke", countries=["HT"]
    )


@pytest.fixture
def manager(organization):
    return RepresentativeFactory(
        organization=organization, manager=True, user__first_name="Ana", user__language="en"
    ).user


@pytest.fixture
def letter(organization):
    return StatementFactory(
        title_fr="Pour l’eau (fictive)",
        title_en="For water (fictional)",
        addressed_to_fr="À la ministre",
        text_fr=TEXT,
        kind="letter",
        is_published=False,
    )


def french(words, **values):
    """The words of a page in French, whether or not they are translated yet."""
    with override("fr"):
        return gettext(words) % values


def in_english(name, *args):
    with override("en"):
        return reverse(name, args=args)


def sound(page, faults):
    """Nothing sticks out, and axe finds nothing, in the light and in the dark."""
    assert too_wide(page) <= 0, page.url
    assert violations(page, faults) == [], page.url
    page.emulate_media(color_scheme="dark")
    page.reload()  # the admin's colours go over to one another in a moment
    assert violations(page, faults, COLOURS) == [], page.url
    page.emulate_media(color_scheme="light")


def test_letter_is_opened_signed_and_published(
    page, faults, browser, live_server, organization, manager, letter
):
    staff = make_user(Role.COMMUNICATIONS, email="equipe@example.org")
    come_in(page, live_server, staff, reverse("admin:members_statement_change", args=[letter.pk]))
    page.get_by_role("link", name=french("Open for signing")).click()
    until = timezone.localdate() + datetime.timedelta(days=7)
    page.get_by_label(french("Last day to sign, included")).fill(until.isoformat())
    page.get_by_role("button", name=french("Open for signing")).click()
    page.get_by_text(french("%(count)d mail tells it.", count=1)).wait_for()
    sound(page, faults)

    # A manager signs, on a phone, without script.
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    stopped = watch(context)
    phone = context.new_page()
    come_in(phone, live_server, manager, in_english("space:state", organization.slug))
    phone.get_by_role("link", name="Read and sign").click()
    phone.get_by_role("link", name="Read and sign For water (fictional)").click()
    assert phone.get_by_text("des puits;").is_visible()
    phone.get_by_role("button", name="Sign", exact=True).click()
    assert phone.get_by_role("alert").is_visible()
    phone.get_by_label("What you do in the organization").fill("Executive director")
    phone.get_by_role("button", name="Sign", exact=True).click()
    assert phone.get_by_role("status").get_by_text("Eau vive (fictif) has signed.").is_visible()
    phone.get_by_role("button", name="Take the signature back").click()
    # Known from now on, the title is not asked again.
    field = phone.get_by_label("What you do in the organization")
    assert not field.is_visible()
    phone.get_by_role("button", name="Sign", exact=True).click()
    assert phone.get_by_role("heading", name="Your organization has signed").is_visible()
    assert stopped == []
    context.close()

    # The staff publish it; the public reads who signed.
    page.get_by_label(french("public").capitalize(), exact=True).check()
    page.locator("[name=issued_on]").fill(timezone.localdate().isoformat())
    page.locator("[name=_continue]").click()
    page.get_by_role("link", name="Eau vive (fictif)").wait_for()
    sound(page, faults)
    page.context.clear_cookies()
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(live_server.url + in_english("members:statement-list"))
    sound(page, faults)
    page.get_by_role("link", name="For water (fictional)").click()
    page.get_by_role("heading", name="1 organization signed").wait_for()
    page.get_by_role("link", name="Estrie 1", exact=True).wait_for()
    assert page.get_by_text("Executive director").count() == 0
    sound(page, faults)
    page.emulate_media(media="print")
    assert page.get_by_text("Eau vive (fictif)").is_visible()
    assert not page.locator(".signatories-map").is_visible()


def test_space_is_sound_at_every_width(page, faults, live_server, organization, manager, letter):
    Statement.objects.get().open_signing(until=timezone.localdate())
    signed = StatementFactory(open=True, title_fr="Signée (fictive)")
    signed.sign(organization, by=manager, title="Directrice")
    come_in(page, live_server, manager, in_english("space:statements", organization.slug))
    for width in (320, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for name, args in (
            ("state", []),
            ("statements", []),
            ("statement", [letter.slug]),
            ("statement", [signed.slug]),
        ):
            page.goto(live_server.url + in_english(f"space:{name}", organization.slug, *args))
            sound(page, faults)
