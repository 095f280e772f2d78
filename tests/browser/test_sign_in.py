"""Coming in, in a browser: by code, by passkey, and by an app for the staff's site."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail

from members.accounts.entry import make_account
from members.permissions import Role
from tests.browser.axe import too_wide, violations
from tests.conftest import load_reference
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def keys(page):
    """A device that keeps passkeys and asks nothing, in the page's browser."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield session
    session.send(
        "WebAuthn.removeVirtualAuthenticator", {"authenticatorId": made["authenticatorId"]}
    )


def check(page, faults):
    """The page fits, and neither axe nor the strict policy complains."""
    assert faults == [], page.url
    assert too_wide(page) <= 0, page.url
    assert violations(page, faults) == [], page.url


def give_address(page, email):
    page.get_by_label("Votre adresse de courriel").fill(email)
    page.get_by_role("button", name="Recevoir un code").click()
    page.wait_for_url("**/connexion/code/**")


def give_code(page):
    page.get_by_label("Code reçu par courriel").fill(
        re.search(r"\d{4}-\d{4}", mail.outbox[-1].body)[0]
    )
    page.get_by_role("button", name="Se connecter", exact=True).click()


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_code_then_passkey(page, live_server, faults, keys, width, scheme):
    make_account("ana@example.org", first_name="Ana")
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{live_server.url}/compte/")
    check(page, faults)
    give_address(page, "ana@example.org")
    check(page, faults)
    give_code(page)
    page.wait_for_url("**/compte/")
    check(page, faults)
    page.get_by_role("link", name="Ajouter une clé d’accès").click()
    page.wait_for_url("**/cles/ajouter/")
    check(page, faults)
    page.get_by_label("Nom de cette clé").fill("Mon téléphone")
    page.get_by_role("button", name="Créer la clé").click()
    page.wait_for_url("**/second-facteur/codes/")
    check(page, faults)
    page.goto(f"{live_server.url}/compte/second-facteur/")
    assert page.get_by_text("Mon téléphone").first.is_visible()
    check(page, faults)
    page.goto(f"{live_server.url}/compte/")
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url(f"{live_server.url}/")
    page.goto(f"{live_server.url}/compte/")
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    page.wait_for_url(f"{live_server.url}/compte/")
    assert page.get_by_text("clé d’accès)").first.is_visible()
    check(page, faults)


def test_staff_set_an_app_up_then_reach_their_site(page, live_server, faults):
    load_reference()
    make_user(Role.PERMANENCE, email="marie@example.org")
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(f"{live_server.url}/admin/members/theme/")
    give_address(page, "marie@example.org")
    give_code(page)
    page.get_by_role("heading", name="Une étape de plus pour l’équipe").wait_for()
    check(page, faults)
    page.get_by_role("link", name="Préparer une application").click()
    page.wait_for_url("**/second-facteur/application/")
    check(page, faults)
    secret = page.locator(".secret").inner_text()
    counter = int(time.time()) // 30
    page.get_by_label("Code de l’application").fill(
        totp.format_hotp_value(totp.hotp_value(secret, counter))
    )
    page.get_by_role("button", name="Terminer").click()
    page.wait_for_url("**/second-facteur/codes/")
    check(page, faults)
    page.get_by_role("link", name="Continuer").click()
    page.wait_for_url("**/admin/members/theme/")
    page.get_by_role("button", name="Se déconnecter").or_(
        page.locator("#logout-form button")
    ).first.click()
    page.goto(f"{live_server.url}/admin/")
    give_address(page, "marie@example.org")
    give_code(page)
    page.wait_for_url("**/connexion/second-facteur/")
    check(page, faults)
    page.get_by_label("Code de l’application, ou code de secours").fill("000000")
    page.get_by_role("button", name="Se connecter", exact=True).click()
    page.locator(".field-error").wait_for()
    check(page, faults)
    code = Authenticator.objects.get(type="recovery_codes").wrap().generate_codes()[0]
    page.get_by_label("Code de l’application, ou code de secours").fill(code)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    page.wait_for_selector("#user-tools")


def test_staff_prove_their_passkey_after_the_code(page, live_server, faults, keys):
    """A passkey that comes after the code: refused once in words, then accepted."""
    make_user(Role.PERMANENCE, email="marie@example.org")
    page.goto(f"{live_server.url}/compte/second-facteur/cles/ajouter/")
    give_address(page, "marie@example.org")
    give_code(page)
    page.get_by_role("button", name="Créer la clé").click()
    page.wait_for_url("**/second-facteur/codes/")
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/admin/")
    give_address(page, "marie@example.org")
    give_code(page)
    page.wait_for_url("**/connexion/second-facteur/")
    check(page, faults)
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    page.wait_for_selector("#user-tools")


def test_without_script_the_code_is_enough(new_context, live_server):
    make_account("ana@example.org")
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/compte/")
    assert not page.get_by_role("button", name="Utiliser une clé d’accès").is_visible()
    give_address(page, "ana@example.org")
    give_code(page)
    page.wait_for_url("**/compte/")
    page.goto(f"{live_server.url}/compte/second-facteur/cles/ajouter/")
    assert "JavaScript" in page.locator("main").inner_text()
