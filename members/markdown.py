"""The small Markdown of events, campaigns and statements, made into safe HTML.

Paragraphs, line breaks, emphasis, lists, links, quotations and two levels of headings: nothing
else. What people typed is read by markdown-it, without HTML, and what it gives passes through nh3.
"""

import functools
import re
from html import unescape

import nh3
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt

# Under the page's h1 and its h2.
HEADINGS = {"h1": "h3", "h2": "h4", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}
TAGS = {"p", "br", "em", "strong", "ul", "ol", "li", "a", "blockquote", "h3", "h4", "hr"}

_parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20}).disable(
    ["image", "html_block", "html_inline", "code", "fence", "backticks"]
)


def _lowered(parser, tokens, index, options, env):
    """A heading one may have typed at any level, two levels down."""
    token = tokens[index]
    token.tag = HEADINGS[token.tag]
    return parser.renderToken(tokens, index, options, env)


_parser.add_render_rule("heading_open", _lowered)
_parser.add_render_rule("heading_close", _lowered)


def html(text):
    """`text` as HTML that may stand in a page; an empty text gives an empty one."""
    if not text or not text.strip():
        return ""
    made = nh3.clean(
        _parser.render(text),
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener nofollow",
    )
    return mark_safe(made)


# A feed asks for a thousand of them each time that one changes.
@functools.lru_cache(maxsize=2000)
def plain(text):
    """`text` as plain words, for calendars and feeds that show no markup: links keep their address
    between parentheses."""
    if not text:
        return ""
    said = re.sub(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', _with_address, html(text))
    said = re.sub(r"<li>\s*(?:<p>)?", "- ", said)
    said = re.sub(r"<br>\n?|</li>\n?", "\n", said)
    said = re.sub(r"</(?:p|h3|h4|blockquote|ul|ol)>", "\n", said)
    said = nh3.clean(said, tags=set())
    lines = unescape(said).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in lines)).strip()


def _with_address(found):
    address, words = found[1], found[2]
    bare = address.removeprefix("mailto:").removeprefix("tel:")
    return words if words == bare else f"{words} ({bare})"
