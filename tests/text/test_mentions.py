"""Who and what a text names, and where it only looks so."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedcop.text.markdown import render
from fedcop.text.mentions import MAX_FOUND, Found, find, link

CODE = [
    "`@ana`",
    "``a ` @ana``",
    "```\n@ana\n```",
    "~~~ py\n@ana",
    "x\n\n    @ana\n",
    "- list\n\n      @ana",
    "> ```\n> @ana\n> ```",
    "`a\n@ana`",
]
NO_NAMES = [
    "ana@a.example",
    "https://a.example/@ana",
    "[x](https://a.example/@ana)",
    "[@ana](https://a.example/)",
    "<https://a.example/@ana>",
    "\\@ana",
    "@@ana",
    "a/@ana",
    "!group",
    "!",
    "@",
    "@ana@",
    "&#39;",
    "#123",
    "# heading",
    "a#b",
    "https://a.example/#fragment",
]


@pytest.mark.parametrize("source", [*CODE, *NO_NAMES])
def test_what_names_nobody(source: str) -> None:
    assert find(source) == Found()
    assert link(source, {"@ana": "https://a.example/u/ana"}) == source


@pytest.mark.parametrize(
    ("source", "people"),
    [
        ("@ana", ["@ana"]),
        ("Hi @Ana, and (@bo).", ["@ana", "@bo"]),
        ("@ana@A.Example: hi", ["@ana@a.example"]),
        ("@ana@a.example.", ["@ana@a.example"]),
        ("@a_b.c-d@b-c.a.example:8443!", ["@a_b.c-d@b-c.a.example:8443"]),
        ("@ana @ANA @ana", ["@ana"]),
        ("**@ana** _@bo_", ["@ana"]),
        ("` @ana", ["@ana"]),
        ("`` ` @ana", ["@ana"]),
        ("`a\n\n@ana`", ["@ana"]),
        ("\\`@ana\\`", ["@ana"]),
        ("```\nx\n```\n@ana", ["@ana"]),
        ("- x\n    @ana", ["@ana"]),
    ],
)
def test_people(source: str, people: list[str]) -> None:
    assert list(find(source).people) == people


def test_communities_and_hashtags() -> None:
    found = find("!Cop@A.example and #Tag, #tag #größe #a_1 #2fa !cop@a.example")
    assert found.communities == ("!cop@a.example",)
    assert found.hashtags == ("#Tag", "#größe", "#a_1", "#2fa")
    assert found.people == ()


def test_at_most_a_hundred() -> None:
    assert len(find(" ".join(f"@u{i}" for i in range(500))).people) == MAX_FOUND


def test_links() -> None:
    source = "Hi @Ana_B and @nobody, see !cop@a.example #Tag and `@ana_b`."
    resolved = {
        "@ana_b": "https://a.example/u/ana_b(1)",
        "!cop@a.example": "https://a.example/c/cop",
        "#tag": "https://a.example/tag/tag",
    }
    linked = link(source, resolved)
    assert linked == (
        "Hi [@Ana\\_B](https://a.example/u/ana_b%281%29) and @nobody, see "
        "[!cop@a.example](https://a.example/c/cop) [#Tag](https://a.example/tag/tag) and `@ana_b`."
    )
    assert link(linked, resolved) == linked
    html = render(linked)
    assert 'class="u-url mention"' in html
    assert ">@Ana_B</a>" in html
    assert 'class="mention hashtag"' in html


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(alphabet="@!#`~[]()<>.\\ \nab_-1/:", max_size=60))
def test_linking_nothing_changes_nothing(source: str) -> None:
    found = find(source)
    assert link(source, {}) == source
    resolved = dict.fromkeys([*found.people, *found.communities], "https://a.example/x")
    linked = link(source, resolved)
    assert linked.count("https://a.example/x") >= len(resolved)
