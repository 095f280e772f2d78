"""Files attached to organizations, alliances, dossiers, exchanges and applications."""

import contextlib
import logging
import secrets
import weakref

from django.core.files.storage import storages
from django.db import models, transaction
from django.db.models import Q
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)


class NotKept(Exception):
    """A file that could not be written to the disk; the message says so in words."""


def documents():
    """Where documents are kept: a folder that no address reaches (settings.STORAGES)."""
    return storages["documents"]


def somewhere(document, name):
    """Where a new document is kept: a random name that says nothing of it."""
    return f"{timezone.localdate():%Y/%m}/{secrets.token_hex(16)}"


def removed_unless_committed(storage, name):
    """Remove a file if the transaction that wrote it is not committed.

    Django keeps what is to be done at a commit in a list, from which a rollback, of a savepoint or
    of the whole, drops it: that is when the file goes.
    """

    def committed():
        removal.detach()

    removal = weakref.finalize(committed, storage.delete, name)
    transaction.on_commit(committed)


def written(storage, name, content):
    """Write a file that goes if this transaction fails; return the name it is kept under.

    Raises NotKept when the disk is full or refuses.
    """
    try:
        name = storage.save(name, content)
    except OSError as error:
        logger.exception("A file could not be written to %s", storage.location)
        with contextlib.suppress(OSError):
            storage.delete(name)
        raise NotKept(
            _(
                "The file could not be written: the server’s disk may be full. Nothing was "
                "kept; tell whoever looks after the site, and try again later."
            )
        ) from error
    removed_unless_committed(storage, name)
    return name


class DocumentQuerySet(models.QuerySet):
    def known_to_staff(self):
        """All but those of applications that are not sent yet, which are their authors’ alone."""
        return self.exclude(admission__state="draft")

    def for_list(self):
        """What a list of documents says of each: one query."""
        return self.select_related(*Document.OWNERS, "added_by")


class Document(models.Model):
    """A file with what it belongs to: one organization, alliance, dossier, exchange or
    application for membership.

    `content_type` is what its content says it is, never what its name or its sender says.
    """

    OWNERS = ("organization", "alliance", "dossier", "interaction", "admission")

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
    admission = models.ForeignKey(
        "members.AdmissionFile",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="documents",
        limit_choices_to=~Q(state="draft"),
        verbose_name=_("application for membership"),
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

    objects = DocumentQuerySet.as_manager()

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
                                for name in (
                                    "organization",
                                    "alliance",
                                    "dossier",
                                    "interaction",
                                    "admission",
                                )
                            }
                        )
                        for owner in (
                            "organization",
                            "alliance",
                            "dossier",
                            "interaction",
                            "admission",
                        )
                    ),
                    _connector=Q.OR,
                ),
                violation_error_message=_(
                    "A document belongs to one organization, alliance, dossier, exchange or "
                    "application."
                ),
            ),
        ]

    def __str__(self):
        return self.title or self.name

    @property
    def owner_name(self):
        """Which of OWNERS it belongs to; None before it has one."""
        return next((n for n in self.OWNERS if getattr(self, f"{n}_id") is not None), None)

    @property
    def owner(self):
        """What it belongs to."""
        return getattr(self, self.owner_name)

    @transaction.atomic
    def keep(self, file, *, by):
        """Write a file that was checked (`members.documents.Checked`) and save this row with it.

        Nothing remains of it if this transaction fails later. Raises NotKept when the disk is full
        or refuses.
        """
        name = written(self.file.storage, somewhere(self, file.name), file.content)
        self.file, self.name, self.added_by = name, file.name, by
        self.content_type, self.size, self.digest = file.content_type, file.size, file.digest
        self.save()


@receiver(post_delete, sender=Document)
def remove_file(instance, **kwargs):
    """Remove the file of a document that is deleted, once that is certain.

    A signal, since an exchange takes its documents along without any method of theirs.
    """
    file = instance.file
    transaction.on_commit(lambda: file.storage.delete(file.name), robust=True)
