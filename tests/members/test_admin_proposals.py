"""Staff review what members propose: the list, each field's difference and decision, conflicts."""

import datetime
import html as markup
import io
import re

import pghistory
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from members import logos, profile
from members.merging import merge
from members.models import (
    Logo,
    Organization,
    OtherName,
    ProfileProposal,
    ProposedField,
    Theme,
    User,
)
from members.permissions import Role
from regions.models import Municipality
from tests.factories import OrganizationFactory, make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/members/profileproposal/"


@pytest.fixture
def organization():
    return OrganizationFactory(
        name_fr="Eau vive (fictif)",
        acronym="EV",
        town="Sherbrooke",
        mission_fr="De l’eau pour le monde.",
        themes=["eau-assainissement"],
        countries=["HT", "SN"],
        other_names=["Source vive"],
    )


@pytest.fixture
def ana():
    return User.objects.create_user("ana@eau.example", first_name="Ana")


@pytest.fixture
def marie():
    return make_user(Role.PERMANENCE, email="marie@example.org", first_name="Marie")


@pytest.fixture
def office(client, marie):
    client.force_login(marie)
    return client


@pytest.fixture(autouse=True)
def somewhere(settings, tmp_path):
    settings.SITE_URL = "https://membres.example.org"
    settings.STORAGES = settings.STORAGES | {
        "documents": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        }
    }


def now(organization):
    return profile.read(Organization.objects.for_profile().get(pk=organization.pk))


def propose(organization, by, message="", **values):
    live = now(organization)
    sent = profile.send(
        organization=organization,
        values=live | values,
        start=live,
        shown=live,
        by=by,
        message=message,
    )
    return sent.proposal


def address(proposal, page="change", *args):
    return reverse(f"admin:members_profileproposal_{page}", args=[proposal.pk, *args])


def page_of(client, proposal):
    answer = client.get(address(proposal))
    assert answer.status_code == 200
    return answer


def form_of(answer):
    """What the decision's form sends when it is left as it is."""
    data = {"shown": answer.context["review"].shown}
    for card in answer.context["review"].cards:
        data[f"{card.name}-choice"] = card.choice
        data[f"{card.name}-note"] = card.note
        data |= card.texts
    return data


def decide(client, proposal, data):
    return client.post(address(proposal), data)


def logo(organization, alt="Une goutte", by=None):
    file = io.BytesIO()
    Image.new("RGB", (400, 200), (0, 90, 80)).save(file, "PNG")
    image = logos.check(SimpleUploadedFile("logo.png", file.getvalue(), "image/png"))
    return Logo.keep(organization, image, alt_fr=alt, by=by)


# The list


def test_list_shows_those_that_wait_the_oldest_first(office, ana):
    made = []
    for days in (3, 12, 0):
        proposal = propose(OrganizationFactory(), ana, acronym="ABC")
        sent = timezone.now() - datetime.timedelta(days=days)
        ProfileProposal.objects.filter(pk=proposal.pk).update(proposed_at=sent)
        made.append(proposal)
    made[2].withdraw(by=ana)
    answer = office.get(LIST)
    assert list(answer.context["cl"].result_list) == [made[1], made[0]]
    html = answer.content.decode()
    assert "depuis 12 jours" in html
    assert html.count('class="pill late"') == 1
    withdrawn = office.get(f"{LIST}?state=withdrawn").context["cl"].result_list
    assert list(withdrawn) == [made[2]]


def test_list_counts_fields_and_conflicts(office, organization, ana):
    propose(organization, ana, acronym="EAU", summary_fr="De l’eau.")
    Organization.objects.filter(pk=organization.pk).update(acronym="EVF")
    (row,) = office.get(LIST).context["cl"].result_list
    assert (len(row.fields.all()), row.conflicts) == (2, 1)
    assert "1 champ" in office.get(LIST).content.decode()


def test_list_is_searched_like_the_directory(office, organization, ana):
    propose(organization, ana, acronym="EAU")
    propose(OrganizationFactory(name_fr="Autre (fictif)"), ana, acronym="AU")
    found = office.get(f"{LIST}?q=eau+vive").context["cl"].result_list
    assert [row.organization for row in found] == [organization]


# The page


def test_page_shows_words_that_go_and_come(office, organization, ana):
    proposal = propose(organization, ana, "C’est voté.", mission_fr="De l’eau pour toutes et tous.")
    html = page_of(office, proposal).content.decode()
    assert "C’est voté." in html
    assert 'lang="fr-CA"' in html
    assert re.search(r"<del>.*le monde.*</del>", html)
    assert re.search(r"<ins>.*toutes et tous.*</ins>", html)


def test_page_says_what_comes_goes_and_stays(office, organization, ana):
    proposal = propose(organization, ana, countries=["HT", "ML"])
    (card,) = page_of(office, proposal).context["review"].cards
    assert (card.came, card.went, card.stayed) == (["Mali"], ["Sénégal"], ["Haïti"])


def test_text_of_a_proposal_is_never_markup(office, organization, ana):
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'"
    ana.first_name = "<b onclick=alert(3)>"
    ana.save()
    proposal = propose(
        organization,
        ana,
        attack,
        name_fr=attack,
        acronym='"><script>a',
        summary_fr=attack,
        mission_en=attack,
        address=attack,
        other_names=[["working", attack]],
    )
    pages = [
        office.get(address(proposal)),
        office.get(address(proposal, "preview")),
        office.get(LIST),
        office.post(address(proposal), form_of(page_of(office, proposal)) | {"back": "1"}),
        office.post(address(proposal, "preview"), form_of(page_of(office, proposal))),
    ]
    decide(office, proposal, form_of(page_of(office, proposal)))
    pages += [
        office.get(address(proposal)),
        office.get(f"{LIST}?state=all"),
        office.get(reverse("admin:members_organization_history", args=[organization.pk])),
    ]
    for page in pages:
        assert page.status_code == 200
        html = page.content.decode()
        assert "<script>a" not in html
        assert "<img src=x" not in html
        assert "<b onclick" not in html


# The decision


def test_everything_is_accepted_in_one_click(office, organization, ana, marie):
    proposal = propose(organization, ana, acronym="EAU", countries=["HT"])
    shown = page_of(office, proposal).context["review"].shown
    answer = decide(office, proposal, {"shown": shown, "accept_all": "1"})
    assert answer.url == address(proposal)
    assert (now(organization)["acronym"], now(organization)["countries"]) == ("EAU", ["HT"])
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by) == ("decided", marie)


def test_half_is_accepted_one_corrected_and_one_refused_with_notes(office, organization, ana):
    proposal = propose(
        organization, ana, acronym="EAU", mission_fr="Bien trop long", themes=[], countries=["HT"]
    )
    data = form_of(page_of(office, proposal)) | {
        "acronym-choice": "refuse",
        "acronym-note": "Déjà pris.",
        "mission_fr-choice": "edit",
        "mission_fr": "De l’eau, partout.",
        "mission_fr-note": "Une virgule.",
    }
    decide(office, proposal, data)
    after = now(organization)
    assert (after["acronym"], after["mission_fr"]) == ("EV", "De l’eau, partout.")
    assert (after["themes"], after["countries"]) == ([], ["HT"])
    html = page_of(office, proposal).content.decode()
    for said in ("Déjà pris.", "Une virgule.", "Marie", "Bien trop long"):
        assert said in html
    assert 'name="shown"' not in html


@pytest.mark.parametrize(
    ("name", "value", "typed", "published"),
    [
        ("founded_year", 1980, {"founded_year": "1981"}, 1981),
        ("postal_code", "J1H1A1", {"postal_code": "j1h 1a2"}, "J1H1A2"),
        ("countries", ["ML"], {"countries": ["ML", "SN"]}, ["ML", "SN"]),
        (
            "other_names",
            [["working", "Onde"]],
            {"other_names_kind": ["working", "former", ""], "other_names_text": ["Ondes", "A", ""]},
            [["former", "A"], ["working", "Ondes"]],
        ),
        (
            "identifiers",
            [["neq", "1181440711"]],
            {"identifiers_kind": ["neq"], "identifiers_text": ["1181 4407 22"]},
            [["neq", "1181440722"]],
        ),
    ],
)
def test_each_kind_of_field_is_corrected_in_its_own_way(
    office, organization, ana, name, value, typed, published
):
    proposal = propose(organization, ana, **{name: value})
    data = form_of(page_of(office, proposal)) | {f"{name}-choice": "edit"} | typed
    assert decide(office, proposal, data).status_code == 302
    assert now(organization)[name] == published
    assert proposal.fields.get().decision == "edited"


def test_town_and_themes_are_corrected(office, organization, ana):
    themes = now(organization)["themes"]
    town = Municipality.objects.get(name="Québec")
    proposal = propose(organization, ana, themes=[], municipality=town.pk)
    montreal = Municipality.objects.get(name="Montréal")
    data = form_of(page_of(office, proposal)) | {
        "themes-choice": "edit",
        "themes": [str(themes[0])],
        "municipality-choice": "edit",
        "municipality": str(montreal.pk),
    }
    assert decide(office, proposal, data).status_code == 302
    after = now(organization)
    assert (after["themes"], after["municipality"]) == (themes, montreal.pk)


def test_words_of_a_logo_are_corrected_without_touching_the_image(office, organization, ana):
    one = logo(organization, "Un logo", by=ana)
    proposal = propose(organization, ana, logo=one.pk)
    data = form_of(page_of(office, proposal)) | {
        "logo-choice": "edit",
        "logo_alt_fr": "Une goutte sur une main",
        "logo_alt_en": "A drop on a hand",
    }
    assert decide(office, proposal, data).status_code == 302
    organization.refresh_from_db()
    assert organization.logo.alt_fr == "Une goutte sur une main"
    assert (organization.logo.stem, organization.logo.pk != one.pk) == (one.stem, True)


def test_logo_is_served_to_who_may_see_the_proposal_only(client, office, organization, ana):
    one = logo(organization, by=ana)
    proposal = propose(organization, ana, logo=one.pk)
    elsewhere = logo(OrganizationFactory(), by=ana)
    picture = address(proposal, "logo", one.pk, 384)
    assert picture in page_of(office, proposal).content.decode()
    answer = office.get(picture)
    assert b"WEBP" in b"".join(answer.streaming_content)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert "private" in answer["Cache-Control"]
    assert office.get(address(proposal, "logo", elsewhere.pk, 192)).status_code == 404
    assert office.get(address(proposal, "logo", one.pk, 191)).status_code == 404
    client.force_login(ana)
    assert client.get(picture).status_code in (302, 403, 404)


def test_refused_values_are_told_beside_their_field_and_nothing_typed_is_lost(
    office, organization, ana
):
    proposal = propose(organization, ana, acronym="EAU", postal_code="J1H1A1", name_fr="Onde")
    data = form_of(page_of(office, proposal)) | {
        "acronym-choice": "",
        "acronym-note": "À voir",
        "postal_code-choice": "edit",
        "postal_code": "pas un code",
        "name_fr-choice": "edit",
        "name_fr": "  ",
    }
    answer = decide(office, proposal, data)
    assert answer.status_code == 200
    cards = {card.name: card for card in answer.context["review"].cards}
    assert all(card.errors for card in cards.values())
    html = answer.content.decode()
    assert "À voir" in html
    assert 'value="pas un code"' in html
    assert now(organization)["acronym"] == "EV"


def test_what_the_database_refuses_is_told_beside_its_field(office, organization, ana):
    other = OrganizationFactory()
    other.identifiers.create(scheme="neq", value="1181440711")
    proposal = propose(organization, ana, identifiers=[["neq", "1181440711"]])
    answer = decide(office, proposal, form_of(page_of(office, proposal)))
    (card,) = answer.context["review"].cards
    assert "Un autre organisme" in card.errors[0]
    assert proposal.fields.get().decision == ""


def test_note_that_is_too_long_is_told(office, organization, ana):
    proposal = propose(organization, ana, acronym="EAU")
    data = form_of(page_of(office, proposal)) | {"acronym-note": "x" * 501}
    (card,) = decide(office, proposal, data).context["review"].cards
    assert "500" in card.errors[0]
    assert len(card.note) == 501


# Conflicts


def test_conflict_is_shown_three_way_and_chosen_by_nobody(office, organization, ana, client):
    proposal = propose(organization, ana, acronym="EAU", summary_fr="De l’eau.")
    luc = make_user(Role.COMMUNICATIONS, first_name="Luc")
    client.force_login(luc)
    with pghistory.context(user=luc.pk):
        changed = Organization.objects.get(pk=organization.pk)
        changed.acronym = "EVF"
        changed.save()
    client.force_login(User.objects.get(email="marie@example.org"))
    answer = page_of(client, proposal)
    acronym, summary = answer.context["review"].cards
    assert (acronym.is_conflict, acronym.choice, acronym.who) == (True, "", "Luc")
    assert (summary.is_conflict, summary.choice) == (False, "accept")
    html = answer.content.decode()
    assert "accept_all" not in html
    assert [word in html for word in ("EV", "EVF", "EAU")] == [True] * 3
    # A button that is not there does nothing either.
    data = {"shown": answer.context["review"].shown, "accept_all": "1"}
    assert decide(client, proposal, data).status_code == 200
    assert now(organization)["acronym"] == "EVF"
    # Having seen it, one may.
    data = form_of(answer) | {"acronym-choice": "accept"}
    assert decide(client, proposal, data).status_code == 302
    assert now(organization)["acronym"] == "EAU"


def test_who_changed_a_list_or_rows_is_told_too(office, organization, ana, marie):
    proposal = propose(organization, ana, countries=["ML"], other_names=[], themes=[])
    with pghistory.context(user=marie.pk):
        organization.countries.add("BJ")
        OtherName.objects.create(organization=organization, name="Onde")
        organization.themes.add(Theme.objects.get(slug="sante"))
    cards = page_of(office, proposal).context["review"].cards
    assert [(card.is_conflict, card.who) for card in cards] == [(True, "Marie")] * 3


def test_profile_that_moves_while_one_reads_is_shown_again(office, organization, ana):
    proposal = propose(organization, ana, acronym="EAU", summary_fr="De l’eau.")
    data = form_of(page_of(office, proposal)) | {
        "acronym-note": "Bien",
        "summary_fr-choice": "edit",
        "summary_fr": "De l’eau claire.",
    }
    Organization.objects.filter(pk=organization.pk).update(acronym="EVF")
    answer = decide(office, proposal, data)
    assert answer.status_code == 200
    acronym, summary = answer.context["review"].cards
    assert (acronym.choice, acronym.note, bool(acronym.moved)) == ("", "Bien", True)
    assert (summary.choice, summary.text(), summary.moved) == ("edit", "De l’eau claire.", "")
    assert now(organization)["acronym"] == "EVF"
    # What is shown now may be decided.
    again = form_of(answer) | {"acronym-choice": "refuse"}
    assert decide(office, proposal, again).status_code == 302
    assert now(organization)["summary_fr"] == "De l’eau claire."


def test_proposal_amended_while_one_reads_is_shown_again(office, organization, ana):
    proposal = propose(organization, ana, acronym="EAU", summary_fr="De l’eau.")
    data = form_of(page_of(office, proposal))
    waiting = now(organization) | {"acronym": "EAU", "summary_fr": "De l’eau."}
    profile.send(
        organization=organization,
        values=waiting | {"acronym": "EV", "summary_fr": "Toute l’eau.", "address": "1, rue"},
        start=waiting,
        shown=now(organization),
        by=ana,
    )
    answer = decide(office, proposal, data)
    assert answer.status_code == 200
    review = answer.context["review"]
    assert {card.name: card.choice for card in review.cards} == {"summary_fr": "", "address": ""}
    assert "Toute l’eau." in answer.content.decode()
    assert any("Sigle" in error or "sigle" in error for error in review.errors)
    assert now(organization)["summary_fr"] == ""


def test_page_that_was_tampered_with_decides_nothing(office, organization, ana):
    proposal = propose(organization, ana, acronym="EAU")
    data = form_of(page_of(office, proposal))
    other = propose(OrganizationFactory(), ana, acronym="AU")
    for shown in ("", "x:y", data["shown"][:-2], page_of(office, other).context["review"].shown):
        answer = decide(office, proposal, data | {"shown": shown})
        assert answer.status_code == 200
        assert now(organization)["acronym"] == "EV"


@pytest.mark.parametrize("end", ["withdraw", "decide"])
def test_who_comes_too_late_is_told_and_keeps_what_they_typed(
    office, organization, ana, marie, end
):
    proposal = propose(organization, ana, acronym="EAU")
    data = form_of(page_of(office, proposal)) | {
        "acronym-choice": "edit",
        "acronym": "EAUX",
        "acronym-note": "Au pluriel",
    }
    if end == "withdraw":
        proposal.withdraw(by=ana)
    else:
        decide(office, proposal, form_of(page_of(office, proposal)))
    answer = decide(office, proposal, data)
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "EAUX" in html
    assert "Au pluriel" in html
    assert now(organization)["acronym"] == ("EV" if end == "withdraw" else "EAU")


# The preview


def test_preview_shows_the_public_page_and_publishes_nothing(office, organization, ana):
    proposal = propose(
        organization, ana, name_fr="Onde claire (fictif)", mission_en="Water.", countries=["ML"]
    )
    french = office.get(address(proposal, "preview")).content.decode()
    assert "Onde claire (fictif)" in french
    assert "Mali" in french
    # Found by its former name still.
    assert "Eau vive (fictif)" in french
    english = office.get(address(proposal, "preview") + "?language=en").content.decode()
    assert "Water." in english
    assert "Countries of action" in english
    assert now(organization)["name_fr"] == "Eau vive (fictif)"


def test_preview_shows_what_is_chosen_and_gives_the_form_back(office, organization, ana):
    proposal = propose(organization, ana, acronym="EAU", mission_fr="Long.")
    data = form_of(page_of(office, proposal)) | {
        "acronym-choice": "refuse",
        "acronym-note": "Non & merci",
        "mission_fr-choice": "edit",
        "mission_fr": "Bref,\nmais juste.",
    }
    html = office.post(address(proposal, "preview"), data).content.decode()
    assert ">EV<" in html
    assert "mais juste." in html
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html)
    sent = {name: markup.unescape(value) for name, value in hidden if name != "csrfmiddlewaretoken"}
    assert sent == data | {"acronym": "EAU"}
    back = decide(office, proposal, sent | {"back": "1"})
    acronym, mission = back.context["review"].cards
    assert (acronym.choice, acronym.note) == ("refuse", "Non & merci")
    assert mission.text() == "Bref,\nmais juste."
    assert now(organization)["acronym"] == "EV"
    assert decide(office, proposal, form_of(back)).status_code == 302


def test_preview_of_a_logo_uses_an_address_that_staff_may_open(office, organization, ana):
    one = logo(organization, by=ana)
    proposal = propose(organization, ana, logo=one.pk)
    html = office.get(address(proposal, "preview")).content.decode()
    assert address(proposal, "logo", one.pk, 192) in html
    assert "/logos/" not in html


def test_correction_that_is_refused_is_told_instead_of_previewed(office, organization, ana):
    proposal = propose(organization, ana, postal_code="J1H1A1")
    data = form_of(page_of(office, proposal)) | {"postal_code-choice": "edit", "postal_code": "x"}
    answer = office.post(address(proposal, "preview"), data)
    assert answer.context["review"].cards[0].errors


# Who


def test_nobody_decides_what_they_asked_for_but_the_direction(client, organization, marie):
    proposal = propose(organization, marie, acronym="EAU")
    client.force_login(marie)
    answer = page_of(client, proposal)
    assert answer.context["why_not"]
    html = answer.content.decode()
    assert 'name="shown"' not in html
    assert "<textarea" not in html
    data = form_of(answer) | {"acronym-choice": "accept"}
    assert decide(client, proposal, data).status_code == 403
    client.force_login(make_user(Role.DIRECTION))
    assert page_of(client, proposal).context["may_decide"]
    assert decide(client, proposal, data).status_code == 302


def test_who_only_reads_sees_differences_and_no_buttons(client, organization, ana):
    proposal = propose(organization, ana, acronym="EAU")
    client.force_login(make_user(Role.READING))
    answer = page_of(client, proposal)
    assert answer.context["why_not"]
    assert 'name="shown"' not in answer.content.decode()
    assert decide(client, proposal, form_of(answer)).status_code == 403
    assert client.get(address(proposal, "preview")).status_code == 200


def test_number_that_is_none_leads_back(office):
    assert office.get(f"{LIST}999999/change/").status_code == 302
    assert office.get(f"{LIST}abc/change/").status_code == 302
    assert office.get(f"{LIST}999999/apercu/").status_code == 404


# Organizations that move


def test_proposal_of_who_left_is_closed_without_deciding(office, organization, ana):
    proposal = propose(organization, ana, acronym="EAU")
    assert office.post(address(proposal, "close")).status_code == 302
    proposal.refresh_from_db()
    assert proposal.is_waiting
    organization.memberships.update(ended_on=timezone.localdate() - datetime.timedelta(days=1))
    html = page_of(office, proposal).content.decode()
    assert address(proposal, "close") in html
    assert office.get(address(proposal, "close")).status_code == 405
    office.post(address(proposal, "close"))
    proposal.refresh_from_db()
    assert proposal.state == "closed"
    assert page_of(office, proposal).status_code == 200


def test_proposal_follows_an_organization_that_is_merged(office, organization, ana, marie):
    proposal = propose(organization, ana, acronym="EAU")
    kept = OrganizationFactory(name_fr="Eau vive inc. (fictif)", acronym="EVI")
    merge(kept=kept, removed=organization, by=marie)
    answer = page_of(office, proposal)
    assert answer.context["organization"] == kept
    (card,) = answer.context["review"].cards
    assert card.is_conflict
    decide(office, proposal, form_of(answer) | {"acronym-choice": "accept"})
    assert now(kept)["acronym"] == "EAU"


def test_next_proposal_is_offered(office, organization, ana):
    proposal = propose(organization, ana, acronym="EAU")
    other = propose(OrganizationFactory(), ana, acronym="AU")
    decide(office, proposal, form_of(page_of(office, proposal)))
    assert address(other) in page_of(office, proposal).content.decode()


# History, the organization's page, the home page


def test_history_says_who_proposed_and_who_accepted(office, organization, ana):
    proposal = propose(organization, ana, acronym="EAU", countries=["ML"])
    decide(office, proposal, form_of(page_of(office, proposal)))
    html = office.get(
        reverse("admin:members_organization_history", args=[organization.pk])
    ).content.decode()
    assert "proposé par Ana, accepté par Marie" in html


def test_page_of_an_organization_says_that_a_proposal_waits(office, organization, ana):
    page = reverse("admin:members_organization_change", args=[organization.pk])
    proposal = propose(organization, ana, acronym="EAU", phone="+18195550199")
    html = office.get(page).content.decode()
    assert address(proposal) in html
    assert "1 proposition attend" in html
    decide(office, proposal, form_of(page_of(office, proposal)))
    assert "1 proposition attend" not in office.get(page).content.decode()


def test_home_page_counts_what_waits(office, organization, ana):
    propose(organization, ana, acronym="EAU", phone="+18195550199")
    numbers = {number.url: number for number in office.get("/admin/").context["to_do"]}
    for path in (LIST, "/admin/members/publishedchange/"):
        assert numbers[path].count == 1
        assert len(office.get(path).context["cl"].result_list) == 1
    assert not numbers[LIST].urgent
    late = timezone.now() - datetime.timedelta(days=12)
    ProfileProposal.objects.update(proposed_at=late)
    numbers = {number.url: number for number in office.get("/admin/").context["to_do"]}
    assert numbers[LIST].urgent


# Cost


def queries(client, path):
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_list_asks_as_often_for_2_as_for_20(office, ana):
    def grow(count):
        for _number in range(count):
            organization = OrganizationFactory()
            propose(organization, ana, acronym="ABC", summary_fr="De l’eau.")
            Organization.objects.filter(pk=organization.pk).update(acronym="ABD")

    grow(2)
    few = queries(office, LIST)
    grow(18)
    assert queries(office, LIST) == few
    assert few <= 12
    assert queries(office, f"{LIST}?state=all") <= 12


def everything(organization, ana):
    """A value of each reviewed field that is not there yet."""
    town = Municipality.objects.get(name="Québec")
    one = logo(organization, by=ana)
    texts = {
        name: f"Texte {number}"
        for number, name in enumerate(sorted(profile.REVIEWED))
        if profile.FIELDS[name].shape in ("line", "text")
    }
    return texts | {
        "founded_year": 1980,
        "postal_code": "J1H1A1",
        "municipality": town.pk,
        "logo": one.pk,
        "themes": [],
        "countries": ["ML"],
        "active_regions": ["01"],
        "other_names": [["working", "Onde"]],
        "identifiers": [["neq", "1181440711"]],
    }


def test_page_asks_as_often_for_2_fields_as_for_all_of_them_in_conflict(
    office, organization, ana, marie
):
    values = everything(organization, ana)
    assert values.keys() == profile.REVIEWED
    proposal = propose(organization, ana, **values)
    before = queries(office, address(proposal))
    assert before <= 12
    Organization.objects.filter(pk=organization.pk).update(
        **{name: "Autre" for name in values if profile.FIELDS[name].shape == "text"},
        acronym="AUTRE",
        summary_fr="Autre",
        summary_en="Autre",
    )
    organization.countries.set(["BJ"])
    organization.other_names.all().delete()
    review = page_of(office, proposal).context["review"]
    assert len(review.conflicts) >= 6
    assert queries(office, address(proposal)) <= 12
    ProposedField.objects.exclude(name__in=["themes", "countries"]).delete()
    assert queries(office, address(proposal)) <= 12
    data = form_of(page_of(office, proposal))
    with CaptureQueriesContext(connection) as asked:
        office.post(address(proposal, "preview"), data)
    assert len(asked) <= 14
