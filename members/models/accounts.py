from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
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
    def create_user(self, email, password=None, **fields):
        """A user known by `email`; without a password, one who cannot sign in with any."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        """A user who may do everything in the admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class User(AbstractUser):
    """Someone who signs in: staff of the network, or a member's representative.

    The e-mail address is the name they sign in with; capitals in it do not count.
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

    @cached_property
    def roles(self):
        """The roles whose groups the user is in (`members.permissions.Role`), in one query."""
        if self.is_superuser:
            return ALL
        names = set(self.groups.values_list("name", flat=True))
        return frozenset(role for role in Role if role.value in names)
