"""What goes on of an activity: as it came, but for blind recipients and others' words."""

import json

import pytest

from fedcop.inbox.relayed import relayable


def _create(**more):
    note = {"id": "https://a.test/n/1", "type": "Note", "content": "Rotate the chair.", **more}
    return {"id": "https://a.test/a/1", "type": "Create", "object": note}


def _after(document):
    return json.loads(relayable(json.dumps(document).encode()))


@pytest.mark.parametrize(
    "body",
    [
        b'{ "type":"Create",  "object": {"content": "bto and bcc"} }',
        json.dumps(_create(replies={"id": "https://a.test/r", "first": {"items": []}})).encode(),
        json.dumps(_create(replies={"first": {"items": ["https://a.test/n/2"]}})).encode(),
        json.dumps(_create(replies="https://a.test/r")).encode(),
    ],
)
def test_an_honest_activity_goes_on_byte_for_byte(body):
    assert relayable(body) == body


def test_blind_recipients_go_to_nobody():
    document = _create(bcc=["https://b.test/u/b"], **{"ext:x": "y"}) | {"bto": "https://b.test/u/a"}
    assert _after(document) == _create(**{"ext:x": "y"})


@pytest.mark.parametrize(
    ("replies", "left"),
    [
        ({"id": "https://a.test/r", "items": [{"content": "FORGED"}]}, "https://a.test/r"),
        ({"first": {"orderedItems": ["https://a.test/n/2", {"content": "FORGED"}]}}, None),
        ({"items": {"content": "FORGED"}}, None),
        ([{"content": "FORGED"}], None),
    ],
)
def test_the_words_of_others_stay_where_they_are(replies, left):
    expected = _create() if left is None else _create(replies=left)
    assert _after(_create(replies=replies)) == expected


def test_what_is_undone_or_announced_is_looked_into():
    deep = {"type": "Undo", "object": {"type": "Announce", "object": _create(bcc="x")}}
    assert "bcc" not in relayable(json.dumps(deep).encode()).decode()
