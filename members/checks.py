"""What must be true of a site before it opens, besides what Django checks."""

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.utils.translation import gettext as _

from members.permissions import DEMONSTRATION_DOMAIN


def left_over():
    """Why this site may not open: the sentence about a demonstration's accounts; "" if it may.

    Anyone may sign in with them there, and what hangs on them is made up. A database that
    does not answer, or has no tables yet, has nothing to reproach itself with.
    """
    from members.models import User

    if settings.DEMONSTRATION:
        return ""
    try:
        accounts = User.objects.filter(email__iendswith=DEMONSTRATION_DOMAIN)
        found = sorted(accounts.values_list("email", flat=True))
    except DatabaseError:
        return ""
    if not found:
        return ""
    return _(
        "This database holds the demonstration’s accounts (%(accounts)s), and DEMONSTRATION is off:"
        " a real site starts from a new database."
    ) % {"accounts": ", ".join(found)}


def refuse_left_over():
    """Stop the start of a real site on a demonstration's database, with the sentence that says so.

    Raises ImproperlyConfigured.
    """
    if reason := left_over():
        raise ImproperlyConfigured(reason)


@checks.register(checks.Tags.database, deploy=True)
def no_demonstration_account(app_configs=None, databases=None, **kwargs):
    """For `check --deploy --database default`; `migrate` asks for no deployment check."""
    if databases and (reason := left_over()):
        return [checks.Error(reason, id="members.E001")]
    return []
