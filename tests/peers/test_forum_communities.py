"""Our members in communities of other forum software."""

import pytest
from sqlalchemy import select, update

from fedcop.db.columns import LONG_AGO
from fedcop.domain.posts.models import Post
from fedcop.inbox.models import InboxMessage
from tests.fediverse import Place
from tests.peers.peer import Somebody
from tests.peers.software import LemmyLike, PieFedLike
from tests.peers.strict import Json

pytestmark = pytest.mark.anyio
INBOX = "https://red.test/inbox"


def collection(peer: LemmyLike, uri: str, items: list[Json] | list[str]) -> None:
    found = {"id": uri, "type": "OrderedCollection", "totalItems": len(items)}
    peer.documents[uri] = found | {"orderedItems": items}


async def joined(town, peer: LemmyLike, group: Somebody) -> None:
    """Ada asks, and is accepted."""
    await town.ada.join(Place(group.uri, 0, town.red))
    await town.settle()
    follow = peer.received[-1].document
    assert (follow["type"], follow["actor"]) == ("Follow", town.ada.uri)
    follow.pop("@context")
    await peer.says(group, INBOX, peer.act(group, "Accept", follow))
    await town.settle()
    assert (await town.red.members(group.uri))[town.ada.uri] == "active"


async def test_a_member_joins_a_lemmy_community_and_takes_part(town):
    peer = LemmyLike(town.world.wires, "lemmy.test")
    origin = LemmyLike(town.world.wires, "other.test")
    group, carol, dave = peer.group("compost"), peer.person("carol"), origin.person("dave")
    old = peer.page(carol, group, "Worms or heat?", "Both.")
    pinned = peer.page(carol, group, "Read this first", "Be kind.")
    said = peer.announce(group, peer.create(carol, old))
    collection(peer, f"{group.uri}/outbox", [said])
    collection(peer, f"{group.uri}/featured", [pinned])
    collection(peer, f"{group.uri}/moderators", [carol.uri])
    await joined(town, peer, group)
    assert sorted(await town.titles()) == ["Read this first", "Worms or heat?"]
    assert (await town.red.thread(old["id"]))[0][1:3] == (
        carol.uri,
        "Worms or heat?<p>Both.</p>",
    )

    answer = await town.ada.reply(old["id"], "Heat, @carol@lemmy.test")
    await town.ada.vote(old["id"])
    await town.settle()
    assert peer.forms()[-2:] == ["Create{Note}", "Like"]
    create = peer.received[-2].document
    assert create["object"]["audience"] == create["audience"] == group.uri
    await town.ada.vote(old["id"], 0)
    await town.settle()
    assert peer.forms()[-1] == "Undo{Like}"
    # the community passes it on to everybody, to us as well
    create.pop("@context")
    await peer.says(group, INBOX, peer.announce(group, create))

    here = peer.comment(carol, group.uri, old["id"], "Worms!")
    await peer.says(group, INBOX, peer.announce(group, peer.create(carol, here)))
    afar = origin.comment(dave, group.uri, answer, "How hot?")
    afar["cc"].append(town.ada.uri)
    await peer.says(group, INBOX, peer.announce(group, origin.create(dave, afar)))
    await town.settle()
    held = await town.red.thread(old["id"])
    assert {row[0]: row[4] for row in held} == {
        old["id"]: 0,
        answer: 1,
        afar["id"]: 2,
        here["id"]: 1,
    }

    town.world.wires.cut.add("other.test")
    unseen = origin.comment(dave, group.uri, old["id"], "Anybody?")
    await peer.says(group, INBOX, peer.announce(group, origin.create(dave, unseen)))
    await town.settle()
    assert len(await town.red.thread(old["id"])) == 4
    town.world.wires.cut.clear()
    await town.red.act(
        lambda uow: uow.session.execute(update(InboxMessage).values(due_at=LONG_AGO)) and None
    )
    await town.settle()
    assert unseen["id"] in [row[0] for row in await town.red.thread(old["id"])]


async def test_a_discussion_of_a_member_in_a_lemmy_community_is_a_page_there(town):
    peer = LemmyLike(town.world.wires, "lemmy.test")
    group = peer.group("compost")
    await joined(town, peer, group)
    place = Place(group.uri, 0, town.red)
    heap = await town.ada.write(place, "How high a heap?", "Mine is *low*.")
    await town.settle()
    created = peer.received[-1]
    assert (created.form, created.signer) == ("Create{Article}", town.ada.uri)
    assert created.document["object"]["id"] == heap
    assert created.document["object"]["audience"] == group.uri
    await town.ada.edit(heap, "Mine is *high*.")
    await town.settle()
    await town.ada.delete(heap)
    await town.ada.leave(place)
    await town.settle()
    assert peer.forms()[2:] == ["Update{Article}", "Undo{Follow}", "Delete(id)"]


async def test_votes_of_piefed_come_many_at_once(town):
    peer = PieFedLike(town.world.wires, "piefed.test")
    group, carol = peer.group("compost"), peer.person("carol")
    page = peer.page(carol, group, "Worms or heat?", "Both.")
    await joined(town, peer, group)
    await peer.says(group, INBOX, peer.announce(group, peer.create(carol, page)))
    await town.settle()
    voters = [peer.person(f"voter{number}") for number in range(4)]
    likes = [peer.act(one, "Like", page["id"], audience=group.uri) for one in voters]
    await peer.says(group, INBOX, peer.announce(group, likes[:2]))
    many = {"id": peer.new_id(), "type": "OrderedCollection", "orderedItems": likes[2:]}
    await peer.says(group, INBOX, peer.announce(group, many))
    stranger = {"id": "https://far.test/l/1", "type": "Like", "actor": "https://far.test/u/x"}
    await peer.says(group, INBOX, peer.announce(group, [stranger | {"object": page["id"]}]))
    await town.settle()
    post = await town.red.read(
        lambda session: session.scalars(select(Post).where(Post.uri == page["id"])).one()
    )
    assert (post.likes, post.reported_likes) == (4, 1)  # what it alone says names nobody
