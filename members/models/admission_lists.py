"""What the association asks of candidates and does for new members: lists that staff word."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Worded(models.Model):
    """A line of a list that staff word and put in order; what is no longer asked stays."""

    order = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    is_active = models.BooleanField(
        _("in use"),
        default=True,
        help_text=_("Untick rather than delete: the files that have it keep it."),
    )

    class Meta:
        abstract = True
        ordering = ["order", "pk"]

    def __str__(self):
        return self.text


class WordedQuerySet(models.QuerySet):
    def active(self):
        """Those in use, in their order."""
        return self.filter(is_active=True).order_by("order", "pk")


class AdmissionCriterion(Worded):
    """What a candidate must be, as published; staff word it, and may add others."""

    text = models.CharField(_("criterion"), max_length=300)
    help = models.TextField(
        _("help"),
        max_length=1000,
        blank=True,
        help_text=_("What it means, and what may show it; read by candidates."),
    )

    objects = WordedQuerySet.as_manager()

    class Meta(Worded.Meta):
        abstract = False
        verbose_name = _("admission criterion")
        verbose_name_plural = _("admission criteria")
        constraints = [
            models.CheckConstraint(
                name="criterion_has_words_in_french",
                condition=Q(text_fr__regex=r"\S") & Q(text_fr__isnull=False),
                violation_error_message=_("Word the criterion in French."),
            ),
        ]


class WelcomeStep(Worded):
    """Something that is done for each new member: copied on its file when it is admitted."""

    text = models.CharField(_("what is to be done"), max_length=200)

    objects = WordedQuerySet.as_manager()

    class Meta(Worded.Meta):
        abstract = False
        verbose_name = _("welcome step")
        verbose_name_plural = _("welcome steps")
        constraints = [
            models.CheckConstraint(
                name="welcome_step_has_words_in_french",
                condition=Q(text_fr__regex=r"\S") & Q(text_fr__isnull=False),
                violation_error_message=_("Say in French what is to be done."),
            ),
        ]
