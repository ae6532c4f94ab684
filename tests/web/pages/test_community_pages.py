"""Pages by which a community is read and governed: members, guidelines, approval, closing."""

import re

import httpx
import pytest
from town_of_pages import FAR, Town, words

pytestmark = pytest.mark.anyio

RULES = "1. Share failures, too.\n2. Argue about matters."


async def test_guidelines_and_what_changed(
    ana: httpx.AsyncClient, kofi: httpx.AsyncClient, ask: httpx.AsyncClient
) -> None:
    page = words(await ask.get("/c/watershed/rules"))
    assert "no guidelines of its own yet" in page
    assert "No version yet" in words(await ask.get("/c/watershed/rules/history"))
    preview = await ana.post("/c/watershed/edit/rules", data={"guidelines": RULES, "preview": "1"})
    assert preview.status_code == 200
    assert '<ol class="rules"' in preview.text
    saved = await ana.post("/c/watershed/edit/rules", data={"guidelines": RULES})
    assert (saved.status_code, saved.headers["location"]) == (303, "/c/watershed/rules")
    await ana.post(
        "/c/watershed/edit/rules", data={"guidelines": RULES.replace("matters", "the matter")}
    )
    page = await ask.get("/c/watershed/rules")
    assert re.findall(r'id="rule-(\d)"', page.text) == ["1", "2"]
    history = await ask.get("/c/watershed/rules/history")
    assert history.text.index("Version 2") < history.text.index("Version 1")
    said = words(history)
    assert "[taken out:] matters. [end]" in said
    assert "[added:] the matter. [end]" in said
    assert "by Ana" in said
    assert (await ask.get("/c/watershed/rules/history?from=1")).status_code == 200
    too_many = await ana.post(
        "/c/watershed/edit/rules", data={"guidelines": "\n\n".join(["Be kind."] * 51)}
    )
    assert too_many.status_code == 422
    assert "At most 50 points." in words(too_many)
    for answer in (
        await kofi.get("/c/watershed/edit/rules"),
        await kofi.post("/c/watershed/edit/rules", data={"guidelines": "Mine."}),
    ):
        assert answer.status_code == 403


async def test_the_charter_has_a_history(ana: httpx.AsyncClient, ask: httpx.AsyncClient) -> None:
    sent = {"title": "Watershed", "purpose": "Rivers.", "charter": "We learn by trying."}
    await ana.post("/c/watershed/edit", data=sent)
    said = words(await ask.get("/c/watershed/about/history"))
    assert "[taken out:] doing. [end]" in said
    assert "[added:] trying. [end]" in said
    about = words(await ask.get("/c/watershed/about"))
    assert "Whoever joins can write at once" in about


async def test_members_are_listed_found_and_looked_after(
    town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient, ask: httpx.AsyncClient
) -> None:
    await town.kofi.join(town.place)
    maria = await town.far.person("maria")
    await maria.join(town.place)
    await town.world.settle()
    page = await ask.get("/c/watershed/members")
    said = words(page)
    assert said.index("Stewards") < said.index("Ana") < said.index("Kofi")
    assert f"@maria@{FAR}" in said
    assert "/stewards" not in page.text
    assert "Maria" not in words(await ask.get("/c/watershed/members?q=kof"))
    assert "Nobody of that name" in words(await ask.get("/c/watershed/members?q=100%25_"))
    assert f'value="maria@{FAR}"' in (await ana.get("/c/watershed/members")).text
    made = await ana.post("/c/watershed/stewards", data={"appoint": "kofi"})
    assert made.status_code == 303
    assert await town.kofi.notices() == [("appointed", "watershed", "")]
    assert "Stewardship" in words(await kofi.get("/notifications"))


async def test_stewards_decide_who_writes(
    town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient
) -> None:
    sent = {"approval": "1", "stewards_only": "y"}
    saved = await ana.post("/c/watershed/edit/writing", data=sent)
    assert (saved.status_code, saved.headers["location"]) == (303, "/c/watershed/about")
    about = words(await ana.get("/c/watershed/about"))
    assert "writes when the stewards have said yes" in about
    assert "Only stewards start discussions" in about
    assert "/c/watershed/join" in (await kofi.get("/c/watershed")).text
    assert "Ask to join Watershed" in words(await kofi.get("/c/watershed/join"))
    asked = await kofi.post("/c/watershed/join", data={"words": "I mend culverts."})
    assert asked.headers["location"] == "/c/watershed"
    page = words(await kofi.get("/c/watershed"))
    assert "The stewards decide whether you can write." in page
    assert "Change what you told them" in page
    assert "I mend culverts." in (await kofi.get("/c/watershed/join")).text
    willows = await town.ana.write(town.place, "Willows?")
    refused = await kofi.post(f"/p/{willows.rsplit('/', 1)[1]}/reply", data={"source": "Yes."})
    assert refused.status_code == 403
    assert "stewards decide who writes" in words(refused)
    waiting = await ana.get("/c/watershed/members")
    assert "1 person asks to write here." in words(waiting)
    inbox = await ana.get("/notifications?part=stewardship")
    assert "I mend culverts." in words(inbox)
    assert "/c/watershed/stewardship/requests" in inbox.text
    wrong = await ana.post("/c/watershed/edit/writing", data={"approval": "perhaps"})
    assert wrong.status_code == 422


async def test_close_with_a_typed_name_and_open_again(
    town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient, ask: httpx.AsyncClient
) -> None:
    await town.kofi.join(town.place)
    willows = await town.kofi.write(town.place, "Willows?")
    at = "/c/watershed/edit/closing"
    sent = {"notice": "The project has ended.", "successor": "@rivers@delta.example"}
    preview = await ana.post(at, data={**sent, "preview": "1"})
    assert preview.status_code == 200
    assert "This community is closed" in words(preview)
    for wrong in ({}, sent, {**sent, "name": "rivers"}, {**sent, "notice": ""}):
        assert (await ana.post(at, data=wrong)).status_code == 422
    assert (await kofi.post(at, data={**sent, "name": "watershed"})).status_code == 403
    closed = await ana.post(at, data={**sent, "name": "@watershed"})
    assert (closed.status_code, closed.headers["location"]) == (303, "/c/watershed")
    for path in (
        "/c/watershed",
        "/c/watershed/members",
        "/c/watershed/about",
        "/c/watershed/rules",
    ):
        page = await ask.get(path)
        assert "The project has ended." in words(page)
        assert "/search?q=%40rivers%40delta.example" in page.text or "@rivers@" in page.text
    thread = await kofi.get(f"/c/watershed/p/{willows.rsplit('/', 1)[1]}/willows")
    assert "nobody writes here any more" in words(thread)
    assert "<textarea" not in thread.text
    assert "closed, to be read" in words(await ask.get("/explore"))
    assert (await kofi.get("/c/watershed/new")).status_code == 403
    assert "open it again" in words(await ana.get(at))
    opened = await ana.post("/c/watershed/edit/reopen")
    assert opened.headers["location"] == "/c/watershed"
    assert "closed" not in words(await ask.get("/c/watershed"))
    assert [it[0] for it in await town.kofi.notices()] == ["closed", "reopened"]


async def test_mute_and_mark_as_seen(
    town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient
) -> None:
    await town.kofi.join(town.place)
    willows = await town.ana.write(town.place, "Willows?")
    await town.kofi.reply(willows, "In autumn.")
    await town.kofi.reply(willows, "Before the frost.")
    base = f"/c/watershed/p/{willows.rsplit('/', 1)[1]}"
    inbox = await ana.get("/notifications")
    ids = re.findall(r"/notifications/(\d+)/read", inbox.text)
    assert len(ids) == 2
    one = await ana.post(
        f"/notifications/{ids[0]}/read", data={"next": "/notifications?part=yours"}
    )
    assert one.headers["location"] == "/notifications?part=yours"
    assert (await kofi.post(f"/notifications/{ids[1]}/read")).status_code == 404
    assert (await ana.post(f"/notifications/{ids[0]}/read")).status_code == 303
    assert (
        len(re.findall(r"/notifications/(\d+)/read", (await ana.get("/notifications")).text)) == 1
    )
    quiet = await ana.post(f"{base}/mute", data={"next": "//evil.example"})
    assert quiet.headers["location"] == base
    assert "Hear of it again" in words(await ana.get(f"{base}/willows"))
    await town.kofi.reply(willows, "Once more.")
    assert "Willows?" in words(await ana.get("/notifications/muted"))
    assert len(await town.ana.notices()) == 2
    await ana.post(f"{base}/unmute")
    assert "You have muted nothing" in words(await ana.get("/notifications/muted"))
    assert (await ana.post("/c/watershed/p/1/mute")).status_code == 404
    await ana.post("/notifications/read", data={"part": "yours"})
    assert "Mark all as seen" not in words(await ana.get("/notifications"))
    assert "Nothing waits for your decision" in words(
        await ana.get("/notifications?part=stewardship")
    )
    assert "Stewardship" not in words(await kofi.get("/notifications"))


async def test_a_reply_is_written_where_it_belongs(town: Town, ana: httpx.AsyncClient) -> None:
    await town.kofi.join(town.place)
    willows = await town.ana.write(town.place, "Willows?")
    first = await town.kofi.reply(willows, "In autumn.")
    await town.kofi.reply(willows, "Not at all.")
    root, reply = (uri.rsplit("/", 1)[1] for uri in (willows, first))
    page = (await ana.get(f"/c/watershed/p/{root}/willows?reply={reply}")).text
    assert page.count('id="reply-form"') == 1
    assert page.index("In autumn.") < page.index('id="reply-form"') < page.index("Not at all.")
    page = (await ana.get(f"/c/watershed/p/{root}/willows")).text
    assert page.index("Not at all.") < page.index('id="reply-form"')


async def test_rules_and_privacy_of_the_server_say_something(ask: httpx.AsyncClient) -> None:
    rules = words(await ask.get("/rules"))
    assert "Argue about matters" in rules
    privacy = words(await ask.get("/privacy"))
    assert "cannot be recalled for certain" in privacy
    assert "No tracking" in privacy


async def test_whom_a_steward_invites_need_not_ask(
    town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient
) -> None:
    await ana.post("/c/watershed/edit/writing", data={"approval": "1"})
    page = await ana.get("/invite?community=watershed")
    found = re.search(r'<option selected value="(\d+)">Watershed', page.text)
    assert found is not None
    await ana.post("/invite", data={"community": found[1]})
    link = re.search(r"https://rivers\.example(/join/[\w-]+)", (await ana.get("/invite")).text)
    assert link is not None
    await kofi.post(link[1])
    assert (await kofi.get("/c/watershed/new")).status_code == 200
    assert await town.ana.notices() == []
