"""The one server that stands in the black box, put up anew when it is reset."""

import asyncio
import hmac
import secrets
import shutil
import sqlite3
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path

import httpx
from pydantic import SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from sqlalchemy import text
from sqlalchemy.orm import Session

from fedcop.bootstrap import House, build
from fedcop.db.migrate import upgrade
from fedcop.domain.people.keys import FreshKeys
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import by_handle
from fedcop.domain.site.found import set_up, site
from fedcop.domain.site.models import Site
from fedcop.errors import Conflict, NotFound
from fedcop.net.transport import AiohttpTransport
from fedcop.settings import Settings
from fedcop.uris import Uris
from tests.databases import lay_sqlite

NAME = "FedCoP, a black box"
_EMPTY = text(
    "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables "
    "WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
)


class BoxSettings(Settings):
    """Settings as given, whatever the environment says; `scheme` is that of the base URL."""

    scheme: str = "http"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    @property
    def uris(self) -> Uris:
        return Uris(self.host, self.scheme)


class OpenTransport(AiohttpTransport):
    """To any address; where we speak https, also to a host whose port makes us think of http."""

    def __init__(self, scheme: str) -> None:
        super().__init__(allow_private=True)
        self._scheme = scheme

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._scheme == "https" and request.url.scheme == "http":
            request.url = request.url.copy_with(scheme="https")
        return await super().handle_async_request(request)


class World:
    """A server with its worker, and what outlives a reset: the keys that go with each name."""

    def __init__(self, settings: BoxSettings) -> None:
        self.settings = settings
        self._keys: dict[str, FreshKeys] = {}
        self._house: House | None = None
        self._stop = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None

    @property
    def house(self) -> House:
        if self._house is None:
            raise Conflict("The server is not open.")
        return self._house

    async def open(self) -> bool:
        """Put the server up; True if its database was empty until now.

        Raises Conflict for a database that is somebody's: it must be empty, or a black box's own.
        """
        if self.settings.database.startswith("sqlite") and not self._file().exists():
            lay_sqlite(self._file())
        house = build(self.settings, OpenTransport(self.settings.scheme))
        try:
            await upgrade(house.app.db, None)
            standing = await house.app.read(site)
            _check_ours(standing)
            if standing is None and house.app.db.is_sqlite:
                self._keep_empty()
            self._house = house
            if standing is None:
                keys = await self.keys_for("")
                await house.app.act(lambda uow: set_up(uow, name=NAME, keys=keys) and None)
            await house.start()
        except BaseException:
            await house.close()
            raise
        self._stop = asyncio.Event()
        self._worker = asyncio.create_task(house.run_worker(self._stop))
        return standing is None

    async def close(self) -> None:
        """Let go of everything, the database too."""
        self._stop.set()
        if self._worker is not None:
            with suppress(asyncio.CancelledError):
                await self._worker
            self._worker = None
        if self._house is not None:
            await self._house.close()
            self._house = None

    async def reset(self) -> None:
        """An empty server, of which nothing but its name and its keys is the old one's."""
        if self.settings.database.startswith("sqlite"):
            await self.close()
            for path in self._file().parent.glob(f"{self._file().name}*"):
                if path.suffix not in {".lock", ".empty"}:
                    path.unlink()
            if self._empty_file().exists():
                shutil.copy(self._empty_file(), self._file())
        else:
            await self.house.app.db.write(_empty)
            await self.close()
        await self.open()

    async def keys_for(self, name: str) -> FreshKeys:
        """The keys of who has this name: the same ones as long as the process lives."""
        if name not in self._keys:
            self._keys[name] = await self.house.app.fresh_keys()
        return self._keys[name]

    def token_of(self, actor_uri: str) -> str:
        """What opens the inbox and outbox of an actor here, also after a restart."""
        secret = self.settings.secret.encode()
        return hmac.new(secret, actor_uri.encode(), sha256).hexdigest()

    def is_token(self, token: str, actor_uri: str) -> bool:
        return secrets.compare_digest(token.encode(), self.token_of(actor_uri).encode())

    async def actor(self, uri: str) -> Actor:
        """The actor of ours with this id. Raises NotFound, with words."""
        local = self.house.app.uris.recognise(uri)
        name = local.name if local is not None and not local.part else ""
        found = await self.house.app.read(lambda session: by_handle(session, name))
        if found is None or found.uri != uri:
            raise NotFound(f"No actor of this server has the id {uri!r}.")
        return found

    def _keep_empty(self) -> None:
        """A copy of the database with every table and no row, for the next reset."""
        self._empty_file().unlink(missing_ok=True)
        with closing(sqlite3.connect(self._file())) as connection:
            connection.execute("VACUUM INTO ?", (str(self._empty_file()),))

    def _empty_file(self) -> Path:
        return self._file().with_name(f"{self._file().name}.empty")

    def _file(self) -> Path:
        return Path(self.settings.database.partition(":///")[2])


def settings_for(
    base_url: str, data: Path, database: str, secret: str, bind: str = "127.0.0.1:0"
) -> BoxSettings:
    """The settings of a server at this URL. Raises pydantic's ValidationError for no host."""
    scheme, _, host = base_url.rstrip("/").partition("://")
    return BoxSettings(
        host=host,
        scheme=scheme,
        data_dir=data,
        database_url=database,
        secret_key=SecretStr(secret),
        bind=bind,
        development=True,
    )


def _check_ours(standing: Site | None) -> None:
    if standing is not None and standing.name != NAME:
        raise Conflict(
            f"This database belongs to {standing.host}, and a reset would empty it. Give the black "
            "box an empty one."
        )


def _empty(session: Session) -> None:
    tables = session.scalar(_EMPTY)
    session.execute(text(f"TRUNCATE {tables}"))
