"""The words of HTML, whole, shortened, and as a title."""

import pytest

from fedcop.errors import TooLarge
from fedcop.text.plain import excerpt, first_sentence, shorten, words


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a\n  b</p><p>c</p>", "a b\n\nc"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>a</li><li>b</li></ul>c", "a\nb\n\nc"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"),
        ("<h2>a</h2><div>b</div>", "a\n\nb"),
        ("<pre>a\n b\n\nc</pre>", "a\nb\n\nc"),
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("a<script>b</script><style>c</style>", "a"),
        ("<b>a</b>b <i>c</i>", "ab c"),
        ("1 < 2", "1 < 2"),
        ("a\u00a0b", "a b"),
        ("", ""),
    ],
)
def test_words(html: str, text: str) -> None:
    assert words(html) == text


def test_words_within_limits() -> None:
    assert words("<div>" * 40_000 + "x") == "x"
    with pytest.raises(TooLarge):
        words("x" * 300_000)


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("a b c", 5, "a b c"),
        ("one two three", 12, "one two…"),
        ("one two three", 8, "one two…"),
        ("one, two three", 6, "one…"),
        ("x" * 20, 10, "x" * 9 + "…"),
        ("我们每周开会讨论", 5, "我们每周…"),
        ("a\n b", 5, "a b"),
    ],
)
def test_shorten(text: str, limit: int, short: str) -> None:
    assert shorten(text, limit) == short
    assert len(short) <= limit


def test_excerpt() -> None:
    assert excerpt("<p>one</p><p>two &amp; three</p>", 11) == "one two &…"


MENTION = (
    '<span class="h-card"><a href="https://a.example/c/x" class="u-url mention">'
    "@<span>x</span></a></span>"
)


@pytest.mark.parametrize(
    ("html", "title"),
    [
        (f"<p>{MENTION} How do you do? I am fine.</p>", "How do you do?"),
        (f"<p>{MENTION}</p><p>Second paragraph</p>", "Second paragraph"),
        (f"<p>Look at this! {MENTION}</p>", "Look at this!"),
        ("@x@a.example @y: Hello there. More", "Hello there."),
        ("<p>Ask @bo about it @ana</p>", "Ask @bo about it"),
        ("<p>Version 2.0 is out, e.g. for us</p>", "Version 2.0 is out, e.g. for us"),
        ("<p>He said “Yes.” Then he left.</p>", "He said “Yes."),
        ("<p>你好吗？我很好。</p>", "你好吗？"),
        ("<p>First line<br>second line</p>", "First line"),
        (
            '<p><a href="https://a.example/t" class="mention hashtag">#tag</a> works</p>',
            "#tag works",
        ),
        ("<p>…</p><p>!!!</p>", ""),
        ("@x@a.example", ""),
        ("", ""),
    ],
)
def test_first_sentence(html: str, title: str) -> None:
    assert first_sentence(html) == title


def test_first_sentence_at_its_limit() -> None:
    assert first_sentence("word " * 24) == ("word " * 24).strip()
    long = first_sentence("word " * 40)
    assert len(long) <= 120
    assert long.endswith("word…")
    assert first_sentence("one two three", 8) == "one two…"
