"""Search: words, handles, addresses; and who may make this server ask another."""

import httpx
import pytest
from town_of_pages import FAR, Town, words

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
