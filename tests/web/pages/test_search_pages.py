"""Search: words, handles, addresses; and who may make this server ask another."""

import httpx
import pytest
from town_of_pages import FAR, Town, words

from fedcop.domain.people.follow import follow
from fedcop.domain.people.models import Actor

pytestmark = pytest.mark.anyio


async def test_words_find_titles_and_names(town: Town, ask: httpx.AsyncClient) -> None:
    await town.ana.write(town.place, "How do you anchor 100% of willows_?")
    for text in ("anchor", "ANCHOR", "100%", "willows_"):
        assert "How do you anchor" in words(await ask.get("/search", params={"q": text}))
    for text in ("%", "_", "0%w", "\0", "\\"):
        assert (await ask.get("/search", params={"q": text})).status_code == 200
    assert "Watershed" in words(await ask.get("/search", params={"q": "wat"}))
    assert "@ana@rivers.example" in words(await ask.get("/search", params={"q": "@an"}))
    assert "Nothing found" in words(await ask.get("/search", params={"q": "zebra"}))


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("@ana@rivers.example", "/@ana"),
        ("!watershed@rivers.example", "/c/watershed"),
        ("watershed@rivers.example", "/c/watershed"),
        ("https://rivers.example/u/ana", "/@ana"),
        ("https://rivers.example/c/watershed", "/c/watershed"),
        ("https://rivers.example/@ana", "/@ana"),
        ("https://rivers.example/c/watershed/about", "/c/watershed/about"),
        ("https://rivers.example/", "/about"),
    ],
)
async def test_what_is_known_is_found_by_anyone(
    ask: httpx.AsyncClient, text: str, target: str
) -> None:
    answer = await ask.get("/search", params={"q": text})
    assert (answer.status_code, answer.headers["location"]) == (303, target)


async def test_members_find_what_is_elsewhere(town: Town, ana: httpx.AsyncClient) -> None:
    maria = await town.far.person("maria")
    far = await town.far.community("teaching", maria)
    uri = await maria.write(far, "Peer instruction")
    for text, target in (
        (f"@maria@{FAR}", f"/@maria@{FAR}"),
        (f"!teaching@{FAR}", f"/c/teaching@{FAR}"),
        (far.uri, f"/c/teaching@{FAR}"),
    ):
        answer = await ana.get("/search", params={"q": text})
        assert (answer.status_code, answer.headers["location"]) == (303, target), text
    post = await ana.get("/search", params={"q": uri})
    assert post.status_code == 303
    assert post.headers["location"].startswith(f"/c/teaching@{FAR}/p/")
    assert (await ana.get(post.headers["location"].partition("#")[0])).status_code == 200


async def test_strangers_cause_no_fetch(town: Town, ask: httpx.AsyncClient) -> None:
    await town.far.person("maria")
    before = len(town.world.wires.sent)
    for text in (f"@maria@{FAR}", f"https://{FAR}/u/maria"):
        answer = await ask.get("/search", params={"q": text})
        assert answer.status_code == 200
        assert "Sign in, and it will be asked for" in words(answer)
    assert len(town.world.wires.sent) == before


@pytest.mark.parametrize(
    "text", ["@x@nowhere.example", "https://nowhere.example/x", "http://[::1", "https://", "a@b"]
)
async def test_what_cannot_be_found_is_said_in_words(ana: httpx.AsyncClient, text: str) -> None:
    answer = await ana.get("/search", params={"q": text})
    assert answer.status_code == 200


async def test_from_other_software(ask: httpx.AsyncClient) -> None:
    answer = await ask.get("/authorize_interaction", params={"uri": "acct:ana@rivers.example"})
    assert answer.headers["location"] == "/search?q=ana%40rivers.example"


async def test_the_parts_of_what_is_found(
    town: Town, ask: httpx.AsyncClient, ana: httpx.AsyncClient
) -> None:
    uri = await town.ana.write(town.place, "Willow stakes", "They hold <b> in #Clay.")
    await town.ana.reply(uri, "Oak holds longer than willow.")
    everything = await ask.get("/search", params={"q": "willow"})
    assert "<mark>Willow</mark> stakes" in everything.text
    assert "holds longer than <mark>willow</mark>" in everything.text
    marked = await ask.get("/search", params={"q": "hold"})
    assert "They <mark>hold</mark> &lt;b&gt; in #Clay." in marked.text
    only = await ask.get("/search", params={"q": "willow type:reply", "in": "discussions"})
    assert "Oak holds" in words(only)
    assert "They hold" not in words(only)
    for part, found in (("people", "@ana@rivers.example"), ("communities", "Watershed")):
        name = {"people": "ana", "communities": "wat"}[part]
        answer = await ask.get("/search", params={"q": name, "in": part})
        assert found in words(answer)
    unknown = await ask.get("/search", params={"q": "willow from:@zoe"})
    assert "Nobody and nothing here is called @zoe." in words(unknown)
    assert (await ask.get("/search", params={"q": "willow", "page": "9"})).status_code == 200
    shown = await ask.get("/tag/clay")
    assert "#Clay" in words(shown)
    assert "Willow stakes" in words(shown)
    assert (await ask.get("/tag/Clay")).headers["location"] == "/tag/clay"
    assert (await ask.get("/tag/%20")).status_code == 404
    assert "No discussion has this hashtag" in words(await ask.get("/tag/nothing"))
    assert 'href="/tag/clay"' in (await ask.get("/c/watershed")).text
    page = await ana.get("/search", params={"q": uri}, follow_redirects=True)
    assert 'href="/tag/clay"' in page.text


async def test_communities_are_found_by_a_word_of_their_purpose(
    town: Town, ask: httpx.AsyncClient
) -> None:
    await town.server.community("bees", town.kofi)
    await town.ana.write(town.place, "Said last")
    every = words(await ask.get("/explore"))
    assert every.index("Watershed") < every.index("Bees")
    assert "Watershed" not in words(await ask.get("/explore?q=bee"))
    assert "Bees" in words(await ask.get("/explore?q=bee&where=here"))
    assert "No community found" in words(await ask.get("/explore?q=bee&where=partners"))
    assert "Said last" in words(await ask.get("/explore/discussions"))
    assert "Said last" in words(await ask.get("/explore/discussions?order=unanswered"))


async def test_home_keeps_the_order_that_was_asked_for(town: Town, ana: httpx.AsyncClient) -> None:
    first = await town.ana.write(town.place, "The first one")
    await town.ana.write(town.place, "The second one")
    await town.ana.reply(first, "An answer")
    await ana.get("/?order=active")
    kept = words(await ana.get("/"))
    assert kept.index("The first one") < kept.index("The second one")
    await ana.get("/?order=nonsense")
    await ana.get("/?order=new")
    again = words(await ana.get("/"))
    assert again.index("The second one") < again.index("The first one")


async def test_home_shows_what_those_whom_one_follows_have_started(
    town: Town, kofi: httpx.AsyncClient
) -> None:
    await town.ana.write(town.place, "From a friend")
    assert "From a friend" not in words(await kofi.get("/"))
    kofi_id, ana_id = town.kofi.id, town.ana.id
    await town.server.act(lambda uow: follow(uow, uow.get(Actor, kofi_id), uow.get(Actor, ana_id)))
    assert "From a friend" in words(await kofi.get("/"))
