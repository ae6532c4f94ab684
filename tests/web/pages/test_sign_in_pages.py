"""Coming in: password, one-time links, invitations, settings; and going out."""

import re

import httpx
import pytest
from town_of_pages import PASSWORD, Town, browser, words

from fedcop.domain.access.links import issue_enter, issue_invite
from fedcop.domain.people.models import Actor

pytestmark = pytest.mark.anyio

WRONG = "Name or password is wrong."


async def sign_in(
    client: httpx.AsyncClient, name: str, password: str, **more: str
) -> httpx.Response:
    return await client.post("/sign-in", data={"name": name, "password": password, **more})


async def test_sign_in_and_out(town: Town, ask: httpx.AsyncClient) -> None:
    await town.give_password(town.ana)
    answer = await sign_in(ask, " @Ana ", PASSWORD, next="/c/watershed/new")
    assert (answer.status_code, answer.headers["location"]) == (303, "/c/watershed/new")
    cookie = answer.headers["set-cookie"]
    for part in ("__Host-fedcop=", "HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert part in cookie
    assert (await ask.get("/settings")).status_code == 200
    assert (await ask.get("/sign-in?next=/explore")).headers["location"] == "/explore"
    token = ask.cookies["__Host-fedcop"]
    out = await ask.post("/sign-out")
    assert (out.status_code, out.headers["location"]) == (303, "/")
    assert "You are signed out." in words(await ask.get("/"))
    ask.cookies.set("__Host-fedcop", token)
    assert (await ask.get("/settings")).status_code == 303, "the token opens nothing any more"


async def test_the_same_words_for_a_wrong_name_and_a_wrong_password(
    town: Town, ask: httpx.AsyncClient
) -> None:
    await town.give_password(town.ana)
    answers = [
        await sign_in(ask, "ana", "not the password"),
        await sign_in(ask, "nobody", PASSWORD),
        await sign_in(ask, "kofi", PASSWORD),
    ]
    for answer in answers:
        assert answer.status_code == 422
        assert WRONG in words(answer)
        assert "set-cookie" not in answer.headers
        assert PASSWORD not in answer.text
    empty = await sign_in(ask, "", "")
    assert 'id="name-wrong"' in empty.text
    assert 'id="password-wrong"' in empty.text


async def test_guessing_is_slowed_down(town: Town, ask: httpx.AsyncClient) -> None:
    answers = [await sign_in(ask, "ana", "") for _ in range(26)]
    assert [answer.status_code for answer in answers] == [422] * 25 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_an_account_is_guessed_at_25_times_an_hour_whoever_guesses(
    town: Town, ask: httpx.AsyncClient
) -> None:
    """Each from another address; whom it belongs to stays signed in."""
    await town.give_password(town.ana)
    await sign_in(ask, "ana", PASSWORD)
    answers: list[httpx.Response] = []
    for number in range(30):
        async with browser(town.server, f"198.51.100.{number}") as guesser:
            name = "@ANA" if number % 2 else "ana"
            answers.append(await sign_in(guesser, name, "a guess" if number > 4 else ""))
    last = answers.pop()
    assert {answer.status_code for answer in answers} == {422}, "what is not checked counts not"
    assert last.status_code == 429
    assert int(last.headers["retry-after"]) > 1_800
    assert "tried too often" in words(last)
    assert (await ask.get("/settings")).status_code == 200


@pytest.mark.parametrize("bad", ["//evil.example", "https://evil.example", "/\\evil", "\t/x"])
async def test_next_stays_on_this_host(town: Town, ask: httpx.AsyncClient, bad: str) -> None:
    await town.give_password(town.ana)
    assert "evil" not in (await ask.get("/sign-in", params={"next": bad})).text
    assert (await sign_in(ask, "ana", PASSWORD, next=bad)).headers["location"] == "/"


async def test_signing_in_again_begins_a_new_session(town: Town, ask: httpx.AsyncClient) -> None:
    await town.give_password(town.ana)
    await sign_in(ask, "ana", PASSWORD)
    first = ask.cookies["__Host-fedcop"]
    await sign_in(ask, "ana", PASSWORD)
    assert ask.cookies["__Host-fedcop"] != first
    async with town.anyone() as other:
        other.cookies.set("__Host-fedcop", first)
        assert (await other.get("/settings")).status_code == 303


@pytest.mark.parametrize("token", ["", "x", "ä", "x" * 5_000])
async def test_a_token_that_is_none(ask: httpx.AsyncClient, token: str) -> None:
    headers = {b"Cookie": f"__Host-fedcop={token}".encode()}
    assert (await ask.get("/settings", headers=headers)).status_code == 303
    assert (await ask.get("/", headers=headers)).status_code == 200


async def test_a_link_signs_in_once(town: Town, ask: httpx.AsyncClient) -> None:
    token = await town.server.act(lambda uow: issue_enter(uow, town.ana.id))
    for _ in range(2):
        assert 'method="post"' in (await ask.get(f"/enter/{token}")).text
    assert (await ask.get("/settings")).status_code == 303, "a preview does not use it up"
    assert (await ask.post(f"/enter/{token}")).headers["location"] == "/"
    assert (await ask.get("/settings")).status_code == 200
    for answer in (await ask.get(f"/enter/{token}"), await ask.post(f"/enter/{token}")):
        assert answer.status_code == 404
        assert "has been used or is too old" in words(answer)


async def invitation(town: Town, community: int | None) -> str:
    return await town.server.act(
        lambda uow: issue_invite(uow, uow.get(Actor, town.ana.id), community)
    )


JOINED = {"name": "Maria", "display_name": "Maria Okafor", "password": PASSWORD}


async def test_join_by_invitation(town: Town, ask: httpx.AsyncClient) -> None:
    await town.ana.write(town.place, "How do you anchor willows?")
    token = await invitation(town, town.place.id)
    said = words(await ask.get(f"/join/{token}"))
    for part in ("Ana invites you to", "Watershed", "How do you anchor", "@rivers.example"):
        assert part in said
    answer = await ask.post(f"/join/{token}", data=JOINED)
    assert (answer.status_code, answer.headers["location"]) == (303, "/c/watershed")
    page = words(await ask.get("/c/watershed"))
    assert "Welcome! You have an account here now." in page
    assert "You belong here" in page
    async with town.anyone() as other:
        assert (await sign_in(other, "maria", PASSWORD)).status_code == 303
        late = await other.post(f"/join/{token}", data={**JOINED, "name": "other"})
        assert late.status_code == 404


async def test_join_without_a_community(town: Town, ask: httpx.AsyncClient) -> None:
    token = await invitation(town, None)
    assert (await ask.get(f"/join/{token}")).status_code == 200
    assert (await ask.post(f"/join/{token}", data=JOINED)).headers["location"] == "/"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "ana", "taken here already"),
        ("name", "ä", "small letters"),
        ("password", "short", "Use 10 characters or more"),
        ("display_name", "x" * 101, "At most 100 characters"),
    ],
)
async def test_an_account_that_cannot_be(
    town: Town, ask: httpx.AsyncClient, field: str, value: str, said: str
) -> None:
    token = await invitation(town, town.place.id)
    answer = await ask.post(f"/join/{token}", data={**JOINED, field: value})
    assert answer.status_code == 422
    assert said in words(answer)
    assert f'id="{field}-wrong"' in answer.text
    assert (await ask.post(f"/join/{token}", data=JOINED)).status_code == 303


async def test_a_member_just_joins(town: Town, kofi: httpx.AsyncClient) -> None:
    token = await invitation(town, town.place.id)
    assert "Join as Kofi" in words(await kofi.get(f"/join/{token}"))
    assert (await kofi.post(f"/join/{token}")).headers["location"] == "/c/watershed"
    assert (await town.server.members(town.place.uri))[town.kofi.uri] == "active"


async def test_the_profile(town: Town, ana: httpx.AsyncClient, ask: httpx.AsyncClient) -> None:
    sent = {"display_name": "Ana Duarte", "bio": "Ask me about *willows*."}
    assert (await ana.post("/settings/profile", data=sent)).headers["location"] == "/settings"
    page = await ask.get("/@ana")
    assert "Ana Duarte" in words(page)
    assert "<em>willows</em>" in page.text
    wrong = await ana.post("/settings/profile", data={**sent, "bio": "x" * 2_001})
    assert wrong.status_code == 422
    assert 'id="bio-wrong"' in wrong.text


async def test_change_the_password(town: Town, ana: httpx.AsyncClient) -> None:
    first = {"old": "", "password": PASSWORD}
    assert (await ana.post("/settings/password", data=first)).headers[
        "location"
    ] == "/settings/account"
    page = await ana.get("/settings/account")
    assert "Every other device is signed out." in words(page)
    wrong = await ana.post("/settings/password", data={"old": "no", "password": PASSWORD})
    assert "This is not your password." in words(wrong)
    short = await ana.post("/settings/password", data={"old": PASSWORD, "password": "short"})
    assert short.status_code == 422
    assert not re.search(r'type="password" value="[^"]+"', short.text)
    async with town.anyone() as other:
        assert (await sign_in(other, "ana", PASSWORD)).status_code == 303
