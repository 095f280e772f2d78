"""« Become a member », as anybody on the web may use it, or abuse it."""

import datetime
import re
from urllib.parse import urlsplit

import pytest
from django.core import mail as outbox
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members import admissions, robots
from members.joining import forms
from members.merging import merge
from members.models import (
    AdmissionCriterion,
    AdmissionDecision,
    AdmissionFile,
    Document,
    Organization,
    SentMail,
    Theme,
)
from members.permissions import Role
from tests.browsing import FormReader
from tests.factories import AdmissionFileFactory, OrganizationFactory, make_user
from tests.files import PDF, PROGRAM, SVG, image, sent
from tests.signing_in import SigningClient

pytestmark = pytest.mark.django_db

START = "/devenir-membre/commencer/"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "http://testserver"


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch):
    monkeypatch.setattr(robots, "QUICKEST", 0)


@pytest.fixture
def draft():
    return AdmissionFileFactory(draft=True)


def address(file, name="file", *args):
    return reverse(f"joining:{name}", args=[admissions.token(file), *args])


def ask(client, email="ana@exemple.example", path=START, **more):
    return client.post(path, {"email": email, "made": robots.NotRobot.stamp(), **more})


def typed(**changes):
    """What a whole application holds, by step."""
    said = {}
    for criterion in AdmissionCriterion.objects.all():
        said |= {f"said_{criterion.pk}": "yes", f"explanation_{criterion.pk}": ""}
    steps = {
        "contact": {"contact_name": "Ana Fictive", "contact_role": "Directrice", "language": "fr"},
        "identity": {
            "name_fr": "Eau claire (fictif)",
            "name_en": "Clear water (fictional)",
            "acronym": "EC",
            "founded_year": "2001",
            "website": "eauclaire.example",
            "email": "info@eauclaire.example",
            "phone": "514 555-0123, poste 12",
        },
        "place": {
            "neq": "1181440711",
            "charity": "",
            "corporation": "",
            "address": "1, rue Fictive",
            "town": "sherbrooke",
            "postal_code": "h2x 1y6",
        },
        "mission": {
            "mission_fr": "De l’eau pour tous.",
            "mission_en": "Water for all.",
            "summary_fr": "De l’eau.",
            "summary_en": "",
            "why": "Agir ensemble.",
        },
        "themes": {"themes": ["1"], "country": "Haïti, senegal"},
        "criteria": said,
    }
    steps["themes"]["themes"] = [str(Theme.objects.values_list("pk", flat=True)[0])]
    for key, texts in changes.items():
        steps[key] |= texts
    return steps


def fill(client, file, **changes):
    for key, texts in typed(**changes).items():
        assert client.post(address(file, key), texts).status_code == 302


def send(client, file):
    return client.post(address(file, "send"), {"is_true": "on", "may_write": "on"})


# Getting a link


def test_page_of_words_gives_criteria_and_asks_nothing(client):
    page = client.get("/devenir-membre/")
    html = page.content.decode()
    for criterion in AdmissionCriterion.objects.all():
        assert criterion.text_fr in html
    assert not page.cookies
    assert client.get("/en/become-a-member/").status_code == 200


def test_retired_criterion_is_no_longer_published(client):
    AdmissionCriterion.objects.filter(order=1).update(is_active=False)
    retired = AdmissionCriterion.objects.get(order=1)
    assert retired.text_fr not in client.get("/devenir-membre/").content.decode()


def test_link_is_mailed_and_opens_the_draft(client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = ask(client)
    assert answer.status_code == 302
    (message,) = outbox.outbox
    (link,) = re.findall(r"http://testserver(\S+/dossier/\S+)", message.body)
    assert message.to == ["ana@exemple.example"]
    page = Client().get(link)
    assert page.status_code == 200
    # What is kept of the mail does not open anything.
    assert link not in SentMail.objects.get().text


@pytest.mark.parametrize("state", ["unknown", "draft", "sent", "closed"])
def test_answer_never_tells_whether_an_application_is_there(client, state):
    if state == "draft":
        AdmissionFileFactory(draft=True, contact_email="ana@exemple.example")
    elif state != "unknown":
        file = AdmissionFileFactory(contact_email="ana@exemple.example")
        if state == "closed":
            file.withdraw()
    answer = client.post(
        START, {"email": "ana@exemple.example", "made": robots.NotRobot.stamp()}, follow=True
    )
    assert answer.status_code == 200
    assert SentMail.objects.filter(kind="application_link").count() == 1
    assert "ana@exemple" not in answer.content.decode()
    text = re.sub(r"made\" value=\"[^\"]+", "", answer.content.decode())
    other = client.post(
        START, {"email": "b@exemple.example", "made": robots.NotRobot.stamp()}, follow=True
    )
    assert text == other.content.decode()


def test_asking_again_gives_the_same_draft_and_link(client):
    ask(client)
    file = AdmissionFile.objects.get()
    token = admissions.token(file)
    ask(client, "ANA@exemple.example")
    assert AdmissionFile.objects.count() == 1
    assert admissions.token(AdmissionFile.objects.get()) == token


def test_whoever_fills_the_unseen_field_gets_nothing(client):
    answer = ask(client, subject="Buy now")
    assert answer.status_code == 302
    assert not AdmissionFile.objects.exists()
    assert not SentMail.objects.exists()


@pytest.mark.parametrize("made", ["", "faux", "gone"])
def test_page_that_is_not_ours_or_too_old_sends_nothing(client, made):
    if made == "gone":
        made = signing.dumps(0.0, salt=robots.SALT) + "x"
    answer = client.post(START, {"email": "ana@exemple.example", "made": made})
    assert answer.status_code == 200
    assert "ana@exemple.example" in answer.content.decode()
    assert not SentMail.objects.exists()


def test_what_is_sent_at_once_is_sent_again_by_a_person(client, monkeypatch):
    monkeypatch.setattr(robots, "QUICKEST", 1000)
    answer = ask(client)
    assert answer.status_code == 200
    assert not SentMail.objects.exists()


@pytest.mark.parametrize("email", ["", "ana", "ana@", "a@b.example\nBcc: x@y.example", "a" * 300])
def test_what_is_no_address_is_told_in_words(client, email):
    answer = ask(client, email)
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not SentMail.objects.exists()


def test_one_address_is_not_flooded(client):
    statuses = [ask(client).status_code for _time in range(7)]
    assert statuses == [302] * 5 + [429] * 2
    assert SentMail.objects.count() == 5
    # Nor does another visitor write to it.
    assert ask(Client(REMOTE_ADDR="192.0.2.9")).status_code == 429


def test_one_visitor_does_not_write_to_the_whole_world(client):
    statuses = [ask(client, f"ana{n}@exemple.example").status_code for n in range(22)]
    assert statuses.count(302) == 20


def test_language_of_the_page_is_that_of_the_mail(client):
    ask(client, path="/en/become-a-member/start/")
    assert SentMail.objects.get().language == "en"
    assert AdmissionFile.objects.get().language == "en"


# Links


@pytest.mark.parametrize(
    "name",
    ["file", "contact", "mission", "themes", "criteria", "documents", "send", "withdraw", "erase"],
)
def test_every_page_is_closed_without_the_link(client, draft, name):
    key, signature = admissions.token(draft).split(":")
    other = admissions.token(AdmissionFileFactory(draft=True)).split(":")[1]
    for token in (key, f"{key}:{other}", f"{key}:{signature[:-2]}", "x", "x:y"):
        answer = client.get(reverse(f"joining:{name}", args=[token]))
        assert answer.status_code == 404
    AdmissionFile.objects.update(link_until=timezone.now() - datetime.timedelta(minutes=1))
    answer = client.get(address(draft, name))
    assert answer.status_code == 404
    assert START in answer.content.decode()


def test_pages_of_a_link_are_kept_by_nobody_and_told_to_nobody(client, draft):
    for name in ("file", "contact", "themes", "documents", "send"):
        answer = client.get(address(draft, name))
        assert answer["Cache-Control"] == "no-store"
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Referrer-Policy"] == "same-origin"
        assert not re.search(r'href="https?://(?!testserver)', answer.content.decode())


def test_saving_makes_the_link_last(client, draft):
    soon = timezone.now() + datetime.timedelta(days=1)
    AdmissionFile.objects.update(link_until=soon)
    client.post(address(draft, "contact"), {"contact_name": "Ana"})
    draft.refresh_from_db()
    assert draft.link_until > soon + datetime.timedelta(days=50)


def test_form_of_another_site_is_refused(draft):
    client = Client(enforce_csrf_checks=True)
    assert client.post(address(draft, "contact"), {"contact_name": "X"}).status_code == 403
    draft.refresh_from_db()
    assert draft.typed == {}


def test_link_of_one_opens_nothing_of_another(client, draft):
    file = AdmissionFileFactory()
    other = AdmissionFileFactory()
    by = make_user(Role.PERMANENCE)
    question = admissions.ask(file=other, text="Oui?", by=by)
    assert client.post(address(file, "answer", question.pk), {"text": "X"}).status_code == 404
    admissions.add_documents(
        file=other, checked=[forms.AttachmentField().clean([sent("a.pdf", PDF)])[0]]
    )
    client.post(address(draft, "remove-document", Document.objects.get().pk))
    assert Document.objects.count() == 1


# Steps


def test_what_is_wrong_is_kept_and_told(client, draft):
    answer = client.post(
        address(draft, "identity"),
        {"name_fr": "Eau claire", "founded_year": "bientôt", "website": "javascript:alert(1)"},
        follow=True,
    )
    sent_back = form_sent_of(answer)
    assert sent_back["founded_year"] == ["bientôt"]
    assert sent_back["website"] == ["javascript:alert(1)"]
    html = answer.content.decode()
    assert 'href="#id_founded_year"' in html
    assert 'href="#id_website"' in html
    assert 'href="javascript:' not in html


def form_sent_of(answer):
    """What the step's form would send again: it has no id, so all the page's forms are read."""
    reader = FormReader(None)
    reader.feed(answer.content.decode())
    return reader.sent


def test_french_may_be_missing_only_in_the_mission(client, draft):
    fill(client, draft, mission={"mission_fr": ""})
    assert send(client, draft).status_code == 302
    draft.refresh_from_db()
    assert draft.organization.mission_en == "Water for all."
    assert not draft.organization.mission_fr


@pytest.mark.parametrize(
    ("step", "texts", "field"),
    [
        ("identity", {"name_fr": "", "name_en": "Only English"}, "name_fr"),
        ("identity", {"name_fr": " \u00a0 "}, "name_fr"),
        ("identity", {"name_fr": "a" * 300}, "name_fr"),
        ("identity", {"founded_year": "3001"}, "founded_year"),
        ("identity", {"founded_year": "-5"}, "founded_year"),
        ("identity", {"website": "ftp://a.example"}, "website"),
        ("identity", {"email": "pas une adresse"}, "email"),
        ("identity", {"phone": "appelez-moi"}, "phone"),
        ("identity", {"phone": "poste 12"}, "phone"),
        ("place", {"neq": "12"}, "neq"),
        ("place", {"charity": "123456789RR0001"}, "charity"),
        ("place", {"postal_code": "90210"}, "postal_code"),
        ("place", {"town": ""}, "town"),
        ("mission", {"mission_fr": "", "mission_en": ""}, "mission_fr"),
        ("mission", {"summary_fr": "x" * 401}, "summary_fr"),
        ("mission", {"why": ""}, "why"),
        ("themes", {"themes": []}, "themes"),
        ("themes", {"themes": ["999999"]}, "themes"),
        ("themes", {"themes": ["x"]}, "themes"),
        ("themes", {"countries": ["ZZ"]}, "countries"),
        ("themes", {"country": "Atlantide"}, "country"),
        ("contact", {"contact_name": ""}, "contact_name"),
        ("contact", {"language": "de"}, "language"),
    ],
)
def test_step_that_is_wrong_stops_the_sending(client, draft, step, texts, field):
    fill(client, draft, **{step: texts})
    draft.refresh_from_db()
    assert field in forms.STEPS[step].of(draft).errors
    answer = send(client, draft)
    assert answer.status_code == 200
    assert address(draft, step) in answer.content.decode()
    draft.refresh_from_db()
    assert draft.is_draft
    # The page of the step shows it, and never fails.
    assert client.get(address(draft, step)).status_code == 200


def test_no_must_be_explained(client, draft):
    criterion = AdmissionCriterion.objects.first()
    fill(client, draft, criteria={f"said_{criterion.pk}": "no"})
    assert send(client, draft).status_code == 200
    fill(
        client,
        draft,
        criteria={f"said_{criterion.pk}": "no", f"explanation_{criterion.pk}": "Bientôt."},
    )
    assert send(client, draft).status_code == 302


def test_nul_and_endless_text_are_no_fault(client, draft):
    answer = client.post(
        address(draft, "mission"),
        {"mission_fr": "a\0b", "why": "é" * 100_000, "unknown": "x"},
        follow=True,
    )
    assert answer.status_code == 200
    draft.refresh_from_db()
    assert draft.typed["mission"]["mission_fr"] == ["ab"]
    assert len(draft.typed["mission"]["why"][0]) == forms.LONGEST
    assert "unknown" not in draft.typed["mission"]


def test_countries_are_added_by_name_and_taken_out_by_a_box(client, draft):
    client.post(address(draft, "themes"), {"country": "Haïti; SENEGAL\nnulle part", "stay": "1"})
    draft.refresh_from_db()
    assert draft.typed["themes"]["countries"] == ["HT", "SN"]
    assert draft.typed["themes"]["country"] == ["nulle part"]
    client.post(address(draft, "themes"), {"countries": ["SN"], "country": "", "stay": "1"})
    draft.refresh_from_db()
    assert draft.typed["themes"]["countries"] == ["SN"]


def test_keep_and_finish_later_leads_to_the_overview(client, draft):
    answer = client.post(address(draft, "contact"), {"contact_name": "Ana", "later": "1"})
    assert answer.url.startswith(address(draft))


def test_criterion_added_meanwhile_is_asked_before_sending(client, draft):
    fill(client, draft)
    AdmissionCriterion.objects.create(text_fr="Autre chose", order=9)
    assert send(client, draft).status_code == 200
    draft.refresh_from_db()
    assert draft.is_draft


# Sending


def test_sent_whole_it_is_a_candidate_and_everybody_is_told(client, draft):
    by = make_user(Role.PERMANENCE)
    make_user(Role.COMMUNICATIONS)
    fill(client, draft)
    assert send(client, draft).status_code == 302
    draft.refresh_from_db()
    organization = draft.organization
    assert (organization.name_fr, organization.name_en) == (
        "Eau claire (fictif)",
        "Clear water (fictional)",
    )
    assert organization.website == "https://eauclaire.example"
    assert (str(organization.phone), organization.phone_extension) == ("+15145550123", "12")
    assert organization.municipality.name == "Sherbrooke"
    assert organization.postal_code == "H2X1Y6"
    assert {country.code for country in organization.countries.all()} == {"HT", "SN"}
    assert draft.answers.count() == 3
    assert set(SentMail.objects.values_list("kind", "to")) == {
        ("application_received", draft.contact_email),
        ("application_to_staff", by.email),
    }
    assert client.get(f"/organismes/{organization.slug}/").status_code == 404


def test_sent_twice_it_is_one(client, draft):
    fill(client, draft)
    send(client, draft)
    assert send(client, draft).status_code == 302
    assert Organization.objects.count() == 1
    assert SentMail.objects.filter(kind="application_received").count() == 1


def test_two_things_are_said_by_sending(client, draft):
    fill(client, draft)
    answer = client.post(address(draft, "send"), {"is_true": "on"})
    assert answer.status_code == 200
    draft.refresh_from_db()
    assert draft.is_draft


def test_step_typed_after_the_sending_is_given_back(client, draft):
    fill(client, draft)
    send(client, draft)
    answer = client.post(address(draft, "mission"), {"why": "Une autre raison."})
    assert answer.status_code == 409
    assert "Une autre raison." in answer.content.decode()
    draft.refresh_from_db()
    assert draft.why == "Agir ensemble."
    for name in ("contact", "documents", "send", "erase"):
        assert client.get(address(draft, name)).url == address(draft)


def test_town_that_is_not_known_is_kept_in_words(client, draft):
    fill(client, draft, place={"town": "Village de nulle part"})
    assert send(client, draft).status_code == 302
    draft.refresh_from_db()
    assert draft.town == "Village de nulle part"
    assert draft.municipality is None


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}"


def test_hostile_text_is_only_text_everywhere(client, draft, django_capture_on_commit_callbacks):
    by = make_user(Role.PERMANENCE)
    short = "<b>x</b>\"'>"
    fill(
        client,
        draft,
        contact={"contact_name": HOSTILE, "contact_role": HOSTILE},
        identity={"name_fr": HOSTILE, "name_en": HOSTILE, "acronym": short},
        place={"address": HOSTILE, "town": HOSTILE[:80]},
        mission=dict.fromkeys(
            ("mission_fr", "mission_en", "summary_fr", "summary_en", "why"), HOSTILE
        ),
        criteria={
            f"explanation_{criterion.pk}": HOSTILE for criterion in AdmissionCriterion.objects.all()
        },
    )
    pages = [client.get(address(draft, name)) for name in ("file", *forms.STEPS, "send")]
    with django_capture_on_commit_callbacks(execute=True):
        assert send(client, draft).status_code == 302
    draft.refresh_from_db()
    pages.append(client.get(address(draft)))
    question = admissions.ask(file=draft, text=HOSTILE, by=by)
    client.post(address(draft, "answer", question.pk), {"text": HOSTILE})
    pages.append(client.get(address(draft)))
    office = SigningClient()
    office.force_login(by)
    pages.append(office.get(f"/admin/members/admissionfile/{draft.pk}/change/"))
    pages.append(office.get("/admin/members/admissionfile/"))
    pages.append(office.get(f"/admin/members/organization/{draft.organization_id}/change/"))
    for page in pages:
        assert page.status_code == 200
        html = page.content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "<b>x</b>" not in html
    for message in outbox.outbox:
        html = message.alternatives[0][0]
        assert "<script>" not in html
        assert "\n" not in message.subject


def test_name_cannot_put_a_button_in_the_mail_of_the_staff(
    client, draft, django_capture_on_commit_callbacks
):
    make_user(Role.PERMANENCE)
    name = "Eau\r\n\r\nOuvrir: https://ailleurs.example/\r\n\r\nfin"
    fill(client, draft, identity={"name_fr": name})
    with django_capture_on_commit_callbacks(execute=True):
        send(client, draft)
    draft.refresh_from_db()
    assert "\n" not in draft.name_fr
    for message in outbox.outbox:
        assert not re.search(r"^Ouvrir: https://ailleurs", message.body, re.M)


# Documents


def files(client, file, *uploads, name="documents"):
    return client.post(address(file, name), {"files": list(uploads)})


def test_document_is_kept_at_once_and_removed(client, draft, django_capture_on_commit_callbacks):
    assert files(client, draft, sent("lettres.pdf", PDF)).status_code == 302
    document = draft.documents.get()
    assert document.added_by is None
    assert "lettres.pdf" in client.get(address(draft, "documents")).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address(draft, "remove-document", document.pk))
    assert not draft.documents.exists()
    # Removed twice is removed.
    assert client.post(address(draft, "remove-document", document.pk)).status_code == 302


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("lettre.pdf", PROGRAM),
        ("lettre.pdf", b"<html><script>alert(1)</script>"),
        ("logo.svg", SVG),
        ("photo.png", image("PNG")[:40]),
        ("vide.pdf", b""),
        ("tour.exe", PROGRAM),
    ],
)
def test_file_that_lies_is_refused_in_words(client, draft, name, content):
    answer = files(client, draft, sent(name, content))
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not Document.objects.exists()


def test_image_loses_what_it_hides(client, draft):
    hidden = image("JPEG") + b"PK\x03\x04<script>alert(1)</script>"
    files(client, draft, sent("photo.jpg", hidden, "text/html"))
    document = draft.documents.get()
    assert document.content_type == "image/jpeg"
    with document.file.open() as kept:
        assert b"<script>" not in kept.read()


def test_endless_file_is_not_kept(client, draft, settings):
    answer = files(client, draft, sent("long.txt", b"a" * 21_000_000))
    assert answer.status_code == 200
    assert not Document.objects.exists()


def test_file_name_is_only_a_name(client, draft):
    files(client, draft, sent("../../etc/<b>passwd</b>\u202egpj.pdf", PDF))
    document = draft.documents.get()
    assert "/" not in document.name
    assert "<b>" not in client.get(address(draft, "documents")).content.decode()


def test_files_are_not_sent_without_end(client, draft):
    statuses = [
        files(client, draft, sent(f"{n}.txt", f"texte {n}".encode())).status_code for n in range(22)
    ]
    assert statuses.count(302) == admissions.MAX_DOCUMENTS
    assert draft.documents.count() == admissions.MAX_DOCUMENTS


def test_nobody_takes_a_document_from_outside(client, draft):
    files(client, draft, sent("lettres.pdf", PDF))
    document = draft.documents.get()
    path = f"/admin/members/document/{document.pk}/download/"
    assert client.get(path).status_code == 302
    office = SigningClient()
    office.force_login(make_user(Role.DIRECTION))
    assert office.get(path).status_code == 403


# Once it is sent


@pytest.fixture
def file():
    return AdmissionFileFactory()


def test_candidate_sees_where_it_stands_and_not_what_staff_think(client, file):
    by = make_user(Role.PERMANENCE)
    file.check_answers({file.answers.first(): ("to_clarify", "Note secrète")}, by=by)
    file.recommend("refuse", "Avis secret", by=by)
    html = client.get(address(file)).content.decode()
    assert "secr" not in html


def test_unfavourable_decision_is_not_told_before_the_letter(client, file):
    by = make_user(Role.PERMANENCE)
    file.recommend("refuse", "", by=by)
    admissions.decide(file=file, decision=AdmissionDecision(body="board", favourable=False), by=by)
    page = client.get(address(file))
    assert "défavorable" not in page.content.decode()
    admissions.refuse(file=file, letter="Voici nos raisons.", by=by)
    page = client.get(address(file))
    assert "Voici nos raisons." in page.content.decode()


def test_question_is_answered_on_the_page_with_a_document(client, file):
    by = make_user(Role.PERMANENCE)
    question = admissions.ask(file=file, text="Vos lettres patentes?", by=by)
    assert "Vos lettres patentes?" in client.get(address(file)).content.decode()
    where = address(file, "answer", question.pk)
    empty = client.post(where, {"text": " "})
    assert empty.status_code == 200
    wrong = client.post(where, {"text": "Les voici.", "files": [sent("a.pdf", PROGRAM)]})
    assert "Les voici." in wrong.content.decode()
    assert not Document.objects.exists()
    right = client.post(where, {"text": "Les voici.", "files": [sent("a.pdf", PDF)]})
    assert right.status_code == 302
    question.refresh_from_db()
    assert question.answer.startswith("Les voici.")
    assert file.documents.count() == 1
    assert SentMail.objects.filter(kind="application_to_staff", to=by.email).exists()


def test_withdrawn_it_is_closed_and_can_be_begun_again(client, file):
    assert client.get(address(file, "withdraw")).status_code == 200
    client.post(address(file, "withdraw"), {"reason": "Plus tard"})
    assert client.post(address(file, "withdraw"), {"reason": "Encore"}).status_code == 302
    file.refresh_from_db()
    assert (file.state, file.withdrawal_reason) == ("withdrawn", "Plus tard")
    ask(client, file.contact_email)
    assert AdmissionFile.objects.drafts().count() == 1


def test_draft_is_erased_by_its_author(client, draft):
    assert client.get(address(draft, "erase")).status_code == 200
    assert AdmissionFile.objects.exists()
    assert client.post(address(draft, "erase")).status_code == 200
    assert not AdmissionFile.objects.exists()
    assert client.get(address(draft)).status_code == 404


def test_organization_joined_meanwhile_changes_nothing_for_the_candidate(client, file):
    other = OrganizationFactory(outside=True)
    merge(kept=other, removed=file.organization, by=make_user(Role.PERMANENCE))
    assert client.get(address(file)).status_code == 200


def test_pages_ask_the_database_little(client, draft, file, django_assert_max_num_queries):
    fill(client, draft)
    for page in ("file", *forms.STEPS, "documents", "send"):
        with django_assert_max_num_queries(12):
            client.get(address(draft, page))
    with django_assert_max_num_queries(7):
        client.get(address(file))


def test_every_link_of_a_page_is_of_this_site(client, draft):
    for name in ("file", "themes"):
        for link in re.findall(
            r'href="([^"]+)"', client.get(address(draft, name)).content.decode()
        ):
            assert urlsplit(link).netloc in ("", "testserver")


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_do_nothing(client, draft, method):
    assert getattr(client, method)(address(draft, "contact")).status_code == 405
