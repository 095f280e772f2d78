from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regions.folding import Fold, SortKey


class Region(models.Model):
    """One of Québec's seventeen administrative regions.

    Codes and names: Institut de la statistique du Québec. The point is the main town's,
    in WGS 84 decimal degrees, from GeoNames.
    """

    code = models.CharField(
        _("code"), max_length=2, primary_key=True, validators=[RegexValidator(r"^(0[1-9]|1[0-7])$")]
    )
    name = models.CharField(_("name"), max_length=60)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    main_town = models.CharField(_("main town"), max_length=80)
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=5)
    longitude = models.DecimalField(_("longitude"), max_digits=8, decimal_places=5)

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="region_code_is_official",
                condition=models.Q(code__regex=r"^(0[1-9]|1[0-7])$"),
                violation_error_message=_("A region’s code goes from 01 to 17."),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("members:region-detail", args=[self.slug])


class Municipality(models.Model):
    """A municipality of Québec, in its region; located in WGS 84 decimal degrees where known."""

    name = models.CharField(_("name"), max_length=80)
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="municipalities", verbose_name=_("region")
    )
    latitude = models.DecimalField(
        _("latitude"), max_digits=8, decimal_places=5, null=True, blank=True
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=8, decimal_places=5, null=True, blank=True
    )
    sort_name = models.GeneratedField(
        expression=SortKey("name"), output_field=models.TextField(), db_persist=True
    )

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        ordering = ["sort_name"]
        constraints = [
            models.UniqueConstraint(
                "region",
                Fold("name"),
                name="municipality_is_once_in_its_region",
                violation_error_message=_("This municipality is already in that region."),
            ),
            models.CheckConstraint(
                name="municipality_has_both_coordinates_or_none",
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__range=(44, 63), longitude__range=(-80, -57)),
                violation_error_message=_(
                    "Give both the latitude and the longitude of a point in Québec, or neither."
                ),
            ),
        ]

    def __str__(self):
        return self.name
