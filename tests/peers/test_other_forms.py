"""Forms that only some software sends or needs: scalars, unlisted posts, long texts, warnings."""

import pytest
from sqlalchemy import update

from fedcop.domain.posts.models import Post
from tests.peers.software import GoToSocialLike, LemmyLike, MastodonLike, PieFedLike
from tests.peers.strict import PUBLIC

pytestmark = pytest.mark.anyio
HOST = "red.test"


async def test_scalars_of_gotosocial_and_unlisted_posts_of_mastodon_are_read(town):
    social, blog = [
        software(town.world.wires, host)
        for software, host in ((GoToSocialLike, "social.test"), (MastodonLike, "blog.test"))
    ]
    group = await blog.finds("gardeners", HOST)
    gus, fay = social.person("gus"), blog.person("fay")
    scalar = social.mentioning(gus, group, HOST, "Straw or fleece?")
    scalar |= {"to": PUBLIC, "cc": group["id"], "tag": scalar["tag"][0], "attachment": None}
    await social.says(gus, group["inbox"], social.create(gus, scalar))
    unlisted = blog.mentioning(fay, group, HOST, "Worms or heat?")
    unlisted |= {"to": [f"{fay.uri}/followers"], "cc": [PUBLIC, group["id"]]}
    await blog.says(fay, group["inbox"], blog.create(fay, unlisted))
    quiet = blog.mentioning(fay, group, HOST, "Only for my followers")
    quiet |= {"to": [f"{fay.uri}/followers"], "cc": [group["id"]]}
    await blog.says(fay, group["inbox"], blog.create(fay, quiet))
    await town.settle()
    assert sorted(await town.titles()) == ["Straw or fleece?", "Worms or heat?"]
    assert social.timeline.boosted() == [scalar["id"]]


async def test_the_whole_text_in_microblogs_and_all_of_it_for_forums(town):
    blog, lemmy = (
        MastodonLike(town.world.wires, "blog.test"),
        LemmyLike(town.world.wires, "forum.test"),
    )
    for peer in (blog, lemmy):
        await peer.follows(peer.person("eve"), "gardeners", HOST)
    await town.settle()
    title, text = "T" * 200, "word " * 3_000
    long = await town.ada.write(town.gardeners, title, text)
    short = await town.ada.write(town.gardeners, "A <b>short</b> one & so on", "x " * 2_000)
    await town.settle()
    article = lemmy.received[1].document["object"]["object"]
    assert (article["name"], article["source"]["content"]) == (title, text.strip())
    assert len(article["summary"]) <= 500
    assert article["preview"]["type"] == "Note"
    assert article["content"].count("word") == 3_000
    shown = blog.timeline.text(long)
    assert shown.startswith(f"<p><strong>{title}</strong></p><p>word word")
    assert len(shown) < 5_500
    assert article["url"] in shown
    second = blog.timeline.text(short)
    assert second.startswith("<p><strong>A &lt;b&gt;short&lt;/b&gt; one &amp; so on</strong></p>")
    assert second.count("x ") >= 1_999
    note, native = blog.timeline.statuses[long], (await lemmy.get(long)).json()
    for key in ("id", "published", "url", "to", "cc", "audience", "attributedTo"):
        assert note[key] == native[key]
    named = {"type": "Mention", "href": town.gardeners.uri, "name": f"@gardeners@{HOST}"}
    assert named in note["tag"]
    assert named in native["tag"]
    assert "gardeners" not in note["content"].replace(native["url"], "")
    assert "proof" in lemmy.received[1].document["object"]
    assert {"name", "preview", "summary", "proof"}.isdisjoint(note)


async def test_a_warning_and_a_language_in_both_views(town):
    blog, lemmy = (
        MastodonLike(town.world.wires, "blog.test"),
        LemmyLike(town.world.wires, "forum.test"),
    )
    frost = await town.ada.write(town.gardeners, "Frost im Mai?", "Hilfe!")

    def act(uow):
        values = {"warning": "Frozen plants", "language": "de"}
        uow.session.execute(update(Post).where(Post.uri == frost).values(values))

    await town.red.act(act)
    note, native = (await blog.get(frost)).json(), (await lemmy.get(frost)).json()
    assert (note["summary"], note["sensitive"]) == ("Frozen plants", True)
    assert note["contentMap"] == {"de": note["content"]}
    assert native["contentMap"] == {"de": native["content"]}
    assert "Frozen plants" not in native["content"]


async def test_members_elsewhere_are_heard_by_all_in_their_own_way(town):
    wires = town.world.wires
    lemmy, piefed = LemmyLike(wires, "forum.test"), PieFedLike(wires, "piefed.test")
    blog = MastodonLike(wires, "blog.test")
    bo = lemmy.person("bo")
    for peer, who in ((lemmy, bo), (piefed, piefed.person("cy")), (blog, blog.person("eve"))):
        await peer.follows(who, "gardeners", HOST)
    await town.settle()
    inbox = f"{town.gardeners.uri}/inbox"
    page = lemmy.page(bo, town.gardeners.uri, "Worms or heat?", "Both.")
    said = await lemmy.says(bo, inbox, lemmy.create(bo, page))
    frost = await town.ada.write(town.gardeners, "Frost in May?")
    await town.settle()
    comment = lemmy.comment(bo, town.gardeners.uri, frost, "Fleece.")
    await lemmy.says(bo, inbox, lemmy.create(bo, comment))
    vote = lemmy.act(bo, "Like", frost, audience=town.gardeners.uri)
    await lemmy.says(bo, inbox, vote)
    await town.settle()

    assert sorted(await town.titles()) == ["Frost in May?", "Worms or heat?"]
    assert sorted(piefed.forms()) == sorted(lemmy.forms())
    assert said["body"] in b"".join(got.body for got in piefed.received)
    assert blog.forms() == ["Accept{Follow}", "Announce(id)", "Announce(id)"]
    assert set(blog.timeline.boosted()) == {page["id"], frost}
    undo = lemmy.act(bo, "Undo", vote, audience=town.gardeners.uri)
    await lemmy.says(bo, inbox, undo)
    grave = lemmy.act(bo, "Delete", comment["id"], to=[PUBLIC], cc=[town.gardeners.uri])
    lemmy.gone.add(comment["id"])
    await lemmy.says(bo, inbox, grave | {"audience": town.gardeners.uri})
    await town.settle()
    assert [row[3] for row in await town.red.thread(frost)] == [0]
    assert sorted(piefed.forms()[-2:]) == ["Announce{Delete(id)}", "Announce{Undo{Like}}"]
    assert len(blog.received) == 3


async def test_a_changed_charter_is_told_to_all_under_the_community_s_own_name(town):
    wires = town.world.wires
    peers = [LemmyLike(wires, "forum.test"), MastodonLike(wires, "blog.test")]
    for peer in peers:
        await peer.follows(peer.person("eve"), "gardeners", HOST)
    await town.settle()
    await town.gardeners.rewrite(town.ada, "We learn by *digging*.")
    await town.settle()
    for peer in peers:
        assert peer.forms()[1:] == ["Update{Group}"]
        assert peer.received[-1].signer == town.gardeners.uri
        assert peer.received[-1].document["object"]["type"] == "Group"
        assert "digging" in peer.received[-1].document["object"]["summary"]
