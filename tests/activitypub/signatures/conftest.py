"""Keys, a clock, and a forger who signs whatever he is told to."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA512

from fedcop.activitypub.signatures import digest
from fedcop.activitypub.signatures.keys import PrivateKey, generate_ed25519, generate_rsa
from fedcop.activitypub.signatures.request import HttpRequest

_ALICE = "https://peer.example/u/alice"


@pytest.fixture(scope="session")
def now() -> datetime:
    return datetime(2026, 8, 22, 10, 0, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def rsa_pem() -> str:
    return generate_rsa()


@pytest.fixture(scope="session")
def rsa(rsa_pem: str) -> PrivateKey:
    return PrivateKey.from_pem(f"{_ALICE}#main-key", _ALICE, rsa_pem, trusted=True)


@pytest.fixture(scope="session")
def ed25519() -> PrivateKey:
    return PrivateKey.from_pem(f"{_ALICE}#ed25519-key", _ALICE, generate_ed25519(), trusted=True)


@dataclass(frozen=True)
class Sent:
    """One request before it is signed: `extra` headers come as they are."""

    method: str = "POST"
    target: str = "/c/public/inbox"
    host: str = "cop.example"
    date: str = "Sat, 22 Aug 2026 09:59:58 GMT"
    body: bytes = b'{"type": "Create"}'
    digest: str | None = None
    extra: tuple[tuple[str, str], ...] = ()

    def headers(self) -> dict[str, str]:
        wanted = digest.digest(self.body) if self.digest is None else self.digest
        return {
            "host": self.host,
            "date": self.date,
            **({"digest": wanted} if wanted else {}),
            "content-type": "application/activity+json",
            "content-length": str(len(self.body)),
            **dict(self.extra),
        }

    def request(self, *more: tuple[str, str]) -> HttpRequest:
        return HttpRequest(
            self.method,
            self.target,
            "https",
            "cop.example",
            (*self.headers().items(), *more),
            self.body,
        )


Forge = Callable[..., HttpRequest]


@dataclass
class Forger:
    """Writes cavage signatures by its own hand, so that our signer is not its own judge."""

    key: PrivateKey
    sent: Sent = field(default_factory=Sent)

    def __call__(
        self,
        covered: str = "(request-target) host date digest content-type",
        *,
        template: str = 'keyId="{id}",algorithm="rsa-sha256",headers="{headers}",'
        'signature="{signature}"',
        values: Mapping[str, str] | None = None,
        sha512: bool = False,
        key: PrivateKey | None = None,
        **changes: object,
    ) -> HttpRequest:
        """A request signed over `covered`; `values` stand in the signing string, if given, in
        place of what is sent; `changes` are fields of `Sent`."""
        sent = replace(self.sent, **changes)
        key = key or self.key
        known = {
            "(request-target)": f"{sent.method.lower()} {sent.target}",
            **sent.headers(),
            **(values or {}),
        }
        text = "\n".join(f"{name}: {known[name]}" for name in covered.split()).encode()
        if isinstance(key.key, RSAPrivateKey):
            raw = key.key.sign(text, PKCS1v15(), SHA512() if sha512 else SHA256())
        else:
            raw = key.key.sign(text)
        header = template.format(
            id=key.id, headers=covered, signature=b64encode(raw).decode(), **(values or {})
        )
        return sent.request(("signature", header))


@pytest.fixture(scope="session")
def forge(rsa: PrivateKey) -> Forge:
    return Forger(rsa)


@pytest.fixture(scope="session")
def change() -> Callable[..., HttpRequest]:
    """`change(request, name, value)`: the same request with another header; None takes it away."""

    def changed(request: HttpRequest, name: str, value: str | None) -> HttpRequest:
        headers = tuple(
            (header, old if header != name else str(value))
            for header, old in request.headers
            if header != name or value is not None
        )
        return replace(request, headers=headers)

    return changed
