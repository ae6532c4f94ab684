"""What happens to somebody and to what is theirs reaches their inbox, once, with its reason."""

from datetime import UTC, datetime, timedelta

import pytest

from fedcop.db.paging import Cursor
from fedcop.domain.communities.ban import ban, lift
from fedcop.domain.communities.models import Community
from fedcop.domain.communities.roles import appoint, dismiss
from fedcop.domain.moderation.models import Report
from fedcop.domain.moderation.report import report, resolve
from fedcop.domain.notifications import queries
from fedcop.domain.notifications.mute import is_muted, mute, muted, unmute
from fedcop.domain.notifications.reasons import Part, Reason
from fedcop.domain.people.block import block
from fedcop.domain.people.follow import follow, unfollow
from fedcop.domain.people.models import Account, Actor
from fedcop.domain.posts.feature import lock, unlock
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.remove import remove, restore
from fedcop.errors import NotFound

pytestmark = pytest.mark.anyio


async def test_what_stewards_decide_is_told_with_its_reason(fediverse):
    (red,) = await fediverse("red.test")
    ada, eve, bob = await red.person("ada"), await red.person("eve"), await red.person("bob")
    gardeners = await red.community("gardeners", ada)
    await eve.join(gardeners)
    frost = await eve.write(gardeners, "Frost in May?")
    straw = await eve.reply(frost, "I tried straw.")

    def does(act):
        def run(uow):
            place, by = uow.get(Community, gardeners.id), uow.get(Actor, ada.id)
            act(uow, place, uow.get(Actor, eve.id), by)

        return red.act(run)

    await does(lambda uow, place, eve, ada: remove(uow, uow.find(Post, straw), ada, "Off topic."))
    await does(lambda uow, place, eve, ada: restore(uow, uow.find(Post, straw), ada))
    await does(lambda uow, place, eve, ada: lock(uow, uow.find(Post, frost), ada, "Answered."))
    await does(lambda uow, place, eve, ada: unlock(uow, uow.find(Post, frost), ada))
    await does(appoint)
    await does(dismiss)
    until = datetime.now(UTC) + timedelta(days=7)
    await does(
        lambda uow, place, eve, ada: ban(
            uow, place, eve, ada, reason="Advertising.", until=until, with_posts=True
        )
    )
    await does(lift)
    assert await eve.notices() == [
        ("removed", "gardeners", "Off topic."),
        ("restored", "gardeners", ""),
        ("locked", "gardeners", "Answered."),
        ("unlocked", "gardeners", ""),
        ("appointed", "gardeners", ""),
        ("dismissed", "gardeners", ""),
        ("banned", "gardeners", "Advertising."),
        ("ban lifted", "gardeners", ""),
    ], "and not one more for each post that went with the ban"
    page = await red.read(
        lambda session: queries.notices(session, eve.id, Part.YOURS, Cursor(limit=2))
    )
    lifted, banned = page.items
    assert (lifted.reason, banned.reason) == (Reason.BAN_LIFTED, Reason.BANNED)
    assert banned.ban.until == until
    assert await ada.notices() == [], "nobody hears of their own deeds"

    def complain(uow):
        uow.get(Account, ada.id).role = "admin"
        place, target = uow.get(Community, gardeners.id), uow.get(Actor, eve.id)
        by = uow.get(Actor, bob.id)
        first = report(uow, by, target=target, community=place, words="Again!")
        report(uow, by, target=target, words="In general.")
        return first.id

    report_id = await red.act(complain)
    assert await ada.notices() == [
        ("reported", "eve", "Again!"),
        ("reported", "eve", "In general."),
    ]
    await red.act(
        lambda uow: resolve(uow, uow.get(Report, report_id), uow.get(Actor, ada.id), "Locked it.")
    )
    assert await bob.notices() == [("report answered", "gardeners", "Locked it.")]
    assert await red.read(lambda s: queries.unread_of(s, ada.id, Part.STEWARDSHIP)) == 2
    assert await red.read(lambda s: queries.unread_of(s, ada.id, Part.YOURS)) == 0
    assert await red.read(lambda s: queries.looks_after(s, ada.id))
    await red.act(lambda uow: queries.mark_all_read(uow, ada.id, Part.STEWARDSHIP))
    assert await red.read(lambda s: queries.unread(s, ada.id)) == 0


async def test_who_follows_whom_and_who_is_not_heard(fediverse):
    red, blue = await fediverse("red.test", "blue.test")
    ada, eve = await red.person("ada"), await red.person("eve")
    bob, cyd = await blue.person("bob"), await blue.person("cyd")
    gardeners = await red.community("gardeners", ada)
    await eve.join(gardeners)
    await bob.join(gardeners)
    await cyd.join(gardeners)
    await fediverse.settle()
    ada_there = await blue.meet(ada.uri)

    def listen(deed):
        return blue.act(
            lambda uow: deed(uow, uow.get(Actor, bob.id), uow.get(Actor, ada_there)) and None
        )

    for deed in (follow, unfollow, follow):
        await listen(deed)
        await fediverse.settle()
    assert await ada.notices() == [("followed", "bob", "")], "once while it is unread"

    frost = await ada.write(gardeners, "Frost in May?")
    await fediverse.settle()
    fleece = await bob.reply(frost, "Fleece.")
    await fediverse.settle()
    root_id = int(frost.rsplit("/", 1)[1])
    await red.act(lambda uow: mute(uow, ada.id, uow.get(Post, root_id)))
    await red.act(lambda uow: mute(uow, ada.id, uow.get(Post, root_id)))
    assert await red.read(lambda s: is_muted(s, ada.id, root_id))
    assert await red.read(lambda s: queries.unread(s, ada.id)) == 1, "what waited there is seen"
    await bob.reply(frost, "And straw.")
    await cyd.reply(fleece, "Ask @ada@red.test, too.")
    await fediverse.settle()
    told = ["followed", "reply", "mention"]
    assert [it[0] for it in await ada.notices()] == told, "named is heard, replied is not"
    page = await red.read(lambda s: muted(s, ada.id, Cursor()))
    assert [(post.title, place.name) for post, place in page.items] == [
        ("Frost in May?", "gardeners")
    ]
    await red.act(lambda uow: unmute(uow, ada.id, root_id))
    await bob.reply(frost, "And water.")
    await fediverse.settle()
    told.append("reply")
    assert [it[0] for it in await ada.notices()] == told

    bob_here = await red.meet(bob.uri)
    await red.act(lambda uow: block(uow, uow.get(Actor, ada.id), uow.get(Actor, bob_here)))
    await bob.reply(frost, "Not heard: @ada@red.test")
    await cyd.reply(frost, "Heard.")
    await fediverse.settle()
    told.append("reply")
    assert [it[:2] for it in await ada.notices()][-1] == ("reply", "cyd")
    assert [it[0] for it in await ada.notices()] == told

    page = await red.read(lambda s: queries.notices(s, ada.id, Part.YOURS, Cursor(limit=2)))
    newest = page.items[0]
    assert (newest.root.title, newest.community.name) == ("Frost in May?", "gardeners")
    assert page.older is not None
    with pytest.raises(NotFound):
        await red.act(lambda uow: queries.mark_read(uow, eve.id, newest.notification.id))
    before = await red.read(lambda s: queries.unread(s, ada.id))
    await red.act(lambda uow: queries.mark_read(uow, ada.id, newest.notification.id))
    assert await red.read(lambda s: queries.unread(s, ada.id)) == before - 1
