"""Batches: one flush for all, one bad activity undoes no other, two processors do each once."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.exc import OperationalError

from fedcop.domain.network.models import Activity
from fedcop.domain.notifications.models import Notification
from fedcop.domain.people.keys import KeyRing, Sealer
from fedcop.domain.posts.facts import PostPublished
from fedcop.domain.posts.models import Post
from fedcop.errors import Busy, Unreachable
from fedcop.ids import new_id
from fedcop.inbox import messages
from fedcop.inbox.gather import Gatherer
from fedcop.inbox.messages import Message
from fedcop.inbox.models import InboxMessage
from fedcop.inbox.process import Processor
from fedcop.outbox.models import Told
from fedcop.wiring import reactions
from tests.inbox.world import SECRET, Home, Them

pytestmark = pytest.mark.anyio


async def arrive(home: Home, them: Them, *activities: Any) -> None:
    bodies = [a if isinstance(a, bytes) else json.dumps(a).encode() for a in activities]
    for number, body in enumerate(bodies):
        await home.receiver.accept(f"k{new_id()}-{number}", body, them.uri)


async def counted(home: Home) -> dict[str, int]:
    query = select(InboxMessage.state, func.count()).group_by(InboxMessage.state)
    return await home.read(lambda s: {row[0]: row[1] for row in s.execute(query)})


async def test_a_batch_takes_few_statements(home: Home, bob: Them) -> None:
    await home.resolver.actor(bob.uri)
    await home.hears(bob, bob.creates(bob.note(inReplyTo=home.post_uri)))
    tags = [{"type": "Mention", "href": home.ada_uri, "name": "@ada@cop.test"}]
    notes = [bob.note(inReplyTo=home.post_uri, tag=tags) for _ in range(19)]
    notes.append(bob.note(inReplyTo=notes[3]["id"]))
    await arrive(home, bob, *(bob.creates(note) for note in notes))
    told = await home.count(Told)
    statements: list[str] = []

    def note_down(*execution: Any) -> None:
        statements.append(execution[2])

    engine = home.app.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note_down)
    assert await home.processor.run_once(20) == 20
    event.remove(engine, "before_cursor_execute", note_down)
    assert await counted(home) == {"done": 21}
    assert len(statements) < 30, "\n".join(statements)
    assert await home.count(Notification) == 20
    assert await home.count(Told) - told >= 20
    root = await home.row(Post, Post.id == home.post)
    assert (root.thread_count, root.reply_count) == (21, 20)


class TestWithABugInAReaction:
    @pytest.fixture
    def reaction_table(self) -> Any:
        def broken(uow: Any, fact: PostPublished) -> None:
            if "a bug" in uow.get(Post, fact.post_id).html:
                raise RuntimeError("a bug in a reaction")

        return reactions(KeyRing(Sealer(SECRET))).now(PostPublished, broken)

    async def test_one_bad_activity_does_not_undo_the_others(
        self, home: Home, bob: Them, eve: Them
    ) -> None:
        await home.resolver.actor(bob.uri)
        good = [bob.note(inReplyTo=home.post_uri) for _ in range(5)]
        buggy = bob.note(inReplyTo=home.post_uri, content="a bug")
        twice = bob.creates(good[0])
        await arrive(
            home,
            bob,
            *(bob.creates(note) for note in good),
            bob.creates(buggy),
            bob.creates(bob.note(inReplyTo=home.post_uri, attributedTo=eve.uri)),  # refused
            b"{",  # unreadable
            twice,
            twice,  # twice in one batch
            bob.creates(bob.note(inReplyTo=home.post_uri, content="")),  # says nothing
        )
        assert await home.processor.run_once() == 11
        assert await counted(home) == {"done": 7, "dead": 4}
        assert await home.count(InboxMessage, InboxMessage.error.is_not(None)) == 4
        root = await home.row(Post, Post.id == home.post)
        assert root.thread_count == 5
        assert await home.count(Post) == 6
        assert await home.find_post(buggy["id"]) is None


async def test_two_processors_do_each_activity_once(home: Home, bob: Them) -> None:
    await home.resolver.actor(bob.uri)
    notes = [bob.note(inReplyTo=home.post_uri) for _ in range(60)]
    await arrive(home, bob, *(bob.creates(note) for note in notes))
    two = [home.processor, Processor(home.app, home.resolver)]

    async def work(processor: Processor) -> None:
        while await processor.run_once(7):
            pass

    await asyncio.gather(*map(work, two))
    root = await home.row(Post, Post.id == home.post)
    assert root.thread_count == 60
    assert await counted(home) == {"done": 60}


async def test_a_database_that_cannot_take_it_changes_nothing(
    home: Home, bob: Them, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.resolver.actor(bob.uri)
    await arrive(home, bob, bob.creates(bob.note(inReplyTo=home.post_uri)))

    async def busy(work: Any, **_: Any) -> Any:
        raise Busy("locked")

    with monkeypatch.context() as broken:
        broken.setattr(home.app.db, "write", busy)
        with pytest.raises(Busy):
            await home.processor.run_once()
    assert await counted(home) == {"waiting": 1}
    assert await home.processor.settle() == 1


async def test_trouble_that_passes_leaves_it_waiting(home: Home, bob: Them) -> None:
    from fedcop.inbox.dispatch import Handlers

    def locked(*_: Any) -> bool:
        raise OperationalError("x", None, Exception("deadlock"))

    from fedcop.activitypub.vocab.activities import Create

    processor = Processor(home.app, home.resolver, Handlers().on(Create, locked))
    assert processor._handlers.verbs == {Create}
    await home.resolver.actor(bob.uri)
    await arrive(home, bob, bob.creates(bob.note(inReplyTo=home.post_uri)))
    await processor.run_once()
    message = await home.last()
    assert (message.state, message.attempts) == ("waiting", 1)
    assert message.due_at > datetime.now(UTC) + timedelta(seconds=25)


async def test_waiting_ends_after_seven_days(home: Home, bob: Them) -> None:
    old = Message(new_id(datetime.now(UTC) - timedelta(days=8)), b"{}", bob.uri, 12)
    row = InboxMessage(id=old.id, key="x", body=b"{}", signer_uri=bob.uri, due_at=datetime.now(UTC))
    await home.app.act(lambda uow: uow.add(row))
    dead = await home.app.db.write(
        lambda session: messages.failed(session, old, Unreachable("x"), datetime.now(UTC))
    )
    assert dead
    assert (await home.last()).state == "dead"


async def test_it_runs_until_it_is_told_to_stop(home: Home, bob: Them, eve: Them) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(home.processor.run(stop))
    parent = bob.note(inReplyTo=home.post_uri)
    reply = eve.note(inReplyTo=parent["id"], cc=[home.garden_uri])
    await home.receiver.receive(eve.request(eve.creates(reply)), "application/activity+json")
    async with asyncio.timeout(20):
        while await home.find_post(reply["id"]) is None:
            await home.app.wake.wait("outbox", 1)
    stop.set()
    await asyncio.wait_for(running, 5)


async def test_a_worker_survives_a_broken_batch(
    home: Home, bob: Them, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fedcop.inbox.process._TROUBLE_SECONDS", 0.001)
    monkeypatch.setattr("fedcop.inbox.process._IDLE_SECONDS", 0.001)
    stop, tries = asyncio.Event(), 0
    once = home.processor.run_once

    async def broken(*, behind: bool) -> int:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise Busy("locked")
        if tries > 3:
            stop.set()
        return await once()

    monkeypatch.setattr(home.processor, "run_once", broken)
    await asyncio.wait_for(home.processor.run(stop), 10)
    assert tries > 3


async def test_what_is_being_fetched_is_leased_and_left_alone(
    home: Home, bob: Them, eve: Them, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = bob.note(inReplyTo=home.post_uri)
    reply = eve.note(inReplyTo=parent["id"], cc=[home.garden_uri])
    await home.resolver.actor(eve.uri)
    gate = asyncio.Event()
    get = home.resolver.fetch

    async def slow(*asked: Any) -> Any:
        await gate.wait()
        return await get(*asked)

    monkeypatch.setattr(home.resolver, "fetch", slow)
    await arrive(home, eve, eve.creates(reply))
    assert await home.processor.run_once() == 1
    assert await home.processor.run_once() == 0
    assert (await home.last()).due_at > datetime.now(UTC) + timedelta(seconds=60)
    past = datetime.now(UTC) - timedelta(seconds=1)
    await home.app.db.write(lambda s: s.execute(update(InboxMessage).values(due_at=past)))
    assert await home.processor.run_once() == 0
    another = Processor(home.app, home.resolver)
    assert await another.run_once() == 1  # its lease was over
    gate.set()
    await home.processor.settle()
    await another.settle()
    assert await home.count(Post) == 3
    assert home.processor._evidence == {} == another._evidence


async def test_stopping_leaves_the_rest_for_later(
    home: Home, bob: Them, eve: Them, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fedcop.inbox.process._MOST_GATHERING", 1)

    async def never(*asked: Any) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(home.resolver, "fetch", never)
    parent = bob.note(inReplyTo=home.post_uri)
    replies = [eve.note(inReplyTo=parent["id"], cc=[home.garden_uri]) for _ in range(2)]
    await arrive(home, eve, *map(eve.creates, replies))
    assert await home.processor.run_once() == 2
    assert len(home.processor._gathering) == 1
    await home.processor.close()
    assert home.processor._gathering == {}
    assert await counted(home) == {"waiting": 2}


async def test_slow_and_greedy_hosts_are_given_up(
    home: Home, bob: Them, bees: Them, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fedcop.inbox.evidence import Evidence, Need, Want

    async def never(*asked: Any, **more: Any) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr("fedcop.inbox.gather._SECONDS", 0.01)
    gatherer, evidence = Gatherer(home.resolver), Evidence()
    needs = frozenset({Need(Want.ACTOR, bob.uri), Need(Want.POST, bob.uri)})
    with monkeypatch.context() as slow:
        slow.setattr(home.resolver, "actor", never)
        await gatherer.gather(needs, evidence, bees.uri)
    assert evidence.tried == needs
    assert [type(trouble) for trouble in evidence.troubles.values()] == [Unreachable] * 2
    monkeypatch.setattr("fedcop.inbox.gather._SECONDS", 100)
    for _ in range(320):
        gatherer._pairs.take("hive.test one.test")
    evidence = Evidence()
    await gatherer.gather(frozenset({Need(Want.ACTOR, bob.uri)}), evidence, bees.uri)
    assert "relays too much" in str(next(iter(evidence.troubles.values())))
    evidence = Evidence(fetches_left=0)
    await gatherer.gather(frozenset({Need(Want.ACTOR, bob.uri)}), evidence, bob.uri)
    assert "more documents" in str(next(iter(evidence.troubles.values())))


async def test_the_journal_knows_what_was_applied(home: Home, bob: Them) -> None:
    create = bob.creates(bob.note(inReplyTo=home.post_uri))
    await home.hears(bob, create)
    row = await home.row(Activity, Activity.uri == create["id"])
    assert json.loads(row.body) == create
