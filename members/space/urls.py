"""The addresses of the space; each that is about an organization goes through `doors`."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from members.space import confirmation, views

app_name = "space"

urlpatterns = [
    path("", views.home, name="home"),
    path(_("confirm/<str:token>/"), confirmation.confirm_link, name="confirm-link"),
    path("<slug:slug>/", views.state, name="state"),
    path(_("<slug:slug>/confirm/"), confirmation.confirm, name="confirm"),
    path(_("<slug:slug>/access/"), views.access, name="access"),
]
