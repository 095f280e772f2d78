"""An application for membership, from its first word to its decision: what the file allows."""

import datetime
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from pghistory.models import Events

from members import actions, admissions
from members.documents import check
from members.models import (
    AdmissionCriterion,
    AdmissionDecision,
    AdmissionFile,
    CriterionAnswer,
    Document,
    Identifier,
    Membership,
    Organization,
    SentMail,
    WelcomeStep,
)
from members.permissions import Role, can_open
from tests.factories import AdmissionFileFactory, OrganizationFactory, make_user
from tests.files import PDF, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return make_user(Role.PERMANENCE)


@pytest.fixture(autouse=True)
def invited(monkeypatch, settings):
    """What `members.actions.invite` was asked: the invitation itself is tested elsewhere."""
    settings.SITE_URL = "https://exemple.example"
    asked = []
    monkeypatch.setattr(actions, "invite", lambda **what: asked.append(what))
    return asked


def decision(body, favourable=True, **fields):
    fields.setdefault("decided_on", timezone.localdate())
    return AdmissionDecision(body=body, favourable=favourable, **fields)


def recommended(by, **fields):
    file = AdmissionFileFactory(**fields)
    file.recommend("admit", "Tout y est.", by=by)
    return file


def kinds(file):
    return list(SentMail.objects.order_by("pk").values_list("kind", flat=True))


# The draft


def test_address_has_one_draft_whatever_its_capitals():
    one = AdmissionFile.begin("ana@exemple.example", "fr")
    assert AdmissionFile.begin("Ana@Exemple.example", "en") == one
    with pytest.raises(IntegrityError), transaction.atomic():
        AdmissionFile.objects.create(contact_email="ANA@exemple.example")


def test_later_save_of_one_step_leaves_the_others():
    one = AdmissionFileFactory(draft=True)
    two = AdmissionFile.objects.get(pk=one.pk)
    one.keep("mission", {"mission_fr": ["Un"]})
    two.keep("contact", {"contact_name": ["Ana"]})
    stored = AdmissionFile.objects.get(pk=one.pk)
    assert stored.typed == {"mission": {"mission_fr": ["Un"]}, "contact": {"contact_name": ["Ana"]}}


def test_nothing_is_kept_once_it_is_sent():
    file = AdmissionFileFactory()
    assert file.keep("mission", {"mission_fr": ["Autre"]}) is False
    assert file.submit(facts={}, themes=[], countries=[], answers=[]) is False


def test_draft_has_no_history_and_what_was_sent_has():
    draft = AdmissionFileFactory(draft=True)
    draft.keep("contact", {"contact_name": ["Secret"]})
    assert not Events.objects.tracks(draft).exists()
    draft.delete()
    assert not Events.objects.filter(pgh_obj_model="members.AdmissionFile").exists()
    file = AdmissionFileFactory()
    assert Events.objects.tracks(file).exists()
    assert not any("typed" in event.pgh_data for event in Events.objects.tracks(file))


def test_forgotten_drafts_go_with_their_documents_and_nothing_else(
    django_capture_on_commit_callbacks,
):
    old, recent = AdmissionFileFactory(draft=True), AdmissionFileFactory(draft=True)
    file = AdmissionFileFactory()
    admissions.add_documents(file=old, checked=[check(sent("a.pdf", PDF))])
    path = old.documents.get().file.path
    long_ago = timezone.now() - datetime.timedelta(days=61)
    AdmissionFile.objects.filter(pk__in=[old.pk, file.pk]).update(saved_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        assert admissions.forget_drafts() == 1
    assert set(AdmissionFile.objects.all()) == {recent, file}
    assert not Document.objects.exists()
    assert not Path(path).exists()
    assert admissions.forget_drafts() == 0


def test_document_is_added_once_and_not_without_end():
    file = AdmissionFileFactory(draft=True)
    one = check(sent("a.pdf", PDF))
    assert len(admissions.add_documents(file=file, checked=[one])) == 1
    assert admissions.add_documents(file=file, checked=[check(sent("b.pdf", PDF))]) == []
    many = [check(sent(f"{n}.txt", f"texte {n}".encode())) for n in range(20)]
    assert admissions.add_documents(file=file, checked=many) is None
    assert file.documents.count() == 1


def test_documents_of_a_draft_are_nobodys_but_its_authors(by):
    file = AdmissionFileFactory(draft=True)
    admissions.add_documents(file=file, checked=[check(sent("a.pdf", PDF))])
    document = Document.objects.get()
    assert not can_open(by, document)
    assert not Document.objects.known_to_staff().exists()


# Sending


def test_sent_it_is_a_candidate_that_nobody_sees():
    file = AdmissionFileFactory(neq="1181440711")
    organization = file.organization
    assert organization.kind == Organization.Kind.COOPERATION
    assert not organization.memberships.exists()
    assert organization not in Organization.objects.members()
    assert [str(number) for number in organization.identifiers.all()] == ["1181440711"]
    assert [theme.pk for theme in organization.themes.all()] == [
        theme.pk for theme in file.themes.all()
    ]
    assert file.typed == {}
    assert file.submitted_at
    assert file.consented_at


def test_number_of_another_organization_stays_on_the_file():
    other = OrganizationFactory()
    Identifier.objects.create(organization=other, scheme="neq", value="1181440711")
    file = AdmissionFileFactory(neq="1181440711")
    assert file.neq == "1181440711"
    assert not file.organization.identifiers.exists()


def test_answer_keeps_the_words_that_were_asked():
    file = AdmissionFileFactory()
    AdmissionCriterion.objects.update(text_fr="Autre chose")
    assert "Autre chose" not in [answer.asked for answer in file.answers.all()]


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "elsewhere"},
        {"state": "submitted"},
        {"state": "draft", "closed_at": timezone.now()},
        {"advice": "admit"},
    ],
)
def test_impossible_states_are_refused_by_the_database(fields):
    file = AdmissionFileFactory(draft=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        AdmissionFile.objects.filter(pk=file.pk).update(**fields)


def test_refusal_without_reasons_is_refused_by_the_database():
    file = AdmissionFileFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        AdmissionFile.objects.filter(pk=file.pk).update(
            state="refused", closed_at=timezone.now(), letter=" "
        )


def test_no_is_explained():
    file = AdmissionFileFactory()
    answer = file.answers.first()
    answer.said, answer.explanation = "no", " "
    with pytest.raises(ValidationError):
        answer.full_clean()


# Staff


def test_checks_have_their_author_and_take_the_file_up(by):
    file = AdmissionFileFactory()
    answer = file.answers.first()
    file.check_answers({answer: (CriterionAnswer.Finding.MET, "Vu.")}, by=by)
    answer.refresh_from_db()
    assert (answer.finding, answer.note, answer.checked_by) == ("met", "Vu.", by)
    assert file.state == "in_review"
    assert file.reviewed_at


def test_board_then_assembly_and_never_the_other_way_round(by):
    file = AdmissionFileFactory()
    with pytest.raises(ValidationError):
        file.decide(decision("board"), by=by)
    file.recommend("admit", "", by=by)
    with pytest.raises(ValidationError):
        file.decide(decision("assembly"), by=by)
    file.decide(decision("board", resolution="CA-1", votes_for=7, votes_against=1), by=by)
    assert file.state == "board"
    assert file.next_body == "assembly"
    with pytest.raises(ValidationError):
        file.admit(by=by, on=timezone.localdate())
    file.decide(decision("assembly", conditions="Un rapport."), by=by)
    with pytest.raises(ValidationError):
        file.decide(decision("board"), by=by)
    assert file.can_be_admitted


def test_decision_may_be_corrected_and_history_has_both(by):
    file = recommended(by)
    file.decide(decision("board", resolution="CA-1"), by=by)
    file.decide(decision("board", resolution="CA-2"), by=by)
    assert [one.resolution for one in file.decisions.all()] == ["CA-2"]
    assert Events.objects.tracks(file.decisions.get()).count() == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"decided_on": timezone.localdate() + datetime.timedelta(days=3)},
        {"votes_for": 2, "votes_against": 5},
        {"favourable": False, "votes_for": 5, "votes_against": 2},
        {"decided_on": datetime.date(1812, 1, 1)},
    ],
)
def test_implausible_decision_is_refused(by, fields):
    file = recommended(by)
    with pytest.raises(ValidationError):
        file.decide(decision("board", **fields), by=by)
    file.refresh_from_db()
    assert file.state == "recommended"
    assert not file.decisions.exists()


def test_admitted_it_is_a_member_invited_and_welcomed(by, invited):
    file = recommended(by, language="en")
    admissions.decide(file=file, decision=decision("board"), by=by)
    admissions.decide(
        file=file, decision=decision("assembly", resolution="AG-7", conditions="Un rapport."), by=by
    )
    today = timezone.localdate()
    membership = admissions.admit(file=file, on=today, by=by, category="regular")
    assert file.organization in Organization.objects.members()
    (recorded,) = membership.decisions.all()
    assert (recorded.body, recorded.resolution, recorded.note) == (
        "assembly",
        "AG-7",
        "Un rapport.",
    )
    assert [item.text for item in file.welcome.all()] == [
        step.text_fr for step in WelcomeStep.objects.active()
    ]
    assert invited == [
        {
            "organization": file.organization,
            "email": file.contact_email,
            "role": "manager",
            "by": by,
            "language": "en",
        }
    ]
    assert kinds(file) == ["application_decision"] * 2 + ["application_admitted"]
    assert set(SentMail.objects.values_list("language", flat=True)) == {"en"}


def test_failed_invitation_leaves_nothing_done(by, monkeypatch):
    file = recommended(by)
    file.decide(decision("board"), by=by)
    file.decide(decision("assembly"), by=by)

    def fail(**what):
        raise ValidationError("non")

    monkeypatch.setattr(actions, "invite", fail)
    with pytest.raises(ValidationError):
        admissions.admit(file=file, on=timezone.localdate(), by=by)
    file.refresh_from_db()
    assert file.state == "assembly"
    assert not Membership.objects.exists()


def test_whoever_acts_for_it_already_is_not_invited_again(by, monkeypatch):
    def already(**what):
        raise ValidationError("déjà", code="represents")

    monkeypatch.setattr(actions, "invite", already)
    file = recommended(by)
    file.decide(decision("board"), by=by)
    file.decide(decision("assembly"), by=by)
    admissions.admit(file=file, on=timezone.localdate(), by=by)
    assert file.state == "admitted"


def test_decision_corrected_is_not_told_twice(by):
    file = recommended(by)
    admissions.decide(file=file, decision=decision("board"), by=by)
    admissions.decide(file=file, decision=decision("board", resolution="CA-2"), by=by)
    assert kinds(file) == ["application_decision"]


def test_refusal_has_its_reasons_and_sends_them(by):
    file = recommended(by)
    with pytest.raises(ValidationError):
        admissions.refuse(file=file, letter="Non.", by=by)
    answer = file.answers.first()
    file.check_answers({answer: ("not_met", "")}, by=by)
    admissions.decide(file=file, decision=decision("board", favourable=False), by=by)
    assert kinds(file) == []
    letter = admissions.letter_of_refusal(file)
    assert answer.asked in letter
    assert file.name in letter
    admissions.refuse(file=file, letter=letter, by=by)
    assert file.state == "refused"
    assert file.letter == letter
    assert answer.asked in SentMail.objects.get().text


def test_question_is_answered_once_however_often_it_is_sent(by):
    file = AdmissionFileFactory()
    question = admissions.ask(file=file, text="Vos lettres patentes?", by=by)
    for _time in range(2):
        assert admissions.answer(
            question=question, text="Les voici.", checked=[check(sent("l.pdf", PDF))]
        )
    assert file.documents.count() == 1
    assert question.answer.count("Les voici.") <= 2
    assert question.answered_at


def test_closed_file_takes_nothing_more(by):
    file = AdmissionFileFactory()
    question = admissions.ask(file=file, text="Oui?", by=by)
    admissions.withdraw(file=file, reason="Plus tard.")
    for change in (
        lambda: admissions.ask(file=file, text="Encore?", by=by),
        lambda: admissions.answer(question=question, text="Oui."),
        lambda: admissions.withdraw(file=file),
        lambda: file.recommend("admit", "", by=by),
        lambda: file.check_answers({}, by=by),
        lambda: file.refuse("Non", by=by),
    ):
        with pytest.raises(ValidationError):
            change()
    assert file.withdrawal_reason == "Plus tard."


def test_link_follows_the_contact(by):
    file = AdmissionFileFactory()
    token = admissions.token(file)
    assert admissions.file_of(token) == file
    file.change_contact(by=by, contact_name="Bea Fictive")
    assert admissions.token(file) == token
    file.change_contact(by=by, contact_email="bea@candidate.example")
    assert admissions.file_of(token) is None
    assert admissions.file_of(admissions.token(file)) == file


def test_link_is_for_its_use_and_for_a_time():
    from django.core import signing

    file = AdmissionFileFactory()
    assert admissions.file_of(signing.Signer(salt="autre").sign(file.link_key)) is None
    assert admissions.file_of(file.link_key) is None
    AdmissionFile.objects.update(link_until=timezone.now() - datetime.timedelta(seconds=1))
    assert admissions.file_of(admissions.token(file)) is None
    admissions.begin(email=file.contact_email, language="fr")
    assert admissions.file_of(admissions.token(file)) == file


def test_welcome_item_is_done_by_someone(by):
    file = recommended(by)
    file.decide(decision("board"), by=by)
    file.decide(decision("assembly"), by=by)
    file.admit(by=by, on=timezone.localdate())
    item = file.welcome.first()
    item.mark(True, by=by)
    assert item.done_by == by
    item.mark(False, by=by)
    assert item.done_at is None
    assert item.done_by is None


def test_joined_to_another_organization_the_file_follows(by):
    from members.merging import merge

    file = AdmissionFileFactory()
    other = OrganizationFactory(outside=True)
    merge(kept=other, removed=file.organization, by=by)
    file.refresh_from_db()
    assert file.organization == other


def test_reference_begins_the_lists_once():
    from members import reference

    AdmissionCriterion.objects.filter(order=1).update(text_fr="Nos mots")
    reference.load()
    assert AdmissionCriterion.objects.filter(text_fr="Nos mots").count() == 1
    assert AdmissionCriterion.objects.count() == 3
