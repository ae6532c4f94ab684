"""draft-cavage signatures: the ten variants seen in the wild, and every way to cheat."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fedcop.activitypub.signatures import cavage, digest
from fedcop.activitypub.signatures.keys import PrivateKey
from fedcop.activitypub.signatures.request import HttpRequest
from fedcop.errors import Malformed, Unproved

Forge = Callable[..., HttpRequest]
Change = Callable[..., HttpRequest]


def _verify(request: HttpRequest, key: PrivateKey, now: datetime) -> None:
    cavage.verify(request, cavage.read(request), key.public, now)


def _sent(method: str, target: str, body: bytes | None, headers: dict[str, str]) -> HttpRequest:
    lower = tuple((name.lower(), value) for name, value in headers.items())
    return HttpRequest(method, target, "https", "cop.example", lower, body or b"")


# what we send


def test_sends_form_a_to_the_letter(rsa: PrivateKey, now: datetime) -> None:
    headers = cavage.sign("POST", "https://lemmy.example/inbox", b"{}", rsa, now)
    assert list(headers) == ["Host", "Date", "Digest", "Content-Type", "Signature"]
    assert headers["Host"] == "lemmy.example"
    assert headers["Date"] == "Sat, 22 Aug 2026 09:59:58 GMT"
    assert headers["Digest"] == "SHA-256=RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o="
    assert headers["Content-Type"] == "application/activity+json"
    assert headers["Signature"].startswith(
        'keyId="https://peer.example/u/alice#main-key",algorithm="rsa-sha256",'
        'headers="(request-target) host date digest content-type",signature="'
    )


def test_a_get_signs_target_host_and_date(rsa: PrivateKey, now: datetime) -> None:
    headers = cavage.sign("GET", "https://cop.example:8443/u/a?x=1#main-key", None, rsa, now)
    assert list(headers) == ["Host", "Date", "Signature"]
    assert headers["Host"] == "cop.example:8443"
    assert 'headers="(request-target) host date"' in headers["Signature"]
    request = replace(_sent("GET", "/u/a?x=1", None, headers), authority="cop.example:8443")
    _verify(request, rsa, now)


@pytest.mark.parametrize("name", ["rsa", "ed25519"])
@pytest.mark.parametrize(("method", "body"), [("POST", b'{"a": 1}'), ("POST", b""), ("GET", None)])
def test_round_trip(
    name: str, method: str, body: bytes | None, now: datetime, request: pytest.FixtureRequest
) -> None:
    key: PrivateKey = request.getfixturevalue(name)
    headers = cavage.sign(method, "https://cop.example/inbox", body, key, now)
    sent = _sent(method, "/inbox", body, headers)
    _verify(sent, key, now)
    for other in (
        replace(sent, target="/other"),
        replace(sent, method="PUT"),
        replace(sent, authority="else.example"),
        replace(sent, body=b"else"),
    ):
        with pytest.raises(Unproved):
            _verify(other, key, now)


# the variants of the wild: A to G and J stand, H and I fall

_REST = 'headers="{headers}",signature="{signature}"'
_QUOTED = 'keyId="{id}",algorithm="hs2019",created="{(created)}",expires="{(expires)}",'
_BARE = 'keyId="{id}",algorithm="hs2019",created={(created)},expires={(expires)},'
_HS2019 = "(request-target) host (created) (expires) digest"
_TIMES = {"(created)": "1787392798", "(expires)": "1787396398"}

GOOD: dict[str, dict[str, object]] = {
    "A": {},
    "B": {"template": 'keyId="{id}",algorithm="hs2019",' + _REST},
    "C": {"template": 'keyId="{id}",' + _REST},
    "D": {
        "template": 'keyId="{id}", algorithm="rsa-sha256" ,\theaders="{headers}", '
        'signature="{signature}"'
    },
    "E": {
        "template": 'algorithm="rsa-sha256",headers="{headers}",signature="{signature}",'
        'keyId="{id}"'
    },
    "F": {"covered": _HS2019, "values": _TIMES, "template": _QUOTED + _REST},
    "G": {"covered": _HS2019, "values": _TIMES, "template": _BARE + _REST},
    "J": {"covered": "(request-target) date content-length digest host"},
}
BAD: dict[str, str] = {
    "H": "(request-target) host digest content-type",
    "I": "(request-target) host date content-type",
}


@pytest.mark.parametrize("variant", GOOD)
def test_variants_that_stand(variant: str, forge: Forge, rsa: PrivateKey, now: datetime) -> None:
    request = forge(**GOOD[variant])
    _verify(request, rsa, now)
    with pytest.raises(Unproved):
        _verify(replace(request, body=request.body + b"\n"), rsa, now)


@pytest.mark.parametrize("variant", BAD)
def test_variants_that_fall(variant: str, forge: Forge, rsa: PrivateKey, now: datetime) -> None:
    with pytest.raises(Unproved):
        _verify(forge(BAD[variant]), rsa, now)


@pytest.mark.parametrize("signed", ["/c/public/inbox?a=1", "/c/public/inbox"])
def test_the_query_may_be_left_out(
    signed: str, forge: Forge, rsa: PrivateKey, now: datetime
) -> None:
    values = {"(request-target)": f"post {signed}"}
    _verify(forge(values=values, target="/c/public/inbox?a=1"), rsa, now)
    with pytest.raises(Unproved):
        _verify(forge(values=values, target="/u/lara/inbox?a=1"), rsa, now)


def test_content_digest_serves_as_digest(forge: Forge, rsa: PrivateKey, now: datetime) -> None:
    body = b"{}"
    extra = (("content-digest", digest.content_digest(body)),)
    covered = "(request-target) host date content-digest"
    _verify(forge(covered, body=body, extra=extra, digest=""), rsa, now)


# whatever is sent


_SIGNATURES = st.one_of(
    st.text(),
    st.lists(
        st.tuples(
            st.sampled_from(
                ["keyId", "signature", "headers", "created", "expires", "algorithm", "x"]
            ),
            st.sampled_from(["", " ", "=", " = "]),
            st.one_of(st.text(max_size=20), st.sampled_from(['"YQ=="', "1", '"date host"'])),
        )
    ).map(lambda parts: ",".join("".join(part) for part in parts)),
)


@given(_SIGNATURES)
@example('keyId="x",signature="YQ=="')
@example('keyId="x",signature="YQ==",created=1')
@settings(derandomize=True, deadline=None, max_examples=400)
def test_no_header_breaks_the_parser(text: str) -> None:
    request = HttpRequest("POST", "/", "https", "cop.example", (("signature", text),), b"")
    try:
        found = cavage.read(request)
    except (Malformed, Unproved):
        return
    assert found.key_id
    assert found.signature


def test_long_nonsense_is_refused() -> None:
    for unit in (" ", "a", 'a="', "a=b,", "a =", '"', "\t=", "a=1 "):
        text = (unit * 8192)[:8192]
        request = HttpRequest("POST", "/", "https", "cop.example", (("signature", text),), b"")
        with pytest.raises((Malformed, Unproved)):
            cavage.read(request)
