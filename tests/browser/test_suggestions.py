"""Suggestions while typing: a combobox with a list box, by keyboard, by mouse and by ear."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def box(page, site):
    """The search box of the home page."""
    page.goto(site + "/")
    box = page.get_by_role("combobox")
    expect(box).to_have_attribute("aria-expanded", "false")
    return box


@pytest.fixture
def options(page):
    return page.get_by_role("listbox", name="Suggestions").get_by_role("option")


def test_arrows_choose_and_enter_opens(page, box, options):
    box.press_sequentially("mon")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(options.first).to_be_visible()
    expect(page.locator(f"#{box.get_attribute('aria-controls')}")).to_be_visible()
    assert box.get_attribute("aria-activedescendant") is None

    box.press("ArrowDown")
    chosen = options.first
    expect(chosen).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))
    box.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    expect(chosen).to_have_attribute("aria-selected", "false")
    expect(box).to_have_attribute("aria-activedescendant", options.last.get_attribute("id"))
    expect(box).to_be_focused()

    region = options.filter(has_text="Montréal").filter(has_text="Région")
    for _each in range(options.count()):
        if region.get_attribute("aria-selected") != "true":
            box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/organismes/?region=06")
    expect(page.get_by_role("checkbox", name="Montréal")).to_be_checked()


def test_escape_closes_and_keeps_the_text(page, box, options):
    box.press_sequentially("oxfam")
    expect(options.first).to_be_visible()
    box.press("ArrowDown")
    box.press("Escape")
    expect(options).to_have_count(0)
    expect(box).to_have_attribute("aria-expanded", "false")
    assert box.get_attribute("aria-activedescendant") is None
    expect(box).to_have_value("oxfam")
    box.press("ArrowDown")
    expect(options.first).to_be_visible()
    box.press("Escape")
    box.press("Enter")
    page.wait_for_url("**/organismes/?q=oxfam")


def test_enter_without_a_choice_searches_the_text(page, box, options):
    box.press_sequentially("oxfam")
    expect(options.first).to_be_visible()
    box.press("Enter")
    page.wait_for_url("**/organismes/?q=oxfam")


def test_a_suggestion_is_clicked(page, box, options):
    box.press_sequentially("oxfam")
    options.first.click()
    page.wait_for_url("**/organismes/oxfam-quebec/")


def test_nothing_to_suggest_shows_nothing(page, box, options):
    with page.expect_response("**/suggestions/**"):
        box.press_sequentially("zzzz")
    expect(options).to_have_count(0)
    expect(box).to_have_attribute("aria-expanded", "false")


def test_leaving_the_box_closes_the_list(page, box, options):
    box.press_sequentially("oxfam")
    expect(options.first).to_be_visible()
    page.keyboard.press("Tab")
    expect(options).to_have_count(0)
    expect(page.get_by_role("button", name="Rechercher")).to_be_focused()


def test_a_late_answer_does_not_reopen_a_closed_list(page, box, options):
    page.route("**/suggestions/**", lambda route: (page.wait_for_timeout(300), route.continue_()))
    box.press_sequentially("oxfam")
    page.wait_for_timeout(250)  # it has been asked, not answered
    box.press("Escape")
    page.wait_for_timeout(300)
    expect(options).to_have_count(0)
    expect(box).to_have_attribute("aria-expanded", "false")


def test_arrow_keys_do_not_choose_a_suggestion_in_the_directory_by_themselves(page, site, options):
    """In the directory the list itself answers while typing; suggestions stay on offer."""
    page.goto(site + "/organismes/")
    box = page.get_by_role("combobox")
    box.press_sequentially("oxfam")
    page.wait_for_url("**q=oxfam")
    expect(options.first).to_be_visible()
    expect(box).to_be_focused()
    box.press("Enter")
    expect(options).to_have_count(0)
