"""What our own people write, as HTML."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedcop.errors import TooLarge
from fedcop.text.markdown import MAX_SOURCE, MOST_BRACKETS, render
from fedcop.text.plain import words
from fedcop.text.sanitize import clean

REL = 'rel="nofollow noopener noreferrer ugc"'


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("a **b** *c* ~~d~~ `e`", "<p>a <strong>b</strong> <em>c</em> <s>d</s> <code>e</code></p>"),
        ("# a", "<h2>a</h2>"),
        ("> a\n\n1. b", "<blockquote>\n<p>a</p>\n</blockquote>\n<ol>\n<li>b</li>\n</ol>"),
        ("```py\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"),
        ("[x](https://a.example)", f'<p><a href="https://a.example" {REL}>x</a></p>'),
        (
            "https://a.example/x_y",
            f'<p><a href="https://a.example/x_y" {REL}>https://a.example/x_y</a></p>',
        ),
        ("a.example ana@a.example 10.0.0.1", "<p>a.example ana@a.example 10.0.0.1</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](/relative)", f"<p><a {REL}>x</a></p>"),
        (
            "![alt *text*](https://a.example/i.png)",
            f'<p><a href="https://a.example/i.png" {REL}>alt text</a></p>',
        ),
        (
            "[![alt](https://b.example/i)](https://a.example)",
            f'<p><a href="https://a.example" {REL}>alt</a></p>',
        ),
        (
            "[@ana@a.example](https://a.example/u/ana)",
            (
                '<p><a href="https://a.example/u/ana" class="u-url mention" '
                f"{REL}>@ana@a.example</a></p>"
            ),
        ),
        (
            "[#x](https://a.example/tag/x)",
            f'<p><a href="https://a.example/tag/x" class="mention hashtag" {REL}>#x</a></p>',
        ),
        ("", ""),
    ],
)
def test_rendering(source: str, html: str) -> None:
    assert render(source).strip() == html


def test_tables() -> None:
    assert "<td>2</td>" in render("|a|b|\n|-|-|\n|1|2|\n")


def test_length_at_its_limit() -> None:
    assert render("x" * MAX_SOURCE)
    with pytest.raises(TooLarge, match="50,000"):
        render("x" * (MAX_SOURCE + 1))


def test_the_commonmark_examples(shared: Path) -> None:
    """Without HTML and pictures our words are those of the specification's own rendering."""
    file = shared / "hostile-data" / "markdown" / "commonmark-spec.json"
    examples = json.loads(file.read_text())
    assert len(examples) > 600
    same = 0
    for example in examples:
        rendered = render(example["markdown"])
        assert clean(rendered) == rendered
        same += words(rendered) == words(example["html"])
    assert same / len(examples) > 0.85


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.text(alphabet="[]()!*_`~|-#>@:/.\\<>&\"' \nax1", max_size=60))
def test_any_text_renders(source: str) -> None:
    rendered = render(source)
    assert "<img" not in rendered
    assert "<script" not in rendered
    assert clean(rendered) == rendered


def test_more_brackets_than_anybody_writes_are_shown_as_they_are():
    link = "[chairs](https://a.test/)"
    assert ">chairs</a>" in render(f"{'[' * (MOST_BRACKETS - 1)}\n\n{link}")
    assert ">chairs</a>" not in render(f"{'[' * MOST_BRACKETS}\n\n{link}")
