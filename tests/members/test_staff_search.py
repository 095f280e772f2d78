"""What staff search: entries that follow every change, what a text finds, and nothing personal."""

import datetime

import pytest

from members import search
from members.models import (
    Alliance,
    AllianceEntry,
    DirectoryWord,
    Dossier,
    DossierEntry,
    GovernmentInteraction,
    Interaction,
    InteractionEntry,
    OfficeWord,
    Organization,
    Participation,
    Person,
    PersonEntry,
    Position,
    User,
)
from members.models.directory import refreshed_together
from members.permissions import Role
from tests.factories import (
    AllianceFactory,
    InteractionFactory,
    OrganizationFactory,
    PersonFactory,
    PositionFactory,
    make_user,
)

pytestmark = pytest.mark.django_db


def words(entry):
    """Every word of an entry, fetched anew."""
    entry = type(entry).objects.get(pk=entry.pk)
    return set(f"{entry.haystack} {entry.prose_fr} {entry.prose_en}".split())


@pytest.fixture
def organization():
    return OrganizationFactory(name_fr="Eau vive (fictif)", acronym="É.V.")


@pytest.fixture
def ana(organization):
    return PersonFactory(
        first_name="Ana",
        last_name="Trémblay",
        at=organization,
        title="Directrice générale",
        email="ana.t@eauvive.example",
    )


@pytest.fixture
def call(organization, ana):
    return InteractionFactory(
        subject="Appel sur le climat",
        notes="Elle rappellera jeudi.",
        about=[organization],
        people=[ana],
    )


# Entries


def test_person_is_found_by_name_work_and_organization(ana):
    entry = PersonEntry.objects.get(pk=ana.pk)
    assert {"ana tremblay", "tremblay ana", "ana t eauvive example"} <= set(entry.exact)
    assert entry.names == "ana tremblay"
    assert {"directrice", "generale", "eau", "vive", "ev"} <= set(entry.labels.split())


def test_past_position_counts_less_than_a_present_one(ana, organization):
    PositionFactory(
        person=ana,
        organization=OrganizationFactory(name_fr="Forêt"),
        ended_on=datetime.date(2021, 1, 1),
    )
    entry = PersonEntry.objects.get(pk=ana.pk)
    assert "foret" not in entry.labels
    assert "foret" in entry.prose_fr


def test_no_personal_field_is_searched(ana):
    secrets = {
        "pronoun": "iel",
        "personal_email": "secrete@maison.test",
        "personal_phone": "+14185550199",
        "personal_address": "12, rue Cachée",
        "needs": "sansgluten",
        "notes": "confidences",
    }
    assert set(secrets) == set(Person.personal_fields())
    for field, value in secrets.items():
        setattr(ana, field, value)
    ana.save()
    found = words(ana.entry)
    for value in secrets.values():
        assert not found & set(search.fold(value).split()), value


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (lambda: Person.objects.update(last_name="Roy"), "tremblay", "roy"),
        (lambda: Position.objects.update(title="Présidente"), "directrice", "presidente"),
        (lambda: Position.objects.all().delete(), "directrice", None),
        (lambda: Organization.objects.update(name_fr="Rivière"), "vive", "riviere"),
        (
            lambda: Position.objects.update(person=PersonFactory(last_name="Autre")),
            "directrice",
            None,
        ),
    ],
)
def test_person_follows(ana, change, before, after):
    change()
    found = words(ana.entry)
    assert before not in found
    assert after is None or after in found


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (lambda: Interaction.objects.update(subject="Lettre"), "climat", "lettre"),
        (lambda: Interaction.objects.update(notes="Vendredi."), "jeudi", "vendredi"),
        (lambda: Person.objects.update(last_name="Roy"), "tremblay", "roy"),
        (lambda: Organization.objects.update(name_fr="Rivière"), "vive", "riviere"),
        (lambda: Participation.objects.all().delete(), "tremblay", None),
        (lambda: Alliance.objects.update(name_fr="Réseau"), "coalition", "reseau"),
        (lambda: Dossier.objects.update(name="Ombuds"), "mines", "ombuds"),
        (lambda: GovernmentInteraction.objects.all().delete(), "c59", None),
    ],
)
def test_exchange_follows(call, change, before, after):
    GovernmentInteraction.objects.create(interaction=call, particulars="Projet de loi C59")
    call.alliance = AllianceFactory(name_fr="Coalition Mers")
    call.dossier = Dossier.objects.create(name="Mines")
    call.save()
    entry = InteractionEntry.objects.get(pk=call.pk)
    assert before in words(entry)
    change()
    assert before not in words(entry)
    assert after is None or after in words(entry)


def test_exchange_without_its_organization_forgets_the_name(organization):
    call = InteractionFactory(about=[organization])
    call.organizations.clear()
    assert "vive" not in words(call.entry)


def test_alliance_and_dossier_follow():
    alliance = AllianceFactory(name_fr="Coalition Mers (fictive)", acronym="C.M.")
    alliance.mandate_fr, alliance.mandate_en = "Protéger les océans.", "Protect the seas."
    alliance.save()
    entry = AllianceEntry.objects.get(pk=alliance.pk)
    assert {"coalition mers", "cm"} <= set(entry.exact)
    assert {"oceans", "seas"} <= words(entry)
    dossier = Dossier.objects.create(name="Mines", aim="Une loi")
    Dossier.objects.update(name="Ombuds", aim="Une médiation")
    assert words(DossierEntry.objects.get(pk=dossier.pk)) == {"ombuds", "une", "mediation"}


def test_entry_goes_with_its_record(call, ana):
    call.delete()
    assert not InteractionEntry.objects.exists()
    ana.positions.all().delete()
    ana.delete()
    assert not PersonEntry.objects.exists()


def test_many_changes_refresh_together():
    with refreshed_together():
        organization = OrganizationFactory(name_fr="Rivière")
        person = PersonFactory(last_name="Roy", at=organization)
        InteractionFactory(about=[organization], people=[person])
        assert not PersonEntry.objects.exists()
        assert not InteractionEntry.objects.exists()
    assert "riviere" in words(person.entry)
    assert {"riviere", "roy"} <= words(InteractionEntry.objects.get())


# What a text finds


@pytest.mark.parametrize(
    "text",
    [
        "Ana Tremblay",
        "tremblay ana",
        "tremb",
        "trembaly",
        "directrice eau vive",
        "ana.t@eauvive.example",
        "ana.t@eauvi",
    ],
)
def test_person_is_found(ana, text):
    PersonFactory(first_name="Luc", last_name="Roy")
    assert list(Person.objects.matching(text)) == [ana]


@pytest.mark.parametrize(
    "typed",
    ["514 555-0123", "(514) 555-0123 poste 12", "+1 514 555 0123", "5145550123", "555-0123"],
)
def test_person_is_found_by_a_number_at_work(ana, typed):
    ana.positions.update(phone="+15145550123")
    PersonFactory(first_name="Luc", at=OrganizationFactory(), last_name="Roy")
    assert list(Person.objects.matching(typed)) == [ana]


def test_number_from_abroad_is_found(ana):
    ana.positions.update(phone="+50937001234")
    assert list(Person.objects.matching("+509 3700-1234")) == [ana]


def test_fiscal_year_is_no_phone_number():
    call = InteractionFactory(subject="Rapport 2024-2025")
    assert list(Interaction.objects.matching("rapport 2024-2025")) == [call]
    assert list(Interaction.objects.matching("2024-2025")) == [call]


def test_exchange_is_found_by_its_people_and_notes(call):
    InteractionFactory()
    for text in ("trembaly", "eau vive", "rappellera", "appel climat", "climta"):
        assert list(Interaction.objects.matching(text)) == [call], text


def test_recent_exchange_comes_first():
    dates = [datetime.datetime(year, 5, 1, tzinfo=datetime.UTC) for year in (2021, 2024, 2023)]
    for when in dates:
        InteractionFactory(subject="Appel", happened_at=when)
    found = Interaction.objects.matching("appel").values_list("happened_at", flat=True)
    assert list(found) == sorted(dates, reverse=True)


def test_empty_text_finds_all(ana):
    assert list(Person.objects.matching("")) == [ana]


# Words stay where they may be read


def test_no_word_of_the_staff_reaches_the_public(call):
    AllianceFactory(name_fr="Coalition Zibeline")
    Dossier.objects.create(name="Ombudsperson")
    public = set(DirectoryWord.objects.values_list("word", flat=True))
    assert not public & {"tremblay", "zibeline", "ombudsperson", "climat", "directrice"}
    assert "vive" in public
    for typed in ("trembaly", "zibelime", "climta"):
        assert not search.respelled(search.parse(typed)), typed


def test_words_are_known_by_kind(call):
    question = search.parse("climta")
    assert search.respelled(question, ["person"]) == {}
    assert search.respelled(question, ["interaction"])["climta"][0] == "climat"
    assert not OfficeWord.objects.filter(kind="person", word="climat").exists()


# The page


SEARCH = "/admin/recherche/"
SUGGESTIONS = "/admin/recherche/suggestions/"


@pytest.fixture
def office(client):
    """The staff's site as someone of the permanence sees it."""
    client.force_login(make_user(Role.PERMANENCE))
    return client


def found(response):
    """{kind: [names]} of a page of answers or of suggestions, in the page's order."""
    groups = response.context["findings"].groups
    return {group.kind.name: [name for name, _line, _url in group.answers] for group in groups}


def test_many_answers_lead_to_the_whole_list(office):
    for _each in range(10):
        OrganizationFactory(name_fr="Rivage", outside=True)
    group = office.get(SEARCH, {"q": "rivage"}).context["findings"].groups[0]
    assert len(group.answers) == 8
    listed = office.get(group.more)
    assert listed.context["cl"].result_count == 10


def test_nothing_found_offers_ways_out(office, organization):
    response = office.get(SEARCH, {"q": "zzyzx vive"})
    assert response.context["findings"].ways_out == [("zzyzx", "vive")]
    html = response.content.decode()
    assert "?q=vive" in html
    assert "/admin/members/organization/add/" in html


@pytest.mark.parametrize("text", ["", "a", "de la", "***", "\x00", '"', "-eau", "é" * 999, "<b>"])
def test_any_text_is_answered(office, organization, text):
    for address in (SEARCH, SUGGESTIONS):
        assert office.get(address, {"q": text}).status_code == 200


def test_word_without_meaning_is_a_beginning_while_it_is_typed(office):
    OrganizationFactory(name_fr="Montagne")
    assert found(office.get(SUGGESTIONS, {"q": "mon"})) == {"organization": ["Montagne"]}


def test_exchanges_and_dossiers_are_not_for_communications(client, call):
    Dossier.objects.create(name="Climat des mines")
    client.force_login(make_user(Role.COMMUNICATIONS))
    for address in (SEARCH, SUGGESTIONS):
        for typed in ("climat", "climta", "appel tremblay"):
            response = client.get(address, {"q": typed})
            assert not found(response), typed
            assert "Appel sur" not in response.content.decode()
            assert not response.context["findings"].understood
    assert found(client.get(SEARCH, {"q": "tremblay"})) == {"person": ["Ana Trémblay"]}


def test_only_staff_search(client, db):
    for user in (None, User.objects.create_user("visiteuse@example.org"), make_user()):
        if user:
            client.force_login(user)
        for address in (SEARCH, SUGGESTIONS):
            assert client.get(address, {"q": "eau"}).status_code == 302


def test_box_is_on_every_page_of_the_staff(office):
    for address in ("/admin/", "/admin/members/organization/", "/admin/members/theme/", SEARCH):
        assert 'id="office-q"' in office.get(address).content.decode()


def test_all_kinds_answer_at_once(office, call):
    AllianceFactory(name_fr="Coalition de l’eau vive")
    Dossier.objects.create(name="Eau vive pour tous")
    response = office.get(SEARCH, {"q": "eau vive"})
    assert found(response) == {
        "organization": ["Eau vive (fictif)"],
        "person": ["Ana Trémblay"],
        "alliance": ["Coalition de l’eau vive"],
        "dossier": ["Eau vive pour tous"],
        "interaction": ["Appel sur le climat"],
    }
    for group in response.context["findings"].groups:
        for _name, _line, url in group.answers:
            assert office.get(url).status_code == 200


def test_kind_where_it_is_a_whole_name_goes_first(office, ana):
    OrganizationFactory(name_fr="Fondation Ana Trémblay du Nord")
    assert list(found(office.get(SEARCH, {"q": "ana trémblay"}))) == ["person", "organization"]


def test_answer_says_what_a_person_does_or_did(office, ana):
    group = office.get(SEARCH, {"q": "tremblay"}).context["findings"].groups[0]
    assert group.answers[0][1] == "Directrice générale, Eau vive (fictif)"
    ana.positions.update(ended_on=datetime.date(2021, 1, 1))
    group = office.get(SEARCH, {"q": "tremblay"}).context["findings"].groups[0]
    assert group.answers[0][1].endswith(" Directrice générale, Eau vive (fictif)")
    assert group.answers[0][1] != "Directrice générale, Eau vive (fictif)"


def test_approximate_answers_are_said_as_such(office, ana):
    response = office.get(SEARCH, {"q": "trembaly"})
    assert response.context["findings"].approximate
    assert response.context["findings"].understood == [("trembaly", "tremblay")]
    assert found(response) == {"person": ["Ana Trémblay"]}
    assert 'class="approximate"' in response.content.decode()


def test_answers_take_few_queries_however_many(office, django_assert_max_num_queries):
    def fill(count):
        for number in range(count):
            organization = OrganizationFactory(name_fr=f"Rivage {number}")
            person = PersonFactory(last_name="Rivage", at=organization)
            InteractionFactory(subject="Rivage", about=[organization], people=[person])
            AllianceFactory(name_fr=f"Coalition Rivage {number}")
            Dossier.objects.create(name=f"Rivage {number}")

    counts = []
    for count in (2, 8):
        fill(count)
        with django_assert_max_num_queries(13) as captured:
            response = office.get(SEARCH, {"q": "rivage"})
        counts.append(len(captured))
    assert len(found(response)["person"]) == 8
    assert counts[0] == counts[1]
    with django_assert_max_num_queries(15):
        response = office.get(SEARCH, {"q": "rivgae"})
    assert response.context["findings"].approximate
