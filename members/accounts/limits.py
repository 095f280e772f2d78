"""How often one may try: the limits on the public forms, counted for all processes together."""

from allauth.core.internal import ratelimit


def limited(request, action, rate, *, key=None):
    """Whether `request` is one too many; if not, it is counted.

    `rate` says how many in how long and by what: "5/m/ip", or several, as "5/m/ip,30/d/key". `ip`
    is the visitor's network address (of IPv6, its /64), `key` the text given, as an e-mail address;
    s, m, h and d are seconds to days. Reading a page (GET) is never limited.
    """
    config = {action: rate}
    return not ratelimit.consume(request, app="members", action=action, config=config, key=key)


def too_many(request):
    """The answer to who tried too often: 429, in words."""
    return ratelimit.respond_429(request)
