"""A person's page, and what members set, take along and delete."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import select
from town_of_pages import PASSWORD, Town, words

from fedcop.domain.access import sessions
from fedcop.domain.access.sessions import begin
from fedcop.domain.people.admins import give_role
from fedcop.domain.people.models import Account, Actor, Block, Follow
from fedcop.domain.people.suspend import suspend
from fedcop.outbox.archive import as_table
from fedcop.web.auth.account import device_name

pytestmark = pytest.mark.anyio


async def test_follow_and_block_on_a_persons_page(town: Town, kofi: httpx.AsyncClient) -> None:
    page = await kofi.get("/@ana")
    assert 'action="/@ana/follow"' in page.text
    assert "/report?person=ana" in page.text
    assert (await kofi.post("/@ana/follow")).headers["location"] == "/@ana"
    shown = words(await kofi.get("/@ana"))
    assert "You follow this person now." in shown
    assert "Following: stop" in shown
    assert "1 follower" in shown
    await kofi.post("/@ana/unfollow")
    assert "Following: stop" not in words(await kofi.get("/@ana"))

    frost = await town.ana.write(town.place, "Frost in May?", "It was minus two.")
    await kofi.post("/@ana/follow")
    await kofi.post("/@ana/block")
    shown = words(await kofi.get("/@ana"))
    assert "You block this person." in shown
    assert "0 followers" in shown
    path = frost.removeprefix("https://rivers.example")
    thread = await kofi.get(path, follow_redirects=True)
    assert "<details><summary>Written by somebody you block" in thread.text
    listed = await kofi.get("/settings/blocks")
    assert "Ana" in words(listed)
    refused = await kofi.post("/@ana/follow")
    assert refused.status_code == 403
    back = await kofi.post("/@ana/unblock", data={"next": "/settings/blocks"})
    assert back.headers["location"] == "/settings/blocks"
    assert "You block nobody" in words(await kofi.get("/settings/blocks"))
    assert await town.server.read(lambda s: s.scalars(select(Block)).all()) == []


async def test_no_buttons_for_oneself_strangers_and_what_is_no_person(
    town: Town, kofi: httpx.AsyncClient, ask: httpx.AsyncClient
) -> None:
    for browser, path in ((kofi, "/@kofi"), (ask, "/@kofi")):
        assert "/follow" not in (await browser.get(path)).text
    assert (await kofi.post("/@kofi/follow")).status_code == 403
    for path in ("/@nobody/follow", "/@watershed/block", "/@rivers.example/block"):
        assert (await kofi.post(path)).status_code == 404, path
    assert (await ask.post("/@ana/follow")).status_code == 303
    assert await town.server.read(lambda s: s.scalars(select(Follow)).all()) == []


async def test_who_moved_and_who_is_suspended_is_said(town: Town, kofi: httpx.AsyncClient) -> None:
    far = await town.far.person("noor")
    row_id = await town.server.meet(far.uri)
    for uri, link in (
        (town.ana.uri, 'href="/@ana"'),
        ("https://new.example/u/noor", "https://new"),
    ):

        def moved(uow, uri=uri):
            uow.get(Actor, row_id).moved_to_uri = uri

        await town.server.act(moved)
        page = await kofi.get(f"/@{quote('noor@delta.example')}")
        assert "Noor has moved." in words(page)
        assert link in page.text
        assert 'noor@delta.example/follow"' not in page.text
    await town.server.act(lambda uow: suspend(uow, uow.get(Actor, row_id)))
    assert "suspended this account" in words(await kofi.get("/@noor@delta.example"))


async def test_devices_and_language(town: Town, ana: httpx.AsyncClient) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
    token = await town.server.act(lambda uow: begin(uow, town.ana.id, agent))
    theirs = await town.server.act(lambda uow: begin(uow, town.kofi.id))
    page = await ana.get("/settings/account")
    assert "Firefox, Linux" in words(page)
    assert words(page).count("this device") == 1
    assert (await ana.post("/settings/sessions/1/end")).status_code == 404
    for path in page.text.split('action="')[1:]:
        if path.startswith("/settings/sessions/"):
            answer = await ana.post(path.partition('"')[0])
            assert answer.headers["location"] == "/settings/account"
    async with town.anyone() as other:
        other.cookies.set("__Host-fedcop", token)
        assert (await other.get("/settings")).status_code == 303
        other.cookies.set("__Host-fedcop", theirs)
        assert (await other.get("/settings")).status_code == 200
    german = await ana.post("/settings/language", data={"language": "de"})
    assert german.headers["location"] == "/settings/account"
    assert '<html lang="de"' in (await ana.get("/")).text
    await ana.post("/settings/language", data={"language": ""})
    assert '<html lang="en"' in (await ana.get("/")).text
    assert (await ana.post("/settings/language", data={"language": "tlh"})).status_code == 200
    assert (await ana.get("/settings/language")).status_code == 405
    assert device_name("curl/8") == ""


async def test_everything_can_be_taken_along(
    town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient
) -> None:
    frost = await town.ana.write(town.place, "=SUM(A1)", "@kofi what do you think?")
    await town.ana.reply(frost, "Still cold.")
    await town.kofi.join(town.place)
    answer = await town.kofi.reply(frost, "Fleece.")
    await town.ana.vote(answer, -1)
    await kofi.post("/@ana/follow")
    await ana.post("/@kofi/block")
    got = await ana.post("/settings/data/export")
    assert got.headers["content-type"] == "application/zip"
    assert got.headers["content-disposition"].startswith('attachment; filename="ana-rivers')
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert json.loads(files["actor.json"])["preferredUsername"] == "ana"
    outbox = json.loads(files["outbox.json"])
    assert outbox["totalItems"] == 2
    assert [it["type"] for it in outbox["orderedItems"]] == ["Create", "Create"]
    assert outbox["orderedItems"][0]["object"]["id"] == frost

    def table(name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(files[name].decode())))

    assert [row["title"] for row in table("posts.csv")] == ["'=SUM(A1)", ""]
    assert table("posts.csv")[0]["text"] == "'@kofi what do you think?"
    assert [row["role"] for row in table("communities.csv")] == ["steward"]
    assert [(row["relation"], row["address"]) for row in table("follows.csv")] == [
        ("blocks", "kofi@rivers.example")
    ]
    assert table("votes.csv") == [{"post": answer, "vote": "-1"}]
    assert as_table(("a",), [(None, "\tx", 3)]) == b"a\r\n,'\tx,3\r\n"


async def test_an_account_is_deleted_by_its_owner(
    town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient
) -> None:
    last = words(await ana.get("/settings/delete"))
    assert "nobody but you looks after these communities" in last
    assert "Watershed" in last
    assert (await ana.post("/settings/delete", data={"name": "ana"})).status_code == 409
    nora = await town.server.person("nora")
    await town.server.act(lambda uow: give_role(uow, nora.id, "admin"))
    async with await town.as_(nora) as only_admin:
        page = await only_admin.get("/settings/delete")
        assert "you are the only administrator" in words(page)
        assert 'action="/settings/delete"' not in page.text
        assert (await only_admin.post("/settings/delete", data={"name": "nora"})).status_code == 403

    await town.kofi.join(town.place)
    await town.kofi.write(town.place, "Frost in May?")
    await town.give_password(town.kofi)
    async with await town.as_(town.kofi) as browser:
        page = words(await browser.get("/settings/delete"))
        assert "1 discussion or reply that you have written" in page
        assert "@kofi@rivers.example is never given" in page
        wrong = await browser.post("/settings/delete", data={"name": "ana", "password": PASSWORD})
        assert 'id="name-wrong"' in wrong.text
        wrong = await browser.post("/settings/delete", data={"name": "kofi", "password": "no"})
        assert 'id="password-wrong"' in wrong.text
        sent = {"name": "@Kofi", "password": PASSWORD}
        done = await browser.post("/settings/delete", data=sent)
        assert (done.status_code, done.headers["location"]) == (303, "/")
        assert "Your account is deleted." in words(await browser.get("/"))
    assert (await kofi.get("/settings")).status_code == 303
    async with town.anyone() as browser:
        assert (await browser.get("/@kofi")).status_code == 404
        again = {"name": "kofi", "password": PASSWORD}
        assert (await browser.post("/sign-in", data=again)).status_code == 422
        gone = await browser.get("/u/kofi", headers={"Accept": "application/activity+json"})
        assert (gone.status_code, gone.json()["type"]) == (410, "Tombstone")
    assert await town.server.read(lambda s: s.get(Account, town.kofi.id)) is None


async def test_who_has_no_password_must_have_come_just_now(
    town: Town, kofi: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as later:
        later.setattr(sessions, "FRESH", timedelta(0))
        stale = await kofi.post("/settings/delete", data={"name": "kofi"})
        assert "Sign in by a new link" in words(stale)
        assert 'type="password"' not in stale.text
    assert (await kofi.post("/settings/delete", data={"name": "kofi"})).status_code == 303
