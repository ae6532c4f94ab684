"""People on micro-blog servers write into our community, and hear from its members."""

import httpx
import pytest

from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.remove import remove
from tests.peers.software import GoToSocialLike, LemmyLike, MastodonLike, PieFedLike

pytestmark = pytest.mark.anyio
HOST = "red.test"


async def test_a_mention_becomes_a_discussion_with_all_that_follows(town):
    wires = town.world.wires
    blog, piefed = MastodonLike(wires, "blog.test"), PieFedLike(wires, "forum.test")
    lemmy = LemmyLike(wires, "lemmy.test")
    eve, fay = blog.person("eve"), blog.person("fay")
    await blog.follows(eve, "gardeners", HOST)
    await piefed.follows(piefed.person("bo"), "gardeners", HOST)
    await lemmy.follows(lemmy.person("cy"), "gardeners", HOST)
    await town.settle()
    group = await blog.finds("gardeners", HOST)
    text = "How do you keep the frost away? I tried <strong>straw</strong>."
    note = blog.mentioning(fay, group, HOST, text)
    said = await blog.says(fay, group["endpoints"]["sharedInbox"], blog.create(fay, note))
    await town.world.settle()

    assert await town.titles() == ["How do you keep the frost away?"]
    assert said["body"] in piefed.received[-1].body
    assert piefed.received[-1].form == "Announce{Create{Note}}"
    assert blog.timeline.boosted() == [note["id"]]  # also back to its own server: the receipt
    assert blog.refused == piefed.refused == []
    # Lemmy takes no Note without a title inside an Announce, and the rest goes on
    assert all("inReplyTo" in why for why in lemmy.refused)
    assert lemmy.knocks == ["cavage", "cavage", "rfc9421"]
    lemmy.refused.clear()

    edit = blog.update(fay, note, note["content"].replace("straw", "fleece"))
    said = await blog.says(fay, group["endpoints"]["sharedInbox"], edit)
    await town.world.settle()
    assert "fleece" in (await town.red.thread(note["id"]))[0][2]
    assert said["body"] in piefed.received[-1].body

    answer = await town.ben.reply(note["id"], "Fleece is good.")
    await town.ben.vote(note["id"])
    await town.world.settle()
    shown = blog.timeline.statuses[answer]
    assert (shown["type"], shown["inReplyTo"]) == ("Note", note["id"])
    assert {"type": "Mention", "href": fay.uri, "name": fay.handle} in shown["tag"]
    assert blog.received[-1].form == "Like"  # to the author's server, which knows nothing else

    grave = blog.delete(fay, note)
    said = await blog.says(fay, group["endpoints"]["sharedInbox"], grave)
    await town.world.settle()
    assert await town.titles() == []
    assert said["body"] in piefed.received[-1].body
    assert blog.timeline.boosted() == []
    assert blog.forms()[-1] == "Undo{Announce(id)}"
    assert blog.timeline.wasted == blog.refused == []
    assert lemmy.forms()[-1] == "Announce{Delete{Tombstone}}"
    assert all("inReplyTo" in why for why in lemmy.refused)


async def test_an_author_without_followers_here_gets_the_boost_as_a_receipt(town):
    social = GoToSocialLike(town.world.wires, "social.test")
    fay = social.person("fay")
    group = await social.finds("gardeners", HOST)
    note = social.mentioning(fay, group, HOST, "Straw or fleece?")
    await social.says(fay, group["inbox"], social.create(fay, note))
    await town.settle()
    assert await town.titles() == ["Straw or fleece?"]
    assert social.timeline.boosted() == [note["id"]]
    boost = social.received[0].document
    assert fay.uri in boost["cc"]
    assert boost["published"] >= note["published"]


async def test_an_answer_to_a_boosted_discussion_arrives_and_is_answered(town):
    wires = town.world.wires
    blog, piefed = MastodonLike(wires, "blog.test"), PieFedLike(wires, "forum.test")
    fay = blog.person("fay")
    for peer, who in ((blog, fay), (piefed, piefed.person("bo"))):
        await peer.follows(who, "gardeners", HOST)
    await town.settle()
    frost = await town.ada.write(town.gardeners, "Frost in May?")
    await town.settle()
    shown = blog.timeline.statuses[frost]
    group = next(tag for tag in shown["tag"] if tag["href"] == town.gardeners.uri)
    named = [group, {"type": "Mention", "href": town.ada.uri, "name": f"@ada@{HOST}"}]
    reply = blog.note(fay, "<p>Here, too.</p>", inReplyTo=frost, tag=named)
    reply["cc"] = [f"{fay.uri}/followers", *(tag["href"] for tag in named)]
    inbox = f"https://{HOST}/inbox"
    said = await blog.says(fay, inbox, blog.create(fay, reply))
    like = blog.act(fay, "Like", frost) | {"id": f"{fay.uri}#likes/1"}
    liked = await blog.says(fay, inbox, like)
    await town.settle()

    [starter, answer] = await town.red.thread(frost)
    assert (starter[3], answer[:2], answer[4]) == (1, (reply["id"], fay.uri), 1)
    assert said["body"] in piefed.received[-2].body
    assert liked["body"] in piefed.received[-1].body
    assert blog.timeline.boosted() == [frost]  # a comment causes no boost
    context = (await blog.get(f"{frost}/context")).json()
    assert context["orderedItems"] == [frost, reply["id"]]

    ours = await town.ada.reply(reply["id"], "How cold was it?")
    await town.settle()
    assert blog.received[-1].form == "Create{Note}"
    told = blog.timeline.statuses[ours]
    assert fay.uri in told["cc"]
    assert {fay.uri, town.gardeners.uri} == {tag["href"] for tag in told["tag"]}
    assert told["context"] == f"{frost}/context"
    await town.ada.edit(ours, "How cold was it *there*?")
    await town.settle()
    assert "there" in blog.timeline.text(ours)
    await town.ada.delete(ours)
    await town.settle()
    assert ours not in blog.timeline.statuses

    unlike = blog.act(fay, "Undo", like) | {"id": f"{fay.uri}#likes/1/undo"}
    await blog.says(fay, inbox, unlike)
    await blog.says(fay, inbox, blog.delete(fay, reply))
    await town.settle()
    assert [row[3] for row in await town.red.thread(frost)] == [0]


async def test_what_stewards_remove_is_taken_back_from_microblogs_and_says_so(town):
    wires = town.world.wires
    blog, lemmy = MastodonLike(wires, "blog.test"), LemmyLike(wires, "forum.test")
    for peer in (blog, lemmy):
        await peer.follows(peer.person("eve"), "gardeners", HOST)
    await town.settle()
    frost = await town.ben.write(town.gardeners, "Buy my fleece!")
    await town.settle()

    def act(uow):
        post = uow.find(Post, frost)
        remove(uow, post, uow.get(Actor, town.ada.id))

    await town.red.act(act)
    await town.settle()
    assert sorted(blog.forms()[2:]) == ["Undo{Announce(id)}", "Update{Note}"]
    assert blog.timeline.boosted() == []
    assert "have removed" in blog.timeline.text(frost)
    assert lemmy.received[-1].document["object"]["summary"]
    assert lemmy.forms()[-1] == "Announce{Delete(id)}"
    assert (await lemmy.get(frost)).status_code == 410
    assert "have removed" in (await blog.read(frost))["content"]


async def test_whoever_boosts_a_post_hears_what_becomes_of_it(town):
    """A server without any follower here has it, too: by the boost of one of its people."""
    blog = MastodonLike(town.world.wires, "blog.test")
    fay = blog.person("fay")
    frost = await town.ada.write(town.gardeners, "Frost in May?")
    await town.settle()
    blog.timeline.statuses[frost] = await blog.read(frost)
    boost = blog.act(fay, "Announce", frost, to=["https://www.w3.org/ns/activitystreams#Public"])
    await blog.says(fay, f"{town.ada.uri}/inbox", boost | {"cc": [town.ada.uri]})
    await town.settle()
    await town.ada.edit(frost, "It *froze*.")
    await town.settle()
    assert "<em>froze</em>" in blog.timeline.text(frost)
    await town.ada.delete(frost)
    await town.settle()
    assert blog.timeline.statuses == {}


async def test_a_host_that_fetched_a_post_with_a_signature_hears_what_becomes_of_it(town):
    social = GoToSocialLike(town.world.wires, "social.test")
    frost = await town.ada.write(town.gardeners, "Frost in May?")
    await town.settle()
    social.timeline.statuses[frost] = await social.read(frost)
    await town.ada.edit(frost, "It *froze*.")
    await town.settle()
    assert "<em>froze</em>" in social.timeline.text(frost)
    await town.ada.delete(frost)
    await town.settle()
    assert social.timeline.statuses == {}


async def test_a_fetch_that_proves_nothing_is_answered_and_not_remembered(town):
    """A stranger's key id on a request costs that host nothing: it is not its signature."""
    social = GoToSocialLike(town.world.wires, "social.test")
    frost = await town.ada.write(town.gardeners, "Frost in May?")
    signature = f'keyId="{social.site.key_id}",algorithm="rsa-sha256",headers="date",signature="AA"'
    async with httpx.AsyncClient(transport=town.world.wires) as client:
        headers = {"Accept": "application/activity+json", "Signature": signature}
        assert (await client.get(frost, headers=headers)).status_code == 200
    await town.ada.edit(frost, "It *froze*.")
    await town.settle()
    assert social.received == []
