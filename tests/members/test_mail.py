"""Mail: written with what it tells, delivered at most once, readable afterwards without secrets."""

import datetime
import re
import smtplib
import threading

import pytest
from django.core import mail as outbox
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from members import mail, root
from members.models import BouncedAddress, Organization, SentMail
from members.permissions import Role
from tests.factories import OrganizationFactory, make_user

pytestmark = pytest.mark.django_db

State = SentMail.State
TOKEN = "bXktc2VjcmV0-tokenIn_the1ink"

TEXT = """{% load i18n %}Subject: {{ subject }}

{% translate "Hello," %}

{{ words }}

{% for thing in things %}– {{ thing }}
{% endfor %}
{% translate "See the profile" %}: {{ root }}/mon-organisme/confirmer/{{ token }}/
"""


class Server(EmailBackend):
    """A server of mail that does what `says` tells for an address, or nothing at all."""

    says = {}
    is_away = False
    opened = 0

    def open(self):
        Server.opened += 1
        if Server.is_away:
            raise ConnectionRefusedError(111, "Connection refused")
        return True

    def send_messages(self, messages):
        (message,) = messages
        if error := Server.says.get(message.to[0]):
            raise error
        return super().send_messages(messages)


def refused(code):
    return smtplib.SMTPRecipientsRefused({"x@example.org": (code, b"No such user")})


@pytest.fixture(autouse=True)
def server(settings, monkeypatch):
    settings.EMAIL_BACKEND = "tests.members.test_mail.Server"
    settings.CONTACT_EMAIL = "bonjour@membres.example.org"
    settings.DEFAULT_FROM_EMAIL = "AQOCI <annuaire@membres.example.org>"
    settings.SITE_URL = "https://membres.example.org"
    Server.says, Server.is_away, Server.opened = {}, False, 0
    monkeypatch.setitem(mail._away, "until", float("-inf"))
    return Server


@pytest.fixture
def template(settings, tmp_path):
    """A mail of the kind `reminder_test`, with a link that opens something."""
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "published_put_back.txt").write_text(TEXT)
    (django,) = settings.TEMPLATES
    settings.TEMPLATES = [django | {"DIRS": [tmp_path, *django["DIRS"]]}]


CONTEXT = {"subject": "Bonjour", "words": "Du texte.", "things": ["un", "deux"], "token": TOKEN}


def write(to="ana@example.org", **fields):
    context = CONTEXT | fields.pop("context", {})
    return mail.send("published_put_back", to, context=context, **fields)


@pytest.fixture
def leave(django_capture_on_commit_callbacks):
    """Write a mail and let it leave."""

    def leave(*args, **fields):
        with django_capture_on_commit_callbacks(execute=True):
            written = write(*args, **fields)
        if written:
            written.refresh_from_db()
        return written

    return leave


@pytest.mark.usefixtures("template")
class TestWhatItSays:
    def test_text_and_html_say_the_same_in_the_language_of_the_person(self, leave):
        leave(language="fr")
        leave(language="en")
        french, english = outbox.outbox
        assert "Bonjour," in french.body
        assert "Hello," not in french.body
        assert "Hello," in english.body
        for message, tag in ((french, "fr-CA"), (english, "en-CA")):
            ((html, kind),) = message.alternatives
            assert kind == "text/html"
            assert f'<html lang="{tag}">' in html
            shown = re.sub(r"<title>.*?</title>|<[^>]+>", " ", html)
            assert re.findall(r"\w+", message.body) == re.findall(r"\w+", shown)
            assert message.extra_headers["Content-Language"] == tag

    def test_link_has_the_colon_of_its_language(self, leave):
        leave(language="fr")
        leave(language="en")
        french, english = (message.body for message in outbox.outbox)
        assert "\N{NO-BREAK SPACE}: https://membres" in french
        assert "See the profile: https://membres" in english

    def test_an_unknown_language_is_french(self, leave):
        assert leave(language="xx").language == "fr"

    def test_link_is_a_button_with_its_address_below(self, leave):
        leave()
        html = outbox.outbox[0].alternatives[0][0]
        address = f"https://membres.example.org/mon-organisme/confirmer/{TOKEN}/"
        assert html.count(f'href="{address}"') == 1
        assert html.count(f">{address}</span>") == 1
        assert "<li" in html

    def test_what_others_write_is_neither_markup_nor_our_button(self, leave):
        leave(
            context={
                "words": "<script>alert(1)</script>\n\nVoir la fiche: https://piege.example/x\n\n"
                "https://membres.example.org.piege.example/"
            }
        )
        html = outbox.outbox[0].alternatives[0][0]
        assert "<script" not in html
        assert 'href="https://piege.example' not in html
        assert "piege.example/x" in html
        assert "org.piege.example/&quot;" not in html
        assert 'href="https://membres.example.org.piege' not in html

    def test_who_writes_and_why_stands_below(self, leave):
        leave(language="en")
        message = outbox.outbox[0]
        assert "directory of members, https://membres.example.org" in message.body
        assert "You receive it because" in message.body
        assert "You receive it because" in message.alternatives[0][0]


@pytest.mark.usefixtures("template")
class TestHeaders:
    def test_say_that_a_machine_wrote_and_whom_to_answer(self, leave):
        written = leave()
        headers = outbox.outbox[0].message()
        assert headers["Message-ID"] == f"<{written.message_id}@membres.example.org>"
        assert headers["Auto-Submitted"] == "auto-generated"
        assert headers["Reply-To"] == "bonjour@membres.example.org"
        assert headers["List-Unsubscribe"] is None

    @pytest.mark.parametrize(
        "to",
        ["ana@example.org\nBcc: tous@example.org", "ana@example.org, tous@example.org", "ana", ""],
    )
    def test_what_is_no_address_is_written_down_and_never_sent(self, leave, to):
        written = leave(to)
        assert written.state == State.BOUNCED
        assert written.error
        assert outbox.outbox == []

    def test_nothing_that_is_typed_makes_another_header(self, leave):
        leave(
            context={"subject": "Bonjour\r\nBcc: tous@example.org"},
            reply_to="ana@example.org\nBcc: tous@example.org",
        )
        (message,) = outbox.outbox
        assert message.message()["Bcc"] is None
        assert message.subject == "Bonjour"  # the subject is the first line and no more
        assert message.reply_to == ["bonjour@membres.example.org"]


@pytest.mark.usefixtures("template")
class TestSecrets:
    def test_link_is_whole_only_until_it_has_left(self, leave, server):
        server.says = {"ana@example.org": smtplib.SMTPServerDisconnected("gone")}
        failed = leave()
        assert TOKEN in failed.delivery["text"]
        assert TOKEN not in failed.text
        server.says = {}
        sent = leave("noe@example.org")
        assert TOKEN in outbox.outbox[0].body
        assert sent.delivery is None
        assert TOKEN not in sent.text

    @pytest.mark.parametrize(
        ("address", "shown"),
        [
            ("https://x.example/a/ImsxNzYi.abc:1wQ-_x9:Zk9s8Bq/", "https://x.example/a/…/"),
            ("https://x.example/a?t=Zk9s8Bq0Zk9s8Bq0Zk9s8Bq0", "https://x.example/a?t=…"),
            ("https://x.example/a/0123456789abcdef0123456789/", "https://x.example/a/…/"),
            (
                "https://x.example/a/9f1a2b3c-0000-4000-8000-abcdefabcdef",
                "https://x.example/a/…",
            ),
            (
                "https://x.example/organismes/association-quebecoise-des-organismes-2/",
                "https://x.example/organismes/association-quebecoise-des-organismes-2/",
            ),
        ],
    )
    def test_long_parts_of_addresses_are_masked_but_not_words(self, address, shown):
        assert mail.masked(f"Voir : {address}") == f"Voir : {shown}"

    def test_what_was_written_never_changes(self, leave):
        written = leave()
        with pytest.raises(DatabaseError), transaction.atomic():
            SentMail.objects.filter(pk=written.pk).update(text="Autre chose")


@pytest.mark.usefixtures("template")
class TestOnce:
    def test_key_is_good_for_one_mail(self, leave):
        assert leave(key="rappel:1")
        assert leave(key="rappel:1") is None
        assert len(outbox.outbox) == 1
        assert leave(key="rappel:2")

    @pytest.mark.django_db(transaction=True)
    def test_two_transactions_with_one_key_write_one_mail(self):
        wrote, first_is_in = [], threading.Event()

        def second():
            first_is_in.wait(10)
            try:
                wrote.append(write(key="rappel:1"))
            finally:
                connection.close()

        thread = threading.Thread(target=second)
        with transaction.atomic():
            wrote.append(write(key="rappel:1"))
            thread.start()
            first_is_in.set()
        thread.join(10)
        assert [one is None for one in wrote] == [False, True]
        assert len(outbox.outbox) == 1

    def test_nothing_is_written_when_what_it_tells_did_not_happen(self):
        with transaction.atomic():
            write()
            transaction.set_rollback(True)
        assert not SentMail.objects.exists()
        assert outbox.outbox == []

    def test_who_died_while_it_was_leaving_is_not_followed_by_another(self, server):
        """Whether it left is not known: it is for someone to decide."""
        written = write()
        server.says = {"ana@example.org": KeyboardInterrupt()}
        with pytest.raises(KeyboardInterrupt):
            mail.deliver([written.pk])
        server.says = {}
        written.refresh_from_db()
        assert written.state == State.LEAVING
        call_command("deliver_mail")
        assert outbox.outbox == []
        later = timezone.now() + datetime.timedelta(hours=1)
        assert list(SentMail.objects.interrupted(later)) == [written]
        SentMail.objects.update(tried_at=timezone.now() - datetime.timedelta(hours=1))
        written.refresh_from_db()
        written.retry()
        call_command("deliver_mail")
        assert len(outbox.outbox) == 1

    def test_mail_that_left_is_not_sent_again(self, leave):
        written = leave()
        assert mail.deliver([written.pk]) == {}
        with pytest.raises(ValidationError):
            written.retry()
        assert len(outbox.outbox) == 1


@pytest.mark.usefixtures("template")
class TestBadDays:
    def test_server_away_loses_nothing_and_stops_nobody(self, leave, server, capsys):
        server.is_away = True
        written = leave()
        assert (written.state, written.tries) == (State.FAILED, 1)
        assert "refused" in written.error
        server.is_away = False
        call_command("deliver_mail")
        assert outbox.outbox == []  # too soon
        SentMail.objects.update(tried_at=timezone.now() - datetime.timedelta(minutes=16))
        call_command("deliver_mail")
        assert len(outbox.outbox) == 1
        written.refresh_from_db()
        assert (written.state, written.error, written.delivery) == (State.SENT, "", None)

    def test_pages_do_not_wait_twice_for_a_server_that_is_away(self, leave, server):
        server.is_away = True
        leave()
        second = leave("noe@example.org")
        assert server.opened == 1
        assert second.state == State.WAITING
        server.is_away = False
        call_command("deliver_mail")
        assert [message.to for message in outbox.outbox] == [["noe@example.org"]]

    def test_tries_are_further_and_further_apart_then_stop(self, leave, server):
        server.is_away = True
        written = leave()
        now = timezone.now()
        for tries, minutes in ((1, 15), (2, 60), (9, 1215)):
            SentMail.objects.update(tries=tries, tried_at=now)
            before = now + datetime.timedelta(minutes=minutes - 1)
            after = now + datetime.timedelta(minutes=minutes + 1)
            assert not SentMail.objects.to_deliver(before).exists()
            assert list(SentMail.objects.to_deliver(after)) == [written]
        SentMail.objects.update(tries=10)
        assert not SentMail.objects.to_deliver(now + datetime.timedelta(days=30)).exists()
        written.refresh_from_db()
        written.retry()
        assert SentMail.objects.to_deliver().exists()

    def test_refusal_for_good_marks_the_address(self, leave, server):
        server.says = {"ana@example.org": refused(550)}
        written = leave()
        assert (written.state, written.delivery) == (State.BOUNCED, None)
        assert written.error == "550 No such user"
        assert BouncedAddress.objects.known() == {"ana@example.org"}

    def test_refusal_for_now_is_tried_again(self, leave, server):
        server.says = {"ana@example.org": refused(451)}
        assert leave().state == State.FAILED
        assert not BouncedAddress.objects.exists()

    def test_one_bad_address_does_not_hold_the_others(self, server):
        written = [write(f"{name}@example.org") for name in ("ana", "noe", "eve")]
        server.says = {"noe@example.org": smtplib.SMTPServerDisconnected("gone")}
        done = mail.deliver([one.pk for one in written])
        assert done == {State.SENT: 2, State.FAILED: 1}

    def test_staff_say_that_an_address_does_not_work(self, leave, cast):
        written = leave("Ana@Example.org")
        mail.bounced("ana@example.org", by=cast["staff"])
        written.refresh_from_db()
        assert written.state == State.BOUNCED
        known = BouncedAddress.objects.get()
        assert (known.address, known.said_by) == ("ana@example.org", cast["staff"])
        mail.bounced("ana@example.org", by=cast["staff"])
        BouncedAddress.clear("ANA@example.org")
        assert not BouncedAddress.objects.exists()


class TestWhereTheSiteIs:
    def test_setting_goes_first(self, rf):
        assert root.root() == "https://membres.example.org"

    def test_request_says_it_otherwise(self, rf, settings):
        settings.SITE_URL = ""
        said = root.RootMiddleware(lambda request: root.root())(rf.get("/", secure=True))
        assert said == "https://testserver"

    def test_command_without_it_refuses(self, settings):
        settings.SITE_URL, settings.DEBUG, settings.DEMONSTRATION = "", False, False
        with pytest.raises(ImproperlyConfigured, match="SITE_URL"):
            root.root()


@pytest.mark.usefixtures("template")
def test_staff_who_may_are_written_to(django_capture_on_commit_callbacks):
    make_user(Role.PERMANENCE)
    make_user(Role.READING)
    make_user(Role.PERMANENCE, email="partie@example.org", is_active=False)
    with django_capture_on_commit_callbacks(execute=True):
        mail.to_staff("published_put_back", model=Organization, context=CONTEXT)
    assert [message.to for message in outbox.outbox] == [["permanence@example.org"]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "lost"},
        {"state": "sent", "delivery": None},
        {"state": "sent", "sent_at": timezone.now(), "delivery": {"text": TOKEN}},
        {"subject": "Un\nDeux"},
        {"kind": "reminder"},
        {"round_on": datetime.date(2026, 1, 1), "step": 1},
    ],
)
def test_mails_that_cannot_be(wrong):
    fields = {"kind": "invitation", "to": "ana@example.org", "subject": "Un", "text": ""}
    with pytest.raises(IntegrityError), transaction.atomic():
        SentMail.objects.create(**fields | wrong)


@pytest.mark.usefixtures("template")
def test_mails_of_a_merged_organization_follow(cast):
    from members.merging import merge

    kept, removed = OrganizationFactory(outside=True), OrganizationFactory(outside=True)
    written = write(organization=removed)
    merge(kept=kept, removed=removed, by=cast["superuser"])
    written.refresh_from_db()
    assert written.organization == kept
