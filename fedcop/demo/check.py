"""Two empty servers federate over real sockets, and what both hold is compared."""

import re
import shutil
import socket
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fedcop.demo.browser import Browser, CheckFailed, until
from fedcop.demo.compare import Reader, is_gone, same_on_both, served
from fedcop.demo.processes import LINE, ServerProcess, run
from fedcop.demo.stewardship import Desk
from fedcop.errors import FedcopError
from fedcop.net.client import Client
from fedcop.net.transport import AiohttpTransport

SECONDS = 90.0
"""The longest that anything may take to cross from one server to the other."""

_JOIN = re.compile(r"http://[^/\s]+(/join/[\w-]+)")
_ENTER = re.compile(r"http://[^/\s]+(/enter/[\w-]+)")
_PASSWORD = "a sentence for the check"  # noqa: S105  of a server that lives for seconds
_NAMES = ("rivers", "delta")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on at this moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


async def check(folder: Path) -> dict[str, Any]:
    """Let two empty servers in `folder` federate; the report says for each step its seconds.

    `held` is true only if every step did; `error` says what did not.
    """
    report: dict[str, Any] = {"held": False, "steps": {}}
    run = _Run(folder, report["steps"])
    try:
        await run.all()
    except FedcopError as error:
        report["error"] = str(error)
    else:
        report["held"] = True
    finally:
        await run.close()
    report["seconds"] = round(sum(report["steps"].values()), 2)
    return report


class _Run:
    """The two servers, a person on each, and the steps."""

    def __init__(self, folder: Path, steps: dict[str, float]) -> None:
        self._folder, self._steps = folder, steps
        ports = free_ports(2)
        self._hosts = [f"{n}.localhost:{p}" for n, p in zip(_NAMES, ports, strict=True)]
        self._binds = [f"127.0.0.1:{port}" for port in ports]
        self._servers = [self._server(number) for number in (0, 1)]
        self._client = Client(AiohttpTransport(allow_private=True), user_agent="fedcop check")
        self._ada = Browser(self._client, f"http://{self._hosts[0]}")
        self._ben = Browser(self._client, f"http://{self._hosts[1]}")
        self._cem = Browser(self._client, f"http://{self._hosts[0]}")
        self._readers: dict[str, Reader] = {}
        self._here = self._there = ""
        """The path of the discussion on each server."""

    def _environment(self, number: int) -> dict[str, str]:
        return {
            "FEDCOP_HOST": self._hosts[number],
            "FEDCOP_BIND": self._binds[number],
            "FEDCOP_DATA_DIR": str(self._data(number)),
            "FEDCOP_DEVELOPMENT": "true",
            "FEDCOP_CONFIG": str(self._folder / _NAMES[number]),
        }

    def _server(self, number: int) -> ServerProcess:
        log = self._folder / f"{_NAMES[number]}.log"
        command = [sys.executable, "-m", "fedcop", "serve"]
        return ServerProcess(command, log, self._environment(number))

    def _data(self, number: int) -> Path:
        return self._folder / _NAMES[number] / "data"

    async def close(self) -> None:
        for reader in self._readers.values():
            await reader.close()
        await self._client.aclose()
        for server in self._servers:
            await server.stop()

    @asynccontextmanager
    async def _step(self, name: str) -> AsyncGenerator[None]:
        began = time.monotonic()
        try:
            yield
        except FedcopError as error:
            raise CheckFailed(f"{name}: {error}") from error
        finally:
            self._steps[name] = round(time.monotonic() - began, 2)

    async def all(self) -> None:
        """Every step in its order. Raises CheckFailed at the first that does not hold."""
        await self._talk()
        await self._look_after()
        async with self._step("back up while both run, lose the disk, restore"):
            await self._lose_and_restore()
        async with self._step("compare what was restored"):
            await self._compare(10)

    async def _talk(self) -> None:
        """What members do, and a server that dies in between."""
        async with self._step("start both servers"):
            await self._start()
        async with self._step("found a community"):
            fields = {"name": "garden", "title": "Gardens", "purpose": "To grow.", "charter": ""}
            await self._ada.post("/communities/new", **fields)
        async with self._step("follow it from the other server"):
            await self._follow()
        async with self._step("post, and read it there"):
            await self._post()
        async with self._step("reply from there"):
            await self._reply(self._ben, self._there, "Compost.", self._ada, self._here)
        async with self._step("vote from there, and back"):
            await self._vote()
        async with self._step("edit"):
            await self._edit()
        async with self._step("delete"):
            await self._delete()
        async with self._step("compare"):
            await self._compare(3)
        async with self._step("kill one server, and start it again"):
            await self._kill()
        async with self._step("compare again"):
            await self._compare(6)

    async def _look_after(self) -> None:
        """What stewards do."""
        async with self._step("a third person, by the command line"):
            await self._welcome_cem()
        desk = self._desk()
        async with self._step("pin and lock"):
            await desk.pin_and_lock()
        async with self._step("take out, and restore"):
            await desk.remove_and_restore("Compost.")
        async with self._step("report from there"):
            await desk.report("Seeds, cheap.", "Is this still about tomatoes?")
        async with self._step("ban, and lift the ban"):
            await desk.ban_and_lift()
        async with self._step("compare after stewardship"):
            await self._compare(7)

    async def _start(self) -> None:
        for server in self._servers:
            await server.start()
        people = (("ada", self._ada), ("ben", self._ben))
        for server, (name, browser) in zip(self._servers, people, strict=True):
            link = await self._owners_link(server)
            fields = {"name": name, "display_name": name.title(), "password": _PASSWORD}
            await until(f"{browser.base} answers", lambda b=browser: _answers(b), SECONDS)
            await browser.post(link, **fields)
        for number in (0, 1):
            reader = Reader(self._hosts[number], self._binds[number], self._data(number))
            self._readers[self._hosts[1 - number]] = reader

    async def _owners_link(self, server: ServerProcess) -> str:
        while True:
            said = await server.hear(LINE, SECONDS)
            match = _JOIN.search(said["text"])
            if match is not None:
                return match[1]

    async def _follow(self) -> None:
        handle = f"garden@{self._hosts[0]}"
        await self._ben.get(f"/search?q=%40{handle}")
        await self._ben.post(f"/c/{handle}/join")

        async def belongs() -> bool | None:
            await self._ben.get(f"/c/{handle}/new")
            return True

        await until("the membership is granted", belongs, SECONDS)

    async def _post(self) -> None:
        self._here = await self._ada.post(
            "/c/garden/new", title="What feeds tomatoes?", source="Mine stay **pale**."
        )
        place = f"/c/garden@{self._hosts[0]}"

        async def arrived() -> str | None:
            page = await self._ben.get(place)
            match = re.search(rf'href="({re.escape(place)}/p/\d+/what-feeds-tomatoes)', page)
            return match[1] if match else None

        self._there = await until("the discussion is there", arrived, SECONDS)

    async def _reply(
        self, who: Browser, path: str, words: str, reader: Browser, there: str
    ) -> None:
        """Somebody replies to the starter, and somebody else reads it on the other server."""
        starter = (await who.thread(path))[0][0]
        await who.post(f"/p/{starter}/reply", source=words)
        await self._arrives(reader, there, words)

    async def _arrives(self, reader: Browser, path: str, words: str) -> int:
        async def look() -> int | None:
            found = (row for row, shown in await reader.thread(path) if words in shown.words)
            return next(found, None)

        return await until(f"“{words}” is read on {reader.base}", look, SECONDS)

    async def _vote(self) -> None:
        starter = (await self._ben.thread(self._there))[0][0]
        await self._ben.post(f"/p/{starter}/helpful", helpful="1")
        reply = await self._arrives(self._ada, self._here, "Compost.")
        await self._ada.post(f"/p/{reply}/helpful", helpful="1")
        for browser, path in ((self._ada, self._here), (self._ben, self._there)):
            await until(
                f"both votes are counted on {browser.base}",
                lambda b=browser, p=path: _votes(b, p, [1, 1]),
                SECONDS,
            )

    async def _edit(self) -> None:
        starter = (await self._ada.thread(self._here))[0][0]
        await self._ada.post(
            f"/p/{starter}/edit", title="What feeds tomatoes?", source="Mine stay pale in *clay*."
        )
        await self._arrives(self._ben, self._there, "pale in clay")
        await self._reply(self._ada, self._here, "Clay, then.", self._ben, self._there)

    async def _delete(self) -> None:
        await self._reply(self._ben, self._there, "Nonsense.", self._ada, self._here)
        row = await self._arrives(self._ben, self._there, "Nonsense.")
        await self._ben.post(f"/p/{row}/delete")

        async def gone() -> bool | None:
            shown = [shown.words for _, shown in await self._ada.thread(self._here)]
            return None if any("Nonsense." in words for words in shown) else True

        await until("the deleted reply is gone", gone, SECONDS)
        if not await is_gone(f"{self._ben.base}/comment/{row}", self._readers):
            raise CheckFailed("The deleted reply is still served by its own server.")

    async def _kill(self) -> None:
        starter = (await self._ada.thread(self._here))[0][0]
        await self._ada.post(f"/p/{starter}/reply", source="Said before.")
        await self._servers[1].kill()
        await self._ada.post(f"/p/{starter}/reply", source="Said meanwhile.")
        self._servers[1] = self._server(1)
        await self._servers[1].start()
        await until("it answers again", lambda: _answers(self._ben), SECONDS)
        await self._reply(self._ben, self._there, "Back again.", self._ada, self._here)
        for words in ("Said before.", "Said meanwhile."):
            await self._arrives(self._ben, self._there, words)

    async def _welcome_cem(self) -> None:
        """Somebody with an account made by a command joins, and writes what others report."""
        said = await self._command("user", "create", "cem", "--display-name", "Cem")
        link = _ENTER.search(said)
        if link is None:
            raise CheckFailed(f"No sign-in link is printed: {said}")
        await self._cem.post(link[1])
        await self._cem.post("/c/garden/join")
        await self._reply(self._cem, self._here, "Seeds, cheap.", self._ben, self._there)

    def _desk(self) -> Desk:
        return Desk(
            name="garden",
            steward=self._ada,
            here=self._here,
            member=self._ben,
            there=self._there,
            member_handle=f"ben@{self._hosts[1]}",
            seconds=SECONDS,
        )

    async def _lose_and_restore(self) -> None:
        """The community's own server comes back from a backup, and goes on as if nothing was."""
        file = self._folder / "garden.tar.gz"
        await self._reply(self._ben, self._there, "Kept in time.", self._ada, self._here)
        await self._command("backup", "create", "--to", str(file))
        await self._command("backup", "verify", str(file))
        await self._servers[0].kill()
        shutil.rmtree(self._data(0))
        await self._reply_unheard("Said to nobody.")
        await self._command("backup", "restore", str(file), "--yes")
        self._servers[0] = self._server(0)
        await self._servers[0].start()
        await until("it answers again", lambda: _answers(self._ada), SECONDS)
        await self._ben.post(f"/admin/partners/{self._hosts[0]}/retry")
        await self._arrives(self._ada, self._here, "Said to nobody.")
        await self._reply(self._ada, self._here, "Nothing is lost.", self._ben, self._there)

    async def _reply_unheard(self, words: str) -> None:
        """Somebody replies there while the community's own server is away."""
        starter = (await self._ben.thread(self._there))[0][0]
        await self._ben.post(f"/p/{starter}/reply", source=words)

    async def _command(self, *words: str) -> str:
        """What a command of the first server says. Raises CheckFailed unless it ends well."""
        command = [sys.executable, "-m", "fedcop", *words]
        said = await run(command, self._environment(0))
        if said.status:
            raise CheckFailed(f"fedcop {' '.join(words)} ended with {said.status}: {said.words}")
        return said.words

    async def _compare(self, posts: int) -> None:
        held = await served(f"{self._ada.base}/post/{_row(self._here)}", self._readers)
        if len(held) != posts:
            raise CheckFailed(f"{len(held)} posts are served, and {posts} were said.")
        home, far = self._ada.base, self._ben.base
        names = {f"{home}/u/ada": "Ada", f"{far}/u/ben": "Ben", f"{home}/u/cem": "Cem"}
        first, second = (self._ada, self._here), (self._ben, self._there)
        shown = await same_on_both(held, names, first, second)
        if [one.helpful for one in shown[:2]] != [1, 1]:
            raise CheckFailed(f"The votes are not those that were given: {shown}")


def _row(path: str) -> int:
    match = re.search(r"/p/(\d+)", path)
    return int(match[1]) if match else 0


async def _answers(browser: Browser) -> bool | None:
    await browser.get("/readyz")
    return True


async def _votes(browser: Browser, path: str, wanted: list[int]) -> bool | None:
    found = [shown.helpful for _, shown in await browser.thread(path)]
    return True if found[: len(wanted)] == wanted else None
