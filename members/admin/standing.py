"""Where an organization stands in the network, as lists and pages say it."""

from django.db.models import Case, CharField, Exists, OuterRef, Value, When
from django.utils.translation import gettext_lazy as _

from members.models import Membership

STANDINGS = {
    "current": _("member"),
    "unconfirmed": _("to be confirmed"),
    "suspended": _("suspended"),
    "former": _("former member"),
    "none": _("not a member"),
}


def with_standing(organizations):
    """`organizations` with their `standing` today, one of STANDINGS."""
    own = Membership.objects.filter(organization=OuterRef("pk"))
    current = own.current()
    return organizations.annotate(
        standing=Case(
            When(Exists(current.filter(status=Membership.Status.SUSPENDED)), Value("suspended")),
            When(Exists(current.filter(confirmed=False)), Value("unconfirmed")),
            When(Exists(current), Value("current")),
            When(Exists(own), Value("former")),
            default=Value("none"),
            output_field=CharField(),
        )
    )
