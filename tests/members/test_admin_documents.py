"""Documents in the staff's site: the list, what adds them, who may have them."""

import pytest
from django.core.files.uploadhandler import FileUploadHandler
from django.db import connection
from django.test.client import MULTIPART_CONTENT
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members import documents
from members.models import Document, Dossier
from members.permissions import Role
from tests import files
from tests.factories import InteractionFactory, OrganizationFactory, make_user
from tests.members.test_documents import on_disk

LIST = "/admin/members/document/"
ADD = LIST + "add/"


@pytest.fixture
def staff(db):
    return make_user(Role.PERMANENCE, email="equipe@example.org")


@pytest.fixture
def office(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def dossier(db):
    return Dossier.objects.create(name="Ombudsman (fictif)")


@pytest.fixture
def keep(staff):
    def keep(name="lettre.pdf", content=files.PDF, title="", **owner):
        document = Document(title=title, **owner)
        document.keep(documents.check(files.sent(name, content)), by=staff)
        return document

    return keep


def download(document):
    return reverse("admin:members_document_download", args=[document.pk])


def problems(answer):
    """What a page's form says is wrong, in one text."""
    return " ".join(
        message
        for messages in answer.context["adminform"].form.errors.values()
        for message in messages
    )


# Adding


def test_several_files_are_added_at_once_and_one_comes_back_to_their_dossier(
    office, dossier, staff
):
    answer = office.post(
        f"{ADD}?dossier={dossier.pk}",
        {
            "dossier": dossier.pk,
            "files": [
                files.sent("lettre.pdf", files.PDF),
                files.sent("photo.png", files.image("PNG")),
            ],
        },
    )
    assert answer.url == reverse("admin:members_dossier_change", args=[dossier.pk])
    kept = dossier.documents.order_by("pk")
    assert [(one.name, one.added_by) for one in kept] == [
        ("lettre.pdf", staff),
        ("photo.png", staff),
    ]


def test_title_goes_to_the_file_and_with_its_name_to_several(office, dossier):
    address = f"{ADD}?dossier={dossier.pk}"
    data = {"dossier": dossier.pk, "title": "Mémoire"}
    office.post(address, data | {"files": files.sent("a.pdf", files.PDF)})
    several = [files.sent("b.pdf", files.PDF + b"1"), files.sent("c.pdf", files.PDF + b"2")]
    office.post(address, data | {"files": several})
    assert sorted(map(str, dossier.documents.all())) == [
        "Mémoire",
        "Mémoire – b.pdf",
        "Mémoire – c.pdf",
    ]


@pytest.mark.parametrize("owner", Document.OWNERS)
def test_page_asks_only_for_what_the_address_does_not_say(office, owner):
    html = office.get(f"{ADD}?{owner}=1").content.decode()
    assert f'name="{owner}"' in html
    assert all(f'name="{other}"' not in html for other in Document.OWNERS if other != owner)


def test_document_belongs_to_one_thing(office, dossier):
    organization = OrganizationFactory()
    for owners in ({}, {"dossier": dossier.pk, "organization": organization.pk}):
        answer = office.post(ADD, owners | {"files": files.sent("a.pdf", files.PDF)})
        assert answer.status_code == 200
        assert problems(answer)
    assert not Document.objects.exists()


def test_one_wrong_file_keeps_none_and_what_was_typed_stays(office, dossier):
    before = on_disk()
    answer = office.post(
        f"{ADD}?dossier={dossier.pk}",
        {
            "dossier": dossier.pk,
            "title": "Mémoire de mai",
            "files": [files.sent("a.pdf", files.PDF), files.sent("facture.pdf", files.PROGRAM)],
        },
    )
    assert "facture.pdf" in problems(answer)
    assert "Mémoire de mai" in answer.content.decode()
    assert not Document.objects.exists()
    assert on_disk() == before


def test_same_file_is_not_added_twice_to_the_same_thing(office, dossier, keep):
    keep(dossier=dossier)
    data = {"dossier": dossier.pk, "files": files.sent("autre.pdf", files.PDF)}
    assert "lettre.pdf" in problems(office.post(f"{ADD}?dossier={dossier.pk}", data))
    organization = OrganizationFactory()
    data = {"organization": organization.pk, "files": files.sent("autre.pdf", files.PDF)}
    assert office.post(f"{ADD}?organization={organization.pk}", data).status_code == 302


def test_form_without_a_file_says_so(office, dossier):
    answer = office.post(f"{ADD}?dossier={dossier.pk}", {"dossier": dossier.pk})
    assert "files" in answer.context["adminform"].form.errors


def test_more_files_than_may_be_sent_at_once_are_refused(office, dossier):
    several = [files.sent(f"{n}.pdf", files.PDF + bytes([n])) for n in range(11)]
    data = {"dossier": dossier.pk, "files": several}
    assert "10" in problems(office.post(f"{ADD}?dossier={dossier.pk}", data))


def test_full_disk_is_told_on_the_form_and_nothing_is_kept(office, dossier, monkeypatch):
    storage = Document._meta.get_field("file").storage

    def full(name, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage, "_save", full)
    data = {"dossier": dossier.pk, "title": "Mémoire", "files": files.sent("a.pdf", files.PDF)}
    answer = office.post(f"{ADD}?dossier={dossier.pk}", data)
    assert answer.status_code == 200
    assert answer.context["adminform"].form.not_kept in problems(answer)
    assert 'value="Mémoire"' in answer.content.decode()
    assert not Document.objects.exists()


# Large ones


class Endless:
    """A file that is written as it is sent: `size` bytes without ever holding them."""

    def __init__(self, head, tail, size):
        self.parts, self.left, self.tail, self.name = [head], size, tail, "film.pdf"

    def read(self, length=-1):
        if self.parts:
            return self.parts.pop()
        if self.left > 0:
            length = min(self.left, length if length > 0 else 65536)
            self.left -= length
            return bytes(length)
        tail, self.tail = self.tail, b""
        return tail

    def readline(self, length=-1):
        raise AssertionError("A form with files is not read by lines.")


def send_large(office, address, size, fields):
    """Post a form whose file has `size` bytes, after and before other fields."""
    edge = b"--edge\r\n"
    head = b""
    for name, value in fields.items():
        head += edge + f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    head += edge + (
        b'Content-Disposition: form-data; name="files"; filename="film.pdf"\r\n'
        b"Content-Type: application/pdf\r\n\r\n"
    )
    tail = b'\r\n--edge\r\nContent-Disposition: form-data; name="title"\r\n\r\nApr\xc3\xa8s'
    tail += b"\r\n--edge--\r\n"
    return office.generic(
        "POST",
        address,
        b"-",
        content_type="multipart/form-data; boundary=edge",
        **{
            "wsgi.input": Endless(head, tail, size),
            "CONTENT_LENGTH": str(len(head) + size + len(tail)),
        },
    )


def test_file_of_200_megabytes_is_refused_in_words_and_the_form_stays(office, dossier, monkeypatch):
    written = []
    receive = documents.LimitedUpload.receive_data_chunk

    def watched(self, raw_data, start):
        passed = receive(self, raw_data, start)
        written.append(len(passed or b""))
        return passed

    monkeypatch.setattr(documents.LimitedUpload, "receive_data_chunk", watched)
    answer = send_large(office, f"{ADD}?dossier={dossier.pk}", 200_000_000, {"dossier": dossier.pk})
    assert answer.status_code == 200
    assert "film.pdf" in problems(answer)
    assert "20" in problems(answer)
    assert 'value="Après"' in answer.content.decode()
    # What was written to the server's disk stops at what the longest form takes.
    assert sum(written) < documents.LimitedUpload.longest + 2 * FileUploadHandler.chunk_size


def test_request_beyond_all_measure_is_not_read(office, dossier):
    address = f"{ADD}?dossier={dossier.pk}"
    answer = office.generic(
        "POST",
        address,
        b"-",
        content_type=MULTIPART_CONTENT,
        CONTENT_LENGTH=str(documents.MAX_REQUEST + 1),
    )
    assert answer.status_code == 400
    assert "<h1>" in answer.content.decode()


# Having


def test_file_is_saved_under_its_name_and_nothing_in_it_is_run(office, dossier, keep):
    document = keep("Lettre d’été.pdf", dossier=dossier)
    answer = office.get(download(document))
    assert b"".join(answer) == files.PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == (
        "attachment; filename*=utf-8''Lettre%20d%E2%80%99%C3%A9t%C3%A9.pdf"
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.DIRECTION, 200),
        (Role.PERMANENCE, 200),
        (Role.READING, 200),
        (Role.COMMUNICATIONS, 403),
        (Role.PRIVACY, 403),
    ],
)
def test_file_is_given_only_to_who_may_have_it(client, dossier, keep, role, status):
    document = keep(dossier=dossier)
    client.force_login(make_user(role))
    for address in (
        download(document),
        reverse("admin:members_document_change", args=[document.pk]),
    ):
        answer = client.get(address)
        assert answer.status_code == status
        assert b"".join(answer)  # read to the end, where the file is closed


def test_file_is_not_given_to_who_has_not_signed_in(client, dossier, keep):
    assert client.get(download(keep(dossier=dossier))).status_code == 302


def test_file_that_is_gone_is_told_in_words_and_in_the_log(office, dossier, keep, caplog):
    document = keep(dossier=dossier)
    document.file.storage.delete(document.file.name)
    answer = office.get(download(document))
    assert answer.status_code == 410
    assert "lettre.pdf" in answer.content.decode()
    assert "cannot be read" in caplog.text
    assert office.get(download(Document(pk=10**9))).status_code == 404


# Keeping


def test_only_the_title_changes(office, dossier, keep):
    document = keep(dossier=dossier)
    address = reverse("admin:members_document_change", args=[document.pk])
    assert 'type="file"' not in office.get(address).content.decode()
    other = files.sent("autre.pdf", files.PDF + b"1")
    answer = office.post(address, {"title": "Mémoire", "files": other, "name": "x"})
    assert answer.status_code == 302
    again = Document.objects.get()
    assert (again.title, again.name, again.digest) == ("Mémoire", "lettre.pdf", document.digest)


@pytest.mark.parametrize(("role", "status"), [(Role.DIRECTION, 302), (Role.PERMANENCE, 403)])
def test_only_the_direction_deletes(client, dossier, keep, role, status):
    document = keep(dossier=dossier)
    client.force_login(make_user(role))
    address = reverse("admin:members_document_delete", args=[document.pk])
    assert client.post(address, {"post": "yes"}).status_code == status
    assert Document.objects.exists() is (status == 403)


def test_list_says_what_each_belongs_to_and_finds_it_without_accents(office, dossier, keep):
    organization = OrganizationFactory(name_fr="Eau vive (fictif)")
    keep("mémoire.pdf", dossier=dossier)
    keep("photo.png", files.image("PNG"), organization=organization, title="Équipe")
    keep("notes.txt", b"Bonjour", interaction=InteractionFactory(subject="Appel"))

    def names(**query):
        return {str(document) for document in office.get(LIST, query).context["cl"].result_list}

    assert names() == {"mémoire.pdf", "Équipe", "notes.txt"}
    assert names(q="memoire") == {"mémoire.pdf"}
    assert names(q="EAU equipe") == {"Équipe"}
    assert names(q="appel") == {"notes.txt"}
    assert names(belongs="organization") == {"Équipe"}
    assert names(type="pdf") == {"mémoire.pdf"}
    assert "Eau vive" in office.get(LIST).content.decode()


def test_list_asks_as_many_queries_for_two_rows_as_for_twenty(office, keep):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert office.get(LIST).status_code == 200
        return len(asked)

    def fill(start, stop):
        for number in range(start, stop):
            owner = {"organization": OrganizationFactory(outside=True)}
            if number % 2:
                owner = {"interaction": InteractionFactory()}
            keep(content=files.PDF + bytes([number]), **owner)

    fill(0, 2)
    office.get(LIST)
    few = queries()
    fill(2, 20)
    assert queries() == few
    assert few <= 12


def test_history_says_what_it_is_in_words(office, dossier, keep):
    document = keep(dossier=dossier)
    html = office.get(
        reverse("admin:members_document_history", args=[document.pk])
    ).content.decode()
    assert "PDF" in html
    assert "Ombudsman" in html
    assert document.digest not in html
    assert document.file.name not in html
