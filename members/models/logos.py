"""The logos of organizations."""

from django.db import models
from django.db.models import Q
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _

from members.models.pictures import KeptImage, remove_files


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


class Logo(KeptImage):
    """One logo of an organization."""

    FOLDER = "logos"

    organization = models.ForeignKey(
        "members.Organization",
        models.CASCADE,
        related_name="logos",
        verbose_name=_("organization"),
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

    @classmethod
    def keep(cls, organization, image, **said):
        """Keep an image of an organization; as `KeptImage.keep`."""
        return super().keep(image, organization=organization, **said)


post_delete.connect(remove_files, sender=Logo)
