"""Our lists in the page of another site, as a browser shows them; and the line of HTML to do so."""

import functools
import http.server
import threading

import pytest
from django.urls import reverse
from django.utils.translation import override
from playwright.sync_api import expect

from tests.browser.axe import COLOURS, too_wide, violations

PAGE = "rgb(251, 248, 243)"  # --color-page, in the light
DARK = "rgb(19, 26, 25)"  # and in the dark


def address(name="embed-organizations", query="", language="fr"):
    with override(language):
        return reverse(f"members:{name}") + query


class Host(http.server.BaseHTTPRequestHandler):
    """Another site, whose one page is what a test says."""

    html = ""

    def do_GET(self):
        body = f"<!doctype html><html lang=fr><title>Hôte</title>{self.html}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Says nothing."""


@pytest.fixture
def elsewhere():
    """Serves HTML from another origin: `elsewhere(html)` is its address.

    127.0.0.1 and localhost are not the same site, so nothing of ours is at home there.
    """
    handler = type("OneHost", (Host,), {})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=functools.partial(server.serve_forever, poll_interval=0.05))
    thread.start()

    def served(html):
        handler.html = html
        return f"http://127.0.0.1:{server.server_port}/"

    yield served
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def visitor(browser):
    """A page that visits other sites, and what it complains of in `visitor.complaints`."""
    context = browser.new_context()
    page = context.new_page()
    page.complaints = []

    def said(message):
        if message.type == "error" and "favicon" not in message.location["url"]:
            page.complaints.append(message.text)

    page.on("console", said)
    yield page
    context.close()


def line_given(page, site, query=""):
    """The HTML that the page « Intégrer à votre site » gives."""
    page.goto(site + address("embed", query))
    return page.locator("#embed-line").input_value()


def test_list_shows_in_the_page_of_another_site(page, visitor, site, elsewhere):
    line = line_given(page, site, "?region=05")
    visitor.goto(elsewhere(f"<h1>Chez nous</h1>{line}"))
    frame = visitor.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_be_visible()
    expect(frame.get_by_role("link", name="Carrefour de solidarité internationale")).to_be_visible()
    expect(frame.locator("body")).to_have_css("background-color", PAGE)
    assert visitor.complaints == []
    assert visitor.context.cookies() == []
    inside = visitor.frames[1]
    assert inside.evaluate("document.scripts.length") == 0


def test_links_lead_from_the_other_site_to_ours_and_back(page, visitor, site, elsewhere):
    host = elsewhere(line_given(page, site, "?region=05"))
    visitor.goto(host)
    frame = visitor.frame_locator("iframe")
    frame.get_by_role("link", name="Carrefour de solidarité internationale").click()
    visitor.wait_for_url(site + "/organismes/carrefour-de-solidarite-internationale/")
    expect(visitor.get_by_role("heading", level=1)).to_contain_text("Carrefour de solidarité")
    visitor.go_back()
    visitor.wait_for_url(host)
    frame.locator(".embed-foot a").click()
    visitor.wait_for_url(site + "/organismes/?region=05")


def test_pages_turn_without_leaving_the_other_site(page, visitor, site, elsewhere):
    host = elsewhere(line_given(page, site))
    visitor.goto(host)
    frame = visitor.frame_locator("iframe")
    expect(frame.locator(".embed-list > li")).to_have_count(24)
    first = frame.locator(".embed-list h2").first.inner_text()
    frame.locator("a[rel=next]").click()
    expect(frame.locator("a[rel=prev]")).to_be_visible()
    expect(frame.locator(".embed-list h2").first).not_to_have_text(first)
    assert visitor.url == host


@pytest.mark.parametrize("path", ["/", "/organismes/", "/compte/connexion/", "/admin/", "embed"])
def test_other_sites_cannot_frame_an_ordinary_page(visitor, site, elsewhere, path):
    path = address("embed") if path == "embed" else path
    with visitor.expect_console_message(lambda message: "frame-ancestors" in message.text):
        visitor.goto(elsewhere(f'<iframe src="{site}{path}"></iframe>'))
    expect(visitor.frame_locator("iframe").locator("main")).to_have_count(0)
    assert visitor.frames[1].url != site + path


@pytest.mark.parametrize("script", [True, False])
def test_frame_works_without_script(browser, page, site, elsewhere, script):
    line = line_given(page, site, "?language=en&theme=eau-assainissement")
    context = browser.new_context(java_script_enabled=script)
    visitor = context.new_page()
    visitor.goto(elsewhere(line))
    frame = visitor.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Members of the AQOCI")).to_be_visible()
    expect(frame.locator(".embed-list > li")).to_have_count(8)
    context.close()


@pytest.mark.parametrize(
    ("look", "scheme", "colour"),
    [
        ("", "light", PAGE),
        ("", "dark", DARK),
        ("light", "dark", PAGE),
        ("dark", "light", DARK),
    ],
)
def test_frame_has_the_look_asked_for(page, site, look, scheme, colour):
    page.emulate_media(color_scheme=scheme)
    page.goto(site + address(query=f"?look={look}" if look else ""))
    expect(page.locator("body")).to_have_css("background-color", colour)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_axe_finds_nothing(page, site, faults, language):
    found = {}
    for width, name, query in (
        (240, "embed-organizations", ""),
        (600, "embed-organizations", "?theme=eau-assainissement&region=99"),
        (600, "embed-organizations", "?q=zzzzzz"),
        (320, "embed", "?theme=eau-assainissement"),
        (1280, "embed", ""),
    ):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="light")
        page.goto(site + address(name, query, language))
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        found[name, query, width] = violations(page, faults)
        page.emulate_media(color_scheme="dark")
        found[name, query, width, "dark"] = violations(page, faults, COLOURS)
        assert too_wide(page) <= 0, (name, width)
    assert {where: what for where, what in found.items() if what} == {}


def test_endless_words_stay_in_the_narrowest_frame(page, site):
    page.set_viewport_size({"width": 240, "height": 600})
    page.goto(site + address(query="?region=99&theme=eau-assainissement"))
    page.evaluate("""() => document.querySelectorAll(
        "h1, h2 a, .embed-place span, .embed-summary, .embed-filters li, .embed-notice, footer a"
    ).forEach(e => { e.textContent = "Anticonstitutionnellement".repeat(3); })""")
    assert too_wide(page) <= 0


def test_frame_is_light(page, site):
    answers = []

    def answered(answer):
        answers.append(answer)

    page.on("response", answered)
    page.goto(site + address(), wait_until="networkidle")
    assert len(answers) <= 6, [answer.url for answer in answers]


# The page that gives the line


@pytest.mark.parametrize("script", [True, False])
def test_one_chooses_sees_and_copies(browser, site, script):
    context = browser.new_context(java_script_enabled=script)
    page = context.new_page()
    page.goto(site + address("embed"))
    preview = page.frame_locator("iframe")
    expect(preview.locator("h1")).to_be_visible()
    page.get_by_label("English").check()
    page.locator("summary", has_text="Région").click()
    page.get_by_label("Estrie").check()
    page.locator(".embed-form [type=submit]").click()
    page.wait_for_url("**region=05**")
    expect(preview.get_by_role("heading", name="Members of the AQOCI")).to_be_visible()
    expect(preview.locator(".embed-filters")).to_contain_text("Estrie")
    given = page.locator("#embed-line").input_value()
    assert f'src="{site}{address(query="?region=05", language="en")}"' in given
    copy = page.locator("[data-copies]")
    if script:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        copy.click()
        expect(page.get_by_role("status")).not_to_be_empty()
        assert page.evaluate("navigator.clipboard.readText()") == given
    else:
        expect(copy).to_be_hidden()
    context.close()
