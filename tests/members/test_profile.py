"""What representatives change in a profile: at once, or after the staff; and what staff decide."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from members import profile
from members.models import (
    Organization,
    OtherName,
    ProfileProposal,
    PublishedChange,
    SentMail,
    SocialLink,
    User,
)
from members.models.proposals import ChangedMeanwhile, NotWaiting
from members.pages import profile_page, with_changes
from members.permissions import Role
from members.profile import Choice, Lexicon
from tests.factories import OrganizationFactory, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def address(settings):
    """Mails lead to the site, whose address no request tells here."""
    settings.SITE_URL = "https://annuaire.example"


@pytest.fixture
def organization():
    return OrganizationFactory(
        name_fr="Eau vive (fictif)",
        acronym="EV",
        town="Sherbrooke",
        email="bonjour@eau.example",
        phone="+15145550123",
        mission_fr="De l’eau pour le monde.",
        themes=["eau-assainissement"],
        countries=["HT", "SN"],
        other_names=["Source vive"],
    )


@pytest.fixture
def ana():
    return User.objects.create_user("ana@eau.example", first_name="Ana")


@pytest.fixture
def keeper():
    return make_user(Role.PERMANENCE)


def now(organization):
    return profile.read(Organization.objects.for_profile().get(pk=organization.pk))


def send(organization, by, message="", **values):
    live = now(organization)
    return profile.send(
        organization=organization,
        values=live | values,
        start=live,
        shown=live,
        by=by,
        message=message,
    )


def decide(proposal, by, choices, **also):
    proposal.refresh_from_db()
    asked = {"shown": now(proposal.organization), "version": proposal.version} | also
    return profile.decide(proposal=proposal, choices=choices, by=by, **asked)


YES, NO = Choice(accepts=True), Choice(accepts=False, note="Trop long.")


def test_every_field_is_free_or_reviewed_and_belongs_to_a_step():
    assert {field.step for field in profile.FIELDS.values()} == profile.STEPS.keys()
    assert {
        "phone",
        "phone_extension",
        "email",
        "website",
        "social_links",
        "volunteering_fr",
        "volunteering_en",
    } == profile.FREE
    assert {"name_fr", "identifiers", "municipality", "mission_en", "logo"} <= profile.REVIEWED


def test_profile_is_read_in_one_query(organization, django_assert_num_queries):
    with django_assert_num_queries(1):
        values = now(organization)
    assert values["phone"] == "+15145550123"
    assert values["countries"] == ["HT", "SN"]
    assert values["other_names"] == [["former", "Source vive"]]
    assert values["logo"] is None


def test_free_field_is_live_at_once_and_the_others_wait(organization, ana):
    sent = send(
        organization,
        ana,
        "C’est notre nouveau mandat.",
        phone="+18195550199",
        social_links=[["facebook", "https://facebook.example/eau"]],
        mission_fr="De l’eau pour toutes et tous.",
        countries=["HT", "ML"],
    )
    assert (sent.published, sent.proposed) == (
        ["phone", "social_links"],
        ["mission_fr", "countries"],
    )
    after = now(organization)
    assert after["phone"] == "+18195550199"
    assert after["mission_fr"] == "De l’eau pour le monde."
    assert after["countries"] == ["HT", "SN"]
    assert SocialLink.objects.get().url == "https://facebook.example/eau"
    proposal = ProfileProposal.objects.get()
    assert (proposal.proposed_by, proposal.message) == (ana, "C’est notre nouveau mandat.")
    assert {f.name: (f.seen, f.proposed) for f in proposal.fields.all()} == {
        "mission_fr": ("De l’eau pour le monde.", "De l’eau pour toutes et tous."),
        "countries": (["HT", "SN"], ["HT", "ML"]),
    }
    change = PublishedChange.objects.get()
    assert change.before == {"phone": "+15145550123", "social_links": []}


def test_what_did_not_change_is_not_sent(organization, ana):
    assert not send(organization, ana)
    assert not ProfileProposal.objects.exists()
    assert not PublishedChange.objects.exists()


def test_staff_are_told(organization, ana, keeper):
    send(organization, ana, phone="", acronym="EAU")
    kinds = set(SentMail.objects.filter(to=keeper.email).values_list("kind", flat=True))
    assert kinds == {"published_to_staff", "proposal_to_staff"}


def test_value_that_cannot_stand_changes_nothing(organization, ana):
    with pytest.raises(ValidationError) as refused:
        send(organization, ana, email="ailleurs@eau.example", website="javascript:alert(1)")
    assert "website" in refused.value.message_dict
    assert now(organization)["email"] == "bonjour@eau.example"
    assert not PublishedChange.objects.exists()


def test_public_profile_that_moved_is_not_written_over(organization, ana):
    seen = now(organization)
    Organization.objects.filter(pk=organization.pk).update(email="autre@eau.example")
    with pytest.raises(ChangedMeanwhile) as moved:
        profile.send(
            organization=organization,
            values=seen | {"email": "ana@eau.example"},
            start=seen,
            shown=seen,
            by=ana,
        )
    assert moved.value.names == ["email"]


def test_second_sending_amends_what_waits(organization, ana):
    send(organization, ana, acronym="EAU", summary_fr="De l’eau.")
    waiting = now(organization) | {"acronym": "EAU", "summary_fr": "De l’eau."}
    luc = User.objects.create_user("luc@eau.example")
    sent = profile.send(
        organization=organization,
        values=waiting | {"acronym": "EV", "summary_fr": "De l’eau claire."},
        start=waiting,
        shown=now(organization),
        by=luc,
    )
    assert (sent.proposed, sent.withdrawn) == (["summary_fr"], ["acronym"])
    proposal = ProfileProposal.objects.get()
    (field,) = proposal.fields.all()
    assert (field.proposed, field.proposed_by) == ("De l’eau claire.", luc)
    assert proposal.proposers == [ana, luc]


def test_proposal_of_which_nothing_is_left_is_withdrawn(organization, ana):
    send(organization, ana, acronym="EAU")
    live = now(organization)
    profile.send(
        organization=organization,
        values=live,
        start=live | {"acronym": "EAU"},
        shown=live,
        by=ana,
    )
    assert ProfileProposal.objects.get().state == "withdrawn"


def test_one_proposal_waits_an_organization(organization, ana):
    send(organization, ana, acronym="EAU")
    with pytest.raises(IntegrityError), transaction.atomic():
        ProfileProposal.objects.create(organization=organization, proposed_by=ana)


def test_staff_accept_half_with_a_note(organization, ana, keeper):
    proposal = send(organization, ana, acronym="EAU", mission_fr="Long.", countries=["HT"]).proposal
    decide(
        proposal,
        keeper,
        {
            "acronym": NO,
            "mission_fr": Choice(accepts=True, edits=True, value="Corrigé."),
            "countries": YES,
        },
    )
    after = now(organization)
    assert (after["acronym"], after["mission_fr"]) == ("EV", "Corrigé.")
    assert after["countries"] == ["HT"]
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by) == ("decided", keeper)
    assert {f.name: (f.decision, f.note) for f in proposal.fields.all()} == {
        "acronym": ("refused", "Trop long."),
        "mission_fr": ("edited", ""),
        "countries": ("accepted", ""),
    }
    (mail,) = SentMail.objects.filter(to=ana.email)
    assert "Trop long." in mail.text
    assert "Corrigé." in mail.text
    assert "le reprendre" in mail.text


def test_mail_of_a_whole_acceptance_speaks_of_no_refusal(organization, ana, keeper):
    decide(send(organization, ana, acronym="EAU").proposal, keeper, {"acronym": YES})
    (mail,) = SentMail.objects.filter(to=ana.email)
    assert "accepté" in mail.text
    assert "reprendre" not in mail.text


def test_history_names_the_proposer(organization, ana, keeper):
    proposal = send(organization, ana, acronym="EAU").proposal
    decide(proposal, keeper, {"acronym": YES})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.metadata FROM members_organizationevent e"
            " JOIN pghistory_context c ON c.id = e.pgh_context_id"
            " WHERE e.pgh_label = 'update' ORDER BY e.pgh_id DESC LIMIT 1"
        )
        (context,) = cursor.fetchone()
    assert f'"proposers": [{ana.pk}]' in str(context).replace("'", '"')


def test_decision_asks_for_every_field(organization, ana, keeper):
    proposal = send(organization, ana, acronym="EAU", summary_fr="De l’eau.").proposal
    with pytest.raises(ValidationError) as refused:
        decide(proposal, keeper, {"acronym": YES})
    assert list(refused.value.message_dict) == ["summary_fr"]
    assert now(organization)["acronym"] == "EV"


def test_profile_that_moved_stops_the_decision(organization, ana, keeper):
    proposal = send(organization, ana, acronym="EAU").proposal
    seen = now(organization)
    Organization.objects.filter(pk=organization.pk).update(acronym="EVF")
    with pytest.raises(ChangedMeanwhile) as moved:
        decide(proposal, keeper, {"acronym": YES}, shown=seen)
    assert moved.value.names == ["acronym"]
    assert now(organization)["acronym"] == "EVF"
    # Having seen it, they may.
    decide(proposal, keeper, {"acronym": YES})
    assert now(organization)["acronym"] == "EAU"


def test_proposal_amended_meanwhile_stops_the_decision(organization, ana, keeper):
    proposal = send(organization, ana, acronym="EAU").proposal
    with pytest.raises(ChangedMeanwhile):
        decide(proposal, keeper, {"acronym": YES}, version=proposal.version - 1)


def test_proposal_is_decided_once(organization, ana, keeper):
    proposal = send(organization, ana, acronym="EAU").proposal
    decide(proposal, keeper, {"acronym": YES})
    with pytest.raises(NotWaiting):
        decide(proposal, keeper, {"acronym": NO})
    with pytest.raises(NotWaiting):
        proposal.withdraw(by=ana)


def test_nobody_decides_what_they_asked_for_but_the_direction(organization, keeper):
    proposal = send(organization, keeper, acronym="EAU").proposal
    with pytest.raises(PermissionDenied):
        decide(proposal, keeper, {"acronym": YES})
    with pytest.raises(PermissionDenied):
        decide(proposal, make_user(Role.READING), {"acronym": YES})
    chief = make_user(Role.DIRECTION)
    second = OrganizationFactory()
    decide(send(second, chief, acronym="D").proposal, chief, {"acronym": YES})
    assert now(second)["acronym"] == "D"


def test_accepted_value_that_cannot_stand_is_told_by_its_field(organization, ana, keeper):
    other = OrganizationFactory()
    other.identifiers.create(scheme="neq", value="1181440711")
    proposal = send(organization, ana, identifiers=[["neq", "1181440711"]], acronym="EAU").proposal
    with pytest.raises(ValidationError) as refused:
        decide(proposal, keeper, {"identifiers": YES, "acronym": YES})
    assert list(refused.value.message_dict) == ["identifiers"]
    assert now(organization)["acronym"] == "EV"


def test_number_that_changes_is_no_longer_checked(organization, ana, keeper):
    organization.identifiers.create(
        scheme="neq", value="1181440711", verified_on="2026-01-01", source_url="https://r.example/"
    )
    proposal = send(organization, ana, identifiers=[["neq", "1181440722"]]).proposal
    decide(proposal, keeper, {"identifiers": YES})
    number = organization.identifiers.get()
    assert (number.value, number.verified_on, number.source_url) == ("1181440722", None, "")


def test_former_name_still_finds_it(organization, ana, keeper):
    proposal = send(organization, ana, name_fr="Onde claire (fictif)").proposal
    decide(proposal, keeper, {"name_fr": YES})
    assert set(OtherName.objects.values_list("kind", "name")) == {
        ("former", "Eau vive (fictif)"),
        ("former", "Source vive"),
    }
    found = Organization.objects.members().matching("eau vive")
    assert [one.name_fr for one in found] == ["Onde claire (fictif)"]


def test_change_is_put_back_in_one_go(organization, ana, keeper):
    send(organization, ana, phone="", phone_extension="", email="piege@eau.example")
    change = PublishedChange.objects.get()
    profile.put_back(change, by=keeper)
    assert now(organization)["email"] == "bonjour@eau.example"
    assert now(organization)["phone"] == "+15145550123"
    change.refresh_from_db()
    assert (change.reverted_by, change.seen_by) == (keeper, keeper)
    profile.put_back(change, by=keeper)
    assert SentMail.objects.filter(to=ana.email, kind="published_put_back").count() == 1


def test_change_that_was_changed_since_is_not_put_back(organization, ana, keeper):
    send(organization, ana, email="piege@eau.example")
    change = PublishedChange.objects.get()
    Organization.objects.filter(pk=organization.pk).update(email="juste@eau.example")
    with pytest.raises(ChangedMeanwhile):
        profile.put_back(change, by=keeper)
    assert now(organization)["email"] == "juste@eau.example"


def test_what_a_change_would_give_is_shown_without_being_done(
    organization, django_assert_num_queries
):
    whole, lexicon = Organization.objects.for_profile().get(pk=organization.pk), Lexicon()
    words = lexicon.vocabulary
    changed = with_changes(
        whole, {"name_fr": "Onde (fictif)", "countries": ["ML"], "phone": "+18195550199"}, lexicon
    )
    with django_assert_num_queries(0):
        shown = profile_page(changed, words)
    assert shown["name"] == "Onde (fictif)"
    assert [term.value for term in shown["countries"]] == ["ML"]
    assert whole.name_fr == "Eau vive (fictif)"
    assert whole.entry.countries == ["HT", "SN"]
    assert now(organization)["name_fr"] == "Eau vive (fictif)"


def test_every_value_is_said_in_words(organization):
    values, lexicon = now(organization), Lexicon()
    words = {name: field.words(values[name], lexicon) for name, field in profile.FIELDS.items()}
    assert words["municipality"] == ["Sherbrooke"]
    assert words["countries"] == ["Haïti", "Sénégal"]
    assert words["phone"] == ["514\N{NO-BREAK SPACE}555-0123"]
    assert words["logo"] == []
    assert all(isinstance(text, str) for texts in words.values() for text in map(str, texts))
