"""What staff put on records to find them again: tags, and lists saved under a name."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models.periods import Dated
from regions.folding import Fold


class Tag(models.Model):
    """A word that staff put on organizations, people and alliances; few of them, in colour."""

    class Colour(models.TextChoices):
        GREY = "grey", _("grey")
        BLUE = "blue", _("blue")
        GREEN = "green", _("green")
        YELLOW = "yellow", _("yellow")
        RED = "red", _("red")
        PURPLE = "purple", _("purple")

    name = models.CharField(_("name"), max_length=40)
    colour = models.CharField(_("colour"), max_length=10, choices=Colour, default=Colour.GREY)
    description = models.CharField(_("what it is for"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Fold("name"),
                name="tag_is_there_once",
                violation_error_message=_("This tag already exists."),
            ),
            models.CheckConstraint(
                name="tag_has_a_name",
                condition=Q(name__regex=r"\S"),
                violation_error_message=_("Give the tag a name."),
            ),
            models.CheckConstraint(
                name="tag_colour_is_known",
                condition=Q(colour__in=["grey", "blue", "green", "yellow", "red", "purple"]),
                violation_error_message=_("This colour does not exist."),
            ),
        ]

    def __str__(self):
        return self.name


class SavedListQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The user's own lists, and those that colleagues share."""
        return self.filter(Q(owner=user) | Q(is_shared=True))


class SavedList(Dated):
    """A list as it was filtered, under a name: run again, it shows what is there that day.

    `model` is a label such as "members.organization"; `query` the query string of its list.
    """

    name = models.CharField(_("name"), max_length=100)
    model = models.CharField(_("list"), max_length=60)
    query = models.TextField(_("filters"), max_length=2000, blank=True)
    owner = models.ForeignKey(
        "members.User",
        models.CASCADE,
        related_name="saved_lists",
        verbose_name=_("saved by"),
    )
    is_shared = models.BooleanField(_("shared with colleagues"), default=False)

    objects = SavedListQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved list")
        verbose_name_plural = _("saved lists")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="saved_list_has_a_name_of_its_own",
                violation_error_message=_("You already have a list of that name."),
            ),
            models.CheckConstraint(
                name="saved_list_has_a_name",
                condition=Q(name__regex=r"\S"),
                violation_error_message=_("Give the list a name."),
            ),
        ]

    def __str__(self):
        return self.name
