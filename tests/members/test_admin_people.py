"""People in the staff's site: the list, one person's page, and what happens to positions."""

import datetime

import pghistory
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.models import (
    Alliance,
    AllianceMembership,
    Consent,
    ExportRecord,
    FollowUp,
    Person,
    Position,
    Tag,
)
from members.permissions import Role
from tests.factories import (
    InteractionFactory,
    OrganizationFactory,
    PersonFactory,
    PositionFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

LIST = "/admin/members/person/"
PERSONAL = {
    "pronoun": "iel-secret",
    "personal_email": "chez.soi@example.org",
    "personal_phone": "+14185550199",
    "personal_address": "12, rue Secrète",
    "needs": "sans arachides secrètes",
    "notes": "préfère le téléphone secret",
}
# How the personal facts above could be read on a page.
SECRETS = ["secret", "Secrète", "secrètes", "chez.soi", "555-0199", "4185550199"]


@pytest.fixture
def keeper(db):
    return make_user(Role.PERMANENCE, email="luc@example.org", first_name="Luc")


@pytest.fixture
def office(client, keeper):
    client.force_login(keeper)
    return client


@pytest.fixture
def well():
    return OrganizationFactory(
        name_fr="Puits sans frontières", themes=["eau-assainissement"], countries=["HT"]
    )


def names(answer):
    return [str(person) for person in answer.context["cl"].result_list]


def page(person, name="change"):
    return reverse(f"admin:members_person_{name}", args=[person.pk])


def step(position, name):
    return reverse(f"admin:members_position_{name}", args=[position.pk])


def form_of(client, address):
    """What the page would send if nothing were changed on it."""
    answer = client.get(address)
    forms = [answer.context["adminform"].form]
    for inline in answer.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if isinstance(value, list):
                data[bound.html_name] = [getattr(item, "pk", item) for item in value]
            elif value is True:
                data[bound.html_name] = "on"
            elif value is not None and value is not False:
                data[bound.html_name] = str(value)
    return data


# The list


def test_list_shows_current_people_and_former_ones_one_click_away(office, well):
    PersonFactory(first_name="Ana", last_name="Actuelle", at=well)
    PersonFactory(first_name="Sol", last_name="Sans-Poste")
    gone = PersonFactory(first_name="Paul", last_name="Parti")
    PositionFactory(person=gone, organization=well, ended_on=datetime.date(2021, 1, 1))
    PersonFactory(last_name="Archivé", archived_on=datetime.date(2022, 1, 1), at=well)
    answer = office.get(LIST)
    assert names(answer) == ["Ana Actuelle", "Sol Sans-Poste"]
    assert names(office.get(LIST, {"period": "past"})) == ["Ana Archivé", "Paul Parti"]
    assert len(names(office.get(LIST, {"period": "all"}))) == 4
    (period,) = [s for s in answer.context["cl"].filter_specs if s.parameter_name == "period"]
    counts = [choice["display"] for choice in period.choices(answer.context["cl"])]
    assert [words.rsplit(" ", 1)[1] for words in counts] == ["(2)", "(2)", "(4)"]


def test_list_says_what_each_does_and_how_to_reach_them(office, well):
    person = PersonFactory(last_name="Jointe")
    PositionFactory(
        person=person,
        organization=well,
        title="Directrice",
        email="ana@puits.example",
        phone="+15145550123",
        phone_extension="12",
    )
    person.tags.add(Tag.objects.create(name="porte-parole", colour="blue"))
    InteractionFactory(people=[person])
    html = office.get(LIST).content.decode()
    assert "Directrice" in html
    assert 'href="mailto:ana@puits.example"' in html
    assert 'href="tel:+15145550123;ext=12"' in html
    assert '<li class="tag blue">porte-parole</li>' in html
    assert str(timezone.localdate()) in html


def test_who_reads_no_exchange_is_told_of_none(client, well):
    person = PersonFactory(at=well)
    InteractionFactory(people=[person], subject="Appel confidentiel")
    client.force_login(make_user(Role.COMMUNICATIONS))
    assert "last_exchange" not in client.get(LIST).context["cl"].list_display
    assert "Appel confidentiel" not in client.get(page(person)).content.decode()
    assert "Appel confidentiel" not in client.get(page(person, "history")).content.decode()


@pytest.mark.parametrize(
    "text",
    [
        "eau haiti",
        "Haïti",
        "puits",
        "communications haiti",
        "ana roy",
        "roy eau",
        "ANA@puits.example",
    ],
)
def test_text_finds_people_by_their_own_words_and_their_organizations(office, well, text):
    found = PersonFactory(
        first_name="Ana",
        last_name="Roy",
        at=well,
        title="Responsable des communications",
        email="ana@puits.example",
    )
    elsewhere = OrganizationFactory(name_fr="Livres ouverts", themes=["enfance"])
    PersonFactory(first_name="Zoé", last_name="Boileau", at=elsewhere, title="Direction")
    assert names(office.get(LIST, {"q": text})) == [str(found)]


def test_past_position_finds_only_who_has_no_other(office, well):
    elsewhere = OrganizationFactory(name_fr="Livres ouverts")
    moved = PersonFactory(first_name="Marc", last_name="Ailleurs", at=elsewhere)
    PositionFactory(person=moved, organization=well, ended_on=datetime.date(2021, 1, 1))
    retired = PersonFactory(first_name="Rita", last_name="Retraitée")
    PositionFactory(person=retired, organization=well, ended_on=datetime.date(2021, 1, 1))
    assert names(office.get(LIST, {"q": "haiti", "period": "all"})) == ["Rita Retraitée"]


def test_list_by_role_network_region_tag_and_language(office):
    montreal = OrganizationFactory(town="Montréal")
    ally = OrganizationFactory(town="Gatineau", outside=True)
    tag = Tag.objects.create(name="conseil")
    mia = PersonFactory(first_name="Mia", last_name="M", at=montreal, kinds=["communications"])
    mia.tags.add(tag)
    PersonFactory(first_name="Al", last_name="L", at=ally, kinds=["finance"], language="en")
    PositionFactory(
        person=Person.objects.get(first_name="Al"), organization=ally, kinds=["finance", "board"]
    )
    for chosen in (
        {"role": "communications"},
        {"network": "members"},
        {"region": montreal.region_id},
        {"tag": str(tag.pk)},
        {"language": "fr"},
    ):
        assert names(office.get(LIST, chosen)) == ["Mia M"], chosen
    answer = office.get(LIST)
    counts = {}
    for spec in answer.context["cl"].filter_specs:
        for choice in spec.choices(answer.context["cl"]):
            words = choice["display"]
            if words.endswith(")"):
                name, count = words[:-1].rsplit(" (", 1)
                counts[spec.parameter_name, name] = int(count)
    assert counts["role", str(Position.Kind.FINANCE.label)] == 1  # one person, two positions
    assert counts["role", str(Position.Kind.EDUCATION.label)] == 0
    assert sum(count for (name, _), count in counts.items() if name == "network") == 2
    assert counts["tag", "conseil"] == 1
    assert sum(count for (name, _), count in counts.items() if name == "region") == 2


def test_list_asks_as_many_queries_for_two_rows_as_for_twenty(office, well):
    def queries(**data):
        with CaptureQueriesContext(connection) as asked:
            assert office.get(LIST, data).status_code == 200
        return len(asked)

    tag = Tag.objects.create(name="conseil")
    for _ in range(2):
        PersonFactory(at=well, kinds=["direction"]).tags.add(tag)
    office.get(LIST)
    few, few_found = queries(), queries(q="eau", role="direction")
    for _ in range(18):
        person = PersonFactory(at=well, kinds=["direction"])
        person.tags.add(tag)
        PositionFactory(person=person, organization=OrganizationFactory())
    assert queries() == few
    assert queries(q="eau", role="direction") == few_found
    assert few <= 15
    assert few_found <= 16


def test_completion_tells_two_people_of_one_name_apart(office, well, django_assert_max_num_queries):
    PersonFactory(first_name="Noé", last_name="Roy", at=well, title="Trésorier")
    PersonFactory(first_name="Noé", last_name="Roy")
    asked = {
        "term": "noe roy",
        "app_label": "members",
        "model_name": "position",
        "field_name": "person",
    }
    with django_assert_max_num_queries(9):
        answer = office.get("/admin/autocomplete/", asked)
    told = {found["text"] for found in answer.json()["results"]}
    assert told == {"Noé Roy", f"Noé Roy (Trésorier, {well})"}


# Writing to the people of a list


def test_communications_people_on_water_in_haiti_are_written_to(office, well):
    ana = PersonFactory(first_name="Ana", last_name="Roy")
    PositionFactory(
        person=ana, organization=well, kinds=["direction"], email="direction@puits.example"
    )
    PositionFactory(
        person=ana, organization=well, kinds=["communications"], email="media@puits.example"
    )
    PersonFactory(first_name="Guy", last_name="Muet", at=well, kinds=["communications"])
    PersonFactory(at=well, kinds=["finance"], email="finance@puits.example")
    answer = office.get(
        reverse("admin:members_person_write"), {"q": "eau haiti", "role": "communications"}
    )
    assert answer.context["addresses"] == ["media@puits.example"]
    assert answer.context["link"] == "mailto:?bcc=media@puits.example"
    assert [str(person) for person in answer.context["without"]] == ["Guy Muet"]
    noted = ExportRecord.objects.get()
    assert (noted.count, noted.columns, noted.is_personal) == (1, ["email"], False)
    html = answer.content.decode()
    assert "Guy Muet" in html
    assert 'href="mailto:?bcc=media@puits.example"' in html


def test_shared_address_is_written_to_once_and_many_make_no_link(office, well):
    PersonFactory(at=well, email="info@puits.example")
    PersonFactory(at=well, email="INFO@puits.example")
    answer = office.get(reverse("admin:members_person_write"))
    assert answer.context["addresses"] == ["info@puits.example"]
    for number in range(80):
        PersonFactory(at=well, email=f"une.personne.{number}@puits.example")
    answer = office.get(reverse("admin:members_person_write"))
    assert len(answer.context["addresses"]) == 81
    assert not answer.context["link"]
    assert "une.personne.79@puits.example" in answer.content.decode()


def test_selected_people_are_written_to(office, well):
    chosen = PersonFactory(at=well, email="oui@puits.example")
    PersonFactory(at=well, email="non@puits.example")
    answer = office.post(LIST, {"action": "write_to_selected", "_selected_action": [chosen.pk]})
    assert answer.context["addresses"] == ["oui@puits.example"]


def test_who_may_not_export_takes_no_addresses(client, well):
    PersonFactory(at=well, email="oui@puits.example")
    client.force_login(make_user(Role.READING))
    assert client.get(reverse("admin:members_person_write")).status_code == 403
    assert reverse("admin:members_person_write") not in client.get(LIST).content.decode()


# One person's page


def test_page_says_what_matters_at_a_glance(office, keeper, well):
    person = PersonFactory(last_name="Clé")
    PositionFactory(person=person, organization=well, title="Directrice", email="ana@puits.example")
    PositionFactory(
        person=person,
        organization=well,
        title="Adjointe d’autrefois",
        started_on=datetime.date(2010, 1, 1),
        ended_on=datetime.date(2015, 1, 1),
    )
    InteractionFactory(people=[person], subject="Appel sur le budget")
    FollowUp.objects.create(person=person, what="Rappeler sans faute", due_on=timezone.localdate())
    alliance = Alliance.objects.create(name_fr="Coalition eau (fictive)")
    AllianceMembership.objects.create(alliance=alliance, organization=well, liaison=person)
    html = office.get(page(person)).content.decode()
    for words in (
        "Directrice",
        "mailto:ana@puits.example",
        "Adjointe d’autrefois",
        "Appel sur le budget",
        "Rappeler sans faute",
        "Coalition eau (fictive)",
        reverse("admin:members_interaction_add") + f"?people={person.pk}",
        reverse("admin:members_followup_add") + f"?person={person.pk}",
    ):
        assert words in html, words


@pytest.mark.parametrize("role", list(Role))
def test_personal_facts_are_for_those_who_answer_for_them(client, role):
    direction = make_user(Role.DIRECTION, email="chef@example.org")
    with pghistory.context(user=direction.pk):
        person = PersonFactory(first_name="Ana", last_name="Privée")
        for name, value in PERSONAL.items():
            setattr(person, name, value)
        person.save()
        Consent.objects.create(
            person=person, purpose="newsletter", evidence="lettre secrète", recorded_by=direction
        )
    client.force_login(make_user(role))
    told = role in (Role.DIRECTION, Role.PRIVACY)
    for address in (page(person), page(person, "history")):
        html = client.get(address).content.decode()
        assert "lettre secrète" in html if told else "lettre secrète" not in html
        assert any(secret in html for secret in SECRETS) == told, address
        assert ("chez.soi" in html) == told, address
    assert names(client.get(LIST, {"q": "chez.soi@example.org"})) == []
    assert any(secret in client.get(LIST).content.decode() for secret in SECRETS) is False


def test_personal_facts_sent_by_another_are_ignored(office):
    person = PersonFactory(personal_email="chez.soi@example.org")
    data = form_of(office, page(person)) | {"personal_email": "autre@example.org", "notes": "x"}
    assert office.post(page(person), data).status_code == 302
    person.refresh_from_db()
    assert (person.personal_email, person.notes) == ("chez.soi@example.org", "")


def test_person_is_added_with_a_position_and_a_number_with_its_extension(office, well):
    address = reverse("admin:members_person_add") + f"?organization={well.pk}"
    data = form_of(office, address)
    assert data["positions-0-organization"] == str(well.pk)
    data |= {
        "first_name": "Ana",
        "last_name": "Roy",
        "language": "fr",
        "positions-0-title": "Directrice",
        "positions-0-kinds": ["direction", "delegate"],
        "positions-0-phone": "514-555-0123 poste 12",
    }
    assert office.post(address, data).status_code == 302
    position = Position.objects.get()
    assert str(position.person) == "Ana Roy"
    assert position.kinds == ["direction", "delegate"]
    assert (str(position.phone), position.phone_extension) == ("+15145550123", "12")


def test_personal_number_with_an_extension_is_refused_rather_than_cut(client):
    person = PersonFactory()
    client.force_login(make_user(Role.PRIVACY))
    data = form_of(client, page(person))
    refused = client.post(page(person), data | {"personal_phone": "418 555-0199 poste 3"})
    assert "personal_phone" in refused.context["adminform"].form.errors
    assert client.post(page(person), data | {"personal_phone": "418 555-0199"}).status_code == 302
    person.refresh_from_db()
    assert str(person.personal_phone) == "+14185550199"


def test_second_person_of_the_same_name_is_told(office, well):
    first = PersonFactory(first_name="Hélène", last_name="Côté-Roy", at=well)
    address = reverse("admin:members_person_add")
    data = form_of(office, address) | {
        "first_name": "helene",
        "last_name": "Cote Roy",
        "language": "fr",
    }
    answer = office.post(address, data, follow=True)
    assert Person.objects.count() == 2
    assert page(first) in answer.content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"first_name": " ", "last_name": ""}, "__all__"),
        ({"positions-0-started_on": "20225-01-01"}, "started_on"),
        ({"positions-0-started_on": "2225-01-01"}, "__all__"),
        ({"positions-0-phone": "appelez-moi"}, "phone"),
        ({"positions-0-title": "", "positions-0-kinds": []}, "__all__"),
        ({"positions-0-email": "pas une adresse"}, "email"),
        ({"positions-0-organization": ""}, "organization"),
        ({"positions-0-ended_on": "2001-01-01"}, "__all__"),
    ],
)
def test_bad_input_is_refused_in_words_and_kept(office, well, wrong, field):
    person = PersonFactory(at=well, title="Directrice")
    data = form_of(office, page(person)) | {"first_name": "Nouveau"} | wrong
    answer = office.post(page(person), data)
    assert answer.status_code == 200
    forms = [answer.context["adminform"].form]
    forms += answer.context["inline_admin_formsets"][0].formset.forms
    assert any(form.errors.get(field) for form in forms)
    person.refresh_from_db()
    assert person.first_name != "Nouveau"
    _name, typed = next(iter(wrong.items()))
    if isinstance(typed, str) and typed.strip():
        assert f'value="{typed}"' in answer.content.decode()


def test_page_asks_as_many_queries_whatever_hangs_on_it(office, well):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert office.get(page(person)).status_code == 200
        return len(asked)

    person = PersonFactory(at=well)
    PositionFactory(person=person, ended_on=datetime.date(2021, 1, 1))
    InteractionFactory(people=[person], about=[well])
    queries()
    few = queries()
    for number in range(8):
        PositionFactory(person=person)
        PositionFactory(person=person, ended_on=datetime.date(2021, 1, 1))
        InteractionFactory(people=[person], about=[well])
        FollowUp.objects.create(person=person, what=f"Suivi {number}")
        person.tags.add(Tag.objects.create(name=f"étiquette {number}"))
    assert queries() <= few
    assert few <= 15


@pytest.mark.parametrize("role", [Role.COMMUNICATIONS, Role.READING])
def test_who_only_reads_changes_nothing(client, well, role):
    person = PersonFactory(at=well)
    position = person.positions.get()
    client.force_login(make_user(role))
    assert client.get(page(person)).status_code == 200
    assert client.post(page(person), {"first_name": "X"}).status_code == 403
    for address in (
        page(person, "archive"),
        *(step(position, name) for name in ("leave", "succession", "show", "hide")),
        reverse("admin:members_consent_add"),
    ):
        assert client.get(address).status_code == 403, address
        assert client.post(address).status_code == 403, address


# What happens to a position


def test_who_leaves_keeps_their_past(office, well):
    person = PersonFactory(at=well, title="Directrice")
    position = person.positions.get()
    assert office.get(step(position, "leave")).status_code == 200
    answer = office.post(step(position, "leave"), {"on": "2024-06-30"}, follow=True)
    position.refresh_from_db()
    assert position.ended_on == datetime.date(2024, 6, 30)
    assert "Directrice" in answer.content.decode()
    again = office.post(step(position, "leave"), {"on": "2024-12-31"})
    assert again.status_code == 200
    assert again.context["form"].non_field_errors()


def test_departure_before_the_arrival_is_refused_in_words(office, well):
    position = PersonFactory(at=well).positions.get()
    answer = office.post(step(position, "leave"), {"on": "2001-01-01"})
    assert answer.context["form"].non_field_errors()
    position.refresh_from_db()
    assert position.ended_on is None


def test_person_is_shown_publicly_by_a_decision_and_hidden_at_once(office, keeper, well):
    person = PersonFactory(at=well)
    position = person.positions.get()
    refused = office.post(step(position, "show"), {"basis": " "})
    assert refused.context["form"].errors
    office.post(step(position, "show"), {"basis": "Courriel du 3 mai"})
    position.refresh_from_db()
    assert (position.is_public, position.public_decided_by) == (True, keeper)
    html = office.get(page(person)).content.decode()
    assert "Courriel du 3 mai" in html
    assert "Luc" in html
    office.post(step(position, "hide"))
    position.refresh_from_db()
    assert (position.is_public, position.public_decided_by) == (False, keeper)


def test_archived_person_leaves_their_positions_and_can_come_back(office, well):
    person = PersonFactory(at=well)
    assert office.get(page(person, "archive")).status_code == 200
    office.post(page(person, "archive"), {"on": "2024-06-30"})
    person.refresh_from_db()
    assert person.archived_on == datetime.date(2024, 6, 30)
    assert person.positions.get().ended_on == datetime.date(2024, 6, 30)
    data = form_of(office, page(person)) | {"archived_on": ""}
    office.post(page(person), data)
    person.refresh_from_db()
    assert person.archived_on is None


def test_past_position_is_corrected_on_its_own_page(office, well):
    position = PositionFactory(organization=well, ended_on=datetime.date(2021, 1, 1))
    address = step(position, "change")
    data = form_of(office, address) | {"title": "Trésorier"}
    answer = office.post(address, data)
    assert answer.url == page(position.person)
    position.refresh_from_db()
    assert position.title == "Trésorier"


@pytest.mark.parametrize("role", [Role.PRIVACY, Role.DIRECTION])
def test_consent_is_added_then_withdrawn_and_never_changed(client, role):
    user = make_user(role)
    client.force_login(user)
    person = PersonFactory()
    address = reverse("admin:members_consent_add") + f"?person={person.pk}"
    data = form_of(client, address)
    assert data["person"] == str(person.pk)
    answer = client.post(address, data | {"purpose": "newsletter", "evidence": "Formulaire v2"})
    assert answer.url == page(person)
    consent = Consent.objects.get()
    assert consent.recorded_by == user
    change = reverse("admin:members_consent_change", args=[consent.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {"evidence": "autre"}).status_code == 403
    withdraw = reverse("admin:members_consent_withdraw", args=[consent.pk])
    assert client.get(withdraw).status_code == 200
    early = client.post(withdraw, {"on": "2001-01-01"})
    assert early.context["form"].non_field_errors()
    client.post(withdraw, {"on": str(timezone.localdate())})
    consent.refresh_from_db()
    assert consent.withdrawn_on == timezone.localdate()


@pytest.mark.parametrize("role", [Role.PERMANENCE, Role.READING, Role.COMMUNICATIONS])
def test_consents_are_not_for_others(client, role):
    consent = Consent.objects.create(
        person=PersonFactory(), purpose="newsletter", evidence="Formulaire"
    )
    client.force_login(make_user(role))
    for name in ("change", "withdraw"):
        address = reverse(f"admin:members_consent_{name}", args=[consent.pk])
        assert client.get(address).status_code == 403
    assert client.get(reverse("admin:members_consent_changelist")).status_code == 403


# One leaves, another comes


def test_succession_is_one_short_form(office, well):
    position = PersonFactory(at=well, title="Directrice", kinds=["direction"]).positions.get()
    address = step(position, "succession")
    form = office.get(address).context["form"]
    assert form.initial["title"] == "Directrice"
    data = {
        "last_day": "2024-06-30",
        "first_name": "Noé",
        "last_name": "Nouveau",
        "title": "Directeur",
        "kinds": ["direction"],
        "phone": "514 555-0123, poste 7",
    }
    answer = office.post(address, data, follow=True)
    assert "Noé Nouveau" in answer.content.decode()
    taken = Person.objects.get(last_name="Nouveau").positions.get()
    assert (taken.organization, taken.title, taken.kinds) == (well, "Directeur", ["direction"])
    assert taken.started_on == datetime.date(2024, 7, 1)
    assert taken.phone_extension == "7"
    position.refresh_from_db()
    assert position.ended_on == datetime.date(2024, 6, 30)


def test_successor_of_a_known_name_is_asked_about(office, well):
    known = PersonFactory(first_name="Noé", last_name="Nouveau", at=OrganizationFactory())
    position = PersonFactory(at=well, kinds=["direction"]).positions.get()
    data = {
        "last_day": "2024-06-30",
        "first_name": "noe",
        "last_name": "NOUVEAU",
        "kinds": ["direction"],
    }
    answer = office.post(step(position, "succession"), data)
    assert answer.context["form"].errors["same"]
    assert str(known.positions.get().organization) in answer.content.decode()
    position.refresh_from_db()
    assert position.ended_on is None
    office.post(step(position, "succession"), data | {"same": str(known.pk)})
    assert known.positions.filter(organization=well).exists()
    assert Person.objects.named("Noé", "Nouveau").count() == 1


def test_someone_else_of_a_known_name_may_come(office, well):
    PersonFactory(first_name="Noé", last_name="Nouveau")
    position = PersonFactory(at=well, kinds=["direction"]).positions.get()
    data = {
        "last_day": "2024-06-30",
        "first_name": "Noé",
        "last_name": "Nouveau",
        "kinds": ["direction"],
        "same": "new",
    }
    office.post(step(position, "succession"), data)
    assert Person.objects.named("Noé", "Nouveau").count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"first_name": "", "last_name": ""},
        {"last_day": "20225-01-01"},
        {"last_day": "2225-01-01"},
        {"last_day": "2001-01-01"},
        {"first_day": "1850-01-01"},
        {"phone": "rien"},
        {"title": "", "kinds": []},
        {"successor": "999999"},
        {"kinds": ["roi"]},
    ],
)
def test_bad_succession_is_refused_whole(office, well, wrong):
    position = PersonFactory(at=well, kinds=["direction"]).positions.get()
    data = {
        "last_day": "2024-06-30",
        "first_name": "Noé",
        "last_name": "Nouveau",
        "kinds": ["direction"],
    }
    answer = office.post(step(position, "succession"), data | wrong)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not Person.objects.filter(last_name="Nouveau").exists()
    position.refresh_from_db()
    assert position.ended_on is None
