"""A merge grants nothing to anybody: what access it would give, or give again, ends before it.

Access depends on memberships and positions, which follow to the kept record. So it is ended where
it sleeps (a membership or a position had ended) as well as where it is the removed record's.
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from members.merging.rows import rows, write
from members.models import Invitation, Organization, Person, Representative, User


def end_access(ledger, kept, removed, by):
    """End, before `removed` is joined to `kept` by the user `by`, what the merge must not carry.

    Of organizations: the removed one's representatives and waiting invitations, and those of the
    kept one's representatives whose access had ended by itself. Of people: such representatives,
    when they are one of the two; and, when both have an account, whatever the removed one's could.
    """
    ENDS[type(kept)](ledger, kept, removed, by)


def end_that_of_organizations(ledger, kept, removed, by):
    open_ones = Representative.objects.filter(ended_at=None)
    end(ledger, open_ones.filter(organization=removed), by)
    end(ledger, open_ones.filter(organization=kept).inactive(), by)
    for key in keys(Invitation.objects.waiting().filter(organization=removed)):
        settle(
            ledger,
            Invitation,
            key,
            {"revoked_at": timezone.now().isoformat(), "revoked_by_id": by.pk},
        )


def end_that_of_people(ledger, kept, removed, by):
    open_ones = Representative.objects.filter(ended_at=None)
    end(ledger, open_ones.filter(user__person__in=[kept, removed]).inactive(), by)
    if User.objects.filter(person=kept).exists():
        end(ledger, open_ones.filter(user__person=removed), by)


ENDS = {Organization: end_that_of_organizations, Person: end_that_of_people}


def end(ledger, representatives, by):
    ended = {
        "ended_at": timezone.now().isoformat(),
        "ended_by_id": by.pk,
        "end_reason": str(_("merge")),
    }
    for key in keys(representatives):
        settle(ledger, Representative, key, ended)


def keys(queryset):
    return list(queryset.order_by("pk").values_list("pk", flat=True))


def settle(ledger, model, key, values):
    """Write values in a row, and note them as the database has them: moments too."""
    (before,) = rows(model, "id", key)
    write(model, key, values)
    (after,) = rows(model, "id", key)
    ledger.noted_change(model, before, {name: after[name] for name in values})
