"""The whole way of a change: invited, written on a phone, half accepted by the staff, live.

Nothing is prepared but an invitation: each person signs in as on a real site, with the code of the
mail that they got.
"""

import re

import pytest
from django.core import mail

from members import actions
from members.models import Organization, ProfileProposal
from members.permissions import Role
from tests.browser.conftest import come_in, watch
from tests.browser.test_sign_in import give_code, keys
from tests.conftest import load_reference
from tests.factories import OrganizationFactory, make_user

__all__ = ["keys"]  # the device with passkeys, which the journey uses

pytestmark = pytest.mark.django_db(transaction=True)


def link_of(address, words):
    """The address of the site that the last mail to `address` has, whose path holds `words`."""
    sent = [one for one in mail.outbox if one.to == [address]]
    return re.search(rf"https?://\S+{words}\S*", sent[-1].body)[0]


@pytest.mark.parametrize("width", [390, 1280])
def test_from_the_invitation_to_the_public_page(
    page, live_server, faults, keys, width, browser, settings
):
    load_reference()
    settings.SITE_URL = live_server.url
    marie = make_user(Role.PERMANENCE, email="marie@example.org", first_name="Marie")
    organization = OrganizationFactory(
        name_fr="Eau vive (fictif)",
        acronym="EV",
        town="Sherbrooke",
        phone="+15145550123",
        mission_fr="De l’eau pour le monde.",
    )
    public = f"{live_server.url}{organization.get_absolute_url()}"
    actions.invite(organization=organization, email="ana@eauvive.example", role="manager", by=marie)

    # Invited, she comes in with the code, and adds a passkey.
    page.set_viewport_size({"width": width, "height": 850})
    page.goto(link_of("ana@eauvive.example", "invitation"))
    page.get_by_role("button", name="Accepter l’invitation").click()
    page.locator("[name=code]").wait_for()
    give_code(page)
    page.get_by_role("heading", name="Eau vive (fictif)").wait_for()
    page.goto(f"{live_server.url}/compte/")
    page.get_by_role("link", name="Ajouter une clé d’accès").click()
    page.get_by_label("Nom de cette clé").fill("Mon téléphone")
    page.get_by_role("button", name="Créer la clé").click()
    page.wait_for_url("**/second-facteur/codes/")

    # She changes the mission, the acronym and the phone number, and sends them.
    page.goto(f"{live_server.url}/mon-organisme/")
    page.get_by_role("link", name="Modifier la fiche").first.click()
    page.get_by_label("Sigle").fill("EAU")
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_label("Mission en français").fill("De l’eau pour toutes et tous.")
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_label("Téléphone public").fill("819 555-0199")
    page.get_by_role("button", name="Relire et envoyer").click()
    page.get_by_role("button", name="Envoyer mes changements").click()
    page.get_by_text("En attente de l’équipe.").wait_for()

    # The phone number is live; the mission and the acronym are as before.
    page.goto(public)
    shown = page.locator("main").inner_text()
    assert "819" in shown
    assert "De l’eau pour le monde." in shown
    assert "EAU" not in shown

    # The staff accept half, with a note.
    context = browser.new_context(locale="fr-CA")
    staff_faults = watch(context)
    office = context.new_page()
    come_in(office, live_server, marie)
    proposal = ProfileProposal.objects.get()
    office.goto(f"{live_server.url}/admin/members/profileproposal/{proposal.pk}/change/")
    refused = office.locator("section[aria-labelledby='acronym-title']")
    refused.get_by_label("Refuser").check()
    refused.get_by_label("Note").fill("Ce sigle est déjà pris.")
    office.get_by_role("button", name="Enregistrer la décision").click()
    office.wait_for_selector(".messagelist .success")
    office.goto(f"{live_server.url}/admin/members/organization/{organization.pk}/history/")
    assert "accepté par Marie" in office.locator(".moments").inner_text()
    context.close()

    # She has one mail; the mission is live, and the acronym is not.
    told = [one for one in mail.outbox if one.to == ["ana@eauvive.example"]][-1]
    assert "Ce sigle est déjà pris." in told.body
    page.goto(public)
    shown = page.locator("main").inner_text()
    assert "De l’eau pour toutes et tous." in shown
    assert "EAU" not in shown
    page.goto(link_of("ana@eauvive.example", "propositions"))
    assert "Ce sigle est déjà pris." in page.locator("main").inner_text()

    # All is right: she confirms it.
    page.goto(f"{live_server.url}/mon-organisme/")
    page.get_by_role("button", name="Tout est exact").click()
    page.get_by_text("Merci").first.wait_for()
    assert Organization.objects.get().last_confirmed_on is not None
    assert faults == []
    assert staff_faults == []
