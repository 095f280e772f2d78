"""Files attached to organizations, alliances, dossiers and exchanges."""

import secrets

from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def documents():
    """Where documents are kept: a folder that no address reaches (settings.STORAGES)."""
    return storages["documents"]


def somewhere(document, name):
    """Where a new document is kept: a random name that says nothing of it."""
    return f"{timezone.localdate():%Y/%m}/{secrets.token_hex(16)}"


class Document(models.Model):
    """A file with what it belongs to: one organization, alliance, dossier or exchange.

    `content_type` is what its content says it is, never what its name or its sender says.
    """

    OWNERS = ("organization", "alliance", "dossier", "interaction")

    title = models.CharField(_("title"), max_length=200, blank=True)
    file = models.FileField(_("file"), storage=documents, upload_to=somewhere, max_length=100)
    name = models.CharField(_("file name"), max_length=200, editable=False)
    content_type = models.CharField(_("type"), max_length=100, editable=False)
    size = models.PositiveIntegerField(_("size"), editable=False)
    digest = models.CharField(max_length=64, editable=False)
    organization = models.ForeignKey(
        "members.Organization",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("organization"),
    )
    alliance = models.ForeignKey(
        "members.Alliance",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("alliance"),
    )
    dossier = models.ForeignKey(
        "members.Dossier",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("dossier"),
    )
    interaction = models.ForeignKey(
        "members.Interaction",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("exchange"),
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)
    added_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("added by"),
    )

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-added_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="document_belongs_to_one_thing",
                condition=Q(
                    *(
                        Q(
                            **{
                                f"{name}__isnull": name != owner
                                for name in ("organization", "alliance", "dossier", "interaction")
                            }
                        )
                        for owner in ("organization", "alliance", "dossier", "interaction")
                    ),
                    _connector=Q.OR,
                ),
                violation_error_message=_(
                    "A document belongs to one organization, alliance, dossier or exchange."
                ),
            ),
        ]

    def __str__(self):
        return self.title or self.name

    @property
    def owner(self):
        """What it belongs to."""
        return next(
            getattr(self, name) for name in self.OWNERS if getattr(self, f"{name}_id") is not None
        )
