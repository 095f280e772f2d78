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

# Authentication: everything asks for a login unless its view says otherwise

AUTH_USER_MODEL = "members.User"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

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

# Cache: each process keeps its own pages and counts, by the directory's version
# (members/directory/caching.py). In development templates change under a running server.

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "counts"},
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
