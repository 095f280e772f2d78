"""Settings, in Django's own order; what varies comes from the environment (see .env.example)."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.FileAwareEnv()
environ.Env.read_env(BASE_DIR / ".env")

# Core

DEBUG = env.bool("DEBUG", default=False)

SECRET_KEY = env("SECRET_KEY", default="development-only" if DEBUG else environ.Env.NOTSET)

# The keys of before: what they signed and encrypted is still read.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if DEBUG else [])

# Where the site answers, for addresses in exports, feeds and mail; no slash at the end.
SITE_URL = env("SITE_URL", default="").rstrip("/")

# A demonstration site says so on every page.
DEMONSTRATION = env.bool("DEMONSTRATION", default=False)

INSTALLED_APPS = [
    "aqoci",
    "members",
    "regions",
    "modeltranslation",
    "aqoci.apps.StaffConfig",  # django.contrib.admin, with our own site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_filters",
    "django_htmx",
    "pgtrigger",
    "pghistory",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "aqoci.middleware.DatabaseAwayMiddleware",
    "members.directory.caching.PublicPageMiddleware",
    "aqoci.middleware.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "members.root.RootMiddleware",
]

ROOT_URLCONF = "aqoci.urls"
WSGI_APPLICATION = "aqoci.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "aqoci.context_processors.site",
            ],
        },
    },
]

# What people send: forms of up to 10 MB without their files; a file that is too long is not kept
# on its way (members/documents.py says how long).
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "members.documents.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Database


def database_url():
    """The address of the database: the environment's, or else the development database's own.

    Without either, outside development, the start stops and names the variable.
    """
    if url := env("DATABASE_URL", default=""):
        return url
    if not DEBUG:
        raise ImproperlyConfigured(
            "Set the DATABASE_URL environment variable (PostgreSQL 15 or later)."
        )
    from aqoci import database

    return database.start()


DATABASES = {"default": env.db_url_config(database_url())}
# A socket folder given as `?host=` arrives in OPTIONS, where `dbshell` does not look.
if host := DATABASES["default"].get("OPTIONS", {}).pop("host", None):
    DATABASES["default"]["HOST"] = host
DATABASES["default"] |= {
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
    "CONN_HEALTH_CHECKS": True,
}
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": 5,
    # From which likeness a word may be a misspelling of another (members/search.py); and what the
    # planner does not know: pages come from memory, reading long texts kept out of the row costs
    # (so an index that serves is always better), and compiling a query costs more than any of ours.
    "options": "-c pg_trgm.similarity_threshold=0.4 -c random_page_cost=1.1"
    " -c enable_seqscan=off -c jit=off -c max_parallel_workers_per_gather=0",
    **DATABASES["default"].get("OPTIONS", {}),
}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Authentication: everything asks for a login unless its view says otherwise. One signs in with a
# code sent by e-mail or with a passkey; there is no password anywhere. See members/accounts/.

AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account_home"

ACCOUNT_ADAPTER = "members.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "members.accounts.forms.SignInForm",
    "confirm_login_code": "members.accounts.forms.SignInCodeForm",
    "confirm_reauthentication_code": "members.accounts.forms.SignInCodeForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # the code verifies it, and nobody adds another address
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True  # not asked: a session lasts SESSION_COOKIE_AGE
ACCOUNT_LOGOUT_REDIRECT_URL = "members:home"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""

# Eight digits (26 bits), good for ten minutes and three tries (ASVS 5.0, 6.5 and 6.6).
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 8, "dashed": True}
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
# What touches the second factor wants a proof from the last fifteen minutes.
ACCOUNT_REAUTHENTICATION_METHODS = ["code", "mfa"]
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60

MFA_ADAPTER = "members.accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG  # http://localhost has passkeys too
MFA_TOTP_ISSUER = "AQOCI"
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "members.accounts.forms.FactorForm",
    "reauthenticate": "members.accounts.forms.FactorAgainForm",
    "activate_totp": "members.accounts.forms.AppForm",
    "add_webauthn": "members.accounts.forms.PasskeyForm",
    "edit_webauthn": "members.accounts.forms.PasskeyNameForm",
}

USERSESSIONS_ADAPTER = "members.accounts.adapters.SessionsAdapter"

# How often an address of the network (ip) or of e-mail (key) may try; counted in the shared cache.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "request_login_code": "20/m/ip,100/h/ip,3/m/key,12/h/key",
    "login_failed": "10/m/ip,5/5m/key",
    "reauthenticate": "10/m/user",
}
# How many proxies of ours add to X-Forwarded-For: the address of the network is read there.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0 if DEBUG else 1)

# Language and time

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "aqoci" / "locale"]
FORMAT_MODULE_PATH = ["aqoci.formats"]
TIME_ZONE = "America/Toronto"

MODELTRANSLATION_LANGUAGES = ("fr", "en")
MODELTRANSLATION_DEFAULT_LANGUAGE = "fr"
MODELTRANSLATION_FALLBACK_LANGUAGES = ("fr", "en")

# Static files

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / ".data" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Documents that staff attach: no address reaches this folder, a view gives them to who may.
STORAGES["documents"] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {
        "location": env("DOCUMENTS_FOLDER", default=str(BASE_DIR / ".data" / "documents")),
        "base_url": None,
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    },
}

# Cache: what all processes share is in the database, for limits that hold whichever answers. Pages
# and counts are each process's own, by the directory's version (members/directory/caching.py). In
# development templates change under a running server.

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    "counts": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "counts"},
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "TIMEOUT": 3600,
        "OPTIONS": {"MAX_ENTRIES": 500},
    },
}
KEEP_PAGES = env.bool("KEEP_PAGES", default=not DEBUG)
# How long a process may trust the directory's version it last read, in seconds.
DIRECTORY_VERSION_SECONDS = env.float("DIRECTORY_VERSION_SECONDS", default=0 if DEBUG else 1)

# Security

SECURE_SSL = env.bool("SECURE_SSL", default=not DEBUG)
SECURE_SSL_REDIRECT = SECURE_SSL
SECURE_REDIRECT_EXEMPT = [r"^sante/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_SSL else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE_SSL else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_SSL
SECURE_HSTS_PRELOAD = SECURE_SSL
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL
SESSION_COOKIE_NAME = "__Host-session" if SECURE_SSL else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE_SSL else "csrf"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Who answers for what is published (Law 25, s. 3.1): printed on the public pages.

CONTACT_EMAIL = env("CONTACT_EMAIL", default="")
PRIVACY_OFFICER_TITLE = env("PRIVACY_OFFICER_TITLE", default="")
PRIVACY_OFFICER_EMAIL = env("PRIVACY_OFFICER_EMAIL", default="")

# E-mail: any server that EMAIL_URL names. Without one, development and demonstrations print what
# would leave and keep it in a page of its own (members/accounts/mailbox.py).

MAILBOX = (DEBUG or DEMONSTRATION) and not env("EMAIL_URL", default="")
MAILBOX_FOLDER = BASE_DIR / ".data" / "mailbox"
if MAILBOX:
    EMAIL_BACKEND = "members.accounts.mailbox.MailboxBackend"
else:
    globals().update(env.email_url("EMAIL_URL"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default=CONTACT_EMAIL or "annuaire@localhost")

# Whether representatives of organizations like ours must register in Québec too (T-11.011, which
# leaves them out today): their hours with Québec's office holders then count like federal ones.

QUEBEC_LOBBY_REGIME = env.bool("QUEBEC_LOBBY_REGIME", default=False)

# History: database triggers write every insert, update and delete, with who and where from

PGHISTORY_APPEND_ONLY = True
PGHISTORY_ADMIN_ORDERING = "-pgh_created_at"

# Phone numbers are kept as E.164; a number written without a country code is North American.
PHONENUMBER_DEFAULT_REGION = "CA"
PHONENUMBER_DB_FORMAT = "E164"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}

SILENCED_SYSTEM_CHECKS = []
