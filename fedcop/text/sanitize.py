"""HTML of strangers, cleaned until a page of ours may show it.

`SafeHtml` is made here only: whoever holds one need not escape it, everybody else must.
"""

import html as markup
import re
from typing import NewType
from urllib.parse import urlsplit

import nh3

from fedcop.errors import Sentence, TooLarge

SafeHtml = NewType("SafeHtml", str)
"""HTML that `clean` or `escape` made."""

MAX_INPUT = 256 * 1024
MAX_OUTPUT = 512 * 1024
MAX_DEPTH = 100

# up to so many tags even the deepest nesting costs nh3 (quadratic in depth) two milliseconds
_FEW_TAGS = 1_000

_TAGS = {
    *("div", "details", "summary", "figure", "figcaption"),
    *("p", "br", "hr", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("ul", "ol", "li", "dl", "dt", "dd", "a", "span", "code", "kbd", "em", "strong"),
    *("b", "i", "del", "ins", "s", "u", "sup", "sub", "ruby", "rt", "rp", "img"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
_DROPPED_WHOLE = {
    *("script", "style", "template", "noscript", "iframe", "noembed", "noframes", "object"),
    *("svg", "math", "textarea", "select", "title", "xmp", "plaintext", "head"),
}
_VOID = frozenset({"br", "hr", "img", "wbr", "input", "meta", "link", "source", "embed"})
_CLOSED_BY_THE_NEXT = frozenset(
    {"p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot"}
)

_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)"
    r"(?:\s+[^\s\"'<>/=]+(?:\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'=<>`]+))?)*\s*/?>"
)
_ANY_TAG = re.compile(r"<[^<>]*>?")
_IMAGE_OR_LINK = re.compile(r'<a |</a>|<img(?P<attributes>(?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_LINK = re.compile(r'<a(?P<attributes>(?: [a-z]+="[^"]*")*)>(?P<inside>.*?)</a>', re.DOTALL)
_INVISIBLE = re.compile(r'<span class="invisible">[^<]*</span>')
_HIDDEN_CLASS = ' class="invisible"'
_SHOWS_ADDRESS = re.compile(r"<a [^<>]*>(?:<[^<>]*>|\s){0,8}(?:https?://|www\.)", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://(?:www\.)?|www\.)(?P<host>[^\s/?#:]+)", re.IGNORECASE)
_BIDI_OVERRIDES = dict.fromkeys(range(0x202A, 0x202F))
_LANGUAGE = re.compile(r"[A-Za-z0-9-]{2,35}")
# what nearly every address is; anything else is taken apart
_USUAL_ADDRESS = re.compile(
    r"https?://[a-z0-9.-]{1,250}(?:/[A-Za-z0-9@%&=?#+:;,._~/!*()$'-]{0,1500})?"
)
_REL = "nofollow noopener noreferrer ugc"


def _attribute(_tag: str, name: str, value: str) -> str | None:
    if name in {"href", "src"}:
        return value if is_web_address(value) or (name == "href" and _is_mail(value)) else None
    if name == "start":
        return value if value.isdecimal() and len(value) <= 9 else None
    return value if name != "lang" or _LANGUAGE.fullmatch(value) else None


_cleaner = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=_DROPPED_WHOLE,
    # no title: no attribute but alt may hold free text, so that tags in the result can be found
    attributes={"*": {"lang"}, "a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}},
    allowed_classes={
        "a": {"mention", "hashtag", "u-url"},
        "span": {"h-card", "invisible", "ellipsis", "mention", "hashtag"},
    },
    attribute_filter=_attribute,
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel=_REL,
)


def clean(html: str) -> SafeHtml:
    """What of `html` a discussion needs: text, lists, quotes, code, tables, links.

    Links are absolute http(s) or mailto and carry rel. A picture becomes a link named by its alt
    text (a page never loads what a stranger hosts), h1 becomes h2, classes are those of mentions
    and hashtags. Behind a link that reads as an address of another host stands the host that it
    leads to. HTML nested deeper than 100 elements becomes its plain words. Raises TooLarge
    above 256 KiB, or where cleaning makes more than 512 KiB of it.
    """
    cleaned = reduce(_cleaner, html)
    if "<img" in cleaned:
        cleaned = _images_as_links(cleaned)
    if _HIDDEN_CLASS in cleaned:
        cleaned = _honest_links(cleaned)
    if _SHOWS_ADDRESS.search(cleaned):
        cleaned = _LINK.sub(_with_its_host, cleaned)
    return SafeHtml(cleaned.replace("<h1>", "<h2>").replace("</h1>", "</h2>"))


def escape(text: str) -> SafeHtml:
    """Plain text as HTML."""
    return SafeHtml(markup.escape(text))


def reduce(cleaner: nh3.Cleaner, html: str) -> str:
    """Run a cleaner within our limits of size, depth and trust; raises TooLarge as `clean` does."""
    body = html.encode(errors="replace")
    if len(body) > MAX_INPUT:
        raise TooLarge(
            Sentence("The text is longer than {most} KiB: shorten it.", most=MAX_INPUT // 1024)
        )
    html = body.decode().translate(_BIDI_OVERRIDES)
    if html.count("<") > _FEW_TAGS and not _is_shallow(html):
        return _words_only(html)
    try:
        cleaned = cleaner.clean(html)
    except BaseException as error:
        # a panic of the Rust library is no Exception, and must not end the server
        if type(error).__name__ != "PanicException":
            raise
        return _words_only(html)
    if "\r" in cleaned:  # written as &#13;: a browser would read it as a line's end, too
        cleaned = cleaned.replace("\r\n", "\n").replace("\r", "\n")
    if len(cleaned) > MAX_OUTPUT:
        raise TooLarge(
            Sentence(
                "The text makes more than {most} KiB of HTML: shorten it.", most=MAX_OUTPUT // 1024
            )
        )
    return cleaned


def is_web_address(value: str) -> bool:
    """Whether `value` is an absolute http(s) URL that shows the host that it leads to."""
    if _USUAL_ADDRESS.fullmatch(value):
        return True
    if len(value) > 2_048 or not value.isprintable() or any(c in value for c in ' <>"\\`'):
        return False
    try:
        parts = urlsplit(value)
        return (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
        )
    except ValueError:
        return False


def _is_mail(value: str) -> bool:
    return bool(re.fullmatch(r"mailto:[\w.+-]{1,64}@[\w.-]{1,255}", value, re.ASCII))


def _words_only(html: str) -> str:
    return markup.escape(markup.unescape(" ".join(_ANY_TAG.sub(" ", html).split())))


def _is_shallow(html: str) -> bool:
    """Whether `html` surely is at most 100 elements deep.

    Only regular tags are understood, and an end tag counts only for the element opened last: what
    a browser would repair may be deeper than it looks, and is not shallow.
    """
    stack: list[str] = []
    place = 0
    while (place := html.find("<", place)) >= 0:
        tag = _TAG.match(html, place)
        if tag is None or (name := tag["name"].lower()) in _DROPPED_WHOLE:
            return False
        if tag["end"]:
            if stack and stack[-1] == name:
                stack.pop()
        elif name not in _VOID and name not in _CLOSED_BY_THE_NEXT:
            stack.append(name)
            if len(stack) > MAX_DEPTH:
                return False
        place = tag.end()
    return True


def _images_as_links(cleaned: str) -> str:
    inside_link = False

    def replace(found: re.Match[str]) -> str:
        nonlocal inside_link
        if found[0] in {"<a ", "</a>"}:
            inside_link = found[0] == "<a "
            return found[0]
        attributes = {name: markup.unescape(value) for name, value in _ATTRIBUTE.findall(found[0])}
        address, words = attributes.get("src"), attributes.get("alt", "").strip()
        if address is None or inside_link:
            return markup.escape(words)
        words = words or urlsplit(address).hostname or address
        return f'<a href="{markup.escape(address)}" rel="{_REL}">{markup.escape(words)}</a>'

    return _IMAGE_OR_LINK.sub(replace, cleaned)


def _honest_links(cleaned: str) -> str:
    """Leave text hidden only where what is left still shows the host that the link leads to."""
    parts: list[str] = []
    place = 0
    for found in _LINK.finditer(cleaned):
        parts.append(cleaned[place : found.start()].replace(_HIDDEN_CLASS, ""))
        attributes = dict(_ATTRIBUTE.findall(found["attributes"]))
        host = urlsplit(markup.unescape(attributes.get("href", ""))).hostname or "\0"
        shown = markup.unescape(_ANY_TAG.sub("", _INVISIBLE.sub("", found["inside"])))
        shows = shown.strip().lower().removeprefix("www.").startswith(host.removeprefix("www."))
        parts.append(found[0] if shows else found[0].replace(_HIDDEN_CLASS, ""))
        place = found.end()
    parts.append(cleaned[place:].replace(_HIDDEN_CLASS, ""))
    return "".join(parts)


def _with_its_host(link: re.Match[str]) -> str:
    """The link, and where its words are the address of another host, the one it leads to."""
    attributes = dict(_ATTRIBUTE.findall(link["attributes"]))
    host = urlsplit(markup.unescape(attributes.get("href", ""))).hostname or ""
    shown = markup.unescape(_ANY_TAG.sub("", _INVISIBLE.sub("", link["inside"]))).strip()
    address = _ADDRESS.match(shown)
    if not host or address is None or address["host"].lower() == host.removeprefix("www."):
        return link[0]
    told = f" ({markup.escape(host)})"
    return link[0] if link.string.startswith(told, link.end()) else link[0] + told
