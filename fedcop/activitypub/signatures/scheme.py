"""The choice between the two signature schemes, and what a key id may look like."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fedcop.activitypub.signatures import cavage, rfc9421
from fedcop.activitypub.signatures.cavage import CavageSignature
from fedcop.activitypub.signatures.keys import PublicKey
from fedcop.activitypub.signatures.request import HttpRequest
from fedcop.activitypub.signatures.rfc9421 import MessageSignature
from fedcop.errors import Unproved

Scheme = Literal["cavage", "rfc9421"]
LONGEST_KEY_ID = 2_048

# An https URL that has one spelling: lower-case host, no user, no dots to resolve. The last label
# of a real host name starts with a letter, so that no number is taken for an address.
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_REST = r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?"
_FRAGMENT = r"(?:#[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?"
_KEY_ID = re.compile(rf"https://(?:{_LABEL}\.)+(?=[a-z]){_LABEL}{_REST}{_FRAGMENT}")
_DEVELOPMENT_KEY_ID = re.compile(
    rf"https?://{_LABEL}(?:\.{_LABEL})*(?::[1-9][0-9]{{0,4}})?{_REST}{_FRAGMENT}"
)
_DOTS = re.compile(r"/\.{1,2}(?:[/?#]|\Z)")


@dataclass(slots=True)
class Claim:
    """Who a request says it is from: a key id that nothing proves yet."""

    key_id: str
    scheme: Scheme
    parsed: CavageSignature | MessageSignature


def claim(request: HttpRequest) -> Claim:
    """Read the signature of a request: RFC 9421 if it has `Signature-Input`, else draft-cavage.

    The key id is untrusted text: give it to `check_key_id` before anything is looked up or
    fetched by it.

    Raises:
        Unproved: the request is not signed, or names no key.
        Malformed: the signature cannot be read, or says something twice.
    """
    if request.all("signature-input"):
        message = rfc9421.read(request)
        return Claim(message.key_id, "rfc9421", message)
    signature = cavage.read(request)
    return Claim(signature.key_id, "cavage", signature)


def verify(request: HttpRequest, claim: Claim, key: PublicKey, now: datetime) -> None:
    """Return if the owner of `key` sent this request; `now` is aware.

    Raises:
        Unproved: `key` is another than the one claimed, or does not prove it (see the schemes).
        Malformed: a header that must be unique is there twice.
    """
    if key.id != claim.key_id:
        raise Unproved("Serve the key under the id that the signature names.")
    if isinstance(claim.parsed, CavageSignature):
        cavage.verify(request, claim.parsed, key, now)
    else:
        rfc9421.verify(request, claim.parsed, key, now)


def check_key_id(key_id: str, *, development: bool = False) -> None:
    """Refuse a key id that no server could own, before it causes a request.

    It must be an https URL in its one canonical spelling, without user, port or IP address, of at
    most 2,048 bytes. In development http, ports, IPv4 addresses and `localhost` pass.

    Raises:
        Unproved: anything else.
    """
    pattern = _DEVELOPMENT_KEY_ID if development else _KEY_ID
    if (
        len(key_id) > LONGEST_KEY_ID
        or not pattern.fullmatch(key_id)
        or _DOTS.search(key_id.partition("#")[0])
    ):
        raise Unproved("Name the key by a plain https URL on the signer's own host.")
