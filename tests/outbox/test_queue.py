"""Deliveries wait in rows; hosts are leased; nothing is lost and nothing overtakes."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, func, insert, select

from fedcop.domain.communities.models import Audience
from fedcop.domain.network.models import Activity, Host, RemoteInbox
from fedcop.ids import new_id
from fedcop.outbox.models import Delivery, Lane, Told
from fedcop.outbox.parking import pending
from fedcop.outbox.queue import (
    Due,
    claim,
    forget_told,
    free,
    is_low,
    next_due,
    settle,
)
from fedcop.outbox.spreading import spread

pytestmark = pytest.mark.anyio
NOW = datetime.now(UTC)


async def furnish(here, hosts=9, things=5, lane=Lane.CONTENT):
    """A community whose audience is on so many hosts (the last is parked), and things told."""
    ada = await here.person("ada")
    home = await here.community("garden", ada)
    numbers = range(1, hosts + 1)
    activities = [new_id() for _ in range(things)]

    def write(session):
        session.execute(
            insert(Host),
            [
                {
                    "id": n,
                    "name": f"h{n}.example",
                    "dialect": "forum",
                    "view": "native",
                    "signature_spec": "cavage",
                    "parked": n == hosts,
                    "failures": 0,
                    "next_try_at": NOW - timedelta(1),
                    "leased_until": NOW - timedelta(1),
                }
                for n in numbers
            ],
        )
        inboxes = [{"id": n, "uri": f"https://h{n}.example/inbox", "host_id": n} for n in numbers]
        session.execute(insert(RemoteInbox), inboxes)
        session.execute(
            insert(Audience),
            [{"community_id": home, "inbox_id": n, "host_id": n} for n in numbers],
        )
        for row_id in activities:
            session.add(
                Activity(
                    id=row_id,
                    uri=f"https://cop.example/activity/{row_id}",
                    type="Announce",
                    actor_uri="https://cop.example/c/garden",
                    object_uri=f"https://x.example/{row_id}",
                    body=b'{"type": "Announce", "object": "x"}',
                    local=True,
                )
            )
        session.flush()
        session.add_all(
            Told(activity_id=row_id, community_id=home, lane=lane) for row_id in activities
        )

    await here.app.db.write(write)
    return activities


async def count(here, table):
    return await here.read(lambda s: s.scalar(select(func.count()).select_from(table)))


async def test_one_statement_for_300_hosts(here):
    await furnish(here, hosts=301, things=20)
    statements = []
    engine = here.app.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    assert await here.app.db.write(lambda s: spread(s, 20)) == 20
    inserts = [s for s in statements if s.startswith("INSERT")]
    assert len(inserts) == 1
    assert len(statements) <= 5
    assert await count(here, Delivery) == 20 * 300  # the parked host gets none
    assert await here.app.db.write(spread) == 0
    assert not await here.read(lambda s: is_low(s, NOW))


@pytest.mark.parametrize("lane", [Lane.CONTENT, Lane.CONTROL])
async def test_who_has_got_it_in_another_way_gets_it_once(here, lane):
    first, second, third = await furnish(here, things=3, lane=lane)

    def bring_and_tell_again(session):
        session.add(Delivery(host_id=1, lane=lane, activity_id=first, inbox_id=1))
        told = session.scalars(select(Told).where(Told.activity_id == second)).one()
        again = {"community_id": told.community_id, "lane": lane}
        session.add(Told(activity_id=second, **again))

    await here.app.db.write(bring_and_tell_again)
    assert await here.app.db.write(lambda s: spread(s, 1)) == 1
    assert await here.app.db.write(lambda s: spread(s, 1)) == 1  # one of the two that are alike
    assert await here.app.db.write(spread) == 2
    assert await count(here, Delivery) == 3 * 8
    waiting = await here.read(lambda s: s.scalars(select(Delivery.activity_id)).all())
    assert {waiting.count(one) for one in (first, second, third)} == {8}


async def test_claim_and_settle_with_a_late_committer(here):
    activities = await furnish(here)
    assert await here.app.db.write(lambda s: spread(s, 3)) == 3
    assert await here.app.db.write(lambda s: spread(s, 3)) == 2
    soon = NOW + timedelta(days=1)
    due = await here.app.db.write(lambda s: claim(s, soon, hosts=3, each=4))
    assert len(due) == 12
    assert due == sorted(due)
    more = await here.app.db.write(lambda s: claim(s, soon, hosts=100, each=4))
    assert len(more) == 20
    assert not {d.host_id for d in due} & {d.host_id for d in more}
    silent = due[0].host_id
    brought = [d for d in due if d.host_id != silent]
    host = brought[0].host_id
    # committed late by another process: in the very range that is settled
    late = Delivery(host_id=host, lane=1, activity_id=activities[1], inbox_id=0)
    await here.app.db.write(lambda s: s.add(late))

    def settle_all(session):
        settle(session, brought)
        later = {silent: {"next_try_at": soon + timedelta(1)}}
        free(session, {d.host_id: {"next_try_at": soon} for d in brought} | later, soon)

    await here.app.db.write(settle_all)
    await here.app.db.write(lambda s: settle(s, more))
    assert await count(here, Delivery) == 5 * 8 - 8 - 20 + 1
    again = await here.app.db.write(lambda s: claim(s, soon + timedelta(hours=1)))
    assert silent not in {d.host_id for d in again}
    assert Due(host, 1, activities[1], 0) in again
    assert await here.read(lambda s: next_due(s, soon)) >= soon


async def test_a_range_is_settled_by_its_count(here):
    await furnish(here)
    await here.app.db.write(spread)
    due = await here.app.db.write(lambda s: claim(s, NOW))
    statements = []
    engine = here.app.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    await here.app.db.write(lambda s: settle(s, due))
    deletes = [s for s in statements if s.startswith("DELETE")]
    assert len(deletes) == 1  # of ranges, for all hosts and lanes; none of rows one by one
    assert await count(here, Delivery) == 0
    await here.app.db.write(lambda s: settle(s, []))
    await here.app.db.write(lambda s: free(s, {}, NOW))
    assert await here.read(lambda s: next_due(s, NOW)) is None


async def test_control_goes_before_content_and_votes_last(here):
    slow = await furnish(here, hosts=2, things=2, lane=Lane.VOTES)

    def write(session):
        session.add(Delivery(host_id=1, lane=Lane.CONTENT, activity_id=slow[1], inbox_id=1))
        session.add(Delivery(host_id=1, lane=Lane.CONTROL, activity_id=new_id(), inbox_id=1))

    await here.app.db.write(write)
    await here.app.db.write(spread)
    due = await here.app.db.write(lambda s: claim(s, NOW))
    assert [row.lane for row in due] == [0, 1, 2, 2]
    rows = await here.read(pending)
    assert [(row.host, row.waiting, row.next_try is None) for row in rows] == [
        ("h1.example", 4, False)
    ]


async def test_two_workers_share_the_hosts(here):
    await furnish(here, hosts=21, things=10)
    taken = []

    async def work():
        while await here.app.db.write(lambda s: spread(s, 2)):
            due = await here.app.db.write(lambda s: claim(s, NOW, hosts=2, each=3))
            taken.append({d.host_id for d in due})

    await asyncio.gather(work(), work())
    assert await count(here, Delivery) == 20 * 10
    assert sum(map(len, taken)) == len(set.union(*taken))


async def test_what_was_told_long_ago_is_forgotten(here):
    await furnish(here, hosts=2)
    old = new_id(NOW - timedelta(days=40))

    def write(session):
        row = session.scalars(select(Told)).first()
        session.add(Told(id=old, activity_id=row.activity_id, spread=True))

    await here.app.db.write(write)
    await here.app.db.write(lambda s: forget_told(s, NOW))
    left = await here.rows(Told)
    assert len(left) == 5
    assert old not in {row.id for row in left}
