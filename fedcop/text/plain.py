"""The plain words of HTML: for search, titles, mail and previews."""

import html as markup
import re

import nh3

from fedcop.text.sanitize import clean, reduce

_PARAGRAPHS = {
    *("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "dl"),
    *("table", "hr", "figure", "details", "section", "article", "header", "footer"),
}
_LINES = {"br", "li", "tr", "dt", "dd", "caption", "figcaption", "summary"}
_ITEM_ENDS = {"</li>", "</tr>", "</dt>", "</dd>"}
_CELLS = {"td", "th"}

_skeleton = nh3.Cleaner(
    tags=_PARAGRAPHS | _LINES | _CELLS,
    clean_content_tags={"script", "style", "template", "title", "svg", "math", "head"},
    attributes={"*": set()},
    link_rel=None,
)
_TAG = re.compile(r"</?([a-z0-9]+)>")
_CODE = re.compile(r"<pre>[^<]*")
_BLANKS = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n ?")
_GAPS = re.compile(r"\n{3,}")

_MENTION = re.compile(r'<a [^<>]*class="[^"]*\bmention\b[^"]*"[^<>]*>@.*?</a>', re.DOTALL)
_HANDLE = r"[@!][\w.-]+(?:@[\w.-]+(?::\d+)?)?"
_FULL_HANDLE = re.compile(r"(?<![\w/@])[@!][\w-][\w.-]*@[\w.-]+\w")
_LEADING = re.compile(rf"^(?:{_HANDLE}[\s,:;]+)+|^{_HANDLE}$")
_TRAILING = re.compile(rf"(?:\s+{_HANDLE})+$")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=\W*[^\Wa-z])|(?<=[。！？])")


def words(html: str) -> str:
    """`html` as plain text: paragraphs apart by an empty line, list items and rows by a line.

    Raises TooLarge above 256 KiB.
    """
    skeleton = reduce(_skeleton, html)
    if "<pre>" in skeleton:
        skeleton = _CODE.sub(lambda code: code[0].replace("\n", "<br>"), skeleton)
    # elsewhere a line break in HTML is a blank; those that count come from the tags
    text = _TAG.sub(_gap, " ".join(skeleton.split()))
    text = _BLANKS.sub(" ", markup.unescape(text))
    return _GAPS.sub("\n\n", _BREAKS.sub("\n", text)).strip()


def excerpt(html: str, limit: int) -> str:
    """The first words on one line, at most `limit` characters; "…" says that there is more."""
    return shorten(words(html), limit)


def shorten(text: str, limit: int) -> str:
    """Plain text on one line, cut between two words to at most `limit` characters with its "…"."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    head = line[: limit - 1]
    if line[limit - 1] != " ":
        shorter = head.rpartition(" ")[0]
        # one endless word (or a script without blanks) is cut where it is
        head = shorter if len(shorter) >= limit // 2 else head
    return head.rstrip(" ,;:–-") + "…"


def first_sentence(html: str, limit: int = 120) -> str:
    """The title of a post without one: its first sentence without mentions, or "".

    Mentions are dropped where they are links of that class, full handles, or stand at an end
    (Mastodon writes the community's handle there).
    """
    for paragraph in words(_MENTION.sub(" ", clean(html))).split("\n"):
        line = _FULL_HANDLE.sub("", paragraph)
        line = _TRAILING.sub("", _LEADING.sub("", line.strip())).strip(" ,:;\u200b")
        sentence = _SENTENCE.split(" ".join(line.split()), maxsplit=1)[0].strip()
        if any(character.isalnum() for character in sentence):
            return shorten(sentence, limit)
    return ""


def _gap(tag: re.Match[str]) -> str:
    if tag[1] in _PARAGRAPHS:
        return "\n\n"
    if tag[1] in _LINES:
        # the end of an item is where the next one begins
        return "" if tag[0] in _ITEM_ENDS else "\n"
    return " "
