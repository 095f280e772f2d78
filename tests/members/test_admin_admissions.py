"""Applications for membership, as staff deal with them."""

import pytest
from django.utils import timezone

from members import actions, admissions
from members.documents import check
from members.models import (
    AdmissionDecision,
    AdmissionFile,
    Document,
    Identifier,
    Organization,
    SentMail,
)
from members.permissions import Role
from tests.browsing import form_sent
from tests.factories import (
    AdmissionFileFactory,
    InteractionFactory,
    OrganizationFactory,
    make_user,
)
from tests.files import PDF, sent

pytestmark = pytest.mark.django_db

LIST = "/admin/members/admissionfile/"


@pytest.fixture(autouse=True)
def invited(monkeypatch, settings):
    settings.SITE_URL = "http://testserver"
    asked = []
    monkeypatch.setattr(actions, "invite", lambda **what: asked.append(what))
    return asked


@pytest.fixture
def by():
    return make_user(Role.PERMANENCE)


@pytest.fixture
def office(client, by):
    client.force_login(by)
    return client


@pytest.fixture
def file():
    return AdmissionFileFactory(neq="1181440711")


def page(office, file):
    answer = office.get(f"{LIST}{file.pk}/change/")
    assert answer.status_code == 200
    return answer.content.decode()


def do(office, file, step, **data):
    return office.post(f"{LIST}{file.pk}/{step}/", data, follow=True)


def test_list_shows_what_waits_and_never_a_draft(office, file):
    AdmissionFileFactory(draft=True, contact_email="secret@brouillon.example")
    closed = AdmissionFileFactory(name_fr="Close (fictif)")
    closed.withdraw()
    html = office.get(LIST).content.decode()
    assert "Eau claire (fictif)" in html
    assert "Close (fictif)" not in html
    whole = office.get(f"{LIST}?state=all").content.decode()
    assert "Close (fictif)" in whole
    assert "brouillon.example" not in whole
    assert "Eau claire" in office.get(f"{LIST}?q=eau+candidate").content.decode()
    assert office.get(f"{LIST}?q=secret&state=all").content.decode().count("brouillon") == 0


def test_draft_has_no_page_and_nothing_is_done_to_it(office):
    draft = AdmissionFileFactory(draft=True)
    for step in ("review", "check", "ask", "recommend", "board", "assembly", "admit", "refuse"):
        assert office.post(f"{LIST}{draft.pk}/{step}/").status_code == 404
    assert office.get(f"{LIST}{draft.pk}/change/").status_code == 302
    admissions.add_documents(file=draft, checked=[check(sent("secret.pdf", PDF))])
    assert "secret.pdf" not in office.get("/admin/members/document/").content.decode()


def test_page_of_a_file_says_all_in_few_queries(office, file, by, django_assert_max_num_queries):
    admissions.add_documents(file=file, checked=[check(sent("lettres.pdf", PDF))])
    admissions.ask(file=file, text="Vos états financiers?", by=by)
    InteractionFactory(about=[file.organization], subject="Premier appel")
    for number in range(3):
        OrganizationFactory(name_fr=f"Eau claire {number} (fictif)")
    file.recommend("admit", "Tout y est.", by=by)
    with django_assert_max_num_queries(15):
        html = page(office, file)
    for text in (
        "lettres.pdf",
        "Vos états financiers?",
        "Premier appel",
        "Tout y est.",
        "1181440711",
    ):
        assert text in html


def test_page_of_the_candidate_leads_to_its_application(office, file):
    page = office.get(f"/admin/members/organization/{file.organization_id}/change/")
    assert f'href="{LIST}{file.pk}/change/"' in page.content.decode()


def test_list_asks_the_same_for_two_and_for_many(office, django_assert_max_num_queries):
    for number in range(12):
        AdmissionFileFactory(name_fr=f"Candidat {number} (fictif)")
    with django_assert_max_num_queries(10):
        office.get(LIST)


def test_one_that_looks_like_it_or_has_its_number_is_shown(office, file):
    OrganizationFactory(name_fr="Eau claire (fictif)", outside=True)
    other = OrganizationFactory(name_fr="Tout autre chose (fictif)", outside=True)
    Identifier.objects.create(organization=other, scheme="charity", value="118814407RR0001")
    twin = AdmissionFileFactory(name_fr="Source (fictif)", charity="118814407RR0001")
    assert "/compare/organization/" in page(office, file)
    html = page(office, twin)
    assert f"/compare/organization/{other.pk}/{twin.organization_id}/" in html


def test_only_what_was_changed_of_the_checklist_is_written(office, file, by):
    one, two, three = file.answers.all()
    data = {
        f"{name}_{answer.pk}": ""
        for answer in (one, two, three)
        for name in ("finding", "note", "initial-finding", "initial-note")
    }
    # A colleague has checked another one meanwhile.
    file.check_answers({two: ("not_met", "Vu par une autre")}, by=make_user(Role.DIRECTION))
    data |= {f"finding_{one.pk}": "met", f"note_{one.pk}": "Lettres patentes vues."}
    do(office, file, "check", **data)
    one.refresh_from_db()
    two.refresh_from_db()
    three.refresh_from_db()
    assert (one.finding, one.note, one.checked_by) == ("met", "Lettres patentes vues.", by)
    assert (two.finding, two.note) == ("not_met", "Vu par une autre")
    assert three.checked_at is None
    file.refresh_from_db()
    assert file.state == "in_review"


def test_check_that_does_not_exist_loses_nothing(office, file):
    one = file.answers.first()
    answer = do(
        office, file, "check", **{f"finding_{one.pk}": "maybe", f"note_{one.pk}": "Ma note"}
    )
    assert answer.status_code == 200
    assert "Ma note" in answer.content.decode()


def test_question_leaves_as_it_is_written(office, file):
    assert do(office, file, "ask", text="").status_code == 200
    assert not SentMail.objects.exists()
    do(office, file, "ask", text="Vos lettres patentes?")
    mail = SentMail.objects.get()
    assert (mail.kind, mail.to, mail.organization) == (
        "application_question",
        file.contact_email,
        file.organization,
    )
    assert "Vos lettres patentes?" in mail.text


def test_from_arrival_to_welcome(office, file, by, invited):
    today = timezone.localdate()
    do(office, file, "review")
    do(office, file, "recommend", advice="admit", text="Tout y est.")
    early = do(office, file, "assembly", favourable="1", decided_on=today, conditions="")
    assert early.status_code == 200
    assert not AdmissionDecision.objects.exists()
    do(
        office,
        file,
        "board",
        favourable="1",
        decided_on=today,
        resolution="CA-2026-041",
        votes_for="7",
        votes_against="1",
        abstentions="0",
    )
    do(office, file, "assembly", favourable="1", decided_on=today, resolution="AG-3")
    html = page(office, file)
    assert "CA-2026-041" in html
    assert f"{LIST}{file.pk}/admit/" in html
    answer = do(office, file, "admit", on=today, category="regular")
    assert answer.status_code == 200
    file.refresh_from_db()
    assert file.state == "admitted"
    assert file.organization in Organization.objects.members()
    assert invited[0]["by"] == by
    item = file.welcome.first()
    do(office, file, f"welcome/{item.pk}", done="1")
    item.refresh_from_db()
    assert item.done_by == by
    # Once more changes nothing.
    again = do(office, file, "admit", on=today, category="regular")
    assert again.status_code == 200
    assert file.organization.memberships.count() == 1


def test_votes_that_say_another_thing_are_refused_and_kept(office, file, by):
    file.recommend("admit", "", by=by)
    answer = do(
        office,
        file,
        "board",
        favourable="1",
        decided_on=timezone.localdate(),
        votes_for="1",
        votes_against="7",
        conditions="Un rapport par an.",
    )
    html = answer.content.decode()
    assert "errorlist" in html
    assert "Un rapport par an." in html
    assert not AdmissionDecision.objects.exists()


def test_refusal_is_read_before_it_leaves(office, file, by):
    file.recommend("refuse", "", by=by)
    do(office, file, "board", favourable="0", decided_on=timezone.localdate())
    assert not SentMail.objects.exists()
    form = office.get(f"{LIST}{file.pk}/refuse/").content.decode()
    assert "Eau claire (fictif)" in form
    proposed = admissions.letter_of_refusal(file)
    assert "–\N{NO-BREAK SPACE}…" in proposed or "– …" in proposed
    unfinished = do(office, file, "refuse", letter=proposed)
    assert not SentMail.objects.exists()
    assert unfinished.status_code == 200
    do(office, file, "refuse", letter=proposed.replace("…", "Elle existe depuis six mois."))
    file.refresh_from_db()
    assert file.state == "refused"
    assert "Elle existe depuis six mois." in SentMail.objects.get().text


def test_contact_is_changed_and_the_former_link_closed(office, file):
    token = admissions.token(file)
    sent_back = form_sent(office.get(f"{LIST}{file.pk}/change/"), "admissionfile_form")
    sent_back["contact_email"] = ["bea@candidate.example"]
    office.post(f"{LIST}{file.pk}/change/", sent_back)
    file.refresh_from_db()
    assert file.contact_email == "bea@candidate.example"
    assert admissions.file_of(token) is None


def test_reader_sees_and_changes_nothing(client, file):
    client.force_login(make_user(Role.READING))
    html = page(client, file)
    assert "/recommend/" not in html
    assert "/check/" not in html
    assert client.get(f"{LIST}{file.pk}/ask/").status_code == 403
    assert client.post(f"{LIST}{file.pk}/review/").status_code == 403


def test_communications_know_nothing_of_it(client, file):
    client.force_login(make_user(Role.COMMUNICATIONS))
    assert client.get(LIST).status_code == 403
    assert client.get(f"{LIST}{file.pk}/change/").status_code == 403


def test_staff_add_a_document_to_a_file_that_was_sent(office, file, by):
    office.post(
        f"/admin/members/document/add/?admission={file.pk}",
        {"admission": file.pk, "files": sent("avis.pdf", PDF), "title": "Avis"},
    )
    document = Document.objects.get()
    assert (document.admission, document.added_by) == (file, by)
    assert "Avis" in office.get("/admin/members/document/?belongs=admission").content.decode()
    assert office.get(f"/admin/members/document/{document.pk}/download/").getvalue() == PDF


def test_draft_gets_no_document_from_staff(office):
    draft = AdmissionFileFactory(draft=True)
    office.post(
        f"/admin/members/document/add/?admission={draft.pk}",
        {"admission": draft.pk, "files": sent("avis.pdf", PDF)},
    )
    assert not Document.objects.exists()


def test_home_counts_what_is_to_be_dealt_with(office, file):
    AdmissionFileFactory(draft=True)
    html = office.get("/admin/").content.decode()
    assert f'href="{LIST}"' in html


def test_file_has_its_history_in_words(office, file, by):
    file.recommend("admit", "Tout y est.", by=by)
    html = office.get(f"{LIST}{file.pk}/history/").content.decode()
    assert "Tout y est." in html
    assert AdmissionFile.objects.get().link_key not in html
