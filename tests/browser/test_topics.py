"""Journeys through themes, countries and alliances: a journalist's, a visitor's."""

import re

import pytest
from playwright.sync_api import expect


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_a_journalist_asks_who_is_in_haiti(page, site):
    """From the home page, without a script: the country, who works there, those of a region."""
    page.goto(site + "/en/")
    page.get_by_role("contentinfo").get_by_role("link", name="Countries").click()
    country = page.get_by_role("listitem").filter(has_text=re.compile(r"^Haiti \d+ members$"))
    number = int(re.search(r"\d+", country.inner_text()).group())
    country.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Haiti")
    expect(page.get_by_text(f"{number} members work in this country.")).to_be_visible()
    expect(page.locator(".card")).to_have_count(number)
    where = page.get_by_role("region", name="Where they are from").get_by_role("link")
    inside = where.filter(has_text="Montérégie")
    few = int(re.search(r"\d+", inside.inner_text()).group())
    inside.click()
    expect(page.get_by_role("status")).to_contain_text(f"{few} organizations found")
    expect(page.locator(".card")).to_have_count(few)


def test_typing_an_acronym_leads_to_who_takes_part(page, site):
    page.goto(site + "/en/")
    page.get_by_role("combobox").press_sequentially("cqfd")
    option = page.get_by_role("option").filter(has_text="CQFD · Alliance · 4")
    expect(option).to_be_visible()
    option.click()
    page.wait_for_url("**/en/organizations/?alliance=cqfd")
    expect(page.get_by_role("status")).to_contain_text("4 organizations found")
    page.get_by_role("link", name="Mission inclusion").click()
    page.get_by_role("link", name=re.compile("^Québec collective of feminisms")).click()
    expect(page.get_by_text("The AQOCI itself has belonged to it since 1984.")).to_be_visible()
    page.get_by_role("link", name="Search among them").click()
    page.wait_for_url("**/en/organizations/?alliance=cqfd")


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_alliances_are_looked_for_by_word_and_kind(page, site):
    page.goto(site + "/en/alliances/")
    page.get_by_label("Name, acronym or mandate").fill("climat")
    page.get_by_label("Kind").select_option("coalition")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    expect(page.get_by_role("status")).to_contain_text("1 alliance")
    page.get_by_role("link", name="See all the alliances").click()
    expect(page.get_by_role("heading", name="Working groups")).to_be_visible()
