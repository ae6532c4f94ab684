"""Guidelines as points that people can be referred to, and the notice of a closed community."""

import pytest

from fedcop.domain.communities.close import compose_notice
from fedcop.domain.communities.guidelines import points
from fedcop.errors import Invalid


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", []),
        ("  \n\n ", []),
        ("Be kind.", ["Be kind."]),
        ("Be kind.\n\nBe brief.\nAnd clear.", ["Be kind.", "Be brief.\nAnd clear."]),
        ("1. One\n2. Two\r\n10) Ten", ["One", "Two", "Ten"]),
        ("- One\n  goes on\n* Two", ["One\ngoes on", "Two"]),
        ("Be kind.\n\n- One\n- Two\n\nThe end.", ["Be kind.", "One", "Two", "The end."]),
    ],
)
def test_each_paragraph_and_each_item_is_a_point(source: str, expected: list[str]) -> None:
    found = points(source)
    assert [point.number for point in found] == list(range(1, len(expected) + 1))
    shown = [point.html.strip().removeprefix("<p>").removesuffix("</p>") for point in found]
    assert shown == expected


def test_a_point_holds_no_script() -> None:
    (point,) = points("<script>alert(1)</script> **Stay**")
    assert "<script" not in point.html
    assert "<strong>Stay</strong>" in point.html


def test_a_notice_says_why_and_where() -> None:
    assert compose_notice(" It is done. ") == "It is done."
    assert compose_notice("Done.", " @soil@green.test ") == "Done.\n\n@soil@green.test"


@pytest.mark.parametrize(
    ("notice", "successor", "fields"),
    [
        ("", "", {"notice"}),
        ("x" * 1001, "javascript:alert(1)", {"notice", "successor"}),
        ("Done.", "https://" + "x" * 300, {"successor"}),
    ],
)
def test_a_notice_that_cannot_be(notice: str, successor: str, fields: set[str]) -> None:
    with pytest.raises(Invalid) as wrong:
        compose_notice(notice, successor)
    assert set(wrong.value.fields) == fields
