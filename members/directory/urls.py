"""The public addresses: French at the root, English under /en/, the same views."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from members.directory import (
    alliances,
    calendar,
    calendar_exports,
    calendar_feeds,
    campaigns,
    cards,
    embed_pages,
    exports,
    feeds,
    sharing,
    statements,
    topics,
    views,
)

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
    # /alliances/ (the same word in both languages)
    path("alliances/", alliances.alliance_list, name="alliance-list"),
    path("alliances.json", alliances.alliance_json, name="alliance-json"),
    path("alliances/<slug:slug>/", alliances.alliance_detail, name="alliance-detail"),
    path("alliances/<slug:slug>.json", alliances.alliance_detail_json, name="alliance-detail-json"),
    # /themes/ (the same word too) and /countries/
    path("themes/", topics.theme_list, name="theme-list"),
    path("themes/<slug:slug>/", topics.theme_detail, name="theme-detail"),
    path(_("countries/"), topics.country_list, name="country-list"),
    path(_("countries/<slug:code>/"), topics.country_detail, name="country-detail"),
    # /calendar/
    path(_("calendar/"), calendar.calendar, name="calendar"),
    path(_("calendar.ics"), calendar_feeds.calendar_ics, name="calendar-ics"),
    path(_("calendar.csv"), calendar_exports.calendar_csv, name="calendar-csv"),
    path(_("calendar.json"), calendar_exports.calendar_json, name="calendar-json"),
    path(_("calendar.atom"), calendar_feeds.calendar_atom, name="calendar-atom"),
    path(_("calendar/<slug:slug>/"), calendar.event_detail, name="event-detail"),
    path(_("calendar/<slug:slug>.ics"), calendar_feeds.event_ics, name="event-ics"),
    path("pictures/<int:picture>-<int:width>.webp", calendar.picture, name="picture"),
    # /campaigns/
    path(_("campaigns/"), campaigns.campaign_list, name="campaign-list"),
    path(_("campaigns/<slug:slug>/"), campaigns.campaign_detail, name="campaign-detail"),
    path(_("campaigns/<slug:slug>/<int:year>/"), campaigns.edition_detail, name="edition-detail"),
    # Lists in other sites' pages
    path(_("embed/"), embed_pages.embed, name="embed"),
    path(_("embed/organizations/"), embed_pages.embed_organizations, name="embed-organizations"),
    path(_("embed/calendar/"), embed_pages.embed_calendar, name="embed-calendar"),
    # Images for social networks
    path(_("share/directory.png"), sharing.site_share_image, name="share-image"),
    path(
        _("share/organizations/<slug:slug>.png"),
        sharing.organization_share_image,
        name="organization-share-image",
    ),
    path(_("share/calendar/<slug:slug>.png"), sharing.event_share_image, name="event-share-image"),
    path(
        _("share/campaigns/<slug:slug>/<int:year>.png"),
        campaigns.edition_share_image,
        name="edition-share-image",
    ),
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
