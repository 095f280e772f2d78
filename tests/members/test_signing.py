"""An organization signs a letter in its space: who may, until when, and who is told."""

import datetime
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from members import actions
from members.models import SentMail, Signature, Statement
from members.permissions import Role, can_sign
from tests.factories import (
    OrganizationFactory,
    PersonFactory,
    PositionFactory,
    RepresentativeFactory,
    StatementFactory,
    UserFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

YESTERDAY = datetime.timedelta(days=-1)


@pytest.fixture(autouse=True)
def site_url(settings):
    settings.SITE_URL = "https://membres.example.org"


@pytest.fixture
def organization():
    return OrganizationFactory(name_fr="Eau vive (fictif)")


@pytest.fixture
def manager(organization):
    return RepresentativeFactory(
        organization=organization, manager=True, user__first_name="Ana", user__last_name="Roy"
    ).user


@pytest.fixture
def editor(organization):
    return RepresentativeFactory(organization=organization, user__first_name="Luc").user


@pytest.fixture
def letter():
    return StatementFactory(
        open=True, title_fr="Lettre (fictive)", text_fr="Nous **demandons**.", is_published=False
    )


@pytest.fixture
def space(client, manager):
    client.force_login(manager)
    return client


def address(name, *args):
    with override("en"):
        return reverse(f"space:{name}", args=args)


def read(client, name, *args):
    response = client.get(address(name, *args))
    assert response.status_code == 200
    return response.content.decode()


def post(client, name, *args, **data):
    return client.post(address(name, *args), data, follow=True).content.decode()


def moved(statement, days):
    """The statement, its last day so many days from today."""
    until = timezone.localdate() + datetime.timedelta(days=days)
    Statement.objects.filter(pk=statement.pk).update(
        signing_from=until - datetime.timedelta(days=7), signing_until=until
    )


# In the space


def test_manager_reads_signs_and_takes_back(space, organization, letter):
    assert "1 letter to sign" in read(space, "state", organization.slug)
    assert "7 days left" in read(space, "statements", organization.slug)
    here = (organization.slug, letter.slug)
    html = read(space, "statement", *here)
    assert "Nous <strong>demandons</strong>." in html
    assert "not public yet" in html
    html = post(space, "statement", *here, title="  Directrice   générale ")
    assert "Eau vive (fictif) has signed." in html
    signature = letter.signatures.get()
    assert (signature.signed_name, signature.signed_title) == ("Ana Roy", "Directrice générale")
    assert "letter to sign" not in read(space, "state", organization.slug)
    assert "Ana Roy, Directrice générale" in read(space, "statements", organization.slug)
    html = post(space, "take-back", *here)
    assert "The signature is taken back" in html
    assert not letter.signatures.standing().exists()
    assert "1 letter to sign" in read(space, "state", organization.slug)


def test_title_is_asked_once(space, organization, letter, manager):
    here = (organization.slug, letter.slug)
    html = post(space, "statement", *here, title=" ")
    assert "Say what you do there" in html
    assert not letter.signatures.exists()
    post(space, "statement", *here, title="Présidente")
    other = StatementFactory(open=True)
    html = read(space, "statement", organization.slug, other.slug)
    assert "Ana Roy, Présidente" in html
    assert 'value="Présidente"' in html


def test_title_is_the_one_that_the_network_knows(space, organization, letter, manager):
    manager.person = PersonFactory(first_name="Ana")
    manager.save()
    PositionFactory(person=manager.person, organization=organization, title="Coordonnatrice")
    html = read(space, "statement", organization.slug, letter.slug)
    assert 'value="Coordonnatrice"' in html


def test_editors_read_who_can_sign(client, organization, manager, editor, letter):
    client.force_login(editor)
    here = (organization.slug, letter.slug)
    html = read(client, "statement", *here)
    assert "Signing commits the organization: only its managers can." in html
    assert "Ana Roy" in html
    assert 'name="title"' not in html
    html = post(client, "statement", *here, title="Adjoint")
    assert "Only the managers of the organization can: nothing was done." in html
    assert not letter.signatures.exists()
    letter.sign(organization, by=manager)
    post(client, "take-back", *here)
    assert letter.signatures.standing().count() == 1


def test_editors_sign_where_there_is_no_manager(client, organization, editor, letter):
    assert can_sign(editor, organization)
    client.force_login(editor)
    post(client, "statement", organization.slug, letter.slug, title="Adjoint")
    assert letter.signatures.get().signed_by == editor


def test_nobody_else_signs(organization, manager, cast):
    others = [*filter(None, cast.values()), RepresentativeFactory(manager=True).user]
    assert not any(can_sign(user, organization) for user in others)
    assert can_sign(manager, organization)


def test_signed_twice_is_signed_once(space, organization, letter):
    here = (organization.slug, letter.slug)
    post(space, "statement", *here, title="Directrice")
    html = post(space, "statement", *here, title="Directrice")
    assert "has signed already" in html
    assert letter.signatures.count() == 1


def test_taken_back_twice_is_taken_back_once(space, organization, letter, manager):
    letter.sign(organization, by=manager)
    here = (organization.slug, letter.slug)
    post(space, "take-back", *here)
    assert "It was taken back already." in post(space, "take-back", *here)


def test_link_to_take_back_alone_does_nothing(space, organization, letter, manager):
    letter.sign(organization, by=manager)
    space.get(address("take-back", organization.slug, letter.slug))
    assert letter.signatures.standing().count() == 1


def test_after_the_last_day_nothing_is_lost(space, organization, letter):
    here = (organization.slug, letter.slug)
    moved(letter, 0)
    assert "today is the last day" in read(space, "statement", *here)
    moved(letter, -1)
    html = post(space, "statement", *here, title="Directrice")
    assert "The last day to sign is past: nothing was done." in html
    assert "You had typed:" in html
    assert "Directrice" in html
    assert not letter.signatures.exists()


def test_signature_stays_after_the_last_day(space, organization, letter, manager):
    letter.sign(organization, by=manager)
    moved(letter, -1)
    html = post(space, "take-back", organization.slug, letter.slug)
    assert "The last day to sign is past: nothing was done." in html
    assert letter.signatures.standing().count() == 1


def test_letter_that_is_closed_and_not_public_is_read_by_those_who_signed(
    space, organization, letter, manager
):
    moved(letter, -1)
    here = (organization.slug, letter.slug)
    assert "demandons" not in read(space, "statement", *here)
    moved(letter, 1)
    letter.sign(organization, by=manager)
    moved(letter, -1)
    assert "demandons" in read(space, "statement", *here)


def test_letter_that_was_never_opened_is_nowhere(space, organization):
    letter = StatementFactory(title_fr="Zqbrouillon", is_published=False)
    assert space.get(address("statement", organization.slug, letter.slug)).status_code == 404
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    Statement.objects.update(signing_from=tomorrow, signing_until=tomorrow)
    assert space.get(address("statement", organization.slug, letter.slug)).status_code == 404
    assert "Zqbrouillon" not in read(space, "statements", organization.slug)


def test_what_was_typed_survives_signing_in(client, organization, manager, letter):
    here = address("statement", organization.slug, letter.slug)
    assert client.post(here, {"title": "Directrice"}).status_code == 302
    assert "Directrice" not in client.get(reverse("account_login")).content.decode()
    session = client.session["unsent"]
    client.force_login(manager)
    kept = client.session
    kept["unsent"] = session
    kept.save()
    assert 'value="Directrice"' in client.get(here).content.decode()
    assert not letter.signatures.exists()


@pytest.mark.parametrize("count", [2, 20])
def test_pages_ask_few_queries(
    space, organization, manager, letter, count, django_assert_max_num_queries
):
    for _number in range(count):
        StatementFactory(open=True)
        StatementFactory(open=True).sign(organization, by=manager, title="Directrice")
    for name, args in (("statements", []), ("statement", [letter.slug]), ("state", [])):
        path = address(name, organization.slug, *args)
        space.get(path)
        with django_assert_max_num_queries(10):
            assert space.get(path).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_who_sign_at_once_sign_once():
    letter, organization = StatementFactory(open=True), OrganizationFactory()
    users = [RepresentativeFactory(organization=organization, manager=True).user for _n in "ab"]
    together, said = threading.Barrier(2), []

    def sign(user):
        try:
            together.wait()
            said.append(letter.sign(organization, by=user).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=sign, args=[user]) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 2
    assert set(said) == {Signature.objects.get().pk}


# Opened by the staff


@pytest.fixture
def staff():
    return make_user(Role.COMMUNICATIONS, email="equipe@example.org")


def in_days(days):
    return timezone.localdate() + datetime.timedelta(days=days)


def opened(letter, staff, days=7, **options):
    return actions.open_signing(statement=letter, until=in_days(days), by=staff, **options)


def test_opening_writes_once_to_each_representative_in_their_language(
    organization, manager, editor, staff, django_capture_on_commit_callbacks
):
    letter = StatementFactory(title_fr="Lettre", title_en="Letter", is_published=False)
    editor.language = "en"
    editor.save()
    RepresentativeFactory(organization=organization).end(by=manager)
    signed = RepresentativeFactory(manager=True)
    letter.open_signing(until=in_days(2))
    letter.sign(signed.organization, by=signed.user)
    with django_capture_on_commit_callbacks(execute=True):
        assert opened(letter, staff) == 2
    first, second = SentMail.objects.filter(kind="sign_on").order_by("pk")
    assert (first.to, first.language) == (manager.email, "fr")
    assert (second.to, second.language) == (editor.email, "en")
    assert "Letter" in second.subject
    assert "its managers can do it (Ana Roy)" in second.text
    assert "Vous pouvez signer au nom de l’organisme Eau vive (fictif)" in first.text
    assert first.state == "sent"
    assert address("statement", organization.slug, letter.slug) in second.text
    # Opened again, for longer: nobody is written to twice, but whoever came since is.
    assert opened(letter, staff, days=9) == 0
    RepresentativeFactory(organization=organization)
    assert opened(letter, staff, days=10) == 1


def test_mails_tell_nothing_of_the_dossier(manager, staff):
    from members.models import Dossier

    letter = StatementFactory(dossier=Dossier.objects.create(name="Zqdossier"))
    opened(letter, staff)
    mail = SentMail.objects.get(kind="sign_on")
    assert "Zqdossier" not in f"{mail.subject}{mail.text}{mail.delivery}"


def test_opening_may_write_to_nobody(manager, letter, staff):
    assert opened(letter, staff, tell=False) == 0
    assert not SentMail.objects.exists()


def test_day_to_sign_is_not_past(letter, staff):
    with pytest.raises(ValidationError):
        opened(letter, staff, days=-1)


def test_first_day_stays_when_the_last_one_moves(letter, staff):
    moved(letter, 2)
    first = Statement.objects.get().signing_from
    opened(Statement.objects.get(), staff, days=20)
    assert (Statement.objects.get().signing_from, Statement.objects.get().signing_until) == (
        first,
        in_days(20),
    )


def test_closing_is_at_once_and_keeps_what_was_signed(letter, organization):
    letter.sign(organization, by=UserFactory())
    letter.close_signing()
    assert not Statement.objects.get().is_open()
    moved(letter, 3)
    Statement.objects.get().close_signing()
    assert Statement.objects.get().signing_until == in_days(-1)
    assert letter.signatures.standing().count() == 1
