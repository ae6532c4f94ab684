"""Requests that nobody has proved to have sent: refused by name, and nothing is written."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha256
from typing import Any

import pytest

from fedcop.domain.people.models import Key
from tests.doors.conftest import Door
from tests.doors.peers import HOME, Pairs, Peer, pem_of, rsa_key, sign

pytestmark = pytest.mark.anyio

VICTOR, EVE = "https://one.test/u/victor", "https://evil.test/u/eve"
HOURS = timedelta(hours=1)
_ALL = ("(request-target)", "host", "date", "digest")
_B64 = b64encode(sha256(b"something else").digest()).decode()


def _sha(body: bytes, name: str = "SHA-256") -> str:
    return f"{name}={b64encode(sha256(body).digest()).decode()}"


@dataclass
class Case:
    """How a request differs from a good one, and how it is answered."""

    status: int
    how: dict[str, Any] = field(default_factory=dict)
    turn: Callable[[Pairs, bytes], tuple[Pairs, bytes]] = lambda pairs, body: (pairs, body)


def _header(name: str, value: str | None) -> Callable[[Pairs, bytes], tuple[Pairs, bytes]]:
    """The same request, with another header than was signed; None leaves it out."""

    def turn(pairs: Pairs, body: bytes) -> tuple[Pairs, bytes]:
        kept = [pair for pair in pairs if pair[0] != name]
        return (kept if value is None else [*kept, (name, value)]), body

    return turn


def _twice(name: str) -> Callable[[Pairs, bytes], tuple[Pairs, bytes]]:
    return lambda pairs, body: ([*pairs, *(p for p in pairs if p[0] == name)], body)


def _signature(old: str, new: str) -> Callable[[Pairs, bytes], tuple[Pairs, bytes]]:
    def turn(pairs: Pairs, body: bytes) -> tuple[Pairs, bytes]:
        return [(n, v.replace(old, new) if n == "signature" else v) for n, v in pairs], body

    return turn


def _seconds(**ahead: int) -> dict[str, str]:
    now = int(datetime.now(UTC).timestamp())
    return {name: str(now + seconds) for name, seconds in ahead.items()}


def _created(created: int, expires: int) -> dict[str, Any]:
    times = _seconds(created=created, expires=expires)
    return {
        "covered": ("(request-target)", "(created)", "(expires)", "host", "digest"),
        "special": {"(created)": times["created"], "(expires)": times["expires"]},
        "extra": f",created={times['created']},expires={times['expires']}",
        "algorithm": "hs2019",
    }


CASES: dict[str, Case] = {
    "unsigned": Case(401, turn=_header("signature", None)),
    "empty": Case(401, turn=_header("signature", "")),
    "noise": Case(400, turn=_header("signature", "\x7f%%%")),
    "no keyId": Case(401, turn=_signature("keyId=", "other=")),
    "no signature": Case(401, turn=_signature("signature=", "other=")),
    "not base64": Case(400, turn=_signature('signature="', 'signature="!!')),
    "random signature": Case(401, turn=_signature('signature="', f'signature="{_B64}",x="')),
    "keyId twice": Case(400, {"extra": f',keyId="{EVE}#main-key"'}),
    "headers twice": Case(400, {"extra": ',headers="date"'}),
    "two Signature headers": Case(400, turn=_twice("signature")),
    "two hosts": Case(400, turn=_twice("host")),
    "two dates": Case(400, turn=_twice("date")),
    "body changed": Case(401, turn=lambda pairs, body: (pairs, body + b"\n")),
    "path changed": Case(401, {"path": "/u/ana/inbox"}),
    "query added": Case(401, {"path": "/inbox?a=b"}),
    "method changed": Case(401, {"method": "put"}),
    "host changed": Case(401, {"host": "other.test"}),
    "sent to another": Case(421, {"headers": {"host": "other.test"}, "host": "other.test"}),
    "date changed": Case(401, turn=_header("date", "Sat, 22 Aug 2026 09:59:58 GMT")),
    "digest missing": Case(401, {"covered": ("(request-target)", "host", "date")}),
    "digest not sent": Case(401, turn=_header("digest", None)),
    "digest not signed": Case(401, {"covered": ("(request-target)", "host", "date")}),
    "digest wrong": Case(401, {"headers": {"digest": _sha(b"another body")}}),
    "digest MD5": Case(
        401,
        {"headers": {"digest": "MD5=" + b64encode(md5(b"x").digest()).decode()}},
    ),
    "digest not base64": Case(401, {"headers": {"digest": "SHA-256=zzz"}}),
    "digest of none": Case(401, {"headers": {"digest": _sha(b"")}}),
    "target not signed": Case(401, {"covered": ("host", "date", "digest")}),
    "host not signed": Case(401, {"covered": ("(request-target)", "date", "digest")}),
    "time not signed": Case(401, {"covered": ("(request-target)", "host", "digest")}),
    "old": Case(401, {"at": -13 * HOURS}),
    "older than an hour": Case(401, {"at": -1.1 * HOURS}),
    "future": Case(401, {"at": 2 * HOURS}),
    "no date at all": Case(401, {"headers": {"date": "yesterday"}}),
    "expired": Case(401, _created(-4 * 3600, -3 * 3600)),
    "endless": Case(401, _created(-20 * 3600, 30 * 24 * 3600)),
    "algorithm none": Case(401, {"algorithm": "none"}),
    "algorithm hmac": Case(401, {"algorithm": "hmac-sha256"}),
    "algorithm sha1": Case(401, {"algorithm": "rsa-sha1"}),
    "algorithm ed25519": Case(401, {"algorithm": "ed25519"}),
    "keyId file": Case(401, {"key_id": "file:///etc/passwd#main-key"}),
    "keyId data": Case(401, {"key_id": "data:application/activity+json,{}"}),
    "keyId http": Case(401, {"key_id": "http://evil.test/u/eve#main-key"}),
    "keyId loopback": Case(401, {"key_id": "https://127.0.0.1/u/eve#main-key"}),
    "keyId decimal": Case(401, {"key_id": "https://2130706433/u/eve#main-key"}),
    "keyId metadata": Case(401, {"key_id": "https://169.254.169.254/latest#main-key"}),
    "keyId IPv6": Case(401, {"key_id": "https://[::1]/u/eve#main-key"}),
    "keyId port": Case(401, {"key_id": "https://evil.test:8443/u/eve#main-key"}),
    "keyId user": Case(401, {"key_id": "https://one.test@evil.test/u/eve#main-key"}),
    "keyId of ours": Case(401, {"key_id": f"https://{HOME}/u/ana#main-key"}),
    "keyId of the site": Case(401, {"key_id": f"https://{HOME}/#main-key"}),
    "keyId too long": Case(401, {"key_id": f"https://evil.test/{'x' * 2_100}#main-key"}),
    "keyId upper case": Case(401, {"key_id": "https://EVIL.test/u/eve#main-key"}),
    "keyId dot": Case(401, {"key_id": "https://evil.test./u/eve#main-key"}),
}
NOBODY_IS_ASKED = {name for name in CASES if name.startswith("keyId")}


@pytest.fixture
async def victor(open_door: Door) -> Peer:
    """Somebody whose key is known here."""
    victor = Peer(open_door.web, VICTOR, 1).live()
    said = await open_door.hears(victor, victor.says("Like", open_door.starter))
    assert said.status_code == 202
    return victor


@pytest.mark.parametrize("name", CASES)
async def test_a_request_that_nobody_proves(open_door: Door, victor: Peer, name: str) -> None:
    case, door = CASES[name], open_door
    before, asked = await door.rows(), len(door.web.asked)
    body = json.dumps(victor.says("Undo", victor.says("Like", door.starter))).encode()
    headers, body = case.turn(victor.sign(body, **case.how), body)
    said = await door.post(headers, body)
    await door.server.house.processor.settle()
    assert said.status_code == case.status, said.text
    assert len(said.json()["error"]) > 10, "a message that helps"
    assert await door.rows() == before
    assert len(door.web.asked) - asked <= (0 if name in NOBODY_IS_ASKED else 1)


async def test_the_same_signed_well(open_door: Door, victor: Peer) -> None:
    """A door that refuses everything is no door: each variant of peers is let in."""
    door = open_door
    variants: tuple[dict[str, Any], ...] = (
        {},
        {"covered": _ALL},
        {"algorithm": "hs2019"},
        {"algorithm": None},
        {"at": -0.5 * HOURS},
        _created(0, 300),
        {"path": "/c/garden/inbox"},
        {"path": "/u/kofi/inbox"},
    )
    for how in variants:
        body = json.dumps(victor.says("Like", door.starter)).encode()
        said = await door.post(victor.sign(body, **how), body, how.get("path", "/inbox"))
        assert said.status_code == 202, (how, said.text)
        assert said.content == b""


async def test_another_key_under_victors_name(open_door: Door, victor: Peer) -> None:
    """Eve signs with her own key and names his; or names hers and says that it was him."""
    door = open_door
    eve = Peer(door.web, EVE, 2).live()
    await door.hears(eve, eve.says("Like", door.starter))
    key = await door.server.read(lambda s: s.query(Key).filter_by(uri=victor.key_id).one().public)
    before = await door.rows()
    for said, how in (
        (victor.says("Delete", victor.uri), {"key_id": victor.key_id}),
        (victor.says("Like", door.starter), {"key_id": EVE + "#main-key"}),
        (victor.says("Undo", victor.says("Like", door.starter)), {"key_id": EVE + "#main-key"}),
        (victor.says("Follow", door.garden.uri), {"key_id": EVE + "#main-key"}),
        (eve.says("Like", door.starter) | {"actor": [EVE, VICTOR]}, {}),
        (eve.says("Like", door.starter) | {"actor": {"id": VICTOR}}, {}),
    ):
        answer = await door.hears(eve, said, **how)
        assert answer.status_code in {400, 401, 403}, said
        assert await door.rows() == before
    assert key == await door.server.read(
        lambda s: s.query(Key).filter_by(uri=victor.key_id).one().public
    )


@pytest.mark.parametrize("bits", [1024, 16384])
async def test_keys_that_are_too_weak_or_too_large(open_door: Door, bits: int) -> None:
    door = open_door
    small = rsa_key(9, 1024)
    pem = pem_of(small) if bits == 1024 else _huge_pem()
    uri = f"https://weak{bits}.test/u/eve"
    eve = Peer(door.web, uri, 2)
    key = {"id": eve.key_id, "owner": uri, "publicKeyPem": pem}
    eve.more = {"publicKey": key}
    eve.live()
    before = await door.rows()
    body = json.dumps(eve.says("Like", door.starter)).encode()
    said = await door.post(sign(body, small, key_id=eve.key_id), body)
    assert said.status_code == 401, said.text
    assert await door.rows() == before


def _huge_pem() -> str:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    modulus = (1 << 16383) | 1
    public = RSAPublicNumbers(65537, modulus).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


async def test_two_labels_of_rfc_9421(open_door: Door, victor: Peer) -> None:
    """Two signatures, two identities: nobody may choose which one counts."""
    door = open_door
    body = json.dumps(victor.says("Like", door.starter)).encode()
    digest = f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"
    now = int(datetime.now(UTC).timestamp())
    covered = '("@method" "@target-uri" "content-digest")'
    one = f'{covered};created={now};keyid="{victor.key_id}"'
    two = f'{covered};created={now};keyid="{EVE}#main-key"'
    before = await door.rows()
    for given, names in (
        (f"a={one}, b={two}", f"a=:{_B64}:, b=:{_B64}:"),
        (f"a={one}, a={two}", f"a=:{_B64}:"),
        (f"a={one}", f"b=:{_B64}:"),
        (f"a={one}", f"a=:{_B64}:"),
        (f'a={covered};keyid="{victor.key_id}"', f"a=:{_B64}:"),
        (f'a={one};alg="hmac-sha256"', f"a=:{_B64}:"),
        ('a=("@method");created=1', f"a=:{_B64}:"),
        ("a=(", "a"),
    ):
        headers = [
            ("host", HOME),
            ("content-type", "application/activity+json"),
            ("content-digest", digest),
            ("signature-input", given),
            ("signature", names),
        ]
        said = await door.post(headers, body)
        assert said.status_code in {400, 401}, given
        assert await door.rows() == before
