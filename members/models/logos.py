"""The logos of organizations: images made anew, in a few sizes, with what they show in words."""

import secrets

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.documents import documents, written


class LogoQuerySet(models.QuerySet):
    def unused(self, before):
        """Those added before that moment that no organization shows and nothing waits with."""
        from members.models.organizations import Organization
        from members.models.proposals import ProfileDraft, ProposedField

        shown = Organization.objects.filter(logo__isnull=False).values("logo")
        drawn = ProfileDraft.objects.filter(logo__isnull=False).values("logo")
        proposed = ProposedField.objects.filter(logo__isnull=False).values("logo")
        return (
            self.filter(added_at__lt=before)
            .exclude(pk__in=shown)
            .exclude(pk__in=drawn)
            .exclude(pk__in=proposed)
        )


class Logo(models.Model):
    """One logo of an organization, which never changes: another image or text is another logo.

    `sizes` are the widths of its files, in pixels, the largest last; each is a WebP image whose
    name ends with its width. `alt_fr` and `alt_en` say what it shows to who does not see it.
    """

    organization = models.ForeignKey(
        "members.Organization",
        models.CASCADE,
        related_name="logos",
        verbose_name=_("organization"),
    )
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

    objects = LogoQuerySet.as_manager()

    class Meta:
        verbose_name = _("logo")
        verbose_name_plural = _("logos")
        ordering = ["-added_at", "-pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="logo_is_said_in_french",
                condition=Q(alt_fr__regex=r"\S"),
                violation_error_message=_("Say in French what the logo shows."),
            ),
        ]

    def __str__(self):
        return self.alt_fr

    @classmethod
    @transaction.atomic
    def keep(cls, organization, image, *, alt_fr, alt_en="", by=None):
        """Write an image that was checked (`members.logos.Image`) in its sizes; return its `Logo`.

        Nothing remains of it if this transaction fails later. Raises NotKept when the disk is full
        or refuses.
        """
        stem = f"logos/{timezone.localdate():%Y/%m}/{secrets.token_hex(16)}"
        for size, content in image.files.items():
            written(documents(), f"{stem}-{size}", content)
        logo = cls(
            organization=organization,
            stem=stem,
            sizes=sorted(image.files),
            width=image.width,
            height=image.height,
            digest=image.digest,
            alt_fr=" ".join(alt_fr.split()),
            alt_en=" ".join(alt_en.split()),
            added_by=by,
        )
        logo.save()
        return logo

    @transaction.atomic
    def said_otherwise(self, *, alt_fr, alt_en="", by=None):
        """The same image with other words: a new `Logo`, or this one when they are the same."""
        alt_fr, alt_en = " ".join(alt_fr.split()), " ".join(alt_en.split())
        if (alt_fr, alt_en) == (self.alt_fr, self.alt_en):
            return self
        return Logo.objects.create(
            organization_id=self.organization_id,
            stem=self.stem,
            sizes=self.sizes,
            width=self.width,
            height=self.height,
            digest=self.digest,
            alt_fr=alt_fr,
            alt_en=alt_en,
            added_by=by,
        )

    def file_name(self, wanted):
        """The name, in the storage of documents, of the smallest file at least `wanted` wide."""
        size = next((size for size in self.sizes if size >= wanted), self.sizes[-1])
        return f"{self.stem}-{size}"

    def alt(self, language):
        """What it shows in `language`, or else in French."""
        return (self.alt_en if language == "en" else "") or self.alt_fr


@receiver(post_delete, sender=Logo)
def remove_files(instance, **kwargs):
    """Remove the files of a logo that is deleted, unless another one shows the same image.

    A signal, since an organization that is deleted takes its logos along.
    """

    def remove():
        if not Logo.objects.filter(stem=instance.stem).exists():
            for size in instance.sizes:
                documents().delete(f"{instance.stem}-{size}")

    transaction.on_commit(remove, robust=True)
