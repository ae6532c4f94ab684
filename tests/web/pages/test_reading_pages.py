"""Pages that are only read: home, explore, a community, a person, about, for everyone."""

import re

import httpx
import pytest
from town_of_pages import FAR, Town, words

pytestmark = pytest.mark.anyio

ANYONES = ("/", "/explore", "/c/watershed", "/c/watershed/about", "/@ana", "/search", "/about")
MEMBERS = ("/communities/new", "/new", "/notifications", "/invite", "/settings")


@pytest.mark.parametrize("path", ANYONES)
async def test_everyone_may_read(ask: httpx.AsyncClient, ana: httpx.AsyncClient, path: str) -> None:
    for browser in (ask, ana):
        answer = await browser.get(path)
        assert answer.status_code == 200, path
        assert len(re.findall(r"<h1[ >]", answer.text)) == 1
        assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=", answer.text)
        for word in ("instance", "actor", "magazine", "activity"):
            assert not re.search(rf"\b{word}", words(answer).lower()), (path, word)


@pytest.mark.parametrize("path", MEMBERS)
async def test_pages_of_members_lead_others_to_sign_in(
    ask: httpx.AsyncClient, ana: httpx.AsyncClient, path: str
) -> None:
    answer = await ask.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={path}")
    assert (await ana.get(path)).status_code == 200


async def test_what_this_place_is_for_who_is_not_signed_in(
    town: Town, ask: httpx.AsyncClient
) -> None:
    await town.ana.write(town.place, "How do you anchor willows?")
    said = words(await ask.get("/"))
    for part in ("Watershed", "To get better at watershed.", "How do you anchor", "invitation"):
        assert part in said
    first = await ask.get("/")
    assert first.headers["cache-control"].startswith("public")
    again = await ask.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


async def test_home_says_what_to_do_next(kofi: httpx.AsyncClient, ana: httpx.AsyncClient) -> None:
    empty = await kofi.get("/")
    assert "You belong to no community yet" in words(empty)
    assert 'action="/c/watershed/join"' in empty.text
    assert "No discussions yet" in words(await ana.get("/"))
    assert "Every discussion has an answer" in words(await ana.get("/?order=unanswered"))
    assert empty.headers["cache-control"] == "private, no-store"


async def test_the_orders_of_discussions(town: Town, ana: httpx.AsyncClient) -> None:
    first = await town.ana.write(town.place, "The first one")
    await town.ana.write(town.place, "The second one")
    await town.ana.reply(first, "An answer")
    for path in ("/", "/c/watershed"):
        titles = {
            order: re.findall(r"The (?:first|second) one", (await ana.get(f"{path}{order}")).text)
            for order in ("", "?order=active", "?order=unanswered", "?order=nonsense")
        }
        assert titles[""] == ["The second one", "The first one"]
        assert titles["?order=active"] == ["The first one", "The second one"]
        assert titles["?order=unanswered"] == ["The second one"]
        assert titles["?order=nonsense"] == titles[""]


@pytest.mark.parametrize("order", ["new", "active"])
async def test_older_pages_begin_where_this_one_ends(
    town: Town, ask: httpx.AsyncClient, order: str
) -> None:
    for number in range(1, 24):
        await town.ana.write(town.place, f"Number {number:02}")
    first = await ask.get(f"/c/watershed?order={order}")
    assert re.findall(r"Number \d\d", first.text) == [f"Number {n:02}" for n in range(23, 3, -1)]
    found = re.search(r'href="([^"]*before=[^"]*)" rel="next"', first.text)
    assert found is not None
    older = await ask.get(found[1].replace("&amp;", "&"))
    assert re.findall(r"Number \d\d", older.text) == ["Number 03", "Number 02", "Number 01"]


@pytest.mark.parametrize("query", ["?before=x", "?before=-1", "?before=99999999999999999999"])
async def test_a_broken_cursor_is_the_first_page(ask: httpx.AsyncClient, query: str) -> None:
    for path in ("/explore", "/c/watershed", "/@ana"):
        assert (await ask.get(f"{path}{query}")).status_code == 200


async def test_a_community_for_its_readers(
    town: Town, ask: httpx.AsyncClient, ana: httpx.AsyncClient, kofi: httpx.AsyncClient
) -> None:
    await town.place.rewrite(town.ana, "Be *specific*.")
    page = await ask.get("/c/watershed")
    for part in ("@watershed@rivers.example", "Follow from elsewhere", "1 member", "Ana"):
        assert part in words(page)
    assert "<em>specific</em>" in page.text
    assert "Sign in to join" in words(page)
    assert 'action="/c/watershed/join"' in (await kofi.get("/c/watershed")).text
    assert "/c/watershed/edit" not in (await kofi.get("/c/watershed")).text
    stewards = (await ana.get("/c/watershed")).text
    assert "/c/watershed/edit" in stewards
    assert "/c/watershed/leave" in stewards
    about = await ask.get("/c/watershed/about")
    assert "<em>specific</em>" in about.text
    assert 'href="/@ana"' in about.text


async def test_a_community_of_a_partner_server(
    town: Town, ask: httpx.AsyncClient, kofi: httpx.AsyncClient
) -> None:
    teacher = await town.far.person("maria")
    far = await town.far.community("teaching", teacher)
    await town.server.meet(far.uri)
    await town.server.meet(teacher.uri)
    path = f"/c/teaching@{FAR}"
    page = await kofi.get(path)
    assert page.status_code == 200
    assert "This community is at home on delta.example" in words(page)
    assert f'href="{far.uri}"' in page.text
    assert "Teaching" in words(await ask.get("/explore?where=partners"))
    assert "Teaching" not in words(await ask.get("/explore?where=here"))
    person = await ask.get(f"/@maria@{FAR}")
    assert "This person is at home on delta.example" in words(person)
    assert (await ask.get("/c/teaching")).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/c/nobody",
        "/c/ana",
        "/c/kofi@nowhere.example",
        "/c/%00",
        "/c/a@b@c",
        "/@nobody",
        "/@rivers.example",
        "/u/nobody",
        "/u/maria@delta.example",
        "/post/1",
        "/post/0",
        "/post/99999999999999999999",
        "/comment/x",
        "/c/watershed/p/1/x",
        "/c/watershed/p/9223372036854775808",
        "/nowhere",
    ],
)
async def test_what_is_not_here(ask: httpx.AsyncClient, path: str) -> None:
    answer = await ask.get(path)
    assert answer.status_code == 404
    assert "Nothing is here" in words(answer)


async def test_ids_lead_to_pages(ask: httpx.AsyncClient) -> None:
    assert (await ask.get("/u/ana")).headers["location"] == "/@ana"
    assert (await ask.get("/@watershed")).headers["location"] == "/c/watershed"
    assert (await ask.get("/@ana@rivers.example")).status_code == 200


async def test_the_source_that_runs(ask: httpx.AsyncClient) -> None:
    answer = await ask.get("/about/source.tar.gz")
    assert answer.headers["content-type"] == "application/gzip"
    assert len(answer.content) > 100_000
    assert 'href="/about/source.tar.gz"' in (await ask.get("/about")).text


@pytest.mark.parametrize("path", [*ANYONES, *MEMBERS, "/c/watershed/new", "/c/watershed/edit"])
async def test_pages_speak_german(ana: httpx.AsyncClient, path: str) -> None:
    said = words(await ana.get(path, headers={"Accept-Language": "de"}))
    for word in ("Discussion", "Community", "Communities", "Steward", "Members", "the", "you"):
        assert not re.search(rf"\b{word}\b", said), (path, word)
