"""Journeys through the directory, by role and label, as visitors make them."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

SEARCH = "Chercher un organisme, un thème, un pays ou une ville"


@pytest.fixture
def directory(page, site):
    """The directory, open in a browser."""
    page.goto(site + "/organismes/")
    return page


def found(page):
    """The line that tells how many were found; its changes are announced."""
    return page.get_by_role("status")


def names(page):
    """The names of the organizations on the page, in order."""
    return page.locator(".card-name").all_inner_texts()


def parameters(page):
    """What the address asks: {parameter: values}."""
    return parse_qs(urlsplit(page.url).query)


def open_filter(page, name):
    return page.get_by_role("checkbox", name=re.compile(f"^{name} "))


def test_find_an_organization_by_what_it_does_and_where(page, site):
    page.goto(site + "/")
    page.get_by_role("combobox", name=SEARCH).fill("eau Haïti")
    page.get_by_role("button", name="Rechercher").click()
    expect(page).to_have_title(re.compile("«\xa0eau Haïti\xa0»"))
    expect(found(page)).to_contain_text("4 organismes trouvés")
    page.get_by_role("link", name="Puits partagés (fictif)").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Puits partagés (fictif)")
    expect(page.get_by_role("link", name="Haïti")).to_be_visible()


def test_typing_finds_without_a_button(directory):
    directory.get_by_label(SEARCH).press_sequentially("federation")
    directory.wait_for_url("**q=federation")
    assert any("Fédération" in name for name in names(directory))


def test_a_filter_is_followed_by_the_address_and_the_announcement(directory):
    whole = found(directory).inner_text()
    box = open_filter(directory, "Montréal")
    box.check()
    expect(found(directory)).to_contain_text("26 organismes")
    assert parameters(directory) == {"region": ["06"]}
    expect(directory).to_have_title(re.compile("26 organismes\xa0: Montréal"))
    expect(box).to_be_checked()
    expect(box).to_be_focused()

    open_filter(directory, "Haïti").check()
    expect(found(directory)).not_to_contain_text("26 organismes")
    assert parameters(directory) == {"region": ["06"], "country": ["HT"]}

    directory.go_back()
    expect(found(directory)).to_contain_text("26 organismes")
    expect(open_filter(directory, "Montréal")).to_be_checked()
    expect(open_filter(directory, "Haïti")).not_to_be_checked()
    directory.go_back()
    expect(found(directory)).to_have_text(whole, use_inner_text=True)
    expect(open_filter(directory, "Montréal")).not_to_be_checked()
    directory.go_forward()
    expect(open_filter(directory, "Montréal")).to_be_checked()


def test_the_back_button_skips_what_was_only_typed(directory):
    box = directory.get_by_label(SEARCH)
    for word in ("eau", "eau ha", "eau haiti"):
        box.fill(word)
        directory.wait_for_url(f"**?q={word.replace(' ', '+')}")
    box.press("Enter")
    open_filter(directory, "Estrie").check()
    directory.wait_for_url("**q=eau+haiti&region=05")
    directory.go_back()
    expect(box).to_have_value("eau haiti")
    expect(open_filter(directory, "Estrie")).not_to_be_checked()
    directory.go_back()
    directory.wait_for_url("**/organismes/")
    expect(box).to_have_value("")


def test_the_page_works_as_well_after_the_back_button(directory):
    open_filter(directory, "Santé").check()
    directory.wait_for_url("**theme=sante")
    directory.go_back()
    expect(open_filter(directory, "Santé")).not_to_be_checked()
    box = directory.get_by_label(SEARCH)
    expect(box).to_have_attribute("role", "combobox")
    box.press_sequentially("oxf")
    expect(directory.get_by_role("option").first).to_be_visible()


def test_two_quick_clicks_both_count(directory):
    slow_answers(directory)
    open_filter(directory, "Montréal").check()
    directory.wait_for_timeout(150)  # the first question has left; its answer has not come
    open_filter(directory, "Estrie").check()
    expect(found(directory)).to_contain_text("28 organismes")
    assert parameters(directory) == {"region": ["05", "06"]}


def test_a_click_just_before_the_answer_counts_too(directory):
    """The answer to the first click must not wipe out the second, whose question waits to leave."""
    arrived = slow_answers(directory, milliseconds=300)
    open_filter(directory, "Montréal").check()
    directory.wait_for_timeout(330)
    open_filter(directory, "Estrie").check()
    expect(found(directory)).to_contain_text("28 organismes")
    expect(open_filter(directory, "Estrie")).to_be_checked()
    assert len(arrived) == 2


def slow_answers(page, milliseconds=400):
    """Hold back the answers to htmx; the list that grows with them."""
    answered = []

    def answer(route):
        if route.request.headers.get("hx-request"):
            page.wait_for_timeout(milliseconds)
            answered.append(route.request.url)
        route.continue_()

    page.route("**/organismes/?**", answer)
    return answered


def test_the_focus_stays_on_a_filter_that_folds_away(directory):
    directory.locator("#more-country summary").click()
    box = open_filter(directory, "Madagascar")
    box.check()
    directory.wait_for_url("**country=MG")
    expect(box).to_be_focused()
    box.press("Space")
    directory.wait_for_url("**/organismes/")
    expect(box).not_to_be_checked()
    expect(box).to_be_focused()


def test_applied_filters_are_removed_one_by_one_or_at_once(page, site):
    page.goto(site + "/organismes/?q=haiti&region=06&theme=sante")
    applied = page.get_by_role("list", name="Filtres appliqués").get_by_role("link")
    expect(applied).to_have_count(3)
    page.get_by_role("link", name="Retirer Région Montréal").click()
    page.wait_for_url("**/organismes/?q=haiti&theme=sante")
    expect(applied).to_have_count(2)
    expect(open_filter(page, "Santé")).to_be_checked()
    page.get_by_role("link", name=re.compile("^Retirer .* « haiti »")).click()
    page.wait_for_url("**/organismes/?theme=sante")
    expect(page.get_by_label(SEARCH)).to_have_value("")
    page.go_back()
    expect(page.get_by_label(SEARCH)).to_have_value("haiti")
    page.get_by_role("link", name="Tout retirer").click()
    page.wait_for_url("**/organismes/")
    expect(found(page)).to_contain_text("64 organismes")
    expect(applied).to_have_count(0)


def test_pages_keep_the_filters_and_begin_at_the_top(page, site):
    page.goto(site + "/organismes/?region=06")
    first = names(page)
    page.get_by_role("link", name="Suivant").click()
    page.wait_for_url("**/organismes/?region=06&page=2")
    expect(found(page)).to_contain_text("de 25 à 26")
    expect(page.locator(".card-name")).to_have_count(2)
    assert not set(first) & set(names(page))
    expect(open_filter(page, "Montréal")).to_be_checked()
    expect(page.locator(".card").first).to_be_in_viewport()
    expect(page.get_by_label(SEARCH)).to_be_in_viewport()
    expect(page.get_by_role("heading", name="Résultats")).to_be_focused()
    expect(page.get_by_role("link", name="Page 2")).to_have_attribute("aria-current", "page")


def test_a_table_for_those_who_compare(page, site):
    page.goto(site + "/organismes/?q=eau")
    page.get_by_role("link", name="Tableau").click()
    table = page.get_by_role("table", name="Organismes de cette page")
    expect(table.get_by_role("columnheader")).to_have_text(
        ["Nom", "Sigle", "Ville", "Région", "Thèmes", "Pays"]
    )
    assert parameters(page) == {"q": ["eau"], "display": ["table"]}
    # A filter chosen now keeps the table.
    open_filter(page, "Estrie").check()
    page.wait_for_url("**region=05**")
    expect(table.get_by_role("rowheader").first).to_be_visible()
    assert parameters(page)["display"] == ["table"]


def test_sorting_by_name_and_by_update(page, site):
    page.goto(site + "/organismes/?q=eau")
    by_relevance = names(page)
    page.get_by_role("link", name="Nom", exact=True).click()
    page.wait_for_url("**sort=name")
    expect(page.get_by_role("link", name="Nom", exact=True)).to_have_attribute(
        "aria-current", "true"
    )
    by_name = names(page)
    assert sorted(by_relevance) == sorted(by_name)
    assert by_relevance != by_name
    page.get_by_role("link", name="Mise à jour").click()
    page.wait_for_url("**sort=recent")
    assert sorted(names(page)) == sorted(by_name)
    # Another filter keeps the order.
    open_filter(page, "Haïti").check()
    page.wait_for_url("**country=HT**")
    assert parameters(page)["sort"] == ["recent"]


def test_approximate_results_say_what_was_understood(directory):
    directory.get_by_label(SEARCH).fill("oxfan")
    expect(found(directory)).to_contain_text("1 résultat approchant")
    expect(directory.get_by_text("« oxfan » a été compris comme « oxfam »")).to_be_visible()
    assert names(directory) == ["Oxfam-Québec"]


def test_an_empty_list_offers_ways_out(page, site):
    page.goto(site + "/organismes/?q=eau&region=17&theme=enfance&country=CU")
    expect(found(page)).to_contain_text("Aucun organisme trouvé")
    way_out = page.get_by_role("link", name=re.compile("^Sans tous les filtres"))
    number = re.search(r"\d+", way_out.inner_text()).group()
    way_out.click()
    page.wait_for_url("**/organismes/?q=eau")
    expect(found(page)).to_contain_text(f"{number} organismes")
    page.goto(site + "/organismes/?q=zzzzzz")
    page.get_by_role("link", name="Voir tous les organismes").click()
    expect(found(page)).to_contain_text("64 organismes")
    expect(page.get_by_label(SEARCH)).to_have_value("")


def test_the_other_language_shows_the_same_list(page, site):
    page.goto(site + "/organismes/?q=eau")
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**/en/organizations/?q=eau")
    expect(page.locator("html")).to_have_attribute("lang", "en-CA")
    # Also when the address has changed since the page was made.
    page.get_by_role("checkbox", name=re.compile("^Montréal ")).check()
    page.wait_for_url("**region=06**")
    found_in_english = re.search(r"\d+", found(page).inner_text()).group()
    page.get_by_role("link", name="Français").click()
    page.wait_for_url("**/organismes/?q=eau&region=06")
    expect(found(page)).to_contain_text(f"{found_in_english} organismes")


@pytest.mark.parametrize(
    ("french", "english"),
    [
        ("/", "/en/"),
        ("/organismes/oxfam-quebec/", "/en/organizations/oxfam-quebec/"),
        ("/regions/estrie/", "/en/regions/estrie/"),
        ("/donnees/", "/en/data/"),
    ],
)
def test_the_other_language_stays_on_the_page(page, site, french, english):
    page.goto(site + french)
    page.get_by_role("link", name="English").click()
    page.wait_for_url(f"**{english}")
    page.get_by_role("link", name="Français").click()
    page.wait_for_url(f"**{french}")


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_the_same_search_without_javascript(page, site):
    page.goto(site + "/")
    page.get_by_label(SEARCH).fill("eau Haïti")
    page.get_by_role("button", name="Rechercher").click()
    expect(found(page)).to_contain_text("4 organismes trouvés")
    open_filter(page, "Montréal").check()
    page.get_by_role("button", name="Appliquer les filtres").click()
    expect(found(page)).to_contain_text("2 organismes trouvés")
    assert parameters(page) == {"q": ["eau Haïti"], "region": ["06"]}
    page.get_by_role("link", name="Retirer Région Montréal").click()
    expect(found(page)).to_contain_text("4 organismes trouvés")
    page.get_by_role("link", name="Tableau").click()
    expect(page.get_by_role("table")).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(found(page)).to_contain_text("4 organizations found")
    # No button that would do nothing.
    expect(page.get_by_role("button", name="Copy the link to this list")).to_be_hidden()


def test_from_the_map_to_a_region(page, site):
    page.goto(site + "/")
    page.get_by_role("link", name="Montréal, 26 membres").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Montréal")
    lit = page.locator(".mosaic-region.is-current")
    expect(lit).to_have_attribute("aria-label", re.compile("^Montréal"))
    page.get_by_role("link", name="Chercher parmi eux").click()
    expect(found(page)).to_contain_text("26 organismes")


def test_a_contact_card_is_downloaded(page, site):
    page.goto(site + "/organismes/oxfam-quebec/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Ajouter à mes contacts").click()
    assert download.value.suggested_filename == "oxfam-quebec.vcf"
    card = download.value.path().read_text(encoding="utf-8")
    assert card.startswith("BEGIN:VCARD")
    assert "Oxfam-Québec" in card


def test_the_list_on_screen_is_downloaded(directory):
    """The link follows the filters that were chosen since the page was made."""
    open_filter(directory, "Estrie").check()
    directory.wait_for_url("**region=05")
    with directory.expect_download() as download:
        directory.get_by_role("link", name="CSV").click()
    rows = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 1 + 2
    assert ";" in rows[0]


def test_the_link_to_the_list_is_copied(directory, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_filter(directory, "Estrie").check()
    directory.wait_for_url("**region=05")
    directory.get_by_role("button", name="Copier le lien").click()
    expect(found(directory)).to_contain_text("Lien copié")
    assert directory.evaluate("navigator.clipboard.readText()") == directory.url


def test_a_page_that_does_not_exist_offers_the_search(page, site):
    answer = page.goto(site + "/organismes/nulle-part/")
    assert answer.status == 404
    page.get_by_role("combobox", name=SEARCH).fill("oxfam")
    page.get_by_role("button", name="Rechercher").click()
    assert names(page) == ["Oxfam-Québec"]


def test_filters_stay_open_on_a_phone(page, site):
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(site + "/organismes/")
    box = open_filter(page, "Estrie")
    expect(box).to_be_hidden()
    page.get_by_text("Filtres", exact=True).click()
    box.check()
    page.wait_for_url("**region=05")
    expect(box).to_be_visible()
    expect(box).to_be_focused()
