"""What is said here and elsewhere is found at once, by whoever may see it, and by nobody else."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from fedcop.domain.people.block import block
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.departure import depart
from fedcop.domain.posts.federation import Discussion
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.queries import by_uri
from fedcop.domain.posts.remove import remove, restore
from fedcop.domain.posts.tags import most_used, tags_of
from fedcop.domain.posts.view import view_of
from fedcop.domain.search import find
from fedcop.domain.search.query import parse
from fedcop.work.jobs import Job

pytestmark = pytest.mark.anyio


async def found(server, words, reader=None, page=1):
    hits = await server.read(lambda s: find.find_posts(s, parse(words), server.host, reader, page))
    return [hit.post.title or hit.post.html for hit in hits.items]


def post_of(session, uri) -> Post:
    post = by_uri(session, uri)
    assert post is not None
    return post


async def rows_of_index(server):
    return await server.read(lambda s: s.scalar(text("SELECT count(*) FROM post_search")))


async def test_posts_are_found_here_and_there(fediverse):
    here, there = await fediverse("rivers.test", "delta.test")
    ana, bo = await here.person("ana"), await there.person("bo")
    place = await here.community("watershed", ana)
    await bo.join(place)
    await fediverse.settle()
    first = await ana.write(place, "Anchoring geotextile", "Which stakes hold in *Ångström* clay?")
    await bo.write(place, "Geotextile for free", "A depot gives it away. #Give_Away")
    await fediverse.settle()
    await bo.reply(first, "Oak stakes, driven deep.")
    await fediverse.settle()
    for server in (here, there):
        both = ["Anchoring geotextile", "Geotextile for free"]
        assert sorted(await found(server, "geotextile")) == both
        assert await found(server, "angstrom") == ["Anchoring geotextile"]
        assert await found(server, "geotextile -depot") == ["Anchoring geotextile"]
        assert await found(server, '"hold in"') == ["Anchoring geotextile"]
        assert await found(server, '"in hold"') == []
        assert len(await found(server, "stak")) == 2
        assert await found(server, "stakes type:discussion") == ["Anchoring geotextile"]
        assert "Oak" in (await found(server, "stakes type:reply"))[0]
        assert "Oak" in (await found(server, "stakes from:@bo@delta.test"))[0]
        assert await found(server, "geotextile in:watershed@rivers.test #give_away") == [
            "Geotextile for free"
        ]
        assert await found(server, "-geotextile from:bo@delta.test") == await found(
            server, "from:bo@delta.test type:reply"
        )
        assert await found(server, "geotextile from:nobody") == []


async def test_only_what_may_be_seen_is_found(fediverse):
    (here,) = await fediverse("rivers.test")
    ana, bo = await here.person("ana"), await here.person("bo")
    place = await here.community("watershed", ana)
    await bo.join(place)
    said = await bo.write(place, "Willow stakes", "They root, and *hold*.")
    other = await bo.write(place, "Willow mats", "They root, too.")
    assert len(await found(here, "willow")) == 2

    await bo.edit(other, "They rot. #Mats")
    assert await found(here, "root") == ["Willow stakes"]
    assert await found(here, "#mats") == ["Willow mats"]

    def steward(uow, act):
        act(uow, uow.find(Post, said), uow.get(Actor, ana.id))

    await here.act(lambda uow: steward(uow, remove))
    assert await found(here, "willow") == ["Willow mats"]
    await here.act(lambda uow: steward(uow, restore))
    assert len(await found(here, "willow")) == 2

    under_it = await ana.reply(said, "Alder does, too.")
    assert len(await found(here, "alder", reader=ana.id)) == 1
    await here.act(lambda uow: block(uow, uow.get(Actor, ana.id), uow.get(Actor, bo.id)))
    assert await found(here, "alder", reader=ana.id) == [], "its title is the words of bo"
    assert len(await found(here, "alder")) == 1
    await ana.delete(under_it)
    assert await found(here, "willow", reader=ana.id) == []
    assert len(await found(here, "willow", reader=bo.id)) == 2

    await bo.delete(other)
    assert await found(here, "rot") == []
    assert await rows_of_index(here) == 1
    await here.act(lambda uow: depart(uow, uow.get(Actor, bo.id)))
    assert await rows_of_index(here) == 0
    people = await here.read(lambda s: find.find_people(s, parse("bo").as_name)[0])
    assert people == []


async def test_an_index_is_filled_from_what_was_there(fediverse):
    (here,) = await fediverse("rivers.test")
    ana = await here.person("ana")
    place = await here.community("watershed", ana)
    await ana.write(place, "Willow stakes")

    def empty(uow):
        for table in ("post_search", "actor_search"):
            uow.session.execute(text(f"DELETE FROM {table}"))
        uow.add(Job(name="fill_search", payload={}, due_at=uow.now))

    await here.act(empty)
    assert await found(here, "willow") == []
    await here.house.jobs.run_once()
    assert await found(here, "willow") == ["Willow stakes"]
    assert [it.name for it in (await here.read(lambda s: find.find_people(s, parse("an"))[0]))] == [
        "ana"
    ]
    places = await here.read(lambda s: find.find_communities(s, parse("better wat").as_name)[0])
    assert [it.actor.name for it in places] == ["watershed"]


async def test_hashtags_go_from_server_to_server(fediverse):
    here, there = await fediverse("rivers.test", "delta.test")
    ana, bo = await here.person("ana"), await there.person("bo")
    place = await here.community("watershed", ana)
    await bo.join(place)
    await fediverse.settle()
    uri = await ana.write(place, "Stakes", "Of #Willow, #größe and #watershed; not `#code`.")
    await fediverse.settle()
    for server in (here, there):
        shown = await server.read(lambda s: tags_of(s, [post_of(s, uri).id]).popitem()[1])
        assert sorted(shown) == ["Willow", "größe", "watershed"]
    html = await here.read(lambda s: post_of(s, uri).html)
    assert 'href="https://rivers.test/tag/willow" class="mention hashtag"' in html
    uris = here.house.app.uris
    document = await here.read(lambda s: Discussion().note(view_of(s, post_of(s, uri), uris)))
    tags = {tag["name"]: tag["href"] for tag in document["tag"] if tag["type"] == "Hashtag"}
    assert tags["#größe"] == "https://rivers.test/tag/gr%C3%B6sse"
    assert len(tags) == 3
    await ana.edit(uri, "Of #oak.")
    await fediverse.settle()
    now = datetime.now(UTC)
    used = await there.read(lambda s: most_used(s, post_of(s, uri).community_id, now))
    assert [tag.name for tag in used] == ["oak"]
