"""Fills the placeholders of a case: hosts, fresh names, keys, payloads, URLs of fixtures."""

import json
import re
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from tests.hostile import keyring
from tests.hostile.paths import NotApplicable, Paths
from tests.hostile.payloads import Unknown, value_of
from tests.hostile.people import AS, HOSTS, PASSWORD, PUBLIC, REMOTE, base

_PLACE = re.compile(r"\{\{([^{}]+)\}\}")
_REPEAT = re.compile(r"(.)\{\{x(\d+)\}\}")
_LIST = re.compile(r"(.*) x (\d+)")
_LEFT = frozenset({"sha256", "sha256_of_other"})
_CREATED = "2026-01-05T10:00:00Z"


class Filling:
    """The values of one run of one case."""

    def __init__(self, paths: Paths) -> None:
        self.nonce = secrets.token_hex(8)
        self._paths = paths
        self._now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"

    def text(self, words: str, turn: int = 1) -> str:
        """Words with their placeholders filled, and fixtures by their real names."""
        repeated = _REPEAT.sub(lambda found: found[1] * int(found[2]), words)
        filled = _PLACE.sub(lambda found: str(self._value(found[1], turn)), repeated)
        return self._paths.real(filled)

    def url(self, words: str, turn: int = 1) -> str:
        """As `text`, but the paths of fixtures stay: `Paths.way` is asked about them."""
        return _PLACE.sub(lambda found: str(self._value(found[1], turn)), words)

    def value(self, thing: Any, turn: int = 1) -> Any:
        """JSON with its placeholders filled; one that is a whole text may become anything."""
        if isinstance(thing, Mapping):
            return {self.text(name, turn): self.value(it, turn) for name, it in thing.items()}
        if isinstance(thing, list):
            return [one for it in thing for one in self._items(it, turn)]
        if not isinstance(thing, str):
            return thing
        whole = _PLACE.fullmatch(thing)
        return self._value(whole[1], turn) if whole else self.text(thing, turn)

    def _items(self, thing: Any, turn: int) -> list[Any]:
        many = _LIST.fullmatch(thing) if isinstance(thing, str) else None
        if many is None:
            return [self.value(thing, turn)]
        return [self.text(many[1], number) for number in range(int(many[2]))]

    def _value(self, name: str, turn: int) -> Any:
        kind, _, rest = name.partition(":")
        if name in HOSTS:
            return base(name)
        plain = {"nonce": self.nonce, "i": turn, "now": self._now}
        if name in plain:
            return plain[name]
        if name in _LEFT:
            return f"{{{{{name}}}}}"
        make = _MADE.get(kind)
        return value_of(name) if make is None else make(rest)


def _linked_data_signature(name: str, what: str) -> dict[str, str]:
    """A genuine RsaSignature2017 by somebody over a Create of theirs: its quads are few and known.

    Source: the algorithm that Mastodon uses, over two graphs in URDNA2015 order.
    """
    remote = REMOTE[name]
    creator, activity = f"{remote.uri}#main-key", f"{base(remote.letter)}/a/{what}"
    kind, when = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "http://purl.org/dc/terms"
    said = "".join(
        sorted(
            (
                f"<{activity}> <{AS}#actor> <{remote.uri}> .\n",
                f"<{activity}> <{AS}#to> <{PUBLIC}> .\n",
                f"<{activity}> <{kind}> <{AS}#Create> .\n",
            )
        )
    )
    day = f'"{_CREATED}"^^<http://www.w3.org/2001/XMLSchema#dateTime>'
    options = f"_:c14n0 <{when}/created> {day} .\n_:c14n0 <{when}/creator> <{creator}> .\n"
    both = sha256(options.encode()).hexdigest() + sha256(said.encode()).hexdigest()
    return {
        "type": "RsaSignature2017",
        "creator": creator,
        "created": _CREATED,
        "signatureValue": b64encode(keyring.sign(name, both.encode())).decode(),
    }


def _token_of_form(name: str) -> str:
    """Whether a form comes from our pages is said by its origin: it has no token."""
    raise NotApplicable(f"tokens in forms, of {name} or anybody")


def _password_of(name: str) -> str:
    if name != "lara":
        raise Unknown(f"{{{{pw:{name}}}}}")
    return PASSWORD


_MADE: Mapping[str, Callable[[str], Any]] = {
    "host": HOSTS.__getitem__,
    "pem": keyring.pem,
    "pem_public": keyring.pem,
    "rand256_b64": lambda _: keyring.noise(),
    "pw": _password_of,
    "csrf": _token_of_form,
    "ldsig": lambda rest: _linked_data_signature(*rest.split(":")),
}


def as_bytes(thing: Any) -> bytes:
    """JSON as it is sent: whatever Python may hold, escaped."""
    return json.dumps(thing).encode()
