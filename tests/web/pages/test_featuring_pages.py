"""What stewards do with posts on their pages, and whom they make stewards."""

import httpx
import pytest
from town_of_pages import FAR, Town, words

pytestmark = pytest.mark.anyio
TITLE, SLUG = "When does the willow root?", "when-does-the-willow-root"


def number(uri: str) -> str:
    return uri.rsplit("/", 1)[-1]


async def test_a_steward_pins_locks_removes_and_restores(
    town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient, ask: httpx.AsyncClient
) -> None:
    await town.kofi.join(town.place)
    uri = await town.kofi.write(town.place, TITLE)
    reply = await town.kofi.reply(uri, "Buy my stakes")
    root, sold = number(uri), number(reply)
    path = f"/c/watershed/p/{root}/{SLUG}"
    assert f"/p/{root}/pin" not in (await kofi.get(path)).text
    for deed in ("pin", "unpin", "lock", "unlock", "remove", "restore"):
        assert (await kofi.post(f"/p/{root}/{deed}")).status_code == 403, deed
        assert (await ana.post(f"/p/1/{deed}")).status_code == 404, deed

    page = await ana.get(path)
    assert f'action="/p/{root}/pin"' in page.text
    assert f'action="/p/{sold}/pin"' not in page.text
    assert (await ana.post(f"/p/{root}/pin")).status_code == 303
    assert "pinned" in words(await ask.get(path))
    assert "Lock this discussion?" in words(await ana.get(f"/p/{root}/lock"))
    assert (await ana.post(f"/p/{root}/lock", data={"reason": "Settled."})).status_code == 303
    page = await kofi.get(path)
    assert "This discussion is locked" in words(page)
    assert "reply-form" not in page.text.partition("<main")[0]
    assert f"?reply={sold}" not in page.text
    assert (await kofi.post(f"/p/{root}/reply", data={"source": "But"})).status_code == 403
    page = await ana.get(path)
    assert f'action="/p/{root}/unpin"' in page.text
    assert f'action="/p/{root}/unlock"' in page.text
    await ana.post(f"/p/{root}/unpin")
    await ana.post(f"/p/{root}/unlock")
    await ana.post(f"/p/{sold}/lock")
    page = await kofi.get(path)
    assert f"?reply={root}" in page.text
    assert f"?reply={sold}" not in page.text

    asked = await ana.get(f"/p/{sold}/remove")
    assert "Partner servers are told, with your reason" in words(asked)
    long = await ana.post(f"/p/{sold}/remove", data={"reason": "x" * 1001})
    assert long.status_code == 422
    assert "At most 1,000 characters" in words(long)
    assert (await ana.post(f"/p/{sold}/remove", data={"reason": "An advert"})).status_code == 303
    page = await ana.get(path)
    assert "The stewards took this out of the community." in words(page)
    assert "An advert" in words(page)
    assert "Buy my stakes" in words(page)
    assert f'action="/p/{sold}/restore"' in page.text
    page = await kofi.get(path)
    assert "Buy my stakes" in words(page), "its author can still read it"
    assert f'action="/p/{sold}/restore"' not in page.text
    assert "Buy my stakes" not in words(await ask.get(path))
    assert (await ana.post(f"/p/{sold}/restore")).status_code == 303
    assert "Buy my stakes" in words(await ask.get(path))

    await ana.post(f"/p/{sold}/remove")
    await ana.post(f"/p/{root}/remove", data={"reason": "Wrong place"})
    assert (await ask.get(path)).status_code == 410
    assert TITLE in words(await ana.get(path))
    await town.kofi.delete(uri)
    assert (await ana.post(f"/p/{root}/restore")).status_code == 410


async def test_stewards_are_made_and_dismissed(
    town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient
) -> None:
    maria = await town.far.person("maria")
    await maria.join(town.place)
    await town.world.settle()
    change = "/c/watershed/stewards"
    assert (await kofi.post(change, data={"appoint": "kofi"})).status_code == 403
    assert (await ana.post(change, data={"appoint": "kofi"})).status_code == 403, "no member"
    assert (await ana.post(change, data={"appoint": "nobody"})).status_code == 404
    assert (await ana.post(change, data={"dismiss": "ana"})).status_code == 403, "the last one"
    answer = await ana.post(change, data={"appoint": f"@maria@{FAR}"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/c/watershed/members")
    await town.kofi.join(town.place)
    await ana.post(change, data={"appoint": "kofi"})
    assert (await kofi.post(change, data={"dismiss": f"maria@{FAR}"})).status_code == 303
    answer = await ana.post(change, data={"dismiss": "ana"})
    assert answer.headers["location"] == "/c/watershed"
