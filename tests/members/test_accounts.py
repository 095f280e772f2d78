"""Signing in, second factors, the log of accounts and their mail: what holds, what is refused."""

import re
import time
from importlib import reload

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache.backends.db import DatabaseCache
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, transaction
from django.test import Client, RequestFactory
from django.urls import reverse

from members.accounts import browsers, mailbox
from members.accounts.entry import make_account
from members.accounts.factors import has_factor
from members.accounts.keeping import take_factors_away
from members.accounts.limits import limited
from members.models import AccountEvent, User
from members.permissions import Role
from tests.factories import make_user
from tests.signing_in import SigningClient

pytestmark = pytest.mark.django_db

SIGN_IN = "/compte/connexion/"
CODE = "/compte/connexion/code/"
FACTOR = "/compte/connexion/second-facteur/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def client():
    """A browser that nobody has signed in with; plain, so that each proof is a real one."""
    return Client(headers={"user-agent": FIREFOX})


@pytest.fixture
def ana():
    """Someone with an account and no role."""
    return make_account("Ana@Example.org", first_name="Ana")


@pytest.fixture
def marie():
    """Someone of the direction, without a second factor yet."""
    return make_user(Role.DIRECTION, email="marie@example.org")


def ask_for_code(client, email, **data):
    """The answer to a request for a code; `sent_code` is what was mailed."""
    mail.outbox.clear()
    return client.post(SIGN_IN, {"login": email, **data})


def sent_code():
    """The code of the last message."""
    return re.search(r"\d{4}-\d{4}", mail.outbox[-1].body)[0]


def sign_in(client, user, **data):
    """The answer to the code that was mailed to that user."""
    ask_for_code(client, user.email, **data)
    return client.post(CODE, {"code": sent_code(), **data})


def add_app(user):
    """Give an authenticator app to a user, with recovery codes; its secret."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def code_of(secret, later=0):
    """What the app shows, `later` periods from now: a code serves once."""
    counter = int(time.time()) // 30 + later
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def kinds(user):
    """What the log says of a user, the first event first."""
    return [event.kind for event in user.account_events.order_by("pk")]


# Signing in


def test_code_sent_by_mail_lets_in_whatever_the_capitals(client, ana):
    answer = ask_for_code(client, "ANA@example.ORG")
    assert answer.url == CODE
    assert mail.outbox[0].to == ["ana@example.org"]
    assert mail.outbox[0].subject == "Votre code de connexion"
    answer = client.post(CODE, {"code": sent_code().replace("-", " ")})
    assert answer.status_code == 302
    page = client.get(reverse("account_home"))
    assert page.context["user"] == ana
    assert "Ana@example.org" in page.text


def test_nothing_tells_whether_an_address_is_known(client, ana):
    """The same answers, page and message; only the mail differs, and no account is made."""

    def told(email):
        browser = Client()
        answers = [ask_for_code(browser, email)]
        assert len(mail.outbox) == 1
        answers += [browser.get(CODE), browser.post(CODE, {"code": "0000-0000"})]
        words = [
            re.sub(r'value="[\w-]{64}"', "", answer.text).replace(email, "…") for answer in answers
        ]
        return [(answer.status_code, answer.get("Location")) for answer in answers], words

    closed = make_account("closed@example.org")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    known = told(ana.email.lower())
    assert told("nobody@example.org") == known
    assert told(closed.email) == known
    assert mail.outbox[0].subject == "Aucun compte n’a cette adresse"
    assert "/compte/en-demander-un/" in mail.outbox[0].body
    assert not User.objects.filter(email="nobody@example.org").exists()
    assert not EmailAddress.objects.filter(email="nobody@example.org").exists()


def test_nobody_makes_an_account_by_oneself(client):
    data = {"email": "moi@example.org", "password1": "une phrase de passe"}
    client.post(reverse("account_signup"), data)
    assert not User.objects.exists()
    for name in ("account_email", "account_reset_password", "account_set_password"):
        with pytest.raises(Exception, match="not found"):
            reverse(name)


def test_code_is_good_for_ten_minutes(client, ana, monkeypatch):
    ask_for_code(client, ana.email)
    code, now = sent_code(), time.time()
    monkeypatch.setattr(time, "time", lambda: now + 601)
    answer = client.post(CODE, {"code": code})
    assert answer.status_code == 302
    assert "_auth_user_id" not in client.session


def test_code_serves_once(client, ana):
    sign_in(client, ana)
    code = sent_code_before = re.search(r"\d{4}-\d{4}", mail.outbox[0].body)[0]
    client.post(reverse("account_logout"))
    assert client.post(CODE, {"code": code}).url.startswith(SIGN_IN)
    ask_for_code(client, ana.email)
    client.post(CODE, {"code": sent_code_before})
    assert "_auth_user_id" not in client.session


def test_third_wrong_code_ends_the_attempt(client, ana):
    ask_for_code(client, ana.email)
    code = sent_code()
    wrong = "1111-1111" if code != "1111-1111" else "2222-2222"
    for _ in range(2):
        assert client.post(CODE, {"code": wrong}).status_code == 200
    assert client.post(CODE, {"code": wrong}).status_code == 302
    client.post(CODE, {"code": code})
    assert "_auth_user_id" not in client.session
    assert kinds(ana) == ["refused"] * 3


def test_codes_for_one_address_are_counted_whoever_asks(ana):
    answers = [ask_for_code(Client(), ana.email) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 200]
    assert "trop d’essais" in answers[-1].text
    assert mail.outbox == []


def test_one_network_address_does_not_try_for_ever(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    here = {"headers": {"x-forwarded-for": "198.51.100.1, 203.0.113.7"}}
    for number in range(20):
        client.post(SIGN_IN, {"login": f"a{number}@example.org"}, **here)
        client.post(reverse("account_logout"))
    mail.outbox.clear()
    client.post(SIGN_IN, {"login": "last@example.org"}, **here)
    # What comes before the last proxy's word is whatever the visitor claims.
    client.post(
        SIGN_IN, {"login": "b@example.org"}, headers={"x-forwarded-for": "1.1.1.1, 203.0.113.7"}
    )
    assert mail.outbox == []
    client.post(SIGN_IN, {"login": "c@example.org"}, headers={"x-forwarded-for": "203.0.113.8"})
    assert len(mail.outbox) == 1


def test_other_forms_have_limits_of_their_own():
    def request(address):
        return RequestFactory().post("/", REMOTE_ADDR=address)

    assert [limited(request("192.0.2.1"), "ask", "2/m/ip") for _ in range(3)] == [
        False,
        False,
        True,
    ]
    assert not limited(request("192.0.2.2"), "ask", "2/m/ip")
    assert not limited(request("192.0.2.1"), "apply", "2/m/ip")
    assert not limited(request("192.0.2.3"), "ask", "1/m/key", key="a@example.org")
    assert limited(request("192.0.2.4"), "ask", "1/m/key", key="a@example.org")
    assert not limited(RequestFactory().get("/"), "ask", "1/m/key", key="a@example.org")


def test_limits_are_counted_in_a_cache_that_all_processes_share():
    from aqoci import settings as production

    default = reload(production).CACHES["default"]
    assert default["BACKEND"].endswith("DatabaseCache")
    one, other = (DatabaseCache(default["LOCATION"], default) for _ in range(2))
    assert one.add("lock", True, 60)
    assert not other.add("lock", True, 60)
    other.delete("lock")
    assert one.get("lock") is None


def test_session_of_before_is_not_that_of_after(client, ana):
    client.get(SIGN_IN)
    ask_for_code(client, ana.email)
    before = client.session.session_key
    client.post(CODE, {"code": sent_code()})
    assert client.session["_auth_user_id"] == str(ana.pk)
    assert client.session.session_key != before
    assert not Session.objects.filter(pk=before).exists()


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "http://testserver@evil.example/",
    ],
)
def test_signing_in_leads_to_no_other_site(client, marie, elsewhere):
    secret = add_app(marie)
    sign_in(client, marie, next=elsewhere)
    answer = client.post(FACTOR, {"code": code_of(secret)})
    assert answer.url == "/admin/"
    for path in ("/admin/login/", reverse("account_second_factor"), SIGN_IN):
        assert client.get(path, {"next": elsewhere}).url == "/admin/"
    assert client.post(reverse("account_logout"), {"next": elsewhere}).url == "/"
    answer = client.get("/admin/login/", {"next": elsewhere})
    assert "evil" not in answer.url


def test_one_goes_on_to_the_page_that_was_asked_for(client, ana):
    asked = client.get("/en/account/")
    assert asked.url == "/en/account/sign-in/?next=/en/account/"
    answer = sign_in(client, ana, next="/en/account/")
    assert answer.url == "/en/account/"


def test_closed_account_is_out_at_once(client, ana):
    sign_in(client, ana)
    User.objects.filter(pk=ana.pk).update(is_active=False)
    assert client.get(reverse("account_home")).status_code == 302


def test_mail_that_cannot_leave_is_said_in_words(client, ana, settings, monkeypatch):
    def refuse(self, messages):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    for email in (ana.email, "nobody@example.org"):
        answer = client.post(SIGN_IN, {"login": email}, follow=True)
        assert "Aucun courriel ne peut partir" in answer.text


# Second factor


@pytest.mark.django_db(transaction=True)
def test_staff_without_a_factor_are_led_to_add_one_then_go_on(client, marie):
    sign_in(client, marie)
    answer = client.get("/admin/members/person/", follow=True)
    html = answer.text
    assert answer.redirect_chain[-1][0].startswith(reverse("account_second_factor"))
    assert reverse("mfa_add_webauthn") in html
    assert reverse("mfa_activate_totp") in html
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    assert secret in page.text
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert answer.url == reverse("mfa_view_recovery_codes")
    html = client.get(answer.url).text
    assert 'href="/admin/members/person/"' in html
    assert len(re.findall(r"<code>\d{8}</code>", html)) == 10
    assert client.get("/admin/members/person/").status_code == 200
    assert kinds(marie) == ["signed_in", "added", "added"]
    stored = Authenticator.objects.get(user=marie, type="totp").data["secret"]
    assert secret not in stored


def test_staff_with_a_factor_prove_it_at_each_sign_in(client, marie):
    secret = add_app(marie)
    answer = sign_in(client, marie, next="/admin/")
    assert answer.url == FACTOR
    assert client.get("/admin/").status_code == 302
    assert client.get(reverse("account_home")).status_code == 302
    assert client.post(FACTOR, {"code": "000000"}).status_code == 200
    assert client.post(FACTOR, {"code": code_of(secret)}).url == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert kinds(marie) == ["refused", "signed_in"]
    other = Client()
    sign_in(other, marie)
    assert other.post(FACTOR, {"code": code_of(secret)}).status_code == 200, "used already"


def test_recovery_code_stands_in_for_the_device_once(client, marie):
    add_app(marie)
    code = Authenticator.objects.get(user=marie, type="recovery_codes").wrap().generate_codes()[0]
    sign_in(client, marie)
    assert client.post(FACTOR, {"code": code}).status_code == 302
    assert client.get("/admin/").status_code == 200
    assert [event.means for event in marie.account_events.all()] == ["recovery", "recovery"]
    assert "Il en reste 9" in mail.outbox[-2].body
    other = Client()
    sign_in(other, marie)
    assert other.post(FACTOR, {"code": code}).status_code == 200


def test_session_that_proved_nothing_proves_the_factor_of_another(client, marie):
    """A session that began before there was a factor asks for it, by the factor itself."""
    sign_in(client, marie)
    secret = add_app(marie)
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == f"{reverse('mfa_reauthenticate')}?next=%2Fadmin%2F"
    # The mailbox alone does not get around it, nor take the factor away.
    again = reverse("account_request_reauthentication_code")
    assert client.get(again).url == reverse("mfa_reauthenticate")
    assert reverse("mfa_reauthenticate") in client.get(reverse("mfa_deactivate_totp")).url
    assert reverse("mfa_reauthenticate") in client.get(reverse("mfa_add_webauthn")).url
    data = {"code": code_of(secret), "next": "/admin/"}
    assert client.post(reverse("mfa_reauthenticate"), data).url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_admin_closes_when_the_last_factor_goes(client, marie):
    secret = add_app(marie)
    sign_in(client, marie)
    client.post(FACTOR, {"code": code_of(secret)})
    other = Client()
    sign_in(other, marie)
    other.post(FACTOR, {"code": code_of(secret, later=1)})
    assert other.get("/admin/").status_code == 200
    client.post(reverse("mfa_deactivate_totp"))
    assert not has_factor(marie)
    assert not Authenticator.objects.filter(user=marie).exists()
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_second_factor"))
    assert "_auth_user_id" not in other.session
    assert "removed" in kinds(marie)


def test_old_proof_is_asked_again_before_the_factor_changes(client, ana, monkeypatch):
    sign_in(client, ana)
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 901)
    answer = client.get(reverse("mfa_activate_totp"))
    assert answer.url.startswith(reverse("account_request_reauthentication_code"))
    mail.outbox.clear()
    answer = client.post(answer.url, {"recipient": "ana@example.org"})
    html = client.get(answer.url).text
    assert "ana@example.org" in html
    answer = client.post(answer.url, {"code": sent_code()})
    assert answer.url == reverse("mfa_activate_totp")
    assert client.get(answer.url).status_code == 200


def test_account_without_a_role_does_not_turn_in_circles(client, ana):
    sign_in(client, ana)
    answer = client.get("/admin/members/person/", follow=True)
    assert answer.status_code == 403
    assert len(answer.redirect_chain) == 2
    assert "Ana@example.org" in answer.text
    assert client.get("/admin/logout/").url == "/admin/"


def test_admin_has_no_page_about_passwords(client, marie):
    assert client.get("/admin/login/?next=/admin/login/").url == f"{SIGN_IN}?next=/admin/"
    office = SigningClient()
    office.force_login(marie)
    assert office.get("/admin/password_change/").status_code == 404
    assert "password" not in office.get(f"/admin/members/user/{marie.pk}/change/").text
    assert "password" not in office.get("/admin/members/user/add/").text
    assert not marie.has_usable_password()


def test_direction_takes_a_lost_factor_away(client, marie):
    add_app(marie)
    chief = make_user(Role.DIRECTION, email="chief@example.org")
    lost = Client()
    sign_in(lost, marie)
    take_factors_away(marie, by=chief)
    assert not has_factor(marie)
    assert mail.outbox[-1].to == [marie.email]
    assert kinds(marie) == ["reset"]
    assert marie.account_events.get().detail == str(chief)
    sign_in(client, marie)
    assert client.get("/admin/", follow=True).status_code == 200


def test_factor_is_not_taken_away_from_oneself_nor_from_who_answers_for_the_site(marie):
    office = SigningClient()
    chief = User.objects.create_superuser("chef@example.org")
    ana = make_account("ana@example.org")
    for user in (marie, chief, ana):
        add_app(user)
    office.force_login(marie)
    data = {"action": "take_factors_away", "_selected_action": [marie.pk, chief.pk, ana.pk]}
    assert office.post("/admin/members/user/", data).status_code == 302
    assert [has_factor(user) for user in (marie, chief, ana)] == [True, True, False]


# The log, and mail


def test_log_only_grows(ana):
    event = AccountEvent.objects.create(user=ana, kind="signed_in")
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        AccountEvent.objects.update(kind="refused")
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        event.delete()


def test_each_sign_in_is_written_and_mailed(client, ana):
    sign_in(client, ana)
    event = ana.account_events.get()
    assert (event.kind, event.means, event.browser) == ("signed_in", "code", "Firefox, Windows")
    assert mail.outbox[-1].subject == "Connexion à votre compte"
    assert "jamais servi" in mail.outbox[-1].body
    assert "Firefox, Windows" in mail.outbox[-1].body
    assert "http://testserver/compte/" in mail.outbox[-1].body
    client.post(reverse("account_logout"))
    sign_in(client, ana)
    assert "jamais servi" not in mail.outbox[-1].body
    assert "&" not in mail.outbox[-1].body


def test_mail_is_in_the_language_of_the_account(client, ana):
    ana.language = "en"
    ana.save()
    sign_in(client, ana)
    code, told = mail.outbox
    assert code.subject == "Your sign-in code"
    assert told.subject == "Someone signed in with your account"
    assert "http://testserver/en/account/" in told.body


def test_network_address_is_kept_nowhere(client, ana):
    sign_in(client, ana)
    assert UserSession.objects.get(user=ana).ip == "::"
    assert "127.0.0.1" not in "".join(message.body for message in mail.outbox)


@pytest.mark.django_db(transaction=True)
def test_factor_change_is_mailed(client, ana):
    sign_in(client, ana)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    mail.outbox.clear()
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert [message.subject for message in mail.outbox] == [
        "Application d’authentification associée à votre compte"
    ]
    client.post(reverse("mfa_generate_recovery_codes"))
    client.post(reverse("mfa_deactivate_totp"))
    assert len(mail.outbox) == 3
    assert kinds(ana) == ["signed_in", "added", "added", "renewed", "removed", "removed"]


def test_address_changed_by_the_staff_is_told_to_both(marie, ana):
    office = SigningClient()
    office.force_login(marie)
    data = {"email": "ana@nouveau.example", "language": "fr", "is_active": "on"}
    assert office.post(f"/admin/members/user/{ana.pk}/change/", data).status_code == 302
    assert [message.to for message in mail.outbox] == [["Ana@example.org"], ["ana@nouveau.example"]]
    assert EmailAddress.objects.get(user=ana).email == "ana@nouveau.example"
    assert kinds(ana) == ["address"]


# One's own account


def test_sessions_are_listed_and_ended(client, ana):
    sign_in(client, ana)
    others = [Client() for _ in range(2)]
    for other in others:
        sign_in(other, ana)
    page = client.get(reverse("account_home"))
    assert len(page.context["sessions"]) == 3
    last = UserSession.objects.get(session_key=others[1].session.session_key)
    client.post(reverse("account_end_session", args=[last.pk]))
    assert others[1].get(reverse("account_home")).status_code == 302
    assert others[0].get(reverse("account_home")).status_code == 200
    client.post(reverse("usersessions_list"))
    assert others[0].get(reverse("account_home")).status_code == 302
    assert client.get(reverse("account_home")).status_code == 200
    assert kinds(ana).count("sessions_ended") == 2


def test_session_of_another_is_not_ended(client, ana, marie):
    sign_in(client, ana)
    other = Client()
    sign_in(other, marie)
    theirs = UserSession.objects.get(user=marie)
    assert client.post(reverse("account_end_session", args=[theirs.pk])).status_code == 404
    assert other.get(reverse("account_home")).status_code == 200


def test_own_page_is_quick(client, ana, django_assert_max_num_queries):
    for _ in range(6):
        AccountEvent.objects.create(user=ana, kind="signed_in")
    sign_in(client, ana)
    with django_assert_max_num_queries(10):
        client.get(reverse("account_home"))


def test_language_of_mail_is_chosen_among_ours(client, ana):
    sign_in(client, ana)
    client.post(reverse("account_language"), {"language": "en"})
    ana.refresh_from_db()
    assert ana.language == "en"
    client.post(reverse("account_language"), {"language": "xx"})
    ana.refresh_from_db()
    assert ana.language == "en"


# Accounts that are made


def test_account_of_an_address_is_made_once():
    made = make_account("Nouvelle@Example.org", first_name="Nora", language="en")
    assert make_account("nouvelle@example.org", first_name="Autre") == made
    made.refresh_from_db()
    assert (made.first_name, made.language, made.is_staff) == ("Nora", "en", False)
    assert not made.has_usable_password()
    address = EmailAddress.objects.get(user=made)
    assert (address.email, address.primary, address.verified) == (
        "nouvelle@example.org",
        True,
        True,
    )


def test_who_answers_for_the_site_is_made_without_a_password(capsys):
    call_command("createsuperuser", email="chef@example.org")
    chief = User.objects.get(email="chef@example.org")
    assert chief.is_superuser
    assert chief.is_staff
    assert not chief.has_usable_password()
    assert EmailAddress.objects.get(user=chief).verified
    for email in ("CHEF@example.org", "rien"):
        with pytest.raises(CommandError):
            call_command("createsuperuser", email=email)


# Mail of a demonstration


@pytest.fixture
def kept(settings, tmp_path):
    """A site that keeps its mail; where."""
    settings.MAILBOX = True
    settings.MAILBOX_FOLDER = tmp_path / "mailbox"
    settings.EMAIL_BACKEND = "members.accounts.mailbox.MailboxBackend"
    return settings.MAILBOX_FOLDER


def test_page_of_mail_exists_only_on_a_site_that_sends_none(client, kept, settings):
    assert client.get("/courriels/").status_code == 200
    settings.MAILBOX = False
    assert client.get("/courriels/").status_code == 404
    assert client.get("/en/mailbox/").status_code == 404


def test_kept_mail_is_text_with_its_links(client, kept, capsys):
    body = "Voici <b>un</b> lien: https://example.org/a?b=1&c=2"
    EmailMessage("Été", body, to=["a@example.org"]).send()
    assert "example.org/a?b" in capsys.readouterr().out
    html = client.get("/courriels/").text
    assert "<h2" in html
    assert "Été" in html
    assert '<a href="https://example.org/a?b=1&amp;c=2"' in html
    assert "<b>" not in html


def test_only_the_last_messages_are_kept(kept, monkeypatch):
    monkeypatch.setattr(mailbox, "KEPT", 3)
    for number in range(5):
        EmailMessage(str(number), "…", to=["a@example.org"]).send()
    assert [message["subject"] for message in mailbox.messages()] == ["4", "3", "2"]
    assert len(list(kept.iterdir())) == 3


def test_code_can_be_read_where_mail_is_kept(client, ana, kept, capsys):
    client.post(SIGN_IN, {"login": ana.email})
    assert 'href="/courriels/"' in client.get(CODE).text
    assert re.search(r"\d{4}-\d{4}", client.get("/courriels/").text)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (FIREFOX, "Firefox, Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari, iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge, Windows",
        ),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_browser_is_said_in_words(said, words):
    assert browsers.in_words(said) == words


def test_cookies_of_sessions_are_for_this_site_and_no_script(client, ana):
    sign_in(client, ana)
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 12 * 3600
