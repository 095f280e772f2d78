"""Which records are said to be the same one, twice, and which are not."""

import pytest

from members.doubles import WORTH_A_LOOK, likely_organizations, likely_people
from members.models import Identifier, NotDouble, Organization, Position
from members.permissions import Role
from tests.factories import OrganizationFactory, PersonFactory, PositionFactory, make_user

pytestmark = pytest.mark.django_db


def score(one, other):
    """The score of a pair, and the number of its reasons; (0, 0) if it is not listed."""
    likely = likely_organizations if isinstance(one, Organization) else likely_people
    keys = sorted([one.pk, other.pk])
    for pair in likely():
        if [pair.first_id, pair.second_id] == keys:
            assert WORTH_A_LOOK <= pair.score <= 100
            assert all(pair.reasons)
            return pair.score, len(pair.reasons)
    return 0, 0


@pytest.fixture(autouse=True)
def others(db):
    """Some that are nobody's double."""
    for name in ("Amitié Laval–Bobo", "Carrefour des savoirs", "Coopérative du fleuve"):
        OrganizationFactory(name_fr=name)
    for first, last in (("Fatou", "Diop"), ("Jean", "Roy"), ("Louise", "Pelletier")):
        PersonFactory(first_name=first, last_name=last)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("L’Œuvre du Saint-Laurent", "Oeuvre du Saint Laurent"),
        ("Fédération des coopératives", "FEDERATION DES COOPERATIVES (fictif)"),
        ("Équitas Saguenay", "Equitass Saguenay"),
        ("Solidarité Nicaragua", "Solidarité Nicaragua inc."),
        ("Comité de solidarité de Trois-Rivières", "Comité solidarité Trois-Rivières"),
    ],
)
def test_names_that_look_alike_are_found(name, other):
    one, two = OrganizationFactory(name_fr=name), OrganizationFactory(name_fr=other)
    assert score(one, two)[0] >= WORTH_A_LOOK


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Amitié de Montréal pour Bobo", "Amitié de Montréal pour Kayes"),
        ("Coopérative de l’eau", "Coopérative de la terre"),
        ("Oxfam", "Unicef"),
    ],
)
def test_names_with_a_word_of_their_own_are_not(name, other):
    one, two = OrganizationFactory(name_fr=name), OrganizationFactory(name_fr=other)
    assert score(one, two) == (0, 0)


def test_former_name_of_one_is_found_in_the_other():
    one = OrganizationFactory(name_fr="Horizons sans murs", other_names=["Club du Sahel"])
    other = OrganizationFactory(name_fr="Club du Sahel")
    assert score(one, other)[0] >= WORTH_A_LOOK


def test_parent_of_two_regions_scores_lower():
    name = "Carrefour de la paix"
    one, other = OrganizationFactory(name_fr=name), OrganizationFactory(name_fr=name)
    together = score(one, other)[0]
    for organization, region in ((one, "06"), (other, "03")):
        Organization.objects.filter(pk=organization.pk).update(region=region)
    assert score(one, other)[0] < together


@pytest.mark.parametrize(
    ("fields", "others"),
    [
        ({"website": "https://www.eau.example/fr/"}, {"website": "http://eau.example"}),
        ({"website": "https://eau.example"}, {"email": "maude@EAU.example"}),
    ],
)
def test_same_domain_is_found(fields, others):
    one = OrganizationFactory(name_fr="Eau vive", **fields)
    other = OrganizationFactory(name_fr="Grand large", **others)
    assert score(one, other)[0] >= WORTH_A_LOOK


def test_public_providers_and_governments_say_nothing():
    pairs = [
        ({"email": "eau@gmail.com"}, {"email": "large@gmail.com"}),
        ({"website": "https://facebook.com/eau"}, {"website": "https://www.facebook.com/large"}),
        (
            {"website": "https://ministere.example/a", "kind": "institution"},
            {"website": "https://ministere.example/b", "kind": "institution"},
        ),
    ]
    for ours, theirs in pairs:
        one = OrganizationFactory(name_fr="Eau vive", **ours)
        other = OrganizationFactory(name_fr="Grand large", **theirs)
        assert score(one, other) == (0, 0)
        one.delete()
        other.delete()


def test_address_of_someone_says_more_than_a_general_one():
    scores = []
    for address in ("info@eau.example", "maude.roy@eau.example"):
        one = OrganizationFactory(name_fr="Eau vive", email=address)
        other = OrganizationFactory(name_fr="Grand large", email=address)
        scores.append(score(one, other)[0])
        one.delete()
        other.delete()
    assert scores[0] < scores[1]


def test_same_business_number_is_found():
    one, other = OrganizationFactory(name_fr="Eau vive"), OrganizationFactory(name_fr="Large")
    for organization, account in ((one, "0001"), (other, "0002")):
        Identifier.objects.create(
            organization=organization, scheme="charity", value=f"887802981RR{account}"
        )
    assert score(one, other)[0] >= WORTH_A_LOOK


@pytest.mark.parametrize(
    ("name", "other"),
    [
        (("Amélie", "Tremblay"), ("Amelie", "TREMBLAY")),
        (("Marie-Ève", "Côté"), ("Marie Eve", "Cote")),
        (("Nguyen", "Linh"), ("Linh", "Nguyen")),
        (("Dominique", "Archambault"), ("Dominique", "Archambeault")),
    ],
)
def test_close_names_of_people_are_found(name, other):
    one, two = (PersonFactory(first_name=f, last_name=n) for f, n in (name, other))
    assert score(one, two)[0] >= WORTH_A_LOOK


def test_small_slip_counts_in_the_same_organization():
    organization = OrganizationFactory()
    one = PersonFactory(first_name="Anna", last_name="Roy", at=organization, kinds=["board"])
    other = PersonFactory(first_name="Ana", last_name="Roy", at=organization, kinds=["board"])
    together = score(one, other)
    assert together[0] >= WORTH_A_LOOK
    Position.objects.filter(person=other).update(organization=OrganizationFactory())
    assert score(one, other) < together


def test_people_of_the_same_address_are_found():
    organization = OrganizationFactory()
    one = PersonFactory(first_name="Bob", last_name="Ly", personal_email="LY@maison.example")
    other = PersonFactory(first_name="Robert", last_name="Vann")
    PositionFactory(person=other, organization=organization, email="ly@maison.example")
    assert score(one, other)[0] >= WORTH_A_LOOK


def test_general_address_makes_no_double_of_colleagues():
    organization = OrganizationFactory()
    one = PersonFactory(first_name="Bob", last_name="Ly")
    other = PersonFactory(first_name="Rita", last_name="Vann")
    for person in (one, other):
        PositionFactory(person=person, organization=organization, email="info@eau.example")
    assert score(one, other) == (0, 0)


@pytest.mark.parametrize("factory", [OrganizationFactory, PersonFactory])
def test_those_said_to_be_two_are_left_out(factory):
    name = {"name_fr": "Eau"} if factory is OrganizationFactory else {"last_name": "Eau"}
    one, other = factory(**name), factory(**name)
    assert score(one, other)[0] >= WORTH_A_LOOK
    NotDouble.objects.create(
        model=one._meta.label_lower,
        first_id=min(one.pk, other.pk),
        second_id=max(one.pk, other.pk),
        said_by=make_user(Role.PERMANENCE),
    )
    assert score(one, other) == (0, 0)
