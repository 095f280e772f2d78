"""Who may act for an organization: its representatives, how they are invited, how they ask.

Access is never a box that stays ticked: `RepresentativeQuerySet.active` says each time who has it.
"""

import datetime
import hashlib
import secrets

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.memberships import Membership
from members.models.people import Person, Position
from members.models.periods import Dated

# How long the link of an invitation works, from the day it is sent.
INVITED_FOR = datetime.timedelta(days=14)


class AccessRole(models.TextChoices):
    """What someone may do for an organization: see `permissions.can_edit` and `can_manage`."""

    EDITOR = "editor", _("editor")
    MANAGER = "manager", _("manager")


def all_or_nothing(name, *fields):
    """The constraint that these columns are all set or all empty."""
    return models.CheckConstraint(
        name=name,
        condition=Q(**{f"{field}__isnull": True for field in fields})
        | Q(**{f"{field}__isnull": False for field in fields}),
        violation_error_message=_("Say who did it, and when."),
    )


def known(name, field, choices):
    """The constraint that a column holds one of these values."""
    return models.CheckConstraint(
        name=name,
        condition=Q(**{f"{field}__in": choices}),
        violation_error_message=_("This choice does not exist."),
    )


class RepresentativeQuerySet(models.QuerySet):
    def active(self, on=None):
        """Those who may act for their organization on that day (a date, today if None).

        The one rule of access. It was not taken back; the account is open; the organization belongs
        to the network that day, suspended or not; and whoever the network knows as a person who had
        positions there still has one. So access ends by itself with a position or a membership.
        """
        on = on or timezone.localdate()
        return self.filter(
            Exists(Membership.objects.filter(organization=OuterRef("organization")).current(on)),
            Exists(positions_there().current(on)) | ~Exists(positions_there()),
            ended_at=None,
            user__is_active=True,
        )

    def inactive(self, on=None):
        """The others: access was taken back, or ended by itself."""
        return self.exclude(pk__in=Representative.objects.active(on).order_by().values("pk"))

    def managers(self):
        return self.filter(role=AccessRole.MANAGER)

    def signers(self):
        """Of one organization's, those who may sign in its name: its managers, or whoever acts for
        it while it has none. A list, by name, with their users.

        Signing commits the organization, which says itself who answers for it.
        """
        active = list(self.active().select_related("user").by_name())
        return [one for one in active if one.is_manager] or active

    def with_standing(self, on=None):
        """With what `standing` reads: whether each one's organization is a member that day, and
        whether they had, and have, a position there."""
        on = on or timezone.localdate()
        memberships = Membership.objects.filter(organization=OuterRef("organization"))
        return self.select_related("user").annotate(
            is_in_network=Exists(memberships.current(on)),
            had_position=Exists(positions_there()),
            has_position=Exists(positions_there().current(on)),
        )

    def by_name(self):
        """Managers first, then by name."""
        return self.order_by(
            "-role", "user__first_name", "user__last_name", Lower("user__email"), "pk"
        )


def positions_there():
    """What the person behind a representative's account does or did in the organization."""
    return Position.objects.filter(
        person__user=OuterRef("user"), organization=OuterRef("organization")
    ).order_by()


class Representative(Dated):
    """A user who may act for an organization, from `started_at` to `ended_at` (moments).

    The row stays when access ends, so that history keeps the name. Whether it gives access today is
    `RepresentativeQuerySet.active`, not `ended_at` alone.
    """

    Role = AccessRole

    user = models.ForeignKey(
        "members.User", models.PROTECT, related_name="representations", verbose_name=_("user")
    )
    organization = models.ForeignKey(
        "members.Organization",
        models.PROTECT,
        related_name="representatives",
        verbose_name=_("organization"),
    )
    role = models.CharField(_("role"), max_length=20, choices=AccessRole, default=AccessRole.EDITOR)
    started_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    started_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("access given by"),
    )
    ended_at = models.DateTimeField(_("ended on"), null=True, editable=False)
    ended_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("ended by"),
    )
    end_reason = models.CharField(
        _("reason of the end"), max_length=200, blank=True, editable=False
    )

    objects = RepresentativeQuerySet.as_manager()

    class Meta:
        verbose_name = _("representative")
        verbose_name_plural = _("representatives")
        ordering = [F("ended_at").desc(nulls_first=True), "-started_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization"],
                condition=Q(ended_at=None),
                name="representative_once_at_a_time",
                violation_error_message=_("This person already acts for this organization."),
            ),
            all_or_nothing("representative_ended_by_someone", "ended_at", "ended_by"),
            models.CheckConstraint(
                name="representative_end_has_a_moment_with_its_reason",
                condition=Q(end_reason="") | Q(ended_at__isnull=False),
                violation_error_message=_("A reason goes with an end."),
            ),
            models.CheckConstraint(
                name="representative_ends_after_it_starts",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                violation_error_message=_("The access ends before it starts."),
            ),
            known("representative_role_is_known", "role", AccessRole.values),
        ]

    def __str__(self):
        return f"{self.user}, {self.organization}"

    @property
    def is_manager(self):
        """Whether they also invite and remove colleagues."""
        return self.role == AccessRole.MANAGER

    @property
    def standing(self):
        """Why there is no access, in words; empty while there is. Of rows `with_standing`."""
        if self.ended_at:
            return _("access ended")
        if not self.user.is_active:
            return _("account closed")
        if not self.is_in_network:
            return _("membership ended")
        if self.had_position and not self.has_position:
            return _("position ended")
        return ""

    @transaction.atomic
    def end(self, *, by, reason=""):
        """Take the access back, now; `by` is whoever did it, the person themself included.

        Raises ValidationError if it was taken back before.
        """
        row = Representative.objects.select_for_update(of=["self"]).get(pk=self.pk)
        if row.ended_at:
            raise ValidationError(_("This access has already ended."), code="ended")
        self.ended_at, self.ended_by = timezone.now(), by
        self.end_reason = " ".join(reason.split())[:200]
        self.save(update_fields=["ended_at", "ended_by", "end_reason", "updated_at"])

    @transaction.atomic
    def change_role(self, role, *, by):
        """Make someone a manager or an editor; `by` is whoever did it, kept by the history."""
        row = Representative.objects.select_for_update(of=["self"]).get(pk=self.pk)
        if row.ended_at:
            raise ValidationError(_("This access has already ended."), code="ended")
        self.role = role
        self.full_clean()
        self.save(update_fields=["role", "updated_at"])


def digest(token):
    """What is kept of the secret of a link: its SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet):
    def waiting(self):
        """Those that nobody accepted or revoked; their link may have expired."""
        return self.filter(accepted_at=None, revoked_at=None)

    def open(self, at=None):
        """Those whose link works at that moment (now if None)."""
        return self.waiting().filter(expires_at__gt=at or timezone.now())

    def with_token(self, token):
        """The one whose link has this secret, or none."""
        return self.filter(token_digest=digest(token))

    def to(self, email):
        """Those sent to this address; capitals do not count."""
        return self.annotate(lower_email=Lower("email")).filter(lower_email=email.strip().lower())


class Invitation(Dated):
    """Someone is invited, by an address, to act for an organization.

    The link that is mailed holds a secret of which only a digest is kept: it works once, for
    `INVITED_FOR`; renewing makes another and kills the former. `token` is that secret, on the very
    object that made it and nowhere else.
    """

    token = ""

    organization = models.ForeignKey(
        "members.Organization",
        models.PROTECT,
        related_name="invitations",
        verbose_name=_("organization"),
    )
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=20, choices=AccessRole, default=AccessRole.EDITOR)
    person = models.ForeignKey(
        Person,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("person"),
        help_text=_("Whom the network knows by this address."),
    )
    language = models.CharField(
        _("language"), max_length=2, choices=Person.Language, default=Person.Language.FRENCH
    )
    message = models.TextField(_("words to them"), max_length=1000, blank=True)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("invited by"),
    )
    sent_at = models.DateTimeField(_("sent on"), editable=False)
    expires_at = models.DateTimeField(_("valid until"), editable=False)
    accepted_at = models.DateTimeField(_("accepted on"), null=True, editable=False)
    accepted_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("accepted by"),
    )
    revoked_at = models.DateTimeField(_("revoked on"), null=True, editable=False)
    revoked_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("revoked by"),
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_waits_once_for_an_address",
                violation_error_message=_("This address is already invited."),
            ),
            all_or_nothing("invitation_is_accepted_by_someone", "accepted_at", "accepted_by"),
            all_or_nothing("invitation_is_revoked_by_someone", "revoked_at", "revoked_by"),
            models.CheckConstraint(
                name="invitation_is_accepted_or_revoked",
                condition=Q(accepted_at=None) | Q(revoked_at=None),
                violation_error_message=_("An invitation is accepted or revoked, not both."),
            ),
            models.CheckConstraint(
                name="invitation_expires_after_it_is_sent",
                condition=Q(expires_at__gt=F("sent_at")),
                violation_error_message=_("The invitation expires before it is sent."),
            ),
            known("invitation_role_is_known", "role", AccessRole.values),
            known("invitation_language_is_known", "language", Person.Language.values),
        ]

    def __str__(self):
        return f"{self.email}, {self.organization}"

    def clean(self):
        self.email = self.email.strip()
        self.message = self.message.replace("\r\n", "\n").strip()

    @property
    def is_waiting(self):
        """Whether nobody accepted or revoked it."""
        return self.accepted_at is None and self.revoked_at is None

    @property
    def is_expired(self):
        return self.expires_at <= timezone.now()

    @property
    def is_open(self):
        """Whether its link works."""
        return self.is_waiting and not self.is_expired

    @property
    def state(self):
        """Where it stands, in words."""
        if self.accepted_at:
            return _("accepted")
        if self.revoked_at:
            return _("revoked")
        return _("expired") if self.is_expired else _("waiting")

    def stamp(self, by):
        """Give it a new secret and its days, as sent now by `by`; the former link is dead."""
        self.token = secrets.token_urlsafe(32)
        self.token_digest = digest(self.token)
        self.sent_at, self.invited_by = timezone.now(), by
        self.expires_at = self.sent_at + INVITED_FOR

    @transaction.atomic
    def renew(self, *, by):
        """Give it a new link, for `INVITED_FOR` from now; return the secret of that link.

        Raises ValidationError if it was accepted or revoked.
        """
        self.locked()
        self.stamp(by)
        self.full_clean()
        self.save()
        return self.token

    @transaction.atomic
    def revoke(self, *, by):
        """Kill its link. Raises ValidationError if it was accepted or revoked before."""
        self.locked()
        self.revoked_at, self.revoked_by = timezone.now(), by
        self.save(update_fields=["revoked_at", "revoked_by", "updated_at"])

    @transaction.atomic
    def accept(self, *, user):
        """`user` accepts it; return their `Representative`. The link is used.

        The account is tied to the invited person, when it is tied to none and the person to no
        other. Someone who acts for the organization already keeps one access, with the larger role.
        Raises ValidationError if the link no longer works.
        """
        self.locked()
        if self.is_expired:
            raise ValidationError(_("This invitation has expired."), code="expired")
        self.accepted_at, self.accepted_by = timezone.now(), user
        self.save(update_fields=["accepted_at", "accepted_by", "updated_at"])
        if self.person and not user.person_id and not has_account(self.person):
            user.person = self.person
            user.save(update_fields=["person"])
        found = self.organization.representatives.select_for_update(of=["self"])
        representative = found.filter(user=user, ended_at=None).first()
        if representative is None:
            return Representative.objects.create(
                user=user,
                organization=self.organization,
                role=self.role,
                started_by=self.invited_by,
            )
        if self.role == AccessRole.MANAGER and not representative.is_manager:
            representative.change_role(self.role, by=self.invited_by)
        return representative

    def locked(self):
        """Hold its row until the end of the transaction, as it is now.

        Raises ValidationError if it no longer waits, whatever this object says.
        """
        row = Invitation.objects.select_for_update(of=["self"]).get(pk=self.pk)
        if row.token_digest != self.token_digest:
            raise ValidationError(_("This invitation was renewed since."), code="renewed")
        if row.accepted_at:
            raise ValidationError(_("This invitation was already accepted."), code="accepted")
        if row.revoked_at:
            raise ValidationError(_("This invitation was revoked."), code="revoked")


def has_account(person):
    """Whether someone already signs in as that person."""
    return Person.objects.filter(pk=person.pk, user__isnull=False).exists()


# Where anybody may have an address: it says nothing of the organization one works for.
COMMON_DOMAINS = frozenset(
    {
        "gmail.com",
        "googlemail.com",
        "hotmail.com",
        "hotmail.ca",
        "hotmail.fr",
        "outlook.com",
        "outlook.fr",
        "live.com",
        "live.ca",
        "msn.com",
        "yahoo.com",
        "yahoo.ca",
        "yahoo.fr",
        "icloud.com",
        "me.com",
        "mac.com",
        "videotron.ca",
        "videotron.qc.ca",
        "bell.net",
        "sympatico.ca",
        "cgocable.ca",
        "cogeco.ca",
        "globetrotter.net",
        "telus.net",
        "rogers.com",
        "shaw.ca",
        "aol.com",
        "gmx.com",
        "proton.me",
        "protonmail.com",
        "pm.me",
    }
)


class Domain(models.TextChoices):
    """How the domain of an address compares with those an organization is known by."""

    SAME = "same", _("same domain")
    OTHER = "other", _("different domain")
    COMMON = "common", _("generic address")


def domain_of(text):
    """The domain of an e-mail address or of a website, without « www. »; empty without any."""
    host = text.strip().lower().rpartition("@")[2]
    host = host.partition("//")[2] if "//" in host else host
    host = host.partition("/")[0].partition(":")[0]
    return host.removeprefix("www.")


def compare_domain(email, organization):
    """Which `Domain` an address is, for an organization.

    The organization's are those of its website, of its public address and of the professional
    addresses of people with a current position there; common ones say nothing.
    """
    domain = domain_of(email)
    if domain in COMMON_DOMAINS:
        return Domain.COMMON
    known_by = [organization.website, organization.email]
    known_by += [position.email for position in organization.positions.all() if position.email]
    known_domains = {domain_of(text) for text in known_by if text} - COMMON_DOMAINS
    same = any(
        domain == other or domain.endswith(f".{other}") or other.endswith(f".{domain}")
        for other in known_domains
    )
    return Domain.SAME if same else Domain.OTHER


class AccessRequestQuerySet(models.QuerySet):
    def waiting(self):
        """Those that nobody decided on, the oldest first."""
        return self.filter(state=AccessRequest.State.WAITING).order_by("created_at", "pk")

    def with_domains(self):
        """With what `AccessRequest.domain` compares: two more queries, whatever their number."""
        known_by = Position.objects.current().exclude(email="").only("organization_id", "email")
        return self.select_related("organization").prefetch_related(
            models.Prefetch("organization__positions", known_by.order_by())
        )


class AccessRequest(Dated):
    """Someone whom nobody invited asks to act for an organization; staff decide."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")

    organization = models.ForeignKey(
        "members.Organization",
        models.PROTECT,
        related_name="access_requests",
        verbose_name=_("organization"),
    )
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("professional e-mail address"))
    title = models.CharField(_("role in the organization"), max_length=150, blank=True)
    message = models.TextField(_("words with the request"), max_length=1000, blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=Person.Language, default=Person.Language.FRENCH
    )
    state = models.CharField(
        _("state"), max_length=20, choices=State, default=State.WAITING, editable=False
    )
    decided_at = models.DateTimeField(_("decided on"), null=True, editable=False)
    decided_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("decided by"),
    )
    answer = models.TextField(_("answer"), max_length=1000, blank=True, editable=False)

    objects = AccessRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("access request")
        verbose_name_plural = _("access requests")
        ordering = ["-created_at", "-pk"]
        constraints = [
            all_or_nothing("access_request_is_decided_by_someone", "decided_at", "decided_by"),
            models.CheckConstraint(
                name="access_request_waits_until_it_is_decided",
                condition=Q(state="waiting", decided_at__isnull=True)
                | Q(state__in=["accepted", "refused"], decided_at__isnull=False),
                violation_error_message=_("Say who decided, and when."),
            ),
            models.CheckConstraint(
                name="access_request_gives_a_name",
                condition=Q(name__regex=r"\S"),
                violation_error_message=_("Give your name."),
            ),
            known("access_request_language_is_known", "language", Person.Language.values),
        ]

    def __str__(self):
        return f"{self.name}, {self.organization}"

    def clean(self):
        self.normalize()

    def save(self, **kwargs):
        self.normalize()
        super().save(**kwargs)

    def normalize(self):
        """Write names without blanks around or doubled."""
        self.name, self.title = " ".join(self.name.split()), " ".join(self.title.split())
        self.email = self.email.strip()
        self.message = self.message.replace("\r\n", "\n").strip()

    @property
    def is_waiting(self):
        return self.state == self.State.WAITING

    @property
    def domain(self):
        """How the address compares with those of the organization, a `Domain`."""
        return compare_domain(self.email, self.organization)

    @property
    def same_domain(self):
        """Whether the address is of the organization's own domain."""
        return self.domain == Domain.SAME

    @transaction.atomic
    def decide(self, state, *, by, answer=""):
        """Record the decision of `by`; raises ValidationError if someone decided before."""
        row = AccessRequest.objects.select_for_update(of=["self"]).get(pk=self.pk)
        if not row.is_waiting:
            raise ValidationError(_("Someone already answered this request."), code="decided")
        self.state, self.decided_at, self.decided_by = state, timezone.now(), by
        self.answer = answer.replace("\r\n", "\n").strip()
        self.save(update_fields=["state", "decided_at", "decided_by", "answer", "updated_at"])
