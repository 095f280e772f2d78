"""Lists in the pages of other sites: what they show, and that nothing else may be framed."""

import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import override

from members.directory.calendar_listing import PAGE_SIZE as CALENDAR_PAGE_SIZE
from members.directory.embed_pages import EMBEDS
from members.directory.embeds import LOOKS, line_of_html, turned
from members.directory.listing import PAGE_SIZE
from tests.aqoci.test_site import every_url
from tests.factories import EventFactory, OrganizationFactory
from tests.members.published import publish

pytestmark = pytest.mark.django_db

# The only addresses that other sites may show in a frame, and the only page with a frame in it.
FRAMED = {"members:embed-organizations", "members:embed-calendar"}
FRAMING = {"members:embed"}


def address(name="embed-organizations", query="", language="fr"):
    with override(language):
        return reverse(f"members:{name}") + query


class Elements(HTMLParser):
    """Every element of a page as (tag, attributes), and the text of its textareas."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.text, self.inside = [], "", False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.inside = tag == "textarea"

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        self.text += data if self.inside else ""

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def elements(response):
    return Elements(response.content.decode())


def names(response):
    """The names of the organizations listed, in order."""
    return re.findall(r"<h2><a [^>]*>([^<]*)</a></h2>", response.content.decode())


def policy(response):
    """{directive: sources} of the answer's Content-Security-Policy."""
    parts = (part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    return {part[0]: part[1] for part in parts}


# Who may frame what


def test_only_the_embeddable_lists_may_be_framed(client):
    walked = set()
    for name, _view in every_url():
        for arguments in ([], ["rien"], [1]):
            try:
                path = reverse(name, args=arguments)
            except NoReverseMatch:
                continue
            response = client.get(path)
            walked.add(name)
            framed = name in FRAMED
            assert policy(response)["frame-ancestors"] == ("*" if framed else "'none'"), name
            assert response.get("X-Frame-Options") == (None if framed else "DENY"), name
            assert ("frame-src" in policy(response)) is (name in FRAMING), name
    assert walked > FRAMED | FRAMING
    assert len(walked) > 100


def test_nothing_else_is_relaxed(client):
    """The same headers as any page, but for who may frame it."""
    ordinary, framed = client.get("/organismes/"), client.get(address())
    assert policy(framed) == policy(ordinary) | {"frame-ancestors": "*"}
    same = set(ordinary.headers) - {"Content-Security-Policy", "X-Frame-Options"}
    same -= {"Content-Length", "ETag"}
    assert {name: framed.get(name) for name in same} == {name: ordinary[name] for name in same}
    assert set(framed.headers) <= set(ordinary.headers)


def test_errors_at_its_address_keep_the_strict_policy(client):
    for response in (client.get(address() + "rien/"), client.post(address())):
        assert response.status_code in (404, 405)
        assert policy(response)["frame-ancestors"] == "'none'"


def test_our_own_page_may_frame_ourselves_and_nobody_else(client):
    page = client.get(address("embed"))
    assert policy(page) == policy(client.get("/organismes/")) | {"frame-src": "'self'"}


def test_kept_frame_has_the_same_headers(client, settings):
    settings.KEEP_PAGES = True
    first, second = client.get(address()), client.get(address())
    assert policy(second) == policy(first)
    assert "X-Frame-Options" not in second
    again = client.get(address(), headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert "X-Frame-Options" not in again


@pytest.mark.parametrize("who", ["nobody", "superuser"])
def test_nothing_is_stored_and_nothing_runs(client, cast, who):
    publish("Eau")
    if cast[who]:
        client.force_login(cast[who])
    response = client.get(address())
    assert not response.cookies
    found = elements(response)
    assert not found.all("script")
    assert not found.all("form")
    assert not found.all("input")
    assert not any("style" in attributes for _tag, attributes in found.elements)


# What it shows


def test_frame_lists_members_only(client):
    publish("Eau", acronym="EPT", town="Sherbrooke", summary_fr="De l’eau pour tout le monde.")
    OrganizationFactory(name_fr="Parti", lapsed=True)
    OrganizationFactory(name_fr="Allié", outside=True)
    response = client.get(address())
    assert names(response) == ["Eau"]
    html = response.content.decode()
    for text in ("EPT", "Sherbrooke", "Estrie", "De l’eau pour tout le monde."):
        assert text in html


def test_frame_reads_the_parameters_of_the_directory(client):
    publish("Eau d’Estrie", town="Sherbrooke", themes=["eau-assainissement"], countries=["HT"])
    publish("Santé d’Estrie", town="Sherbrooke", themes=["sante"], countries=["HT"])
    publish("Eau de Montréal", town="Montréal", themes=["eau-assainissement"], countries=["SN"])
    for query, expected in {
        "?region=05": ["Eau d’Estrie", "Santé d’Estrie"],
        "?region=05&theme=sante": ["Santé d’Estrie"],
        "?theme=eau-assainissement&theme=sante&country=SN": ["Eau de Montréal"],
        "?q=montreal": ["Eau de Montréal"],
        "?region=17": [],
        "?display=table&sort=name&region=06&utm_source=x": ["Eau de Montréal"],
    }.items():
        assert names(client.get(address(query=query))) == expected, query


def test_frame_speaks_either_language(client):
    publish("L’Eau", name_en="Water", slug="eau")
    french, english = client.get(address()), client.get(address(language="en"))
    assert names(french) == ["L’Eau"]
    assert names(english) == ["Water"]
    assert elements(french).all("html") == [{"lang": "fr-CA"}]
    assert elements(english).all("html") == [{"lang": "en-CA"}]
    assert "Members of the AQOCI" in english.content.decode()


def test_links_lead_out_of_the_frame(client, settings):
    settings.SITE_URL = "https://membres.example.org"
    publish("Eau", slug="eau", town="Sherbrooke")
    found = elements(client.get(address(query="?region=05&look=dark")))
    assert found.all("base") == [{"target": "_top"}]
    links = found.all("a")
    assert [link["href"] for link in links] == ["/organismes/eau/", "/organismes/?region=05"]
    assert not any("target" in link for link in links)
    canonical = [link["href"] for link in found.all("link") if link["rel"] == "canonical"]
    assert canonical == ["https://membres.example.org/organismes/?region=05"]
    assert {"name": "robots", "content": "noindex"} in found.all("meta")


def test_pages_turn_inside_the_frame(client):
    for number in range(PAGE_SIZE + 2):
        publish(f"Organisme {number:02}", town="Montréal")
    query = "?region=06&look=light"
    first = client.get(address(query=query))
    (following,) = [link for link in elements(first).all("a") if link.get("rel") == "next"]
    assert following["target"] == "_self"
    assert parse_qs(urlsplit(following["href"]).query) == {
        "region": ["06"],
        "look": ["light"],
        "page": ["2"],
    }
    second = client.get(following["href"])
    assert names(second) == ["Organisme 24", "Organisme 25"]
    (back,) = [link for link in elements(second).all("a") if link.get("rel") == "prev"]
    assert back["href"] == address(query=query)


def test_frame_says_what_it_left_out(client):
    html = client.get(address(query="?region=99&look=mauve", language="en")).content.decode()
    assert "Left out of the address: Region “99” is not known here." in html
    assert "look “mauve”" in html
    assert "data-look" not in html


def test_frame_says_when_nothing_is_found(client):
    html = client.get(address(query="?region=17", language="en")).content.decode()
    assert "No organization found" in html
    assert "See this list in the directory of members" in html


@pytest.mark.parametrize("look", ["light", "dark"])
def test_page_around_may_ask_for_a_look(client, look):
    found = elements(client.get(address(query=f"?look={look}")))
    assert found.all("html") == [{"lang": "fr-CA", "data-look": look}]
    assert {"name": "color-scheme", "content": look} in found.all("meta")


def test_looks_have_the_colours_of_the_site(settings):
    folder = settings.BASE_DIR / "aqoci" / "static" / "css"
    tokens, frame = ((folder / f"{name}.css").read_text() for name in ("tokens", "embed"))
    light, dark = tokens.split("@media (prefers-color-scheme: dark)")
    for look, source in (("light", light), ("dark", dark)):
        block = re.search(rf'data-look="{look}"\] {{([^}}]*)}}', frame)[1]
        colours = re.findall(r"(--color-[\w-]+): (#\w+);", block)
        assert colours
        for name, value in colours:
            assert f"{name}: {value};" in source, (look, name)
    used = set(re.findall(r"var\((--color-[\w-]+)\)", frame))
    assert used <= set(re.findall(r"(--color-[\w-]+): #", frame))


def test_demonstration_says_so_in_the_frame_too(client, settings):
    assert "Demonstration site." not in client.get(address(language="en")).content.decode()
    settings.DEMONSTRATION = True
    assert "Demonstration site." in client.get(address(language="en")).content.decode()


@pytest.mark.parametrize(
    "query", ["?q=%00", "?q=" + "é" * 3000, "?page=99999999999", "?region=%27", "?look=%3Cb%3E"]
)
def test_any_address_answers(client, query):
    assert client.get(address(query=query)).status_code == 200
    assert client.get(address("embed", query)).status_code == 200


@pytest.mark.parametrize("name", ["embed-organizations", "embed"])
def test_frame_asks_as_much_for_two_as_for_twenty(client, name, django_assert_num_queries):
    counts = []
    for number in range(20):
        publish(f"Organisme {number:02}", town="Montréal", themes=["sante"])
        if number in (1, 19):
            client.get("/")  # the vocabulary of this version is read
            with django_assert_num_queries(4 if name == "embed-organizations" else 2) as queries:
                client.get(address(name, "?region=06&theme=sante"))
            counts.append(len(queries))
    assert counts[0] == counts[1] <= 6


# The calendar


def test_frame_lists_the_dates_that_come(client):
    eau = OrganizationFactory(name_fr="Eau (fictif)")
    EventFactory(title_fr="Hier", days=-1)
    EventFactory(title_fr="Soirée à Rimouski", town="Rimouski", by=[eau], venue="Salle 2")
    EventFactory(title_fr="Soirée à Montréal", town="Montréal", days=8)
    EventFactory(title_fr="Souper", town="Rimouski", days=9, status="cancelled")
    EventFactory(title_fr="Brouillon", published_at=None)
    page = client.get(address("embed-calendar", "?region=01&look=dark&view=month&utm_source=x"))
    assert names(page) == ["Soirée à Rimouski", "Souper"]
    html = page.content.decode()
    for text in ("Salle 2", "Rimouski", "Bas-Saint-Laurent", "Eau (fictif)", "Annulée"):
        assert text in html
    found = elements(page)
    assert found.all("base") == [{"target": "_top"}]
    assert not found.all("script")
    assert not found.all("form")
    links = [link["href"] for link in found.all("a")]
    assert links[0].startswith("/calendrier/soiree-a-rimouski")
    assert links[-1] == "/calendrier/?region=01"


def test_dates_turn_inside_the_frame(client):
    for number in range(CALENDAR_PAGE_SIZE + 1):
        EventFactory(title_fr=f"Soirée {number:02}", days=number + 1)
    first = client.get(address("embed-calendar", "?look=light"))
    (following,) = [link for link in elements(first).all("a") if link.get("rel") == "next"]
    assert following["target"] == "_self"
    second = client.get(following["href"])
    assert names(second) == [f"Soirée {CALENDAR_PAGE_SIZE}"]


def test_frame_of_dates_asks_as_much_for_two_as_for_twenty(client, django_assert_max_num_queries):
    counts = []
    for number in range(20):
        EventFactory(by=[OrganizationFactory()], themes=["sante"], town="Rimouski")
        if number in (1, 19):
            client.get("/")
            with django_assert_max_num_queries(6) as queries:
                client.get(address("embed-calendar", "?region=01"))
            counts.append(len(queries))
    assert counts[0] == counts[1]


def test_page_gives_the_line_of_the_calendar(client):
    EventFactory(title_fr="Soirée", town="Rimouski", themes=["sante"])
    page = client.get(address("embed", "?list=calendar&region=01&country=HT&language=en"))
    assert line(page)["src"] == "http://testserver" + address(
        "embed-calendar", "?region=01", language="en"
    )
    assert names(client.get(elements(page).all("iframe")[0]["src"])) == ["Soirée"]


# The page that gives the line


def line(response):
    """The attributes of the frame whose HTML the page offers."""
    (frame,) = Elements(elements(response).text).all("iframe")
    return frame


def test_page_gives_one_line_that_shows_the_list(client, settings):
    settings.SITE_URL = "https://membres.example.org"
    publish("Eau d’Estrie", town="Sherbrooke", themes=["eau-assainissement"])
    publish("Eau de Montréal", town="Montréal", themes=["eau-assainissement"])
    query = "?theme=eau-assainissement&region=05&look=dark&language=en&sort=recent&display=table"
    page = client.get(address("embed", query))
    text = elements(page).text
    assert len(text.splitlines()) == 1
    frame = line(page)
    assert frame["src"].startswith("https://membres.example.org" + address(language="en") + "?")
    assert parse_qs(urlsplit(frame["src"]).query) == {
        "region": ["05"],
        "theme": ["eau-assainissement"],
        "sort": ["recent"],
        "look": ["dark"],
    }
    assert frame["title"] == "Members of the AQOCI"
    (preview,) = elements(page).all("iframe")
    assert "https://membres.example.org" + preview["src"] == frame["src"]
    assert names(client.get(preview["src"])) == ["Eau d’Estrie"]


def test_without_a_choice_the_line_shows_everybody_in_the_language_of_the_page(client):
    for language in ("fr", "en"):
        page = client.get(address("embed", language=language))
        assert line(page)["src"] == "http://testserver" + address(language=language)
    page = client.get(address("embed", "?language=xx&look=mauve&list=rien&q=&look="))
    assert line(page)["src"] == "http://testserver" + address()


def test_page_keeps_what_was_chosen(client):
    publish("Eau", town="Sherbrooke", themes=["eau-assainissement"])
    page = client.get(address("embed", "?region=05&q=eau&language=en&look=light&sort=recent"))
    inputs = elements(page).all("input")
    chosen = {(one["name"], one["value"]) for one in inputs if "checked" in one}
    assert chosen == {
        ("list", "organizations"),
        ("region", "05"),
        ("language", "en"),
        ("look", "light"),
    }
    texts = {(one["name"], one["value"]) for one in inputs if one["type"] in ("search", "hidden")}
    assert texts == {("q", "eau"), ("sort", "recent")}


def test_form_asks_for_each_thing_once(client):
    publish("Eau", town="Sherbrooke", themes=["eau-assainissement"], countries=["HT"])
    ids = [
        one["id"] for _tag, one in elements(client.get(address("embed"))).elements if "id" in one
    ]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "text", ['"><script>alert(1)</script>', "</textarea><b>", "l’eau & l'air", "a=b&look=dark"]
)
def test_no_words_get_out_of_the_line(client, text):
    page = client.get(address("embed"), {"q": text})
    frame = line(page)
    assert set(frame) == {"src", "title", "loading", "height", "style"}
    assert parse_qs(urlsplit(frame["src"]).query) == {"q": [text]}
    assert Elements(line_of_html("/?q=%22", text)).elements[0][1]["title"] == text


def test_page_is_found_from_the_data_the_directory_and_the_footer(client):
    publish("Eau", town="Sherbrooke")
    pages = ("/donnees/", "/organismes/?region=05&display=table", "/")
    data, directory, home = (client.get(page) for page in pages)
    for response in (data, home):
        assert address("embed") in [link.get("href") for link in elements(response).all("a")]
    links = [link.get("href") for link in elements(directory).all("a")]
    assert address("embed", "?region=05") in links


def test_every_list_that_is_offered_may_be_framed():
    assert {f"members:{one.address}" for one in EMBEDS} <= FRAMED
    assert len({one.key for one in EMBEDS}) == len(EMBEDS)


def test_addresses_say_nothing_that_is_empty():
    assert turned("/x/", []) == "/x/"
    assert turned("/x/", [("q", "é &"), ("region", "")], look="", page="") == "/x/?q=%C3%A9+%26"
    assert set(LOOKS) == {"", "light", "dark"}
