"""Everyone can use every public page: axe's rules, the keyboard, small and zoomed screens."""

import pytest
from django.urls import translate_url
from playwright.sync_api import expect

from tests.browser.axe import COLOURS, too_wide, violations

PAGES = {
    "home": "/",
    "directory": "/organismes/",
    "results": "/organismes/?q=eau&region=06&theme=sante",
    "approximate results": "/organismes/?q=oxfan",
    "nothing found": "/organismes/?q=eau&region=17&theme=enfance",
    "left out": "/organismes/?region=99&page=1000&q=eau",
    "table": "/organismes/?display=table&page=2",
    "real organization": "/organismes/oxfam-quebec/",
    "fictional organization": "/organismes/puits-partages-fictif/",
    "regions": "/regions/",
    "region with members": "/regions/estrie/",
    "region without": "/regions/cote-nord/",
    "alliances": "/alliances/",
    "alliances found": "/alliances/?q=eau&kind=coalition",
    "no alliance found": "/alliances/?q=girafe&kind=club",
    "alliance": "/alliances/cqfd/",
    "alliance without members": "/alliances/c4d/",
    "themes": "/themes/",
    "theme": "/themes/sante/",
    "countries": "/pays/",
    "country": "/pays/ht/",
    "country without members": "/pays/is/",
    "campaigns": "/campagnes/",
    "campaign": "/campagnes/sdi/",
    "edition": "/campagnes/12-jours/2025/",
    "edition little known": "/campagnes/sdi/2014/",
    "calendar": "/calendrier/",
    "month": "/calendrier/?view=month&month=2026-11",
    "data": "/donnees/",
    "about": "/a-propos/",
    "accessibility": "/accessibilite/",
    "privacy": "/renseignements-personnels/",
    "not found": "/organismes/nulle-part/",
}
WIDTHS = (320, 390, 768, 1280)


def unfold(page):
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing(page, site, faults, width, language):
    page.set_viewport_size({"width": width, "height": 800})
    found = {}
    for name, path in PAGES.items():
        page.emulate_media(color_scheme="light")
        page.goto(site + translate_url(path, language))
        unfold(page)
        found[name, "light"] = violations(page, faults)
        page.emulate_media(color_scheme="dark")
        found[name, "dark"] = violations(page, faults, COLOURS)
    assert {where: what for where, what in found.items() if what} == {}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_is_wider_than_the_screen(page, site, language):
    for name, path in PAGES.items():
        page.goto(site + translate_url(path, language))
        unfold(page)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            overflow = too_wide(page)
            assert overflow <= 0, f"{name}, {width} px"


def test_long_words_break(page, site):
    """A name of one endless word, wherever names stand, stays on a small phone's screen."""
    page.set_viewport_size({"width": 320, "height": 800})
    for name in ("home", "directory", "table", "real organization", "region with members"):
        page.goto(site + PAGES[name])
        unfold(page)
        page.evaluate("""() => document.querySelectorAll(
            "h1, h3 a, th a, .card-place span, .choice-name, .chip, .tags li, .facts dd, .lead"
        ).forEach(e => { e.textContent = "Anticonstitutionnellement".repeat(4); })""")
        wide = page.evaluate("""() => [...document.querySelectorAll("body *")]
            .filter(e => e.getBoundingClientRect().right > innerWidth)
            .filter(e => !e.closest(".table-scroll"))
            .map(e => e.outerHTML.slice(0, 80))""")
        assert wide == [], name


def test_text_may_be_spaced_out(page, site):
    """WCAG 1.4.12: nothing is lost with the spacings that some readers set."""
    page.set_viewport_size({"width": 320, "height": 800})
    for name, path in PAGES.items():
        page.goto(site + path)
        page.evaluate("""() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
                word-spacing: .16em !important } p { margin-block-end: 2em !important }`);
            document.adoptedStyleSheets.push(sheet);
        }""")
        assert too_wide(page) <= 0, name
        cut = page.evaluate("""() => [...document.querySelectorAll("main *, header *")].filter(e =>
            e.scrollHeight > e.clientHeight + 2 && getComputedStyle(e).overflowY === "hidden"
            && e.clientHeight > 1).map(e => e.outerHTML.slice(0, 80))""")
        assert cut == [], name


def test_axe_finds_nothing_while_suggestions_are_open(page, site, faults):
    page.goto(site + "/")
    page.get_by_role("combobox").press_sequentially("mon")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert violations(page, faults) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, faults, COLOURS) == []


def test_the_first_tab_leads_to_the_content(page, site):
    page.goto(site + "/organismes/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Aller au contenu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("combobox")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["/", "/organismes/?q=eau&theme=sante", "/organismes/oxfam-quebec/"]
)
def test_the_focus_is_always_seen(page, site, path, scheme):
    """Tab through the whole page: whatever takes the focus is on screen and marked."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(site + path)
    steps = 0
    while True:
        page.keyboard.press("Tab")
        seen = page.evaluate(FOCUS)
        if seen is None:
            break
        assert seen["marked"], seen["html"]
        assert seen["in_view"], seen["html"]
        steps += 1
    assert steps > 20


# The focused element: whether it (or what stands for it) bears a mark, and is on the screen.
FOCUS = """() => {
    const e = document.activeElement;
    if (e === document.body) return null;
    const own = getComputedStyle(e), after = getComputedStyle(e, "::after");
    const shape = e.querySelector(":scope > path");
    const marked = [own, after].some(
        (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
    ) || (shape && getComputedStyle(shape).stroke !== getComputedStyle(
        document.querySelector(".mosaic-region:not(:focus) > path")).stroke);
    const r = e.getBoundingClientRect();
    const in_view = r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth;
    return { marked, in_view, html: e.outerHTML.slice(0, 120) };
}"""


def test_the_whole_journey_by_keyboard(page, site):
    page.goto(site + "/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("eau haiti")
    page.keyboard.press("Enter")
    page.wait_for_url("**/organismes/?q=eau+haiti")
    box = page.get_by_role("checkbox", name="Santé")
    for _each in range(60):
        page.keyboard.press("Tab")
        if box.evaluate("e => e === document.activeElement"):
            break
    page.keyboard.press("Space")
    expect(page.get_by_role("status")).to_contain_text("3 organismes trouvés")
    expect(box).to_be_focused()
    card = page.get_by_role("link", name="Puits partagés (fictif)")
    for _each in range(60):
        page.keyboard.press("Tab")
        if card.evaluate("e => e === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Puits partagés (fictif)")
