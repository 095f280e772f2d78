"""Changes that no single record owns; each is done whole or not at all."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from members.mail import language_of, leave_on_commit, made, send, to_staff, write
from members.models import (
    AccessRequest,
    Invitation,
    Organization,
    Person,
    Position,
    Representative,
    User,
)
from members.permissions import may


@transaction.atomic
def succeed(
    *,
    position,
    last_day,
    by,
    successor=None,
    first_name="",
    last_name="",
    first_day=None,
    title=None,
    kinds=None,
    email="",
    phone="",
    phone_extension="",
):
    """Someone leaves a position and someone else takes it; return the successor's `Position`.

    `last_day` is the last day of who leaves (when already recorded, that very day), `first_day` the
    first of who comes: the day after if None. The successor is a `Person`, or someone new by
    name. Organization, unit, title and roles are those of the position unless others are given;
    neither its address, nor that it was shown publicly, passes to another person. `by` is whoever
    records it. Raises ValidationError, and nothing is done, if the position had ended before, or
    if the successor has no name or is the person who leaves.
    """
    position = Position.objects.select_for_update().get(pk=position.pk)
    if position.ended_on != last_day:
        position.leave(by=by, on=last_day)
    if successor is None:
        successor = Person(first_name=first_name, last_name=last_name)
        successor.full_clean(exclude=["tags"])
        successor.save()
    elif successor.pk == position.person_id:
        raise ValidationError(_("Who comes is who leaves: choose someone else."))
    taken = Position(
        person=successor,
        organization=position.organization,
        unit=position.unit,
        title=position.title if title is None else title,
        kinds=position.kinds if kinds is None else kinds,
        is_dpoh=position.is_dpoh,
        started_on=first_day or last_day + datetime.timedelta(days=1),
        email=email,
        phone=phone,
        phone_extension=phone_extension,
    )
    taken.full_clean()
    taken.save()
    return taken


# Letters to sign

# How many mails leave at once, while someone waits; `deliver_mail` takes the others.
MAILS_AT_ONCE = 20


@transaction.atomic
def open_signing(*, statement, until, by, tell=True):
    """Let organizations sign a statement until that local day, included; return how many mails tell
    it.

    One to each representative of those that have not signed, managers first, in their language; to
    nobody twice, however often it is opened. None without `tell`. Raises ValidationError, and
    nothing is done, for a day that is past.
    """
    statement.open_signing(until=until)
    return tell_of_signing(statement, by=by) if tell else 0


def tell_of_signing(statement, *, by):
    """Mail the representatives who were not told yet that a statement is open for signing."""
    signed = statement.signatures.standing().values("organization")
    acting = list(
        Representative.objects.active()
        .exclude(organization__in=signed)
        .select_related("user", "organization")
        .by_name()
    )
    managers = {}
    for one in acting:
        if one.is_manager:
            managers.setdefault(one.organization_id, []).append(str(one.user))
    mails = [
        made(
            "sign_on",
            one.user.email,
            language=language_of(one.user),
            context={
                "statement": statement,
                # Of an organization that has no manager, whoever acts for it signs.
                "signers": [] if one.is_manager else managers.get(one.organization_id, []),
            },
            organization=one.organization,
            key=f"sign-on:{statement.pk}:{one.pk}",
            by=by,
        )
        for one in acting
    ]
    written = write(mails)
    leave_on_commit(written[:MAILS_AT_ONCE])
    return len(written)


# Access to an organization's space


@transaction.atomic
def invite(
    *, organization, email, role, by, person=None, language="fr", message="", kind="invitation"
):
    """Invite an address to act for an organization, and mail the link; return the `Invitation`.

    The `person` is whom the network knows there by that address, if none is given. An invitation of
    the same address that still waits is renewed, with these choices. `by` invites; `kind` is the
    mail that tells it. Raises ValidationError, and nothing is sent, if the address already acts for
    the organization.
    """
    email = email.strip()
    # Held until the end, so that two who invite the same address do it one after the other.
    Organization.objects.select_for_update(of=["self"]).get(pk=organization.pk)
    if organization.representatives.active().filter(user__email__iexact=email).exists():
        raise ValidationError(
            _("This address already acts for the organization."), code="represents"
        )
    invitation = organization.invitations.waiting().to(email).first()
    invitation = invitation or Invitation(organization=organization, email=email)
    invitation.role, invitation.language, invitation.message = role, language, message
    invitation.person = person or known_there(organization, email)
    invitation.stamp(by)
    invitation.full_clean()
    invitation.save()
    mail_invitation(invitation, kind)
    return invitation


@transaction.atomic
def renew(*, invitation, by):
    """Mail a new link to who was invited; the former one is dead.

    Raises ValidationError if the invitation was accepted or revoked.
    """
    invitation.renew(by=by)
    mail_invitation(invitation)


def mail_invitation(invitation, kind="invitation"):
    """Mail the link of an invitation whose secret was just made."""
    send(
        kind,
        invitation.email,
        language=invitation.language,
        context={"invitation": invitation, "by": invitation.invited_by},
        organization=invitation.organization,
        by=invitation.invited_by,
        reply_to=invitation.invited_by.email,
    )


def known_there(organization, email):
    """The `Person` who has that professional address in a current position there, or None.

    None too if it is the address of several, or if an account says otherwise: that of the person
    has another address, or that of the address is another person's.
    """
    positions = organization.positions.current().filter(email__iexact=email)
    people = list(Person.objects.filter(pk__in=positions.values("person"))[:2])
    if len(people) != 1:
        return None
    theirs = User.objects.filter(person=people[0]).first()
    account = User.objects.filter(email__iexact=email).first()
    if theirs and theirs != account:
        return None
    if account and account.person_id not in (None, people[0].pk):
        return None
    return people[0]


@transaction.atomic
def ask_for_access(access_request):
    """Record that someone asks to act for an organization, and tell the staff who decide.

    One request of an address for an organization waits at a time: asking again changes nothing.
    """
    organization = access_request.organization
    Organization.objects.select_for_update(of=["self"]).get(pk=organization.pk)
    waiting = organization.access_requests.waiting()
    if waiting.filter(email__iexact=access_request.email.strip()).exists():
        return
    access_request.save()
    to_staff(
        "access_request",
        model=AccessRequest,
        context={"access_request": access_request},
        organization=organization,
    )


@transaction.atomic
def grant_access(*, access_request, role, by, words=""):
    """Accept a request: its author is invited, in `words` if any; return the `Invitation`.

    Raises ValidationError if someone answered before, or if the address already has access.
    """
    access_request.decide(AccessRequest.State.ACCEPTED, by=by, answer=words)
    return invite(
        organization=access_request.organization,
        email=access_request.email,
        role=role,
        by=by,
        language=access_request.language,
        message=words,
        kind="access_granted",
    )


@transaction.atomic
def refuse_access(*, access_request, by, words):
    """Refuse a request, and tell its author why. Raises ValidationError if someone answered it."""
    access_request.decide(AccessRequest.State.REFUSED, by=by, answer=words)
    send(
        "access_refused",
        access_request.email,
        language=access_request.language,
        context={"access_request": access_request},
        organization=access_request.organization,
        by=by,
    )


@transaction.atomic
def end_access(*, representative, by, reason="", heir=None):
    """Take an access back; whoever had it is told, unless they leave by themself.

    `heir`, a colleague, becomes a manager. Raises ValidationError if it had ended, or if nobody
    would be left to manage: see `leave_a_manager`.
    """
    leave_a_manager(representative, by=by, heir=heir)
    representative.end(by=by, reason=reason)
    if by != representative.user:
        send(
            "access_ended",
            representative.user.email,
            language=representative.user.language,
            context={"representative": representative, "by": by},
            organization=representative.organization,
            by=by,
        )


@transaction.atomic
def give_role(*, representative, role, by, heir=None):
    """Make someone a manager or an editor; `heir`, a colleague, becomes a manager.

    Raises ValidationError if the access had ended, or as `leave_a_manager`.
    """
    if role != Representative.Role.MANAGER:
        leave_a_manager(representative, by=by, heir=heir)
    representative.change_role(role, by=by)


def leave_a_manager(representative, *, by, heir=None):
    """Let an organization have a manager besides `representative`, who is about to be none.

    `heir`, who acts for it too, becomes one. Raises ValidationError if there is no other, but for
    the staff, who answer for what nobody manages. The organization is held until the transaction
    ends: two managers do not remove each other.
    """
    organization = representative.organization
    Organization.objects.select_for_update(of=["self"]).get(pk=organization.pk)
    others = organization.representatives.active().exclude(pk=representative.pk)
    if heir is not None:
        others.get(pk=heir.pk).change_role(Representative.Role.MANAGER, by=by)
    if may(by, "change", Representative) or not representative.is_manager:
        return
    if not others.managers().exists():
        raise ValidationError(
            _("Nobody would manage the access any more: name another manager first."),
            code="last_manager",
        )
