"""The settings as tests see them, whatever the developer's environment or .env file says."""

import atexit
import os
import shutil
import tempfile

os.environ["DEBUG"] = "1"  # no secret to give, and the development database
os.environ["DEMONSTRATION"] = "0"
for name in (
    "EMAIL_URL",
    "SITE_URL",
    "CONTACT_EMAIL",
    "PRIVACY_OFFICER_TITLE",
    "PRIVACY_OFFICER_EMAIL",
):
    os.environ[name] = ""

# Documents of the tests: a folder of their own, which goes with them.
os.environ["DOCUMENTS_FOLDER"] = tempfile.mkdtemp(prefix="documents-of-tests-")
atexit.register(shutil.rmtree, os.environ["DOCUMENTS_FOLDER"], ignore_errors=True)

from aqoci.settings import *  # noqa: E402, F403

# The page of kept mail is that of a development site; what is shared is shared by the one process.
MAILBOX = False
CACHES["default"] = {  # noqa: F405
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "shared",
}

# Static files come from where they are written, as in development: nothing to collect.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True

# The threads of a live server end with each request: no connection of theirs holds the database.
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405

# What tests write need not survive the machine: no commit waits for the disk.
DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"  # noqa: F405
