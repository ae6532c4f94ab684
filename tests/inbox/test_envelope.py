"""What is read at the door, and what is left to processing."""

import json
from typing import Any

import pytest
from sqlalchemy import event

from fedcop.domain.posts.models import Post
from fedcop.errors import Malformed
from fedcop.inbox.envelope import open_envelope, read_activity
from fedcop.inbox.models import InboxMessage
from tests.inbox.world import AS, Home, Them

pytestmark = pytest.mark.anyio
LIKE: dict[str, Any] = {
    "@context": "https://www.w3.org/ns/activitystreams",
    "id": "https://one.test/activities/1",
    "type": "Like",
    "actor": "https://one.test/u/bob",
    "object": "https://cop.test/post/1",
}
NOTE = {"id": "https://one.test/n/1", "type": "Note"}
USUAL: list[dict[str, Any]] = [
    LIKE,
    LIKE | {"type": "Create", "object": NOTE},
    LIKE | {"id": "https://one.test/activities/1#undo"},
    LIKE | {"id": "https://one.test/a%20b?c=d"},
    LIKE | {"type": ["Like"]},
    LIKE | {"type": "as:Like"},
    LIKE | {"type": "QuoteRequest"},
    LIKE | {"type": "Flag", "object": ["https://cop.test/post/1", "https://cop.test/u/ada"]},
    LIKE | {"type": "Announce", "object": {"type": "Like", "actor": LIKE["actor"]}},
    LIKE | {"actor": {"type": "Person", "id": LIKE["actor"]}},
]
REFUSED: list[dict[str, Any]] = [
    LIKE | {"id": "https://one.test/../activities/1"},
    LIKE | {"id": "https://one.test/./1"},
    LIKE | {"id": "https://one.test:443/activities/1"},
    LIKE | {"id": "https://one.tester/activities/1"},
    LIKE | {"id": "https://one.test@evil.test/activities/1"},
    LIKE | {"id": "https://one.test/a b"},
    LIKE | {"id": "https://one.test/" + "a" * 2_048},
    LIKE | {"@graph": []},
    LIKE | {"@type": "Delete"},
    LIKE | {"object": NOTE | {"@id": "https://two.test/n/1"}},
    LIKE | {"object": 7},
    LIKE | {"object": "javascript:alert(1)"},
]


@pytest.mark.parametrize("document", USUAL)
def test_the_envelope_says_what_the_whole_says(document: dict[str, Any]) -> None:
    body = json.dumps(document).encode()
    whole = read_activity(body, development=False)
    found = open_envelope(body, development=False)
    assert (found.type, found.id, found.actor) == (whole.type, whole.id, whole.actor)
    assert (found.host, found.object_id) == ("one.test", whole.object_id)


@pytest.mark.parametrize("document", REFUSED)
def test_what_the_whole_refuses_the_envelope_refuses(document: dict[str, Any]) -> None:
    body = json.dumps(document).encode()
    for read in (read_activity, open_envelope):
        with pytest.raises(Malformed):
            read(body, development=False)


async def test_what_is_wrong_inside_is_settled_without_a_trace(home: Home, bob: Them) -> None:
    bad = bob.note(inReplyTo=[home.post_uri, home.post_uri])
    posts = await home.count(Post)
    await home.receiver.receive(bob.request(bob.creates(bad)), AS)
    await home.processor.settle()
    message = await home.last()
    assert (message.state, "inReplyTo" in (message.error or "")) == ("dead", True)
    assert await home.count(Post) == posts


async def test_a_few_refusals_take_no_savepoints(home: Home, bob: Them) -> None:
    """The batch is done again without them; more than a few, and each has a savepoint."""
    await home.resolver.actor(bob.uri)
    await home.hears(bob, bob.creates(bob.note(inReplyTo=home.post_uri)))
    statements: list[str] = []

    def note_down(*execution: Any) -> None:
        statements.append(execution[2])

    engine = home.app.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note_down)
    for bad in (1, 3, 4):
        statements.clear()
        notes = [bob.note(inReplyTo=home.post_uri) for _ in range(12)]
        for note in notes[:bad]:
            note["content"] = ""
        posts = await home.count(Post)
        for note in notes:
            await home.receiver.receive(bob.request(bob.creates(note)), AS)
        await home.processor.settle()
        assert await home.count(Post) == posts + 12 - bad
        assert any("SAVEPOINT" in one for one in statements) == (bad > 3)
    event.remove(engine, "before_cursor_execute", note_down)
    assert await home.count(InboxMessage, InboxMessage.state == "dead") == 1 + 3 + 4
