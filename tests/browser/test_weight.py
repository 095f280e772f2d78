"""What a first visit costs, and what the printer gives."""

import gzip

import pytest
from playwright.sync_api import expect


def test_the_directory_is_light(page, site):
    """At most 12 requests and 60 kB, everything included, compressed, with nothing kept."""
    answers = []

    def answered(answer):  # Playwright marks its listeners, which a list's own method cannot bear
        answers.append(answer)

    page.on("response", answered)
    page.goto(site + "/organismes/", wait_until="networkidle")
    expect(page.locator(".card")).to_have_count(24)
    # Static files travel compressed in production (whitenoise), as they are from the test server.
    sizes = {
        answer.url.removeprefix(site.url): len(gzip.compress(answer.body(), 9, mtime=0))
        + len("\r\n".join(f"{k}: {v}" for k, v in answer.all_headers().items()))
        for answer in answers
    }
    assert len(answers) <= 12, sizes
    assert sum(sizes.values()) <= 60_000, sizes
    assert any(name.endswith(".js") for name in sizes)


def test_the_page_itself_travels_compressed(page, site):
    answer = page.goto(site + "/organismes/")
    assert answer.header_value("content-encoding") == "gzip"
    assert answer.request.sizes()["responseBodySize"] < 15_000


@pytest.fixture
def paper(page, site):
    """The directory as the printer sees it."""
    page.emulate_media(media="print")
    page.goto(site + "/organismes/?region=06")
    return page


def test_paper_has_the_list_and_nothing_to_click(paper):
    expect(paper.get_by_role("heading", level=1)).to_be_visible()
    expect(paper.get_by_role("status")).to_contain_text("26 organismes")
    expect(paper.get_by_text("Alternatives", exact=True)).to_be_visible()
    expect(paper.locator(".card-place", has_text="Montréal").first).to_be_visible()
    for useless in (
        "input",
        "button",
        "nav",
        ".facets",
        ".toolbar",
        ".take-away",
        ".site-footer",
        ".demonstration",
    ):
        for element in paper.locator(useless).all():
            expect(element).to_be_hidden()


def test_paper_cuts_no_organization_in_two(paper):
    cut = "getComputedStyle(document.querySelector('.card')).breakInside"
    assert paper.evaluate(cut) == "avoid"
    pages = paper.pdf(format="Letter").count(b"/Type /Page\n")
    assert 1 <= pages <= 3


def test_a_printed_organization_says_where_to_reach_it(page, site):
    page.emulate_media(media="print")
    page.goto(site + "/organismes/oxfam-quebec/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("oxfam.qc.ca").first).to_be_visible()
    expect(page.locator(".site-header")).to_be_hidden()
