"""A server's inbox is at another address than we knew: nothing that was said meanwhile is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from fedcop.domain.network.models import RemoteInbox
from fedcop.outbox.deliver import Deliverer
from fedcop.outbox.models import MissingInbox

pytestmark = pytest.mark.anyio
OLD, NEW = "https://blue.test/once/inbox", "https://blue.test/inbox"


async def _let_a_day_pass(server):
    """The next try is due, and a worker takes a look."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    due = update(MissingInbox).values(next_try_at=past)
    await server.act(lambda uow: uow.session.execute(due) and None)
    server.house.deliverer = Deliverer(server.house.app)


async def test_an_inbox_that_has_moved_is_found(fediverse):
    red, blue = await fediverse("red.test", "blue.test")
    ada, bob = await red.person("ada"), await blue.person("bob")
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await fediverse.settle()
    stale = update(RemoteInbox).where(RemoteInbox.uri == NEW).values(uri=OLD)
    await red.act(lambda uow: uow.session.execute(stale) and None)

    root = await ada.write(gardeners, "Which soil?")
    await ada.reply(root, "Or sand?")
    for _ in range(2):
        await fediverse.settle()
        assert await blue.thread(root) == []
        await _let_a_day_pass(red)
    await fediverse.settle()
    assert [depth for *_, depth in await blue.thread(root)] == [0, 1]
    await bob.reply(root, "Clay.")
    await fediverse.settle()
    assert await red.thread(root) == await blue.thread(root)
    tries = [request for request in fediverse.wires.sent if str(request.url) == OLD]
    assert len(tries) == 3
    known = await red.read(lambda session: set(session.scalars(select(RemoteInbox.uri))))
    assert known == {OLD, NEW}
    assert await red.read(lambda session: session.scalars(select(MissingInbox)).all()) == []
