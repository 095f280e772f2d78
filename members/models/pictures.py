"""Images that people give, made anew in a few sizes, with what they show in words."""

import secrets

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.documents import documents, written
from members.permissions import can_enter


class KeptImage(models.Model):
    """One image, which never changes: another image or another text is another record.

    `sizes` are the widths of its files, in pixels, the largest last; each is a WebP image whose
    name ends with its width. `alt_fr` and `alt_en` say what it shows to who does not see it.
    """

    # The folder of its files, in the storage of documents.
    FOLDER = "pictures"

    stem = models.CharField(max_length=100, editable=False)
    sizes = ArrayField(models.PositiveSmallIntegerField(), editable=False)
    width = models.PositiveSmallIntegerField(_("width"), editable=False)
    height = models.PositiveSmallIntegerField(_("height"), editable=False)
    digest = models.CharField(max_length=64, editable=False)
    alt_fr = models.CharField(_("what it shows, in French"), max_length=200)
    alt_en = models.CharField(_("what it shows, in English"), max_length=200, blank=True)
    added_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    added_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("added by"),
    )

    class Meta:
        abstract = True

    def __str__(self):
        return self.alt_fr

    @classmethod
    @transaction.atomic
    def keep(cls, image, *, alt_fr, alt_en="", by=None, **owner):
        """Write an image that was checked (`members.logos.Image`) in its sizes; return its record.

        `owner` are the fields that a kind of image has besides. Nothing remains of it if this
        transaction fails later. Raises NotKept when the disk is full or refuses.
        """
        stem = f"{cls.FOLDER}/{timezone.localdate():%Y/%m}/{secrets.token_hex(16)}"
        for size, content in image.files.items():
            written(documents(), f"{stem}-{size}", content)
        return cls.objects.create(
            **owner,
            stem=stem,
            sizes=sorted(image.files),
            width=image.width,
            height=image.height,
            digest=image.digest,
            alt_fr=" ".join(alt_fr.split()),
            alt_en=" ".join(alt_en.split()),
            added_by=by,
        )

    @transaction.atomic
    def said_otherwise(self, *, alt_fr, alt_en="", by=None, **owner):
        """The same image with other words: a new record, or this one when they are the same.

        `owner` are the fields that a kind of image has besides, those that may change.
        """
        words = owner | {"alt_fr": " ".join(alt_fr.split()), "alt_en": " ".join(alt_en.split())}
        if all(getattr(self, name) == said for name, said in words.items()):
            return self
        same = {
            field.attname: getattr(self, field.attname)
            for field in self._meta.concrete_fields
            if not field.primary_key and field.name not in (*words, "added_at")
        }
        return type(self).objects.create(**(same | words | {"added_by_id": by.pk if by else None}))

    def file_name(self, wanted):
        """The name, in the storage of documents, of the smallest file at least `wanted` wide."""
        size = next((size for size in self.sizes if size >= wanted), self.sizes[-1])
        return f"{self.stem}-{size}"

    def alt(self, language):
        """What it shows in `language`, or else in French."""
        return (self.alt_en if language == "en" else "") or self.alt_fr

    def remove_files(self):
        """Remove its files once the transaction is done, unless a record shows the same image."""

        def remove():
            if not type(self).objects.filter(stem=self.stem).exists():
                for size in self.sizes:
                    documents().delete(f"{self.stem}-{size}")

        transaction.on_commit(remove, robust=True)


class PictureQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those that lead a page that `user` may see: the staff also see what is in preparation."""
        if user and can_enter(user):
            return self
        led = Q(activities__published_at__isnull=False) | Q(editions__is_published=True)
        return self.filter(led).distinct()


class Picture(KeptImage):
    """An image that leads a page: of a campaign's edition, of an event."""

    credit = models.CharField(
        _("credit"), max_length=150, blank=True, help_text=_("Who made it, as they ask to be said.")
    )

    objects = PictureQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["-added_at", "-pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="picture_is_said_in_french",
                condition=Q(alt_fr__regex=r"\S"),
                violation_error_message=_("Say in French what the picture shows."),
            ),
        ]


@receiver(post_delete, sender=Picture)
def remove_files(instance, **kwargs):
    """An image that is deleted leaves no file; a signal, since it may go along with its owner."""
    instance.remove_files()
