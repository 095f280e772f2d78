"""The addresses of « Become a member »: words for all, then what a mailed link opens."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from members.joining import views

app_name = "joining"

urlpatterns = [
    path(_("become-a-member/"), views.home, name="home"),
    path(_("become-a-member/start/"), views.start, name="start"),
    path(_("become-a-member/link-sent/"), views.link_sent, name="link-sent"),
    # Whatever follows is for whoever has the link.
    path(_("become-a-member/file/<str:token>/"), views.file, name="file"),
    path(
        _("become-a-member/file/<str:token>/you/"),
        views.step,
        {"key": "contact"},
        name="contact",
    ),
    path(
        _("become-a-member/file/<str:token>/organization/"),
        views.step,
        {"key": "identity"},
        name="identity",
    ),
    path(_("become-a-member/file/<str:token>/place/"), views.step, {"key": "place"}, name="place"),
    path(
        _("become-a-member/file/<str:token>/mission/"),
        views.step,
        {"key": "mission"},
        name="mission",
    ),
    path(
        _("become-a-member/file/<str:token>/themes/"), views.step, {"key": "themes"}, name="themes"
    ),
    path(
        _("become-a-member/file/<str:token>/criteria/"),
        views.step,
        {"key": "criteria"},
        name="criteria",
    ),
    path(_("become-a-member/file/<str:token>/documents/"), views.documents, name="documents"),
    path(
        _("become-a-member/file/<str:token>/documents/<int:pk>/remove/"),
        views.remove_document,
        name="remove-document",
    ),
    path(_("become-a-member/file/<str:token>/send/"), views.send, name="send"),
    path(_("become-a-member/file/<str:token>/answer/<int:pk>/"), views.answer, name="answer"),
    path(_("become-a-member/file/<str:token>/withdraw/"), views.withdraw, name="withdraw"),
    path(_("become-a-member/file/<str:token>/erase/"), views.erase, name="erase"),
]
