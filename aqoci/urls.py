from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from aqoci import views
from members.directory import feeds

urlpatterns = [
    path("admin/", admin.site.urls),
    path("sante/", views.alive, name="alive"),
    path("sante/pret/", views.ready, name="ready"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
    path("sitemap.xml", feeds.sitemap, name="sitemap"),
    *i18n_patterns(
        path(_("my-organization/"), include("members.space.urls")),
        path("", include("members.accounts.urls")),
        path("", include("members.joining.urls")),
        path("", include("members.directory.urls")),
        prefix_default_language=False,
    ),
]
