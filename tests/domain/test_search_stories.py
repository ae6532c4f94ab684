"""What is said here and elsewhere is found at once, by whoever may see it, and by nobody else."""

import pytest

from fedcop.domain.search import find
from fedcop.domain.search.query import parse

pytestmark = pytest.mark.anyio


async def found(server, words, reader=None, page=1):
    hits = await server.read(lambda s: find.find_posts(s, parse(words), server.host, reader, page))
    return [hit.post.title or hit.post.html for hit in hits.items]


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
