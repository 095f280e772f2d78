"""What was done to many records or to personal data: exports, and records joined into one."""

import datetime

import pgtrigger
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

# How long two joined records can be parted again.
UNDONE_WITHIN = datetime.timedelta(days=30)


class ExportRecord(models.Model):
    """Who took personal data away, what, and why (P-39.1, s. 20); nothing changes it afterwards."""

    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    user = models.ForeignKey(
        "members.User", models.PROTECT, related_name="exports", verbose_name=_("who")
    )
    model = models.CharField(_("list"), max_length=60)
    query = models.TextField(_("filters"), blank=True)
    format = models.CharField(_("format"), max_length=20)
    columns = ArrayField(models.CharField(max_length=60), verbose_name=_("columns"))
    count = models.PositiveIntegerField(_("number of rows"))
    is_personal = models.BooleanField(_("with personal fields"))
    reason = models.CharField(_("why"), max_length=300)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-at", "-pk"]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]
        constraints = [
            models.CheckConstraint(
                name="export_says_why",
                condition=Q(reason__regex=r"\S"),
                violation_error_message=_("Say why you take these data away."),
            ),
        ]

    def __str__(self):
        return f"{self.list_name}, {timezone.localdate(self.at).isoformat()}"

    @property
    def list_name(self):
        """The list in words, as long as it exists."""
        try:
            return capfirst(apps.get_model(self.model)._meta.verbose_name_plural)
        except LookupError:
            return self.model


class Merge(models.Model):
    """Two records of `model` that were one: `removed_id` was joined to `kept_id`.

    `done` holds all that was moved, changed and removed, so that it can be undone for thirty days.
    The old number leads to the kept record for ever, unless it was undone.
    """

    model = models.CharField(_("what"), max_length=60)
    kept_id = models.BigIntegerField()
    removed_id = models.BigIntegerField()
    kept_name = models.CharField(_("kept"), max_length=250)
    removed_name = models.CharField(_("joined to it"), max_length=250)
    done = models.JSONField(encoder=DjangoJSONEncoder)
    merged_at = models.DateTimeField(_("when"), default=timezone.now)
    merged_by = models.ForeignKey(
        "members.User", models.PROTECT, related_name="+", verbose_name=_("who")
    )
    undone_at = models.DateTimeField(_("undone on"), null=True, blank=True)
    undone_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("undone by"),
    )

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-merged_at", "-pk"]
        indexes = [models.Index(fields=["model", "removed_id"], name="merge_old_number")]
        constraints = [
            models.CheckConstraint(
                name="merge_joins_two_records",
                condition=~Q(kept_id=F("removed_id")),
                violation_error_message=_("A record is not joined to itself."),
            ),
            models.CheckConstraint(
                name="merge_is_undone_by_someone",
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                violation_error_message=_("Say who undid it, and when."),
            ),
        ]

    def __str__(self):
        return f"{self.removed_name} → {self.kept_name}"

    @property
    def can_be_undone(self):
        """Whether it still can: for thirty days, once."""
        return self.undone_at is None and timezone.now() < self.undone_until

    @property
    def undone_until(self):
        """When it no longer can."""
        return self.merged_at + UNDONE_WITHIN


class NotDouble(models.Model):
    """Two records of `model` that look alike and are two: someone looked."""

    model = models.CharField(max_length=60)
    first_id = models.BigIntegerField()
    second_id = models.BigIntegerField()
    said_by = models.ForeignKey("members.User", models.PROTECT, related_name="+")
    said_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["model", "first_id", "second_id"], name="not_double_is_said_once"
            ),
            models.CheckConstraint(
                name="not_double_is_in_order", condition=Q(first_id__lt=F("second_id"))
            ),
        ]

    def __str__(self):
        return f"{self.model} {self.first_id} ≠ {self.second_id}"

    @classmethod
    def say(cls, one, other, *, by):
        """Record that two records of a model are two, as `by` says. Said twice is said once."""
        first, second = sorted([one.pk, other.pk])
        return cls.objects.get_or_create(
            model=one._meta.label_lower,
            first_id=first,
            second_id=second,
            defaults={"said_by": by},
        )[0]
