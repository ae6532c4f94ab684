"""HTTP message signatures of RFC 9421, the second knock: Mastodon 4.5 and Fedify speak it.

The structured fields are read by `http_sf`. What must be covered is decided here, because
`http-message-signatures` accepts several labels and signatures that cover nothing.
"""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import http_sf

from fedcop.activitypub.signatures import components, digest, freshness
from fedcop.activitypub.signatures.components import Component
from fedcop.activitypub.signatures.keys import PrivateKey, PublicKey
from fedcop.activitypub.signatures.request import HttpRequest, destination
from fedcop.errors import Malformed, Unproved

LONGEST_HEADER = 8_192
_MOST_COMPONENTS = 32
_ALGORITHMS = {"rsa": "rsa-v1_5-sha256", "ed25519": "ed25519"}
_LABEL = "sig1"


@dataclass(frozen=True, slots=True)
class MessageSignature:
    """`Signature-Input` and `Signature` of the one label, taken apart.

    `parameters` is the whole member as it is signed (`("@method" …);created=…`).
    """

    key_id: str
    algorithm: str
    covered: tuple[Component, ...]
    parameters: str
    signature: bytes
    created: int | None
    expires: int | None


def read(request: HttpRequest) -> MessageSignature:
    """Take apart the signature of the request; nothing is verified yet.

    Exactly one label is read: with two, two readers could take two different signers for the one
    who speaks.

    Raises:
        Unproved: no signature, several labels, or no `keyid`.
        Malformed: a header is too long, is no such structured field, or repeats something.
    """
    inputs = _dictionary(request, "signature-input")
    signatures = _dictionary(request, "signature")
    if len(inputs) != 1 or inputs.keys() != signatures.keys():
        raise Unproved("Send exactly one signature, with one label in both headers.")
    label = next(iter(inputs))
    members, parameters = inputs[label]
    signature, _ = signatures[label]
    if not isinstance(members, list) or not isinstance(signature, bytes):
        raise Malformed("Write Signature-Input as a list of components, Signature as bytes.")
    key_id = _text(parameters, "keyid")
    if not key_id:
        raise Unproved("Send the keyid of the signature.")
    items = cast("list[tuple[object, dict[str, object]]]", members)
    if len(items) > _MOST_COMPONENTS:
        raise Malformed(f"Cover at most {_MOST_COMPONENTS} components.")
    return MessageSignature(
        key_id,
        _text(parameters, "alg"),
        tuple(components.component(name, given) for name, given in items),
        http_sf.ser(cast("http_sf.StructuredType", [inputs[label]])),
        signature,
        _seconds(parameters, "created"),
        _seconds(parameters, "expires"),
    )


def verify(
    request: HttpRequest, signature: MessageSignature, key: PublicKey, now: datetime
) -> None:
    """Return if `key` signed this very request, to this host, a short time ago.

    Covered must be `@method`; `@target-uri`, or the authority and the whole target; and, when
    there is a body, a `content-digest` that fits it. `created` must be given. `alg`, if given,
    must be the one that fits the key: `rsa-v1_5-sha256` or `ed25519`.

    Raises:
        Unproved: something of this is missing, does not fit, or the key did not sign it.
        Malformed: a header that must be unique is there twice.
    """
    names = _check_coverage(request, signature)
    if signature.created is None:
        raise Unproved("Sign with the parameter created.")
    freshness.check(signature.created, signature.expires, now)
    checked = digest.check(request)
    if request.has_body and "content-digest" not in names & checked:
        raise Unproved("Sign the Content-Digest of the body too.")
    if signature.algorithm not in {"", _ALGORITHMS[key.algorithm]}:
        raise Unproved(f"Sign with {_ALGORITHMS[key.algorithm]}, as the key asks.")
    text = components.base(signature.covered, signature.parameters, components.values_of(request))
    if not key.verifies(signature.signature, text):
        raise Unproved("Sign with the key that keyid names: the signature does not match.")


def sign(
    method: str,
    url: str,
    body: bytes | None,
    key: PrivateKey,
    now: datetime,
    *,
    content_type: str = "application/activity+json",
) -> dict[str, str]:
    """The headers to send with this request, exactly as they must go out.

    `body` is None for a GET. `created` is three seconds before `now` (aware), as in `cavage`.

    Raises:
        Malformed: `url` is not an absolute http(s) URL in ASCII.
    """
    to = destination(url)
    at = now - timedelta(seconds=freshness.BACKDATED)
    fields = {"Host": to.authority, "Date": freshness.http_date(at)}
    values = {"@method": method.upper(), "@target-uri": to.uri}
    if body is not None:
        fields["Content-Digest"] = values["content-digest"] = digest.content_digest(body)
        fields["Content-Type"] = values["content-type"] = content_type
    covered = [Component(name) for name in values]
    parameters = (
        f"({' '.join(part.identifier for part in covered)})"
        f";created={int(at.timestamp())};keyid={http_sf.ser(key.id)}"
        f';alg="{_ALGORITHMS[key.algorithm]}"'
    )
    text = components.base(covered, parameters, lambda part: values[part.name])
    fields["Signature-Input"] = f"{_LABEL}={parameters}"
    fields["Signature"] = f"{_LABEL}=:{b64encode(key.sign(text)).decode()}:"
    return fields


_Member = tuple[object, dict[str, object]]


def _dictionary(request: HttpRequest, name: str) -> dict[str, _Member]:
    text = ", ".join(request.all(name))
    if len(text) > LONGEST_HEADER:
        raise Malformed(f"Send {name} with at most {LONGEST_HEADER} bytes.")
    try:
        parsed = http_sf.parse(
            text.encode("ascii"), tltype="dictionary", on_duplicate_key=_refuse_twice
        )
    except ValueError as error:
        raise Malformed(f"Write {name} as a structured field: {error}.") from error
    return cast("dict[str, _Member]", parsed)


def _refuse_twice(key: str, context: str) -> None:
    raise Malformed(f"Send the {context} entry {key} once.")


def _text(parameters: dict[str, object], name: str) -> str:
    value = parameters.get(name, "")
    if not isinstance(value, str):
        raise Malformed(f"Write {name} in quotes.")
    return value


def _seconds(parameters: dict[str, object], name: str) -> int | None:
    value = parameters.get(name)
    if value is not None and type(value) is not int:
        raise Malformed(f"Write {name} in whole seconds since 1970.")
    return value


def _check_coverage(request: HttpRequest, signature: MessageSignature) -> frozenset[str]:
    if len(set(signature.covered)) != len(signature.covered):
        raise Unproved("Cover each component once.")
    names = frozenset(part.name for part in signature.covered)
    if "@method" not in names:
        raise Unproved("Cover @method.")
    if "@target-uri" not in names and not _covers_target(request, names):
        raise Unproved("Cover @target-uri, or @authority with @path and @query.")
    if len(request.all("host")) > 1:
        raise Malformed("Send the header host once.")
    return names


def _covers_target(request: HttpRequest, names: frozenset[str]) -> bool:
    """What Fedify and others cover instead of @target-uri, if it leaves nothing open."""
    if not names & {"@authority", "host"}:
        return False
    if "@request-target" in names:
        return True
    return "@path" in names and ("@query" in names or "?" not in request.target)
