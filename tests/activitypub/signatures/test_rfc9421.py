"""HTTP message signatures: round trips, and every way to cheat."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedcop.activitypub.signatures import digest, rfc9421
from fedcop.activitypub.signatures.keys import PrivateKey
from fedcop.activitypub.signatures.request import HttpRequest
from fedcop.errors import Malformed, Unproved

_NOW = 1787392801
_BODY = b'{"type": "Create"}'


def _verify(request: HttpRequest, key: PrivateKey, now: datetime) -> None:
    rfc9421.verify(request, rfc9421.read(request), key.public, now)


def _request(
    headers: Mapping[str, str], method: str = "POST", target: str = "/inbox?a=1"
) -> HttpRequest:
    lower = tuple((name.lower(), value) for name, value in headers.items())
    body = _BODY if method == "POST" else b""
    return HttpRequest(method, target, "https", "cop.example", lower, body)


Forge = Callable[..., HttpRequest]


@pytest.fixture(scope="session")
def forge9421(rsa: PrivateKey) -> Forge:
    """Signs over `covered` (lines of name and value), independently of our signer."""

    def forged(
        covered: Mapping[str, str],
        parameters: str = f';created={_NOW};keyid="https://peer.example/u/alice#main-key"',
        headers: Mapping[str, str] | None = None,
        label: str = "sig1",
    ) -> HttpRequest:
        member = f"({' '.join(covered)}){parameters}"
        lines = [f"{name}: {value}" for name, value in covered.items()]
        text = "\n".join([*lines, f'"@signature-params": {member}'])
        signature = b64encode(rsa.sign(text.encode())).decode()
        return _request(
            {
                "host": "cop.example",
                "content-digest": digest.content_digest(_BODY),
                "signature-input": f"{label}={member}",
                "signature": f"{label}=:{signature}:",
                **(headers or {}),
            }
        )

    return forged


_METHOD = {'"@method"': "POST"}
_URI = {'"@target-uri"': "https://cop.example/inbox?a=1"}
_DIGEST = {'"content-digest"': digest.content_digest(_BODY)}
_ALL = _METHOD | _URI | _DIGEST


# round trips


@pytest.mark.parametrize("name", ["rsa", "ed25519"])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_round_trip(name: str, method: str, now: datetime, request: pytest.FixtureRequest) -> None:
    key: PrivateKey = request.getfixturevalue(name)
    body = _BODY if method == "POST" else None
    headers = rfc9421.sign(method, "https://cop.example/inbox?a=1#x", body, key, now)
    sent = _request(headers, method)
    _verify(sent, key, now)
    assert rfc9421.read(sent).key_id == key.id
    for other in (
        replace(sent, target="/inbox?a=2"),
        replace(sent, target="/inbox"),
        replace(sent, method="PUT"),
        replace(sent, authority="else.example"),
        replace(sent, scheme="http"),
        replace(sent, body=b"else"),
    ):
        with pytest.raises(Unproved):
            _verify(other, key, now)
    if method == "POST":
        with pytest.raises(Unproved):
            _verify(_request(headers | {"Content-Type": "text/html"}), key, now)


def test_sends_what_mastodon_reads(rsa: PrivateKey, now: datetime) -> None:
    headers = rfc9421.sign("POST", "https://cop.example/inbox", b"{}", rsa, now)
    assert list(headers) == [
        "Host",
        "Date",
        "Content-Digest",
        "Content-Type",
        "Signature-Input",
        "Signature",
    ]
    assert headers["Signature-Input"] == (
        'sig1=("@method" "@target-uri" "content-digest" "content-type");created=1787392798'
        ';keyid="https://peer.example/u/alice#main-key";alg="rsa-v1_5-sha256"'
    )


def test_another_key_does_not_match(rsa: PrivateKey, ed25519: PrivateKey, now: datetime) -> None:
    headers = rfc9421.sign("POST", "https://cop.example/inbox?a=1", _BODY, rsa, now)
    with pytest.raises(Unproved, match="ed25519"):
        _verify(_request(headers), ed25519, now)


# what must be covered


@pytest.mark.parametrize(
    "target",
    [
        {},
        {'"@authority"': "cop.example", '"@request-target"': "/inbox?a=1"},
        {'"@authority"': "cop.example", '"@path"': "/inbox", '"@query"': "?a=1"},
        {'"host"': "cop.example", '"@scheme"': "https", '"@request-target"': "/inbox?a=1"},
    ],
)
def test_ways_to_cover_the_target(
    target: dict[str, str], forge9421: Forge, rsa: PrivateKey, now: datetime
) -> None:
    _verify(forge9421(_METHOD | (target or _URI) | _DIGEST), rsa, now)


@pytest.mark.parametrize(
    "covered",
    [
        {},
        _URI | _DIGEST,
        _METHOD | _DIGEST,
        _METHOD | _URI,
        _METHOD | _DIGEST | {'"@request-target"': "/inbox?a=1"},
        _METHOD | _DIGEST | {'"@authority"': "cop.example"},
        _METHOD | _DIGEST | {'"@authority"': "cop.example", '"@path"': "/inbox"},
        _METHOD | _DIGEST | {'"@target-uri"': "https://victim.example/inbox?a=1"},
        _ALL | {'"@method";req': "POST"},
        _ALL | {'"@unknown"': "x"},
        _ALL | {'"x-unsent"': "x"},
        _ALL | {'"content-digest";sf': digest.content_digest(_BODY)},
        _ALL | {'"@query-param";name="b"': "1"},
        _ALL | {'"@query-param";name="a";x': "1"},
    ],
)
def test_too_little_or_too_much_is_covered(
    covered: dict[str, str], forge9421: Forge, rsa: PrivateKey, now: datetime
) -> None:
    with pytest.raises(Unproved):
        _verify(forge9421(covered), rsa, now)


def test_a_component_twice(forge9421: Forge, rsa: PrivateKey, now: datetime) -> None:
    request = forge9421(_ALL)
    text = (request.one("signature-input") or "").replace("(", '("@method" ')
    headers = dict(request.headers) | {"signature-input": text}
    with pytest.raises(Unproved, match="once"):
        _verify(_request(headers), rsa, now)


def test_digests_are_compared(forge9421: Forge, rsa: PrivateKey, now: datetime) -> None:
    request = forge9421(_ALL)
    with pytest.raises(Unproved):
        _verify(replace(request, body=b"{}"), rsa, now)
    wrong = digest.content_digest(b"else")
    with pytest.raises(Unproved):
        _verify(
            forge9421(_ALL | {'"content-digest"': wrong}, headers={"content-digest": wrong}),
            rsa,
            now,
        )


# parameters

_KEY = ';keyid="https://peer.example/u/alice#main-key"'


@pytest.mark.parametrize(
    ("parameters", "stands"),
    [
        (f";created={_NOW}{_KEY}", True),
        (f";created={_NOW - 3600}{_KEY}", True),
        (f";created={_NOW - 3601}{_KEY}", False),
        (f";created={_NOW + 3601}{_KEY}", False),
        (f";created={_NOW - 7200};expires={_NOW + 1}{_KEY}", True),
        (f";created={_NOW - 72000};expires={_NOW + 2592000}{_KEY}", False),
        (f";created={_NOW - 9000};expires={_NOW - 8000}{_KEY}", False),
        (_KEY, False),
        (f";created={_NOW};expires={_NOW}", False),
        (f';created={_NOW}{_KEY};alg="rsa-v1_5-sha256"', True),
        (f';created={_NOW}{_KEY};alg="hmac-sha256"', False),
        (f';created={_NOW}{_KEY};alg="rsa-pss-sha512"', False),
        (f';created={_NOW}{_KEY};alg="ed25519"', False),
        (f';created={_NOW}{_KEY};nonce="x";tag="y"', True),
    ],
)
def test_parameters(
    parameters: str, stands: bool, forge9421: Forge, rsa: PrivateKey, now: datetime
) -> None:
    if stands:
        _verify(forge9421(_ALL, parameters), rsa, now)
    else:
        with pytest.raises(Unproved):
            _verify(forge9421(_ALL, parameters), rsa, now)


# A01 and A08: garbled, or said twice


@pytest.mark.parametrize(
    ("inputs", "signature", "error"),
    [
        ("", "", Unproved),
        ("sig1=()", "", Unproved),
        ("sig1=()", "sig1=:YQ==:", Unproved),
        ('sig1=();keyid=""', "sig1=:YQ==:", Unproved),
        ('sig1=();keyid="k"', "sig2=:YQ==:", Unproved),
        ('sig1=();keyid="k", sig2=();keyid="l"', "sig1=:YQ==:, sig2=:YQ==:", Unproved),
        ('sig1=();keyid="k"', "sig1=:YQ==:, sig2=:YQ==:", Unproved),
        ('sig1=();keyid="k", sig1=();keyid="l"', "sig1=:YQ==:", Malformed),
        ('sig1=();keyid="k";keyid="l"', "sig1=:YQ==:", Malformed),
        ('sig1=();keyid="k"', "sig1=:YQ==:, sig1=:YQ==:", Malformed),
        ("sig1=();keyid=k", "sig1=:YQ==:", Malformed),
        ('sig1=();keyid="k";created="1"', "sig1=:YQ==:", Malformed),
        ('sig1=();keyid="k";created=1.5', "sig1=:YQ==:", Malformed),
        ('sig1=();keyid="k";expires=?1', "sig1=:YQ==:", Malformed),
        ('sig1=(date);keyid="k"', "sig1=:YQ==:", Malformed),
        ('sig1=("Date");keyid="k"', "sig1=:YQ==:", Malformed),
        ('sig1=("a\\"b");keyid="k"', "sig1=:YQ==:", Malformed),
        ('sig1=(1 2);keyid="k"', "sig1=:YQ==:", Malformed),
        ('sig1=("@query-param");keyid="k"', "sig1=:YQ==:", Malformed),
        ('sig1=("@query-param";name=1);keyid="k"', "sig1=:YQ==:", Malformed),
        ('sig1="x";keyid="k"', "sig1=:YQ==:", Malformed),
        ('sig1;keyid="k"', "sig1=:YQ==:", Malformed),
        ('sig1=();keyid="k"', 'sig1="YQ=="', Malformed),
        ("sig1=(", "sig1=:YQ==:", Malformed),
        ('sig1=();keyid="ä"', "sig1=:YQ==:", Malformed),
        (f'sig1=({"1 " * 33});keyid="k"', "sig1=:YQ==:", Malformed),
        ("a" * 8_193, "sig1=:YQ==:", Malformed),
        ('sig1=();keyid="k"', 'keyId="k",signature="YQ=="', Malformed),
    ],
)
def test_unreadable_signatures(inputs: str, signature: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        rfc9421.read(_request({"signature-input": inputs, "signature": signature}))


def test_two_lines_are_two_labels(forge9421: Forge) -> None:
    request = forge9421(_ALL)
    more = (("signature-input", 'sig2=();keyid="victor"'), ("signature", "sig2=:YQ==:"))
    with pytest.raises(Unproved):
        rfc9421.read(replace(request, headers=(*request.headers, *more)))
    again = ("signature", request.one("signature") or "")
    with pytest.raises(Malformed):
        rfc9421.read(replace(request, headers=(*request.headers, again)))


def test_two_hosts(forge9421: Forge, rsa: PrivateKey, now: datetime) -> None:
    request = forge9421(_ALL)
    twice = replace(request, headers=(*request.headers, ("host", "victim.example")))
    with pytest.raises(Malformed):
        _verify(twice, rsa, now)


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "ä"])
def test_values_that_no_server_passes_on(
    value: str, forge9421: Forge, rsa: PrivateKey, now: datetime
) -> None:
    with pytest.raises(Malformed):
        _verify(forge9421(_ALL | {'"x-y"': "a"}, headers={"x-y": value}), rsa, now)


_PARTS = st.sampled_from(
    ["sig1", "=", "(", ")", '"@method"', ";", "created", "1", ":YQ==:", ",", " ", 'keyid="k"', "?1",
     "@1", '%"a"', "tok", '"@query-param";name="a"', "1.5", ";sf"]
)  # fmt: skip


@given(
    st.one_of(st.text(), st.lists(_PARTS).map("".join)),
    st.one_of(st.just("sig1=:YQ==:"), st.text(), st.lists(_PARTS).map("".join)),
)
@settings(derandomize=True, deadline=None, max_examples=400)
def test_no_header_breaks_the_parser(inputs: str, signature: str) -> None:
    for text in (inputs, f'sig1=({inputs});keyid="k"', f'sig1=();keyid="k";{inputs}'):
        try:
            found = rfc9421.read(_request({"signature-input": text, "signature": signature}))
        except (Malformed, Unproved):
            continue
        assert found.key_id
