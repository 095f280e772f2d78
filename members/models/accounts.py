import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from members.permissions import ALL, Role, roles_that_may


class UserQuerySet(models.QuerySet):
    def who_may(self, action, model):
        """Those whose account is open and who may "view", "change"… records of `model`."""
        names = [role.value for role in roles_that_may(action, model)]
        groups = User.groups.through.objects.filter(user=OuterRef("pk"), group__name__in=names)
        return self.filter(Q(is_superuser=True) | Exists(groups), is_active=True, is_staff=True)

    def by_name(self):
        return self.order_by("first_name", "last_name", "email")


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, email, **fields):
        """A user known by `email`, where the codes to sign in with go; nobody has a password."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email), **fields)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, **fields):
        """A user who may do everything in the admin."""
        return self.create_user(email, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class User(AbstractUser):
    """Someone who signs in: staff of the network, or a member's representative.

    The e-mail address is the name they sign in with; capitals in it do not count. `language` is
    that of the mail they get.
    """

    username = None
    email = models.EmailField(_("e-mail address"), unique=True)
    person = models.OneToOneField(
        "members.Person",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="user",
        verbose_name=_("person"),
        help_text=_("Who this is among the people whom the network knows."),
    )
    language = models.CharField(
        _("language of mail"), max_length=2, choices=settings.LANGUAGES, default="fr"
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_is_unique_whatever_the_case",
                violation_error_message=_("Someone already signs in with this address."),
            )
        ]

    def __str__(self):
        return self.get_full_name() or self.email

    @transaction.atomic
    def save(self, *args, **kwargs):
        """Save the account; without a password, for there is none here, and with its address."""
        if not self.password:
            self.set_unusable_password()
        super().save(*args, **kwargs)
        if "email" in (kwargs.get("update_fields") or ["email"]):
            self.keep_address()

    def keep_address(self):
        """Tell allauth the one address of the account: codes go there, whatever it was before."""
        from allauth.account.models import EmailAddress

        email = self.email.lower()
        kept = EmailAddress.objects.filter(user=self).first()
        if kept is None:
            EmailAddress.objects.create(user=self, email=email, primary=True, verified=True)
        elif kept.email != email:
            kept.email = email
            kept.save()

    @cached_property
    def roles(self):
        """The roles whose groups the user is in (`members.permissions.Role`), in one query."""
        if self.is_superuser:
            return ALL
        names = set(self.groups.values_list("name", flat=True))
        return frozenset(role for role in Role if role.value in names)


class AccountEvent(models.Model):
    """What happened to an account: a sign-in, a refusal, a change of its second factor.

    Nothing changes it afterwards. The browser is kept in words, the network address not at all.
    """

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", _("sign-in")
        REFUSED = "refused", _("refused code")
        ADDED = "added", _("second factor added")
        REMOVED = "removed", _("second factor removed")
        RENEWED = "renewed", _("recovery codes made anew")
        CODE_USED = "code_used", _("recovery code used")
        SESSIONS_ENDED = "sessions_ended", _("other sessions ended")
        RESET = "reset", _("second factor taken away by the staff")
        ADDRESS = "address", _("address changed by the staff")

    class Means(models.TextChoices):
        CODE = "code", _("code sent by e-mail")
        PASSKEY = "passkey", _("passkey")
        APP = "app", _("authenticator app")
        RECOVERY = "recovery", _("recovery codes")

    user = models.ForeignKey(
        User, models.PROTECT, related_name="account_events", verbose_name=_("account")
    )
    kind = models.CharField(_("what"), max_length=20, choices=Kind)
    means = models.CharField(_("by what"), max_length=20, choices=Means, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    browser = models.CharField(_("browser"), max_length=60, blank=True)
    detail = models.CharField(_("detail"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("account event")
        verbose_name_plural = _("sign-ins and account changes")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["user", "-at"], name="account_event_latest")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {timezone.localtime(self.at):%Y-%m-%d %H:%M}"
