"""From the signing recipe of a case to the headers of a request, broken as the recipe says."""

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from tests.hostile import keyring

Pairs = list[tuple[str, str]]
_OTHER = b"another body"
_PLACES = re.compile(r"\{\{(sha256|sha256_of_other|rand256_b64|pem_public:(\w+))\}\}")


@dataclass(slots=True)
class Unsigned:
    """A request before it is signed; `url` is the whole address."""

    method: str
    url: str
    body: bytes | None
    headers: Pairs = field(default_factory=list[tuple[str, str]])

    @property
    def target(self) -> str:
        parts = urlsplit(self.url)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc


@dataclass(slots=True)
class Signed:
    """What goes out: the headers that were added, and the body as it is sent."""

    headers: Pairs
    body: bytes | None


def sign(request: Unsigned, recipe: Mapping[str, Any]) -> Signed:
    """Sign by the scheme of the recipe, then break what it says."""
    if recipe.get("scheme") == "rfc9421":
        headers = _rfc9421(request, recipe)
    else:
        headers = _cavage(request, recipe)
    return Signed(headers, _tampered(request.body, _tamper(recipe).get("body_after_sign")))


def digest_of(body: bytes) -> str:
    return b64encode(sha256(body).digest()).decode()


def _tamper(recipe: Mapping[str, Any]) -> Mapping[str, str]:
    return recipe.get("tamper") or {}


def _filled(text: str, body: bytes) -> str:
    """The placeholders that only the signer can fill."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name == "sha256":
            return digest_of(body)
        if name == "sha256_of_other":
            return digest_of(_OTHER)
        return keyring.noise() if name == "rand256_b64" else keyring.pem(found[2])

    return _PLACES.sub(value, text)


def _tampered(body: bytes | None, how: str | None) -> bytes | None:
    if body is None or how is None:
        return body
    if how.startswith("append "):
        return body + how.removeprefix("append ").encode()
    if how == "flip one byte":
        return body.replace(b"HOSTILE", b"HOSTILF", 1) if b"HOSTILE" in body else body + b" "
    raise NotImplementedError(f"body_after_sign: {how}")


def _cavage(request: Unsigned, recipe: Mapping[str, Any]) -> Pairs:
    now = datetime.now(UTC)
    tamper = _tamper(recipe)
    body = request.body or b""
    at = now + timedelta(seconds=recipe.get("date_offset_s", 0))
    digest = _filled(tamper.get("digest", f"SHA-256={digest_of(body)}"), body)
    names = recipe.get("headers_list") or recipe.get("sign_headers") or recipe.get("headers") or ""
    listed = [name for name in names.split() if request.body is not None or name != "digest"]
    values = {
        "(request-target)": tamper.get(
            "request_target", f"{request.method.lower()} {request.target}"
        ),
        "host": tamper.get("host", request.host),
        "date": at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "digest": digest,
    }
    parameters = {"keyId": recipe["keyId"], "algorithm": recipe.get("algorithm", "rsa-sha256")}
    for name in ("created", "expires"):
        if f"({name})" in listed:
            moment = int(now.timestamp()) + int(recipe.get(f"{name}_offset_s", 0))
            parameters[name] = values[f"({name})"] = str(moment)
    parameters["headers"] = " ".join(listed)
    text = "\n".join(f"{name}: {values[name]}" for name in listed).encode()
    parameters["signature"] = _signature(recipe, tamper, text, body)
    headers = [("Date", values["date"])]
    if request.body is not None:
        headers.append(("Digest", digest))
    headers.append(("Signature", _in_cavage(parameters, recipe.get("drop") or ())))
    if "extra_signature_keyId" in tamper:
        other = parameters | {
            "keyId": tamper["extra_signature_keyId"],
            "signature": keyring.noise(),
        }
        headers.append(("Signature", _in_cavage(other, ())))
    return headers


def _signature(
    recipe: Mapping[str, Any], tamper: Mapping[str, str], text: bytes, body: bytes
) -> str:
    if "signature" in tamper:
        return _filled(tamper["signature"], body)
    if "hmac_key" in tamper:
        secret = _filled(tamper["hmac_key"], body).encode()
        return b64encode(hmac.digest(secret, text, "sha256")).decode()
    return b64encode(keyring.sign(recipe["key"], text)).decode()


def _in_cavage(parameters: Mapping[str, str], drop: Any) -> str:
    numbers = {"created", "expires"}
    return ",".join(
        f"{name}={value}" if name in numbers else f'{name}="{value}"'
        for name, value in parameters.items()
        if name not in drop
    )


def _rfc9421(request: Unsigned, recipe: Mapping[str, Any]) -> Pairs:
    tamper = _tamper(recipe)
    body = request.body or b""
    content_digest = f"sha-256=:{digest_of(body)}:"
    components = recipe.get("components") or ["@method", "@target-uri", "content-digest"]
    created = int(datetime.now(UTC).timestamp()) + int(recipe.get("created_offset_s", 0))
    values = {
        "@method": request.method,
        "@target-uri": tamper.get("target_uri", request.url),
        "@authority": tamper.get("authority", request.host),
        "@path": urlsplit(request.url).path,
        "content-digest": content_digest,
    }
    listed = " ".join(f'"{name}"' for name in components)
    inner = f"({listed})"
    for name in recipe.get("params") or ["created", "keyid"]:
        inner += {"created": f";created={created}", "keyid": f';keyid="{recipe["keyId"]}"'}.get(
            name, ';{}="{}"'.format(*name.partition("=")[::2])
        )
    lines = [f'"{name}": {values[name]}' for name in components]
    text = "\n".join([*lines, f'"@signature-params": {inner}']).encode()
    raw = b64encode(keyring.sign(recipe["key"], text)).decode()
    inputs, signatures = f"sig1={inner}", f"sig1=:{raw}:"
    if "second_label_keyid" in tamper:
        other = f'({listed});created={created};keyid="{tamper["second_label_keyid"]}"'
        inputs += f", sig2={other}"
        signatures += f", sig2=:{keyring.noise()}:"
    return [
        ("Content-Digest", content_digest),
        ("Signature-Input", inputs),
        ("Signature", signatures),
    ]
