"""What our own people write, as HTML."""

import re
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from fedcop.errors import Sentence, TooLarge
from fedcop.text.sanitize import SafeHtml, clean

MAX_SOURCE = 50_000
MOST_BRACKETS = 2_000
"""Each opening one is read up to twenty times over: 50,000 of them would take a second."""

_MENTION = re.compile(r"[@!][\w.-]+(?:@[\w.:-]+)?")
_RUN = re.compile(r"([#@:=%+{}[])\1{7,}")
_HASHTAG = re.compile(r"#\w+")


def render(source: str) -> SafeHtml:
    """CommonMark with tables, strikethrough and bare links, cleaned; no HTML of the writer's.

    A link that is named by a handle or a hashtag gets the class that other servers give it. In a
    text with more than 2,000 opening brackets no `[text](address)` is a link.
    Raises TooLarge above 50,000 characters.
    """
    if len(source) > MAX_SOURCE:
        raise TooLarge(
            Sentence("The text is longer than {most} characters: shorten it.", most=MAX_SOURCE)
        )
    parser = _parser if source.count("[") <= MOST_BRACKETS else _without_brackets
    return clean(parser.render(source))


def _name_classes(state: StateCore) -> None:
    for block in state.tokens:
        for link, inside in pairwise(block.children or ()):
            if link.type == "link_open" and inside.type == "text":
                _name_class(link, inside.content)


def _name_class(link: Token, text: str) -> None:
    if _MENTION.fullmatch(text):
        link.attrSet("class", "u-url mention")
    elif _HASHTAG.fullmatch(text):
        link.attrSet("class", "mention hashtag")


def _take_run(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  called by the parser
    """Thousands of the same sign in a row are text: asking every rule about each takes long."""
    run = _RUN.match(state.src, state.pos)
    if run is None:
        return False
    if not silent:
        state.pending += run[0]
    state.pos = run.end()
    return True


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True})
    parser.enable(["linkify", "table", "strikethrough"])
    # only what says http:// or https:// is meant as a link
    linkify: Any = parser.linkify
    if linkify is not None:
        linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    parser.core.ruler.push("name_classes", _name_classes)
    return parser


_parser = _make_parser()
_without_brackets = _make_parser().disable(["link", "image"])
_without_brackets.inline.ruler.before("text", "run", _take_run)
