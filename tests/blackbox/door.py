"""The test door, around the product's own doors: an ASGI application."""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from fedcop.activitypub.vocab.write import ordered_collection
from fedcop.errors import FedcopError, Invalid, NotAllowed, NotFound, Unproved, Unsupported
from fedcop.web.negotiate import ACTIVITY_JSON
from tests.blackbox import deeds
from tests.blackbox.received import Received
from tests.blackbox.world import World

PREFIX = "/-/test/"
_BOXES = ("/inbox", "/outbox")
_PATIENCE = 5.0


class Door:
    """Everything goes to the server of `world`, but for the requests of the test door.

    While the server is reset, requests wait; what is under way has five seconds to end.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._received = Received()
        self._open, self._empty = asyncio.Event(), asyncio.Event()
        self._open.set()
        self._inside = 0
        self._one_at_a_time = asyncio.Lock()
        self._deeds: Mapping[str, Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]] = {
            "actors": self._actors,
            "objects": self._objects,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if scope["path"] == f"{PREFIX}reset":
            await (await self._answer(request))(scope, receive, send)
            return
        await self._open.wait()
        self._inside += 1
        self._empty.clear()
        try:
            if self._is_ours(request):
                await (await self._answer(request))(scope, receive, send)
            else:
                await self._pass_on(scope, receive, send)
        finally:
            self._inside -= 1
            if not self._inside:
                self._empty.set()

    def _is_ours(self, request: Request) -> bool:
        path = request.scope["path"]
        with_token = request.headers.get("authorization", "").lower().startswith("bearer ")
        return path.startswith(PREFIX) or (with_token and path.endswith(_BOXES))

    async def _answer(self, request: Request) -> Response:
        try:
            if request.scope["path"].endswith(_BOXES):
                return await self._box(request)
            made = await self._deed(request)
        except Unsupported as error:
            return _refusal(422, str(error))
        except FedcopError as error:
            return _refusal(error.status, str(error))
        except Exception as error:  # noqa: BLE001  whoever tests against this wants to know
            return _refusal(500, f"The test door failed: {error!r}")
        return Response(orjson.dumps(made), 200, media_type="application/json")

    async def _deed(self, request: Request) -> dict[str, Any]:
        name = request.scope["path"].removeprefix(PREFIX)
        _check_near(request)
        if name != "reset" and name not in self._deeds:
            raise NotFound("The test door knows reset, actors and objects.")
        if request.method != "POST":
            raise Invalid("Ask the test door by POST.")
        if name == "reset":
            async with self._one_at_a_time:
                return await self._reset()
        return await self._deeds[name](await _json(request))

    async def _reset(self) -> dict[str, Any]:
        self._open.clear()
        try:
            if self._inside:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._empty.wait(), _PATIENCE)
            await self._world.reset()
            self._received.clear()
            await deeds.seed(self._world)
            return {"actors": await deeds.seeded(self._world)}
        finally:
            self._open.set()

    async def _actors(self, asked: dict[str, Any]) -> dict[str, Any]:
        name, kind = _text(asked, "username"), _text(asked, "type")
        uri = await deeds.make_actor(self._world, name, kind)
        return {"id": uri, "token": self._world.token_of(uri)}

    async def _objects(self, asked: dict[str, Any]) -> dict[str, Any]:
        thing = asked.get("object")
        if not isinstance(thing, dict):
            raise Invalid("“object” has to be an ActivityPub object.")
        return {"id": await deeds.do(self._world, _text(asked, "actor"), thing)}

    async def _box(self, request: Request) -> Response:
        """An inbox or outbox, for who has the token of its actor."""
        if request.method != "GET":
            raise Invalid("Read it by GET; what is to be said goes to /-/test/objects.")
        _check_near(request)
        app = self._world.house.app
        path = request.scope["path"]
        owner, _, box = path.rpartition("/")
        uri = f"{app.uris.base}{owner}"
        token = request.headers["authorization"][len("bearer ") :].strip()
        if not self._world.is_token(token, uri):
            raise Unproved("This is not the token of that actor. A reset does not change it.")
        actor = await self._world.actor(uri)
        if box == "outbox":
            items = await deeds.said_by(self._world, actor)
        else:
            heard = await deeds.heard_by(self._world, actor)
            items = self._received.of(path, uri, heard)
        return Response(
            orjson.dumps(ordered_collection(f"{uri}/{box}", items)), 200, media_type=ACTIVITY_JSON
        )

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """To the product; what it accepts at an inbox is noted on the way."""
        web = self._world.house.web
        path = scope["path"]
        if scope["type"] != "http" or scope["method"] != "POST" or not path.endswith("/inbox"):
            await web(scope, receive, send)
            return
        body = bytearray()

        async def listen() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def look(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 202:
                self._received.keep(path, bytes(body))
            await send(message)

        await web(scope, listen, look)


def _check_near(request: Request) -> None:
    """Raise NotAllowed for who is not on this machine, or comes through a proxy."""
    host = request.client.host if request.client else ""
    through = any(name in request.headers for name in ("forwarded", "x-forwarded-for"))
    try:
        near = ipaddress.ip_address(host).is_loopback
    except ValueError:
        near = False
    if through or not near:
        raise NotAllowed("The test door opens to callers on this machine only.")


async def _json(request: Request) -> dict[str, Any]:
    try:
        asked = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise Invalid(f"Send JSON: {error}.") from error
    if not isinstance(asked, dict):
        raise Invalid("Send a JSON object.")
    return asked


def _text(asked: dict[str, Any], name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str) or not value:
        raise Invalid(f"“{name}” is missing, or is no text.")
    return value


def _refusal(status: int, words: str) -> Response:
    return Response(orjson.dumps({"error": words}), status, media_type="application/json")
