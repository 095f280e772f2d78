"""The small Markdown of events, campaigns and statements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.markdown import html, plain


def test_what_a_text_needs():
    made = html(
        "# Titre\n\nUn **mot**, un *autre*,\nune [page](https://exemple.example/).\n\n- a\n- b"
    )
    assert "<h3>Titre</h3>" in made
    assert "<strong>mot</strong>" in made
    assert "<em>autre</em>,<br>" in made
    assert '<a href="https://exemple.example/" rel="noopener nofollow">page</a>' in made
    assert made.count("<li>") == 2


@pytest.mark.parametrize("text", ["", "  \n ", None])
def test_nothing_gives_nothing(text):
    assert html(text) == ""
    assert plain(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![image](https://exemple.example/suivi.png)",
        "[clic](javascript:alert(1))",
        "[clic](data:text/html;base64,PHNjcmlwdD4=)",
        "<javascript:alert(1)>",
        '<a href="https://exemple.example" onclick="x()">clic</a>',
        "[a]: javascript:alert(1)\n\n[a]",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(text):
    made = html(text)
    assert "<script" not in made
    assert "<img" not in made
    assert "onclick=" not in made.replace("&quot;", "") or "<a" not in made
    assert 'href="javascript' not in made
    assert 'href="data' not in made


@given(st.text(max_size=300))
def test_whatever_is_typed_gives_only_allowed_tags(text):
    import re

    tags = set(re.findall(r"</?([a-zA-Z][\w-]*)", html(text)))
    allowed = {"p", "br", "em", "strong", "ul", "ol", "li", "a", "blockquote", "h3", "h4", "hr"}
    assert tags <= allowed
    assert "\x00" not in plain(text)


def test_plain_words_keep_addresses_and_lists():
    text = (
        "Un **mot** & <x>.\n\n- [page](https://exemple.example/)\n- b\n\n<https://exemple.example/>"
    )
    assert plain(text) == (
        "Un mot & <x>.\n\n- page (https://exemple.example/)\n- b\n\nhttps://exemple.example/"
    )
