"""The addresses of the space; each that is about an organization goes through `doors`."""

from django.urls import path, register_converter
from django.utils.translation import gettext_lazy as _

from members.space import (
    access,
    confirmation,
    editing,
    entry,
    event_writing,
    events,
    people,
    preview,
    state,
    statements,
    views,
)
from members.space.steps import StepConverter

app_name = "space"

register_converter(StepConverter, "step")

urlpatterns = [
    path("", views.home, name="home"),
    # Public: behind the links of mails, and the request for access
    path(_("invitation/<str:token>/"), entry.invitation, name="invitation"),
    path(_("request/"), entry.request_access, name="request-access"),
    path(_("request/sent/"), entry.request_sent, name="request-sent"),
    path(_("my-choice/<str:token>/"), people.show_publicly, name="show-publicly"),
    path(_("confirm/<str:token>/"), confirmation.confirm_link, name="confirm-link"),
    # An organization's
    path("<slug:slug>/", state.state, name="state"),
    path(_("<slug:slug>/confirm/"), confirmation.confirm, name="confirm"),
    # …/access/
    path(_("<slug:slug>/access/"), access.access, name="access"),
    path(_("<slug:slug>/access/invite/"), access.invite, name="invite"),
    path(_("<slug:slug>/access/leave/"), access.leave, name="leave"),
    path(_("<slug:slug>/access/invitations/<int:pk>/renew/"), access.renew, name="renew"),
    path(_("<slug:slug>/access/invitations/<int:pk>/revoke/"), access.revoke, name="revoke"),
    path(_("<slug:slug>/access/<int:pk>/role/"), access.role, name="role"),
    path(_("<slug:slug>/access/<int:pk>/remove/"), access.remove, name="remove"),
    # …/people/
    path(_("<slug:slug>/people/"), people.people, name="people"),
    path(_("<slug:slug>/people/<int:pk>/show/"), people.show, name="show"),
    path(_("<slug:slug>/people/<int:pk>/hide/"), people.hide, name="hide"),
    path(_("<slug:slug>/people/<int:pk>/ask/"), people.ask, name="ask"),
    # …/edit/
    path(_("<slug:slug>/edit/"), editing.first, name="editing"),
    path(_("<slug:slug>/edit/send/"), editing.send, name="send"),
    path(_("<slug:slug>/edit/discard/"), editing.discard, name="discard"),
    path(_("<slug:slug>/edit/<step:step>/"), editing.edit, name="edit"),
    path(_("<slug:slug>/preview/"), preview.preview, name="preview"),
    path("<slug:slug>/logos/<int:logo>-<int:width>.webp", preview.logo, name="logo"),
    # …/signatures/ (the same word in both languages)
    path("<slug:slug>/signatures/", statements.statements, name="statements"),
    path("<slug:slug>/signatures/<slug:statement>/", statements.statement, name="statement"),
    path(
        _("<slug:slug>/signatures/<slug:statement>/take-back/"),
        statements.take_back,
        name="take-back",
    ),
    # …/events/
    path(_("<slug:slug>/events/"), events.events, name="events"),
    path(_("<slug:slug>/events/new/"), event_writing.new, name="event-new"),
    path(_("<slug:slug>/events/<int:event>/"), event_writing.edit, name="event-edit"),
    path(_("<slug:slug>/events/<int:event>/held/"), events.standing, name="event-standing"),
    path(_("<slug:slug>/events/proposals/<int:proposal>/"), events.proposal, name="event-proposal"),
    path(
        _("<slug:slug>/events/proposals/<int:proposal>/edit/"),
        event_writing.asked,
        name="event-asked",
    ),
    path(
        _("<slug:slug>/events/proposals/<int:proposal>/withdraw/"),
        events.withdraw,
        name="event-withdraw",
    ),
    path(
        "<slug:slug>/pictures/<int:picture>-<int:width>.webp",
        events.picture,
        name="event-picture",
    ),
    # …/proposals/
    path(_("<slug:slug>/proposals/<int:proposal>/"), state.proposal, name="proposal"),
    path(_("<slug:slug>/proposals/<int:proposal>/withdraw/"), state.withdraw, name="withdraw"),
    path(_("<slug:slug>/proposals/<int:proposal>/take-up/"), state.take_up, name="take-up"),
]
