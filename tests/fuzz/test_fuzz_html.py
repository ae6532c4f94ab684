"""The cleaner of HTML: whatever comes in, only what stands in the list comes out."""

import json
import time
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedcop.errors import TooLarge
from fedcop.text.markdown import render
from fedcop.text.plain import excerpt
from fedcop.text.sanitize import MAX_INPUT, clean, escape
from tests.fuzz.examples import few

# Written down here once more, so that nothing gets into the product's list unseen.
_TAGS = (
    "div details summary figure figcaption p br hr blockquote pre h2 h3 h4 h5 h6 ul ol li dl dt dd "
    "a span code kbd em strong b i del ins s u sup sub ruby rt rp table caption thead tbody tfoot "
    "tr th td"
)
TAGS = set(_TAGS.split())
ATTRIBUTES = {"a": {"href", "rel", "class", "lang"}, "span": {"class", "lang"}}
ATTRIBUTES |= {"ol": {"start", "lang"}}
CLASSES = {"mention", "hashtag", "u-url", "h-card", "invisible", "ellipsis"}


class Strict(HTMLParser):
    """Fails for everything that is not in the lists above."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names)
        assert set(names) <= ATTRIBUTES.get(tag, {"lang"}), (tag, names)
        for name, value in attrs:
            text = value or ""
            if name == "href":
                assert urlsplit(text).scheme in {"http", "https", "mailto"}, text
                assert "@" not in urlsplit(text).netloc
                assert dict(attrs)["rel"] == "nofollow noopener noreferrer ugc"
            elif name == "class":
                assert set(text.split()) <= CLASSES, text
            elif name == "start":
                assert text.isdecimal()

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")


def words_of(html: str) -> str:
    strict = Strict()
    strict.feed(html)
    strict.close()
    return strict.words


def check(html: str) -> str:
    """Only what may, and the same again when it is cleaned again."""
    cleaned = clean(html)
    words_of(cleaned)
    assert clean(cleaned) == cleaned
    assert not any(char in cleaned for char in "\u202a\u202b\u202c\u202d\u202e")
    return cleaned


_ODD_TAGS = (
    "script style svg math img iframe form input base meta link template noscript textarea title "
    "xmp plaintext select option object embed video audio body html head p div a span table tr td "
    "mtext mglyph foreignObject annotation-xml desc frameset marquee x-y A:B script/x"
)
ODD_TAGS = st.sampled_from(_ODD_TAGS.split())
_ODD_ATTRIBUTES = (
    "onload onerror onclick href src style class id name xlink:href formaction srcdoc action "
    "data-hx-get hx-get lang start rel target autofocus contenteditable is slot"
)
ODD_ATTRIBUTES = st.sampled_from(_ODD_ATTRIBUTES.split())
ODD_VALUES = st.sampled_from(
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "&#106;avascript:x",
        "data:text/html,<script>", "//evil.test", "https://evil.test@good.test/", "vbscript:x",
        "https://good.test/", "mailto:a@b.test", "x:expression(1)", "\x01javascript:x", "3", "de",
        "mention notice", "https://good.test/\u202e", "https:evil.test", "http:\\\\evil.test", "'",
        '"', "`", "<", ">", "-->", "]]>",
    ]
)  # fmt: skip
ELEMENTS = st.recursive(
    st.text(max_size=6) | ODD_VALUES,
    lambda below: st.builds(
        lambda tag, attributes, quote, inside, closed: (
            f"<{tag} "
            + " ".join(f"{n}={quote}{v}{quote}" for n, v in attributes)
            + f">{''.join(inside)}"
            + (f"</{tag}>" if closed else "")
        ),
        ODD_TAGS,
        st.lists(st.tuples(ODD_ATTRIBUTES, ODD_VALUES), max_size=3),
        st.sampled_from(['"', "'", ""]),
        st.lists(below, max_size=3),
        st.booleans(),
    ),
    max_leaves=8,
)


@given(ELEMENTS)
@few(150)
def test_elements_of_any_kind(html: str) -> None:
    check(html)


@given(ELEMENTS, st.data())
@few(100)
def test_elements_that_are_torn(html: str, data) -> None:
    at = data.draw(st.integers(0, len(html)))
    piece = data.draw(st.sampled_from(["<", ">", "</", "<!--", "\0", "&", "'", '"', "<![CDATA["]))
    check(html[:at] + piece + html[at + data.draw(st.integers(0, 4)) :])


@given(st.text(max_size=200))
@few(80)
def test_text_stays_what_it_is(text: str) -> None:
    """Escaped, it comes back word for word, whatever it looks like."""
    said = text.encode(errors="replace").decode().replace("\r", "\n")
    said = "".join(c for c in said if c != "\0" and not 0x202A <= ord(c) <= 0x202E)
    assert words_of(clean(escape(said))) == said
    assert words_of(check(f"<p>{escape(said)}</p>")) == said


@given(st.text(alphabet="[]()!*_`~|-#>@:/.\\<>&\"' \nax1\tjavascript:", max_size=120) | ELEMENTS)
@few(100)
def test_markdown_of_any_kind(source: str) -> None:
    html = render(source)
    words_of(html)
    assert clean(html) == html
    assert "<" not in excerpt(html, 100).replace("<", "", source.count("<") + source.count("&lt;"))


def test_the_published_markdown_and_attacks(shared: Path) -> None:
    folder = shared / "hostile-data"
    examples = json.loads((folder / "markdown" / "commonmark-spec.json").read_text())
    texts = [example["markdown"] for example in examples] + [one["html"] for one in examples]
    texts += [path.read_text(errors="replace") for path in (folder / "xss").rglob("*.test")]
    texts += json.loads((folder / "strings" / "blns.json").read_text())
    assert len(texts) > 1_500
    for text in texts:
        check(text)
        words_of(render(text))


SLOW = ("<b>", "<a href='", "<!--", "&#", "<table><tr>", "<p><ul>")
SLOW_MARKDOWN = ("[", "*a_", "`", "> ", "[a](", "~~", "|a")


@pytest.mark.parametrize("make", [clean, render])
def test_the_longest_text_costs_little(make) -> None:
    for unit in SLOW if make is clean else SLOW_MARKDOWN:
        most = MAX_INPUT if make is clean else 50_000
        began = time.process_time()
        with suppress(TooLarge):
            words_of(make((unit * most)[:most]))
        assert time.process_time() - began < 5, unit
