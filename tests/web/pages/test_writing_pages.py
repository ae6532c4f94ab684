"""Forms of discussions: start, reply, find helpful, edit, delete, take out."""

import re

import httpx
import pytest
from town_of_pages import FAR, Town, words

from fedcop.errors import Unreachable

pytestmark = pytest.mark.anyio

TITLE = "How do you anchor willows?"
SLUG = "how-do-you-anchor-willows"


def number(uri: str) -> str:
    return uri.rsplit("/", 1)[1]


async def test_start_a_discussion(ana: httpx.AsyncClient, ask: httpx.AsyncClient) -> None:
    form = await ana.get("/c/watershed/new")
    assert "It reaches the members of Watershed" in words(form)
    sent = {"title": TITLE, "source": "We lost **60%**.\n\n```\nR-14\n```"}
    answer = await ana.post("/c/watershed/new", data=sent)
    assert answer.status_code == 303
    assert re.fullmatch(rf"/c/watershed/p/\d+/{SLUG}", answer.headers["location"])
    page = await ask.get(answer.headers["location"])
    assert "<strong>60%</strong>" in page.text
    assert '<pre tabindex="0">' in page.text
    assert f"<h1>{TITLE}</h1>" in page.text
    assert page.headers["link"].startswith("<https://rivers.example/post/")


async def test_see_it_first(ana: httpx.AsyncClient, ask: httpx.AsyncClient) -> None:
    sent = {"title": TITLE, "source": "We lost **60%**.", "preview": "1"}
    answer = await ana.post("/c/watershed/new", data=sent)
    assert answer.status_code == 200
    assert "<strong>60%</strong>" in answer.text
    assert "We lost **60%**." in answer.text
    assert f'value="{TITLE}"' in answer.text
    assert "No discussions yet" in words(await ask.get("/c/watershed"))


@pytest.mark.parametrize("preview", [{}, {"preview": "1"}])
async def test_what_is_missing_is_said_beside_the_fields(
    ana: httpx.AsyncClient, preview: dict[str, str]
) -> None:
    answer = await ana.post("/c/watershed/new", data={"title": " ", "source": "", **preview})
    assert answer.status_code == 422
    assert "2 things need another look" in words(answer)
    assert 'id="title-wrong"' in answer.text
    assert 'id="source-wrong"' in answer.text
    long = await ana.post("/c/watershed/new", data={"title": "x" * 201, "source": "kept\0 text"})
    assert "At most 200 characters" in words(long)
    assert "kept text" in long.text


async def test_who_may_start(town: Town, ask: httpx.AsyncClient, kofi: httpx.AsyncClient) -> None:
    sent = {"title": TITLE, "source": "Text"}
    assert (await kofi.get("/c/watershed/new")).status_code == 403
    refused = await kofi.post("/c/watershed/new", data=sent)
    assert refused.status_code == 403
    assert "Join the community first" in words(refused)
    assert (await ask.post("/c/watershed/new", data=sent)).status_code == 303
    assert (await kofi.post("/c/nobody/new", data=sent)).status_code == 404
    assert "First join a community" in words(await kofi.get("/new"))
    await town.kofi.join(town.place)
    assert 'href="/c/watershed/new"' in (await kofi.get("/new")).text


async def test_whoever_is_named_is_met_first(
    town: Town, ana: httpx.AsyncClient, ask: httpx.AsyncClient
) -> None:
    await town.far.person("maria")
    sent = {"title": TITLE, "source": f"@maria@{FAR} and @nobody@nowhere.example: how?"}
    answer = await ana.post("/c/watershed/new", data=sent)
    page = await ask.get(answer.headers["location"])
    assert f'href="https://{FAR}/@maria"' in page.text
    assert "@nobody@nowhere.example" in words(page)


async def test_reply_below_and_in_place(
    town: Town, ana: httpx.AsyncClient, ask: httpx.AsyncClient
) -> None:
    root = number(await town.ana.write(town.place, TITLE))
    path = f"/c/watershed/p/{root}/{SLUG}"
    answer = await ana.post(f"/p/{root}/reply", data={"source": "To the *clay*."})
    assert answer.status_code == 303
    place, _, reply = answer.headers["location"].partition("#r")
    assert place == path
    assert "<em>clay</em>" in (await ask.get(path)).text
    form = await ana.get(f"{path}?reply={reply}")
    assert "Reply to Ana" in words(form)
    assert f'action="/p/{reply}/reply#reply-form"' in form.text
    assert "Reply to the discussion" in words(await ana.get(f"{path}?reply=17"))
    shown = await ana.post(f"/p/{reply}/reply", data={"source": "**Which** clay?", "preview": "1"})
    assert shown.status_code == 200
    assert "<strong>Which</strong>" in shown.text
    assert "**Which** clay?" in shown.text
    empty = await ana.post(f"/p/{reply}/reply", data={"source": " "})
    assert empty.status_code == 422
    assert "Write something first." in words(empty)
    assert (await ana.get(f"/comment/{reply}")).headers["location"] == f"{path}#r{reply}"


async def test_who_may_reply(town: Town, ask: httpx.AsyncClient, kofi: httpx.AsyncClient) -> None:
    root = number(await town.ana.write(town.place, TITLE))
    path = f"/c/watershed/p/{root}/{SLUG}"
    assert "Sign in to join" in words(await ask.get(path))
    page = await kofi.get(path)
    assert "Join the community: then you can reply" in words(page)
    assert f'name="next" value="{path}"' in page.text
    assert (await kofi.post(f"/p/{root}/reply", data={"source": "Me"})).status_code == 403
    assert (await ask.post(f"/p/{root}/reply", data={"source": "Me"})).status_code == 303
    assert (await kofi.post("/p/17/reply", data={"source": "Me"})).status_code == 404


async def test_helpful(town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient) -> None:
    root = number(await town.ana.write(town.place, TITLE))
    path = f"/c/watershed/p/{root}/{SLUG}"
    for value, pressed in (("1", "true"), ("1", "true"), ("0", "false")):
        answer = await kofi.post(f"/p/{root}/helpful", data={"helpful": value})
        assert (answer.status_code, answer.headers["location"]) == (303, f"{path}#r{root}")
        assert f'aria-pressed="{pressed}"' in (await kofi.get(path)).text
    assert (await ana.post(f"/p/{root}/helpful", data={"helpful": "1"})).status_code == 403
    assert f"/p/{root}/helpful" not in (await ana.get(path)).text
    assert (await kofi.post("/p/17/helpful")).status_code == 404


async def test_edit(
    town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient, ask: httpx.AsyncClient
) -> None:
    root = number(await town.ana.write(town.place, TITLE, "Old *text*"))
    assert "Old *text*" in (await ana.get(f"/p/{root}/edit")).text
    sent = {"title": "Another title", "source": "New text"}
    shown = await ana.post(f"/p/{root}/edit", data={**sent, "preview": "1"})
    assert "New text" in shown.text
    assert "edited" not in words(await ask.get(f"/c/watershed/p/{root}/{SLUG}"))
    answer = await ana.post(f"/p/{root}/edit", data=sent)
    path = f"/c/watershed/p/{root}/another-title"
    assert answer.headers["location"] == f"{path}#r{root}"
    page = words(await ask.get(path))
    assert "edited" in page
    assert "New text" in page
    wrong = await ana.post(f"/p/{root}/edit", data={"title": "", "source": "x"})
    assert wrong.status_code == 422
    for answer in (
        await kofi.get(f"/p/{root}/edit"),
        await kofi.post(f"/p/{root}/edit", data=sent),
    ):
        assert answer.status_code == 403
    assert (await ana.get("/p/17/edit")).status_code == 404


async def test_delete_a_reply(town: Town, kofi: httpx.AsyncClient, ask: httpx.AsyncClient) -> None:
    await town.kofi.join(town.place)
    uri = await town.ana.write(town.place, TITLE)
    mine = await town.kofi.reply(uri, "A secret that slipped out")
    await town.ana.reply(mine, "Which secret?")
    path = f"/c/watershed/p/{number(uri)}/{SLUG}"
    assert "There is 1 reply under it." in words(await kofi.get(f"/p/{number(mine)}/delete"))
    assert (await kofi.post(f"/p/{number(mine)}/delete")).status_code == 303
    page = words(await ask.get(path))
    assert "The author deleted this." in page
    assert "A secret" not in page
    assert "Which secret?" in page
    assert (await kofi.post(f"/p/{number(mine)}/delete")).status_code == 410
    assert (await kofi.get(f"/p/{number(uri)}/delete")).status_code == 403
    assert (await kofi.post(f"/p/{number(uri)}/delete")).status_code == 403


async def test_delete_a_discussion(
    town: Town, ana: httpx.AsyncClient, ask: httpx.AsyncClient
) -> None:
    lone = number(await town.ana.write(town.place, TITLE))
    answer = await ana.post(f"/p/{lone}/delete")
    assert answer.headers["location"] == "/c/watershed"
    assert (await ask.get(f"/post/{lone}")).status_code == 410
    answered = await town.ana.write(town.place, TITLE)
    await town.ana.reply(answered, "What others said stays")
    await town.ana.delete(answered)
    page = await ask.get(f"/post/{number(answered)}", follow_redirects=True)
    assert page.status_code == 200
    assert "What others said stays" in words(page)
    assert "A discussion that is gone" in words(page)


async def test_a_steward_takes_something_out(
    town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient, ask: httpx.AsyncClient
) -> None:
    await town.kofi.join(town.place)
    uri = await town.kofi.write(town.place, TITLE)
    reply = await town.kofi.reply(uri, "Buy my stakes")
    await town.kofi.reply(reply, "Cheap")
    assert (await kofi.post(f"/p/{number(reply)}/remove")).status_code == 403
    assert "Take this out of the community?" in words(await ana.get(f"/p/{number(reply)}/remove"))
    assert (await ana.post(f"/p/{number(reply)}/remove")).status_code == 303
    page = words(await ask.get(f"/c/watershed/p/{number(uri)}/{SLUG}"))
    assert "The stewards took this out of the community." in page
    assert "Buy my stakes" not in page


async def test_every_other_address_leads_to_the_right_one(
    town: Town, ask: httpx.AsyncClient
) -> None:
    uri = await town.ana.write(town.place, TITLE)
    root, reply = number(uri), number(await town.ana.reply(uri, "Yes"))
    right = f"/c/watershed/p/{root}/{SLUG}"
    for path, target in (
        (f"/c/watershed/p/{root}", right),
        (f"/c/watershed/p/{root}/wrong?reply={reply}", f"{right}?reply={reply}"),
        (f"/c/another/p/{root}/{SLUG}", right),
        (f"/c/watershed/p/{reply}", f"{right}#r{reply}"),
        (f"/post/{root}", right),
        (f"/comment/{reply}", f"{right}#r{reply}"),
    ):
        answer = await ask.get(path)
        assert (answer.status_code, answer.headers["location"]) == (302, target), path
    assert (await ask.get(right)).status_code == 200


async def test_what_came_from_elsewhere_says_so(town: Town, ask: httpx.AsyncClient) -> None:
    maria = await town.far.person("maria")
    await maria.join(town.place)
    await town.world.settle()
    uri = await maria.write(town.place, TITLE, "From *afar*")
    await town.world.settle()
    listed = await ask.get("/c/watershed")
    found = re.search(rf'href="(/c/watershed/p/\d+/{SLUG})"', listed.text)
    assert found is not None
    page = await ask.get(found[1])
    assert "See the original on delta.example" in words(page)
    assert f'href="/@maria@{FAR}"' in page.text
    assert "<em>afar</em>" in page.text
    assert uri not in page.headers.get("link", "")


async def test_a_discussion_on_a_partner_server(town: Town, kofi: httpx.AsyncClient) -> None:
    far = await town.far.community("teaching", await town.far.person("maria"))
    await town.kofi.join(far)
    await town.world.settle()
    sent = {"title": TITLE, "source": "Across"}
    answer = await kofi.post(f"/c/teaching@{FAR}/new", data=sent)
    path = answer.headers["location"]
    assert re.fullmatch(rf"/c/teaching@{FAR}/p/\d+/{SLUG}", path)
    assert "Across" in words(await kofi.get(path))
    await town.world.settle()
    async with town.anyone() as browser:
        assert (await browser.get(path)).status_code == 200


async def test_notifications(town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient) -> None:
    assert "Nothing waits for you" in words(await ana.get("/notifications"))
    await town.kofi.join(town.place)
    uri = await town.ana.write(town.place, TITLE)
    reply = await town.kofi.reply(uri, "To the clay")
    await town.kofi.write(town.place, "Another", "What do you say, @ana?")
    page = await ana.get("/notifications")
    for part in ("Kofi replied to you", "Kofi named you", "To the clay", "Mark all as seen"):
        assert part in words(page)
    assert f"#r{number(reply)}" in page.text
    assert "2 unread" in words(await ana.get("/"))
    assert (await ana.post("/notifications/read")).headers["location"] == "/notifications"
    after = words(await ana.get("/notifications"))
    assert "unread" not in after
    assert "Kofi replied to you" in after


async def test_the_other_server_may_be_down(
    town: Town, ana: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_: object) -> int:
        raise Unreachable("far away")

    monkeypatch.setattr(town.server.house.resolver, "handle", down)
    sent = {"title": TITLE, "source": f"Hello @maria@{FAR}"}
    assert (await ana.post("/c/watershed/new", data=sent)).status_code == 303
