"""The public addresses: French at the root, English under /en/, the same views."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from members.directory import cards, exports, feeds, statements, views

app_name = "members"

urlpatterns = [
    path("", views.home, name="home"),
    # /organizations/
    path(_("organizations/"), views.organization_list, name="organization-list"),
    path(_("organizations/suggestions/"), views.suggestions, name="suggestions"),
    path(_("organizations.csv"), exports.organization_csv, name="organization-csv"),
    path(_("organizations.json"), exports.organization_json, name="organization-json"),
    path(_("organizations.geojson"), exports.organization_geojson, name="organization-geojson"),
    path(_("organizations.atom"), feeds.organization_atom, name="organization-atom"),
    path(_("organizations/<slug:slug>/"), views.organization_detail, name="organization-detail"),
    path(
        _("organizations/<slug:slug>.json"),
        cards.organization_detail_json,
        name="organization-detail-json",
    ),
    path(_("organizations/<slug:slug>.vcf"), cards.organization_vcard, name="organization-vcard"),
    path("logos/<int:organization>-<int:logo>-<int:width>.webp", views.logo, name="logo"),
    # /regions/
    path(_("regions/"), views.region_list, name="region-list"),
    path(_("regions/<slug:slug>/"), views.region_detail, name="region-detail"),
    # /statements/
    path(_("statements/"), statements.statement_list, name="statement-list"),
    path(_("statements.atom"), statements.statement_atom, name="statement-atom"),
    path(_("statements/<slug:slug>/"), statements.statement_detail, name="statement-detail"),
    # Pages of text
    path(_("data/"), views.data, name="data"),
    path(_("about/"), views.about, name="about"),
    path(_("accessibility/"), views.accessibility, name="accessibility"),
    path(_("privacy/"), views.privacy, name="privacy"),
]
