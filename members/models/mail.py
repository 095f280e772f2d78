"""Every mail that the site sent, or could not send, and the addresses that do not work."""

import datetime
import uuid

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# What failed is tried again after so long, then after longer and longer, for three days.
TRIED_AGAIN_AFTER = datetime.timedelta(minutes=15)
TRIES = 10
# Whoever was handing a mail to the server and said nothing for so long will not say more.
INTERRUPTED_AFTER = datetime.timedelta(minutes=15)


class SentMailQuerySet(models.QuerySet):
    def to_deliver(self, now=None):
        """Those to hand to the server at that moment (now if None), the oldest first.

        Those that wait, and those that failed, once it is time to try again.
        """
        now = now or timezone.now()
        again = Q(state=SentMail.State.FAILED, tries__lt=TRIES) & Q(
            tried_at__lte=now - TRIED_AGAIN_AFTER * F("tries") * F("tries")
        )
        return self.filter(Q(state=SentMail.State.WAITING) | again).order_by("pk")

    def interrupted(self, now=None):
        """Those that were being handed to the server when something stopped: maybe they left."""
        before = (now or timezone.now()) - INTERRUPTED_AFTER
        return self.filter(state=SentMail.State.LEAVING, tried_at__lte=before)

    def reminders(self):
        """The yearly reminders that reached the server, or will: one that bounced asked nobody."""
        return self.filter(kind=SentMail.Kind.REMINDER).exclude(state=SentMail.State.BOUNCED)

    def recent_first(self):
        return self.order_by("-created_at", "-pk")


class SentMail(models.Model):
    """A mail: written with what it is about, delivered once that is certain, kept afterwards.

    `text` is what staff may read again: addresses that open something are masked in it. The whole
    of it, `delivery`, is there only until it has left. `key` says what must be sent once, for ever.
    Of a yearly reminder, `round_on` is the day on which its round began and `step` its place in it.
    """

    class Kind(models.TextChoices):
        INVITATION = "invitation", _("invitation")
        ACCESS_REQUEST = "access_request", _("request for access")
        ACCESS_GRANTED = "access_granted", _("access given")
        ACCESS_REFUSED = "access_refused", _("access refused")
        ACCESS_ENDED = "access_ended", _("access ended")
        SHOW_PUBLICLY = "show_publicly", _("question: be shown publicly?")
        PROPOSAL_TO_STAFF = "proposal_to_staff", _("proposal to review")
        PUBLISHED_TO_STAFF = "published_to_staff", _("change published by a member")
        PROPOSAL_DECIDED = "proposal_decided", _("decision on a proposal")
        PUBLISHED_PUT_BACK = "published_put_back", _("change put back")
        EVENT_TO_STAFF = "event_to_staff", _("event to review")
        EVENT_PUBLISHED_TO_STAFF = (
            "event_published_to_staff",
            _("change published by a member in an event"),
        )
        EVENT_DECIDED = "event_decided", _("decision on an event")
        EVENT_PUT_BACK = "event_put_back", _("change put back in an event")
        REMINDER = "reminder", _("yearly reminder")
        SIGN_ON = "sign_on", _("letter to sign")
        APPLICATION_LINK = "application_link", _("link to an application")
        APPLICATION_RECEIVED = "application_received", _("application received")
        APPLICATION_QUESTION = "application_question", _("question on an application")
        APPLICATION_DECISION = "application_decision", _("decision on an application")
        APPLICATION_ADMITTED = "application_admitted", _("admission")
        APPLICATION_REFUSED = "application_refused", _("refusal of an application")
        APPLICATION_TO_STAFF = "application_to_staff", _("application to look at")

    class State(models.TextChoices):
        WAITING = "waiting", _("about to leave")
        LEAVING = "leaving", _("being handed to the server")
        SENT = "sent", pgettext_lazy("mail", "sent")
        FAILED = "failed", _("not sent")
        BOUNCED = "bounced", _("address that does not work")

    organization = models.ForeignKey(
        "members.Organization",
        models.SET_NULL,
        null=True,
        related_name="mails",
        verbose_name=_("organization"),
    )
    kind = models.CharField(_("kind"), max_length=30, choices=Kind)
    to = models.EmailField(pgettext_lazy("mail", "to"))
    language = models.CharField(_("language"), max_length=2, default="fr")
    subject = models.CharField(_("subject"), max_length=300)
    text = models.TextField(_("text"))
    delivery = models.JSONField(null=True, editable=False)
    reply_to = models.EmailField(blank=True)
    key = models.CharField(max_length=200, null=True, unique=True, editable=False)  # noqa: DJ001
    message_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round_on = models.DateField(null=True, editable=False)
    step = models.PositiveSmallIntegerField(null=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    tried_at = models.DateTimeField(null=True, editable=False)
    error = models.CharField(_("what went wrong"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("written on"), default=timezone.now)
    sent_at = models.DateTimeField(pgettext_lazy("mail", "sent on"), null=True)
    by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=pgettext_lazy("mail", "caused by"),
    )

    objects = SentMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail sent")
        verbose_name_plural = _("mails sent")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="mail_recent"),
            models.Index(
                fields=["id"],
                name="mail_to_deliver",
                condition=Q(state__in=["waiting", "leaving", "failed"]),
            ),
            models.Index(fields=["organization", "-created_at"], name="mail_of_organization"),
            models.Index(
                fields=["organization", "-round_on", "-step"],
                name="mail_reminders",
                condition=Q(kind="reminder"),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="mail_state_is_known",
                condition=Q(state__in=["waiting", "leaving", "sent", "failed", "bounced"]),
            ),
            models.CheckConstraint(
                name="mail_sent_has_a_day", condition=~Q(state="sent") | Q(sent_at__isnull=False)
            ),
            models.CheckConstraint(
                name="mail_keeps_no_secret_once_sent",
                condition=~Q(state__in=["sent", "bounced"]) | Q(delivery__isnull=True),
            ),
            models.CheckConstraint(
                name="mail_subject_is_one_line", condition=~Q(subject__regex=r"[\r\n]")
            ),
            models.CheckConstraint(
                name="mail_reminder_has_its_place",
                condition=Q(kind="reminder", round_on__isnull=False, step__gte=1, step__lte=3)
                | (~Q(kind="reminder") & Q(round_on__isnull=True, step__isnull=True)),
            ),
        ]
        triggers = [
            # What was written stays as it was written; its fate alone moves.
            pgtrigger.ReadOnly(
                name="written_once",
                fields=["kind", "to", "language", "subject", "text", "key", "created_at", "by"],
            )
        ]

    def __str__(self):
        return f"{self.subject} → {self.to}"

    @property
    def is_interrupted(self):
        """Whether it was being handed to the server when something stopped: maybe it left."""
        return (
            self.state == self.State.LEAVING and timezone.now() - self.tried_at >= INTERRUPTED_AFTER
        )

    @property
    def can_be_retried(self):
        """Whether staff may have it leave now: it failed, or maybe never left."""
        return self.delivery is not None and (
            self.state == self.State.FAILED or self.is_interrupted
        )

    @transaction.atomic
    def retry(self):
        """Have it leave once more, from now; whoever calls delivers it (`members.mail.deliver`).

        Raises ValidationError if it left, or is leaving, already.
        """
        mail = SentMail.objects.select_for_update().get(pk=self.pk)
        if not mail.can_be_retried:
            raise ValidationError(_("This mail is no longer waiting to be sent again."))
        mail.state, mail.tries = self.State.WAITING, 0
        mail.save(update_fields=["state", "tries"])

    @transaction.atomic
    def bounce(self, reason="", *, by=None):
        """Record that its address does not work, as the server or `by` says."""
        self.state, self.delivery, self.error = self.State.BOUNCED, None, reason[:300]
        self.save(update_fields=["state", "delivery", "error"])
        BouncedAddress.mark(self.to, reason=reason, by=by)


class BouncedAddressQuerySet(models.QuerySet):
    def known(self):
        """The addresses, in lower case."""
        return set(self.values_list("address", flat=True))


class BouncedAddress(models.Model):
    """An e-mail address that does not work: a server refused it, or staff got it back.

    Reminders leave it out. `said_by` is whoever of the staff said so; None: the server did.
    """

    address = models.EmailField(_("address"), unique=True)
    reason = models.CharField(_("what went wrong"), max_length=300, blank=True)
    since = models.DateTimeField(_("since"), default=timezone.now)
    said_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", verbose_name=_("said by")
    )

    objects = BouncedAddressQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("address that does not work")
        verbose_name_plural = _("addresses that do not work")
        constraints = [
            models.CheckConstraint(
                name="bounced_address_is_in_lower_case", condition=Q(address=Lower("address"))
            )
        ]

    def __str__(self):
        return self.address

    @classmethod
    def mark(cls, address, *, reason="", by=None):
        """Record that an address does not work. Said twice is said once."""
        return cls.objects.get_or_create(
            address=address.strip().lower(), defaults={"reason": reason[:300], "said_by": by}
        )[0]

    @classmethod
    def clear(cls, address):
        """Record that an address works again."""
        cls.objects.filter(address=address.strip().lower()).delete()
