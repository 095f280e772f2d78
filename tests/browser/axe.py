"""What axe finds on a page (WCAG 2.0 to 2.2, A and AA, good practices), and whether it fits."""

from axe_playwright_python.sync_playwright import Axe

# All rules but experiments. One of WCAG 2.2 is left out by axe unless it is asked for by name.
# Style sheets are read a second time for an experiment alone: half of the time, on a large form.
EVERY_RULE = {
    "rules": {"target-size": {"enabled": True}},
    "preload": {"assets": ["media"]},
    "resultTypes": ["violations"],
}

# Between light and dark nothing differs but colours.
COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}

# What is on its way to another colour or place gets there; what goes round for ever is left.
SETTLED = """async () => { await Promise.allSettled(document.getAnimations().filter(
    a => a.playState === "running" && isFinite(a.effect.getComputedTiming().endTime)
).map(a => a.finished)); }"""


def violations(page, faults, options=EVERY_RULE):
    """What axe finds on the page as it is, each as (rule, the first element at fault).

    The style that axe itself tries, against the Content-Security-Policy, adds nothing to `faults`.
    """
    page.wait_for_load_state()  # the last click may have led here just now
    page.evaluate(SETTLED)
    before = list(faults)
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    faults[:] = before
    return [(rule["id"], rule["nodes"][0]["html"][:160]) for rule in found]


def too_wide(page):
    """By how many pixels the page is wider than its window; 0 or less when nothing sticks out."""
    page.wait_for_load_state()  # as above: a page that is not there yet has no width
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")
