"""What holds for the whole site: who may see what, headers, formats, words, bad days."""

import datetime
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import OperationalError
from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import formats
from django.utils.translation import override

from tests.factories import (
    AllianceFactory,
    EditionFactory,
    EventFactory,
    OrganizationFactory,
    StatementFactory,
)

ROOT = Path(django_settings.BASE_DIR)

# The addresses that answer without signing in, by name; every other one asks for it.
PUBLIC = {
    "alive",
    "ready",
    "robots",
    "security-txt",
    "sitemap",
    "members:home",
    "members:organization-list",
    "members:organization-csv",
    "members:organization-json",
    "members:organization-geojson",
    "members:organization-atom",
    "members:organization-detail",
    "members:organization-detail-json",
    "members:organization-vcard",
    "members:suggestions",
    "members:region-list",
    "members:region-detail",
    "members:alliance-list",
    "members:alliance-json",
    "members:alliance-detail",
    "members:alliance-detail-json",
    "members:theme-list",
    "members:theme-detail",
    "members:country-list",
    "members:country-detail",
    "members:calendar",
    "members:calendar-ics",
    "members:calendar-atom",
    "members:calendar-csv",
    "members:calendar-json",
    "members:event-detail",
    "members:event-ics",
    "members:campaign-list",
    "members:campaign-detail",
    "members:edition-detail",
    "members:statement-list",
    "members:statement-atom",
    "members:statement-detail",
    "members:data",
    "members:embed",
    "members:embed-organizations",
    "members:embed-calendar",
    "members:about",
    "members:accessibility",
    "members:privacy",
    "joining:home",
    "joining:start",
    "joining:link-sent",
}
# What a mailed link opens, to whoever has it (tests/members/test_joining.py).
LINKED = {
    f"joining:{name}"
    for name in (
        "file",
        "contact",
        "identity",
        "place",
        "mission",
        "themes",
        "criteria",
        "documents",
        "remove-document",
        "send",
        "answer",
        "withdraw",
        "erase",
    )
}
# The logo that an organization shows (tests/members/test_logos.py), and what social networks show.
IMAGES = {
    "members:logo",
    "members:picture",
    "members:share-image",
    "members:organization-share-image",
    "members:event-share-image",
    "members:edition-share-image",
}
# Those which a signed link opens.
SIGNED = {"space:confirm-link"}
# Those which must answer for one to sign in or out, and the page of mail of a demonstration.
SIGNING = {
    "admin:login",
    "admin:jsi18n",
    "account_login",
    "account_request_login_code",
    "account_confirm_login_code",
    "mfa_login_webauthn",
    "mfa_authenticate",
    "account_logout",
    "account_inactive",
    "account_signup",
    "mailbox",
}
# Those whose secret link is the key, and the request of who has none.
KEYS = {
    "space:invitation",
    "space:request-access",
    "space:request-sent",
    "space:show-publicly",
}


def every_url(resolver=None, namespace="", route=""):
    """(name, view) of every address of the site."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from every_url(pattern, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern.callback


def test_only_the_listed_addresses_answer_without_signing_in():
    open_to_all = {
        name
        for name, view in every_url()
        if not getattr(view, "login_required", True) and not hasattr(view, "asks_to_sign_in")
    }
    assert open_to_all - SIGNING - SIGNED - KEYS - IMAGES == PUBLIC | LINKED


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["nobody", "visitor", "staff", "superuser"])
def test_each_user_sees_what_is_theirs(client, cast, who):
    organization, event = OrganizationFactory(town="Montréal"), EventFactory()
    alliance = AllianceFactory()
    edition = EditionFactory()
    statement = StatementFactory()
    arguments = {
        "members:organization-detail": [organization.slug],
        "members:organization-detail-json": [organization.slug],
        "members:organization-vcard": [organization.slug],
        "members:region-detail": ["montreal"],
        "members:alliance-detail": [alliance.slug],
        "members:alliance-detail-json": [alliance.slug],
        "members:theme-detail": ["sante"],
        "members:country-detail": ["ht"],
        "members:event-detail": [event.slug],
        "members:event-ics": [event.slug],
        "members:campaign-detail": [edition.campaign.slug],
        "members:edition-detail": [edition.campaign.slug, edition.year],
        "members:statement-detail": [statement.slug],
    }
    if cast[who]:
        client.force_login(cast[who])
    for name in PUBLIC - {"security-txt"}:
        response = client.get(reverse(name, args=arguments.get(name)))
        assert response.status_code == 200, name
        if response.streaming:
            response.getvalue()
    admin = client.get(reverse("admin:index"))
    assert admin.status_code == (200 if who in ("staff", "superuser") else 302)
    people = client.get(reverse("admin:members_user_changelist"))
    assert people.status_code == {"superuser": 200, "staff": 403}.get(who, 302)


@pytest.mark.django_db
def test_every_answer_carries_the_strict_policy(client):
    for path in ("/", "/organismes/", "/organismes.json", "/nulle-part/", "/compte/connexion/"):
        response = client.get(path)
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in response["Permissions-Policy"]


@pytest.mark.django_db
def test_public_pages_set_no_cookie(client):
    for path in ("/", "/organismes/", "/en/about/"):
        assert not client.get(path).cookies


@pytest.mark.django_db
def test_kept_answer_has_the_same_headers(client, settings):
    settings.KEEP_PAGES = True
    first, second = client.get("/organismes/"), client.get("/organismes/")
    assert dict(first.headers) | {"Content-Length": ""} == dict(second.headers) | {
        "Content-Length": ""
    }


@pytest.mark.parametrize(
    ("language", "time", "short", "long"),
    [
        ("fr", "14\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}05", "2026-11-25", "25 novembre 2026"),
        ("en", "14:05", "2026-11-25", "November 25, 2026"),
    ],
)
def test_dates_are_written_as_in_quebec(language, time, short, long):
    moment = datetime.datetime(2026, 11, 25, 14, 5)  # noqa: DTZ001 - a wall clock
    with override(language):
        assert formats.time_format(moment) == time
        assert formats.date_format(moment, "SHORT_DATE_FORMAT") == short
        assert formats.date_format(moment) == long


# Bad days


@pytest.mark.django_db
def test_database_away_is_said_in_words(client, monkeypatch):
    from members.directory import caching, views

    def away(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr(caching, "directory_version", away)
    for path, words in (("/organismes/", "moment"), ("/organismes.json", "unavailable")):
        response = client.get(path)
        assert response.status_code == 503
        assert response["Retry-After"]
        assert words in response.content.decode()
    assert client.get("/sante/").status_code == 200
    monkeypatch.undo()
    assert views
    assert client.get("/organismes/").status_code == 200


@pytest.mark.django_db
def test_readiness_tells_the_database_from_the_process(client, monkeypatch):
    assert client.get("/sante/pret/").json() == {"status": "ok", "database": "ok"}
    from aqoci import views

    class Away:
        def cursor(self):
            raise OperationalError("connection refused")

    monkeypatch.setattr(views, "connection", Away())
    response = client.get("/sante/pret/")
    assert response.status_code == 503


# Words


def test_french_is_complete_and_reviewed():
    from tests.catalogue import entries

    for entry in entries(ROOT / "aqoci" / "locale" / "fr" / "LC_MESSAGES" / "django.po"):
        assert "fuzzy" not in entry.flags, entry.msgid
        assert all(entry.texts), entry.msgid


@pytest.mark.skipif(not shutil.which("xgettext"), reason="GNU gettext is not installed")
def test_french_follows_the_source(tmp_path):
    """The catalogue holds every string of the source, and no other."""
    from tests.catalogue import entries

    for folder in ("aqoci", "members", "regions", "templates"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "static")
        )
    shutil.copy(ROOT / "manage.py", tmp_path)
    catalogue = tmp_path / "aqoci" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    before = {entry.key for entry in entries(catalogue)}
    subprocess.run(
        [
            sys.executable,
            "-m",
            "django",
            "makemessages",
            "--locale=fr",
            "--no-obsolete",
            "--no-location",
            "--no-wrap",
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PYTHONPATH": f"{tmp_path}:{ROOT}",
            # Nothing asks it; without it, this copy would start a server of its own and leave it.
            "DATABASE_URL": "postgres://a:b@example.org/c",
        },
    )
    assert {entry.key for entry in entries(catalogue)} == before


@pytest.mark.parametrize("language", ["fr", "en"])
def test_names_of_things_are_in_lower_case(language):
    with override(language):
        for config in ("members", "regions"):
            for model in apps.get_app_config(config).get_models():
                if "Event" in model.__name__ or "_" in model.__name__:
                    continue
                name = str(model._meta.verbose_name)
                assert name == name.lower(), name


def test_every_template_compiles():
    for path in (ROOT / "templates").rglob("*.html"):
        get_template(str(path.relative_to(ROOT / "templates")))


def test_french_has_no_space_before_double_signs():
    """Québec's typography: none before ; ! ?, a no-break space before : and within « »."""
    from tests.catalogue import entries

    wrong = re.compile(
        r"\s[;!?]|[^\s\d\N{NO-BREAK SPACE}/]:(?=\s|$)| :|« |(?<!\N{NO-BREAK SPACE})»|\w'\w"
    )
    for entry in entries(ROOT / "aqoci" / "locale" / "fr" / "LC_MESSAGES" / "django.po"):
        for text in entry.texts:
            assert not wrong.search(re.sub(r"<[^>]*>|%\([^)]*\)s|\{[^}]*\}", "x", text)), text
