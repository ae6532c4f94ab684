"""The doctor finds what is wrong, says so in words, and says how to mend it."""

import asyncio
import json
import os
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr
from sqlalchemy import text, update

from fedcop.db.serving import alone
from fedcop.errors import Unreachable
from fedcop.inbox.models import InboxMessage
from fedcop.net.certificate import Certificate, Distrusted, certificate
from fedcop.net.client import Answer, Client
from fedcop.settings import Settings
from fedcop.upkeep import machine
from fedcop.upkeep.clock import compared
from fedcop.upkeep.create import create
from fedcop.upkeep.doctor import Outside, examine
from fedcop.upkeep.findings import Finding, State
from fedcop.web.seen import PATH
from fedcop.work.jobs import Job
from tests.fediverse import Fediverse, Server

pytestmark = pytest.mark.anyio
HOST = "red.example"
PUBLIC = "8.8.8.8"


class Proxy(httpx.AsyncBaseTransport):
    """What stands before the server: it may change a request, or answer by itself."""

    def __init__(self, server: httpx.AsyncBaseTransport) -> None:
        self.server = server
        self.headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": PUBLIC}
        self.answers: httpx.Response | None = None
        self.cut: set[str] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.answers is not None:
            return self.answers
        if request.url.path in self.cut:
            return httpx.Response(404)
        for name, value in self.headers.items():
            request.headers[name] = value
        return await self.server.handle_async_request(request)


class Surroundings:
    """A server's surroundings, all well until told otherwise."""

    def __init__(self, server: Server) -> None:
        self.proxy = Proxy(httpx.ASGITransport(server.house.web, raise_app_exceptions=False))
        self.addresses = [PUBLIC]
        self.days = 60
        self.asked_privately: list[bool] = []

    async def resolve(self, host: str, port: int, *, development: bool) -> list[str]:
        if not self.addresses:
            raise OSError(-2, "Name or service not known")
        return self.addresses

    def client(self, agent: str, private: bool) -> Client:
        self.asked_privately.append(private)
        return Client(self.proxy, user_agent=agent)

    async def show(self, name: str, address: str) -> Certificate:
        return Certificate(datetime.now(UTC) + timedelta(days=self.days, hours=1), "A Trust")

    async def look(self, settings: Settings) -> dict[str, Finding]:
        ways = Outside(resolve=self.resolve, client=self.client, show_certificate=self.show)
        found = await examine(settings, ways)
        assert all(one.mend for one in found if one.state in {State.WARNING, State.BROKEN})
        return {one.check: one for one in found}


@pytest.fixture(autouse=True)
def programs(postgresql, monkeypatch):
    monkeypatch.setenv("PATH", str(postgresql.programs), prepend=":")
    for name in [name for name in os.environ if name.startswith("FEDCOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FEDCOP_CONFIG", "no-such-folder")


async def test_the_doctor_knows_what_is_well_and_what_is_not(fediverse: Fediverse) -> None:
    (red,) = await fediverse(HOST)
    settings = red.house.app.settings
    sqlite = red.house.app.db.is_sqlite
    around = Surroundings(red)
    ada = await red.person("ada")
    await red.community("gardens", ada)

    found = await around.look(settings)
    wrong = {name for name, one in found.items() if one.state in {State.WARNING, State.BROKEN}}
    assert wrong == ({"backup", "server"} if sqlite else {"backup", "worker"})
    assert "@ada" in found["webfinger"].words
    assert "@gardens" in found["webfinger"].words
    assert "60 days left" in found["certificate"].words
    assert PUBLIC in found["name server"].words
    assert "not used by this version" in found["mail"].words
    assert around.asked_privately == [False, False]

    await create(settings, red.house.app.db)
    assert (await around.look(settings))["backup"].state is State.OK
    note = settings.data_dir / machine.LAST_BACKUP
    old = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    await asyncio.to_thread(note.write_text, json.dumps({"created_at": old, "file": "x"}))
    assert "3 days ago" in (await around.look(settings))["backup"].words
    await asyncio.to_thread(note.write_text, "[]")
    assert (await around.look(settings))["backup"].state is State.WARNING

    # what is before the server
    for headers, words in (
        ({"X-Forwarded-Proto": "https", "X-Forwarded-For": PUBLIC}, "not believed"),
        ({"X-Forwarded-For": PUBLIC}, "X-Forwarded-Proto"),
    ):
        around.proxy.headers = headers
        if words == "not believed":
            around.proxy.server = _as_http(red)
        else:
            around.proxy.server = httpx.ASGITransport(red.house.web)
        finding = (await around.look(settings))["proxy"]
        assert words in finding.words, finding
        assert finding.state is State.WARNING
    around.proxy.headers = {"Host": "127.0.0.1:8000"}
    finding = (await around.look(settings))["address"]
    assert finding.state is State.BROKEN
    assert "passes on another Host" in finding.words
    around.proxy.headers = {"X-Forwarded-Proto": "https"}
    assert "X-Forwarded-For" in (await around.look(settings))["proxy"].words
    around.proxy.cut = {"/.well-known/webfinger", PATH}
    found = await around.look(settings)
    assert found["webfinger"].state is State.BROKEN
    assert "another version" in found["proxy"].words
    for answer, words in (
        (httpx.Response(502), "no server behind it (502)"),
        (httpx.Response(200, text="<h1>It works!</h1>"), "not this server"),
        (httpx.Response(200, json={"publicKey": {"publicKeyPem": "x"}}), "not this server"),
        (httpx.Response(301, headers={"Location": "https://www.x/"}), "leads to https://www.x/"),
    ):
        around.proxy.answers = answer
        assert words in (await around.look(settings))["address"].words
    around.proxy.answers, around.proxy.cut = None, set()
    around.days = 5
    around.addresses = ["192.168.1.7"]
    around.asked_privately.clear()
    found = await around.look(settings)
    assert found["certificate"].state is State.WARNING
    assert "not a public address" in found["name server"].words
    assert around.asked_privately == [True, False]
    around.addresses = []
    found = await around.look(settings)
    assert found["name server"].state is State.BROKEN
    assert "address" not in found

    # the work behind the pages
    late = datetime.now(UTC) - timedelta(minutes=20)
    await red.act(lambda uow: uow.add(Job(name="x", payload={}, due_at=late)))
    assert "jobs since 20 min" in (await around.look(settings))["queues"].words
    stuck = {"due_at": late - timedelta(hours=5)}
    await red.act(lambda uow: uow.session.execute(update(Job).values(stuck)) and None)
    assert (await around.look(settings))["queues"].state is State.BROKEN
    dead = InboxMessage(key="k", body=b"", signer_uri="", due_at=late, state="dead")
    await red.act(lambda uow: uow.add(dead))
    assert "1 messages" in (await around.look(settings))["given up"].words
    if sqlite:
        with alone(settings.database):
            assert "has the database in use" in (await around.look(settings))["server"].words
    else:
        stop = asyncio.Event()
        working = asyncio.create_task(red.house.run_worker(stop))
        while "1 connected" not in (await around.look(settings))["worker"].words:
            assert not working.done()
        stop.set()
        await working
        assert (await around.look(settings))["worker"].state is State.BROKEN

    # the key and the database
    other = settings.model_copy(update={"secret_key": SecretStr("another")})
    found = await around.look(other)
    assert found["keys"].state is State.BROKEN
    assert found["network"].state is State.NOTE
    found = await around.look(settings.model_copy(update={"host": "blue.example"}))
    assert "can never change" in found["name"].words
    for change, words in (
        ("UPDATE alembic_version SET version_num = '9999'", "newer FedCoP"),
        ("UPDATE alembic_version SET version_num = '0005'", "Pending: 0006"),
        ("DELETE FROM alembic_version", "empty"),
    ):
        await red.act(lambda uow, change=change: uow.session.execute(text(change)) and None)
        found = await around.look(settings)
        assert found["schema"].state is State.BROKEN
        assert words in found["schema"].words


def _as_http(server: Server) -> httpx.AsyncBaseTransport:
    """The server behind a proxy that it does not trust: it sees plain http."""

    async def app(scope, receive, send):
        await server.house.web({**scope, "scheme": "http"}, receive, send)

    return httpx.ASGITransport(app)


async def test_the_doctor_of_a_server_that_has_nothing(tmp_path: Path, monkeypatch) -> None:
    settings = Settings(host=HOST, data_dir=tmp_path / "data", bind="127.0.0.1:1")
    found = {one.check: one for one in await examine(settings)}
    assert "There is no database" in found["database"].words
    assert "cannot start" in found["secret key"].words
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret.key").write_text("s")
    (tmp_path / "data" / "secret.key").chmod(0o644)
    (tmp_path / "data" / "fedcop.db").write_bytes(b"no database at all" * 1000)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: _Usage(1000, 995, 5))
    found = {one.check: one for one in await examine(settings)}
    assert found["secret key"].mend.startswith("chmod 600")
    assert "damaged" in found["database"].words
    assert found["disk"].state is State.BROKEN
    gone = settings.model_copy(update={"database_url": "postgresql://x:secret@/x?host=/nowhere"})
    found = {one.check: one for one in await examine(gone)}
    assert "cannot be used" in found["database"].words
    assert "secret" not in found["database"].words
    assert "pg_isready" in found["database"].mend
    public = settings.model_copy(update={"development": True})
    found = {one.check: one for one in await examine(public)}
    assert found["settings"].state is State.OK or "development" in found["settings"].words


class _Usage:
    def __init__(self, total: int, used: int, free: int) -> None:
        self.total, self.used, self.free = total, used, free


def test_the_clock_is_compared_with_the_date_of_an_answer() -> None:
    now = datetime.now(UTC)

    def said(skew: float) -> Finding | None:
        date = format_datetime(now - timedelta(seconds=skew), usegmt=True)
        return compared(Answer(200, {"date": date}, b"", "https://blue.example/"), now)

    for skew, state in ((30, "ok"), (-30, "ok"), (90, "warning"), (-4000, "broken")):
        finding = said(skew)
        assert finding is not None
        assert finding.state == state
    behind = said(-90)
    assert behind is not None
    assert "behind" in behind.words
    assert compared(Answer(200, {}, b"", "https://blue.example/")) is None


async def test_a_certificate_is_read_and_one_that_nobody_believes_is_said(tmp_path: Path) -> None:
    pem, key = _self_signed("localhost")
    (tmp_path / "cert.pem").write_bytes(pem)
    (tmp_path / "key.pem").write_bytes(key)
    shows = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    shows.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=shows)
    port = server.sockets[0].getsockname()[1]
    try:
        with pytest.raises(Distrusted, match="self"):
            await certificate("localhost", "127.0.0.1", port)
        trust = ssl.create_default_context(cadata=pem.decode())
        shown = await certificate("localhost", "127.0.0.1", port, trust)
        assert shown.issuer == "localhost"
        assert timedelta(days=8) < shown.until - datetime.now(UTC) < timedelta(days=10)
    finally:
        server.close()
        await server.wait_closed()
    with pytest.raises(Unreachable):
        await certificate("localhost", "127.0.0.1", port)


def _self_signed(name: str) -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made.public_bytes(serialization.Encoding.PEM), private
