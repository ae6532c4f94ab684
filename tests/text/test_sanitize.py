"""HTML of strangers: what stays, what goes, and what can never come through."""

import json
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedcop.errors import TooLarge
from fedcop.text import sanitize
from fedcop.text.markdown import render
from fedcop.text.sanitize import MAX_INPUT, clean, escape, is_web_address, reduce

REL = 'rel="nofollow noopener noreferrer ugc"'
ALLOWED = {
    "a": {"href", "rel", "class", "lang"},
    "span": {"class", "lang"},
    "ol": {"start", "lang"},
}
FORBIDDEN = {"script", "style", "img", "iframe", "object", "svg", "math", "form", "input", "base"}


class Inspector(HTMLParser):
    """Fails on anything that a page of ours must not show."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in FORBIDDEN, tag
        for name, value in attrs:
            assert name in ALLOWED.get(tag, {"lang"}), (tag, name)
            if name == "href":
                assert urlsplit(value or "").scheme in {"http", "https", "mailto"}, value


def inspect(html: str) -> str:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return html


@pytest.mark.parametrize(
    "html",
    [
        "<p>a<br>b</p>",
        "<blockquote><p>x</p></blockquote>",
        "<pre><code>a &lt; b\n</code></pre>",
        "<ul><li><strong>a</strong> <em>b</em> <del>c</del> <s>d</s> <sup>e</sup></li></ul>",
        '<ol start="3"><li>x</li></ol>',
        "<h2>a</h2><h6>b</h6><hr>",
        "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>",
        '<p lang="de">x</p>',
        "<details><summary>a</summary><p>b</p></details>",
        f'<a href="mailto:ana@a.example" {REL}>x</a>',
        f'<a href="https://a.example/?a=1&amp;b=2" {REL}>x</a>',
        (
            '<span class="h-card"><a href="https://a.example/u" class="u-url mention" '
            f"{REL}>@<span>ana</span></a></span>"
        ),
        f'<a href="https://a.example/tag/x" class="mention hashtag" {REL}>#<span>x</span></a>',
    ],
)
def test_what_a_discussion_needs_stays(html: str) -> None:
    assert inspect(clean(html)) == html
    assert clean(clean(html)) == html


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ("a<script>b</script>c<style>d</style>", "ac"),
        ("<h1>a</h1>", "<h2>a</h2>"),
        ("<p onclick=x style=y title=z id=a class=b>x", "<p>x</p>"),
        ('<a href="//a.example">x</a>', f"<a {REL}>x</a>"),
        ('<a href="/x" target="_blank">x</a>', f"<a {REL}>x</a>"),
        ('<a href="JaVaScRiPt:alert(1)">x</a>', f"<a {REL}>x</a>"),
        ('<a href="https://good.example@evil.example/">x</a>', f"<a {REL}>x</a>"),
        ('<a href="https://[">x</a>', f"<a {REL}>x</a>"),
        ('<a href="mailto:a@b.c?bcc=d@e.f">x</a>', f"<a {REL}>x</a>"),
        ('<ol start="-1"><li>x', "<ol><li>x</li></ol>"),
        ('<p lang="&lt;x">y', "<p>y</p>"),
        ('<a class="mention evil">x</a>', f'<a class="mention" {REL}>x</a>'),
        ("a\u202eb\u202c", "ab"),
        ("a\ud800b", "a?b"),
        ("<!-- x -->y", "y"),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
    ],
)
def test_the_rest_goes(html: str, cleaned: str) -> None:
    assert inspect(clean(html)) == cleaned


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        (
            '<img src="https://a.example/i.png" alt="A &lt;b&gt; &quot;pic&quot;">',
            f'<a href="https://a.example/i.png" {REL}>A &lt;b&gt; &quot;pic&quot;</a>',
        ),
        (
            '<img src="https://a.example/?a=1&amp;b=2">',
            f'<a href="https://a.example/?a=1&amp;b=2" {REL}>a.example</a>',
        ),
        (
            '<a href="https://a.example"><img src="https://b.example/i" alt="pic"></a>',
            f'<a href="https://a.example" {REL}>pic</a>',
        ),
        ('<img src="data:image/png;base64,x" alt="only words">', "only words"),
        ("<img src=/relative>", ""),
        (
            "<img src=https://a.example/i alt='<img src=https://evil.example onerror=x>'>",
            (
                f'<a href="https://a.example/i" {REL}>'
                "&lt;img src=https://evil.example onerror=x&gt;</a>"
            ),
        ),
        (
            "<img src=https://a.example/i alt='</a><a href=x>'>",
            f'<a href="https://a.example/i" {REL}>&lt;/a&gt;&lt;a href=x&gt;</a>',
        ),
    ],
)
def test_pictures_are_links(html: str, cleaned: str) -> None:
    assert inspect(clean(html)) == cleaned


def test_hidden_text_hides_no_host() -> None:
    honest = (
        f'<a href="https://www.good.example/long/way" {REL}>'
        '<span class="invisible">https://www.</span><span class="ellipsis">good.example/lo</span>'
        '<span class="invisible">ng/way</span></a>'
    )
    assert clean(honest) == honest
    for hidden in (
        (
            '<a href="https://evil.example"><span class="invisible">https://evil.example/</span>'
            "good.example</a>"
        ),
        '<a><span class="invisible">x</span>y</a>',
        '<span class="invisible">x</span>',
        '<a href="https://evil.example"><span class="invisible">good.example</span></a>',
    ):
        assert "invisible" not in clean(hidden)
    mixed = clean(f'<span class="invisible">a</span>{honest}<span class="invisible">b</span>')
    assert mixed == f"<span>a</span>{honest}<span>b</span>"


@pytest.mark.parametrize(
    ("address", "words", "behind"),
    [
        ("https://evil.example", "https://bank.example", " (evil.example)"),
        ("https://evil.example/x", "<b>http://www.bank.example</b>/login", " (evil.example)"),
        ("https://evil.example", " WWW.bank.example", " (evil.example)"),
        ("https://evil.example", "https://bank.example@evil.example", " (evil.example)"),
        ("https://evil.example", "https://evil.example.bank.example/", " (evil.example)"),
        ("https://evil.example/a", "https://evil.example/b", ""),
        ("https://www.evil.example", "http://EVIL.example:80/?b", ""),
        ("https://evil.example", "what the bank says", ""),
        ("https://evil.example", "Node.js", ""),
    ],
)
def test_words_that_are_an_address_of_another_host(address: str, words: str, behind: str) -> None:
    """What looks like the bank and leads elsewhere says where (as in CVE-2023-36462)."""
    link = f'<a href="{address}" {REL}>{words}</a>'
    cleaned = clean(f"<p>{link}, they say</p>")
    assert cleaned == f"<p>{link}{behind}, they say</p>"
    assert clean(cleaned) == cleaned


def test_many_links_cost_little() -> None:
    links = '<a href="https://a.example"></a>' * 7_000
    began = time.process_time()
    clean(links)
    assert time.process_time() - began < 2


def test_size_at_its_limit() -> None:
    assert clean("x" * MAX_INPUT) == "x" * MAX_INPUT
    for html in ("x" * (MAX_INPUT + 1), "ü" * (MAX_INPUT // 2 + 1)):
        with pytest.raises(TooLarge, match="256 KiB"):
            clean(html)
    with pytest.raises(TooLarge, match="512 KiB"):
        clean("&" * (MAX_INPUT // 2))


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 50_000 + "x",
        "<div><!--</div>-->" * 10_000 + "x",
        "<div title='</div>'>" * 10_000 + "x",
        '<div title="></div>">' * 10_000 + "x",
        "<div></b>" * 20_000 + "x",
        "<div><object></div>" * 10_000 + "x",
        "<div><textarea></div></textarea>" * 5_000 + "x",
        "<ul><li>" * 20_000 + "x",
        "<table><tr><td>" * 15_000 + "x",
        '<x a=b"c>' * 20_000 + "x",
    ],
)
def test_depth_costs_nothing(html: str) -> None:
    started = time.process_time()
    cleaned = inspect(clean(html))
    assert time.process_time() - started < 1
    assert cleaned.count("<") <= 2_500
    assert "x" in cleaned


def test_long_is_not_deep() -> None:
    html = "<p>a <b>b</b><br><img alt='c'></p>" * 1_000
    assert clean(html) == "<p>a <b>b</b><br>c</p>" * 1_000
    assert clean("<div>" * 100 + "x" + "<br>" * 2_000).startswith("<div>")
    assert clean("<div>" * 101 + "x" + "<br>" * 2_000) == "x"


class Panicking:
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def clean(self, html: str) -> str:
        raise self.error


def test_a_panic_leaves_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    panic = type("PanicException", (BaseException,), {})
    monkeypatch.setattr(sanitize, "_cleaner", Panicking(panic("boom")))
    assert clean("<p>a &lt; <b>b</b><script") == "a &lt; b"
    monkeypatch.setattr(sanitize, "_cleaner", Panicking(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        clean("x")


def test_escape() -> None:
    assert escape("<a & 'b'>") == "&lt;a &amp; &#x27;b&#x27;&gt;"
    assert reduce(nh3.Cleaner(tags=set()), "<b>x</b>") == "x"


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("https://a.example/x?y#z", True),
        ("http://127.0.0.1:8000/", True),
        ("https://", False),
        ("ftp://a.example/", False),
        ("https://[", False),
        ("https://a.example/\u202e", False),
        ('https://a.example/"', False),
        ("https://a.example/" + "x" * 2_048, False),
    ],
)
def test_web_addresses(address: str, fine: bool) -> None:
    assert is_web_address(address) is fine


def test_the_published_attacks(shared: Path) -> None:
    attacks = [
        file.read_text().partition("\n--\n")[0]
        for file in sorted((shared / "hostile-data" / "xss").glob("**/*.test"))
    ]
    assert len(attacks) >= 20
    for attack in attacks:
        inspect(clean(attack))
        inspect(render(attack))


def test_naughty_strings(shared: Path) -> None:
    strings = json.loads((shared / "hostile-data" / "strings" / "blns.json").read_text())
    assert len(strings) > 400
    for string in strings:
        inspect(clean(string))
        inspect(render(string))


_PIECES = st.sampled_from(
    [
        *(
            "<",
            ">",
            "</",
            "/>",
            "'",
            '"',
            "`",
            "=",
            " ",
            "\n",
            "\0",
            "&lt;",
            "&#x6a;",
            "--",
            "<!--",
        ),
        *("-->", "<![CDATA[", "]]>", "<?", "script", "style", "svg", "math", "img", "a", "p"),
        *("table", "template", "noscript", "textarea", "title", "mtext", "foreignObject", "span"),
        *("onerror", "onclick", "href", "src", "alt", "xlink:href", "class", "invisible", "start"),
        *("javascript:", "data:text/html,", "https://a.example", "//evil.example", "alert(1)"),
        *('<img src="https://a.example/i" alt="', '<a href="https://a.example/">', "</a>", "<h1>"),
        *('<span class="invisible">', "<svg><style>", "<math><mtext>", "\u202e", "é", "\ud800"),
    ]
)


@settings(derandomize=True, deadline=None, max_examples=600)
@given(st.lists(st.one_of(_PIECES, st.text(max_size=4)), max_size=24).map("".join))
def test_nothing_dangerous_comes_through(html: str) -> None:
    cleaned = inspect(clean(html))
    again = clean(cleaned)
    assert inspect(again) == again
    words = cleaned.lower()
    assert "<script" not in words
    assert "<img" not in words
    assert 'href="javascript:' not in words
