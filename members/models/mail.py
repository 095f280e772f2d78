"""Every mail that the site sent, or could not send, with the organization that it is about."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SentMailQuerySet(models.QuerySet):
    def to_deliver(self):
        """Those that wait, or whose delivery failed and may be tried again; the oldest first."""
        states = (SentMail.State.WAITING, SentMail.State.FAILED)
        return self.filter(state__in=states).order_by("pk")

    def bounced(self):
        """Those whose address does not work."""
        return self.filter(state=SentMail.State.BOUNCED)


class SentMail(models.Model):
    """A mail: written with what it is about, delivered once that is certain, kept afterwards.

    `text` is what staff may read again: addresses that open something are masked in it. The whole
    of it, `delivery`, is there only until it has left. `key` says what must be sent once, for ever.
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
        REMINDER = "reminder", _("yearly reminder")
        APPLICATION_LINK = "application_link", _("link to an application")
        APPLICATION_RECEIVED = "application_received", _("application received")
        APPLICATION_QUESTION = "application_question", _("question on an application")
        APPLICATION_DECISION = "application_decision", _("decision on an application")
        APPLICATION_ADMITTED = "application_admitted", _("admission")
        APPLICATION_REFUSED = "application_refused", _("refusal of an application")
        APPLICATION_TO_STAFF = "application_to_staff", _("application to look at")

    class State(models.TextChoices):
        WAITING = "waiting", _("about to leave")
        SENT = "sent", _("sent")
        FAILED = "failed", _("not sent: will be tried again")
        BOUNCED = "bounced", _("address that does not work")

    organization = models.ForeignKey(
        "members.Organization",
        models.SET_NULL,
        null=True,
        related_name="mails",
        verbose_name=_("organization"),
    )
    kind = models.CharField(_("kind"), max_length=30, choices=Kind)
    to = models.EmailField(_("to"))
    language = models.CharField(_("language"), max_length=2, default="fr")
    subject = models.CharField(_("subject"), max_length=300)
    text = models.TextField(_("text"))
    delivery = models.JSONField(null=True, editable=False)
    reply_to = models.EmailField(blank=True)
    key = models.CharField(max_length=200, null=True, unique=True, editable=False)  # noqa: DJ001
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    error = models.CharField(_("what went wrong"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("written on"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent on"), null=True)
    by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )

    objects = SentMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail sent")
        verbose_name_plural = _("mails sent")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="mail_recent"),
            models.Index(
                fields=["id"], name="mail_to_deliver", condition=Q(state__in=["waiting", "failed"])
            ),
            models.Index(Lower("to"), name="mail_bounced", condition=Q(state="bounced")),
        ]
        constraints = [
            models.CheckConstraint(
                name="mail_state_is_known",
                condition=Q(state__in=["waiting", "sent", "failed", "bounced"]),
            ),
            models.CheckConstraint(
                name="mail_sent_has_a_day", condition=~Q(state="sent") | Q(sent_at__isnull=False)
            ),
            models.CheckConstraint(
                name="mail_keeps_no_secret_once_sent",
                condition=~Q(state="sent") | Q(delivery__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.subject} → {self.to}"
