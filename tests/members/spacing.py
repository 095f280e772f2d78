"""Filling the form of a profile as a browser would."""

from django.urls import reverse

from members import profile
from members.models import Organization
from tests.browsing import form_sent


def now(organization):
    """The public values of an organization, {field: value}."""
    return profile.read(Organization.objects.for_profile().get(pk=organization.pk))


def step_url(organization, step):
    return reverse("space:edit", args=[organization.slug, step])


def opened(desk, organization, step):
    """What the form of a step would send if nothing were typed: {name: [texts]}."""
    return form_sent(desk.get(step_url(organization, step)), "profile-form")


def fill(desk, organization, step, *, then="save", sent=None, **typed):
    """Open a step (or go on from `sent`, as `opened` gave it), type, and press the button `then`,
    a name or `name=value`."""
    sent = dict(sent or opened(desk, organization, step))
    sent |= {key: text if isinstance(text, list) else [text] for key, text in typed.items()}
    name, _, value = then.partition("=")
    return desk.post(step_url(organization, step), sent | {name: [value or "1"]})


def send_url(organization):
    return reverse("space:send", args=[organization.slug])


def send(desk, organization, *, sent=None, **typed):
    """Read again, and send; the page where that leads."""
    url = send_url(organization)
    return desk.post(url, (sent or form_sent(desk.get(url), "send-form")) | typed, follow=True)
