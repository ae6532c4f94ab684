"""draft-cavage signatures under attack: A01 to A08 of the catalogue, one by one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from fedcop.activitypub.signatures import cavage, digest
from fedcop.activitypub.signatures.keys import PrivateKey, generate_rsa
from fedcop.activitypub.signatures.request import HttpRequest
from fedcop.errors import Malformed, Unproved

Forge = Callable[..., HttpRequest]
Change = Callable[..., HttpRequest]
Verify = Callable[..., None]

_NOW = 1787392801  # what the fixture `now` says
_REST = 'headers="{headers}",signature="{signature}"'
_BARE = 'keyId="{id}",algorithm="hs2019",created={(created)},expires={(expires)},'
_TIMES = {"(created)": "1787392798", "(expires)": "1787396398"}


@pytest.fixture
def verify(rsa: PrivateKey, now: datetime) -> Verify:
    def verified(request: HttpRequest, key: PrivateKey = rsa) -> None:
        cavage.verify(request, cavage.read(request), key.public, now)

    return verified


# Attack A01 is: no, empty, garbled


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (None, Unproved),
        ("", Unproved),
        ("garbage", Malformed),
        ("=", Malformed),
        (",", Malformed),
        (" ", Malformed),
        ('keyId="x', Malformed),
        ('keyId="x",', Malformed),
        ('keyId="x" signature="YQ=="', Malformed),
        ('keyId="x\\"y",signature="YQ=="', Malformed),
        ('keyId="x",signature="not base64"', Malformed),
        ('keyId="x",signature="ä"', Malformed),
        ('keyId="x"', Unproved),
        ('signature="YQ=="', Unproved),
        ('keyId="",signature="YQ=="', Unproved),
        ('keyId="x",signature=""', Unproved),
        ('keyId="x",signature="YQ==",created="soon"', Malformed),
        ('keyId="x",signature="YQ==",expires=1.5', Malformed),
        ('keyId="x",signature="YQ==",created=' + "9" * 5000, Malformed),
        ('keyId="x",signature="YQ==",headers="' + "date " * 33 + '"', Malformed),
        ('keyId="x",signature="' + "A" * 8192 + '"', Malformed),
    ],
)
def test_unreadable_signatures(
    header: str | None, error: type[Exception], forge: Forge, change: Change
) -> None:
    with pytest.raises(error):
        cavage.read(change(forge(), "signature", header))


def test_a_header_of_eight_kibibytes_is_read_and_one_byte_more_is_not() -> None:
    def request(length: int) -> HttpRequest:
        start = 'keyId="k",signature="YQ==",x="'
        text = start + "a" * (length - len(start) - 1) + '"'
        return HttpRequest("GET", "/", "https", "cop.example", (("signature", text),), b"")

    assert cavage.read(request(8192)).key_id == "k"
    with pytest.raises(Malformed):
        cavage.read(request(8193))


# Attack A02 is: another's key


def test_another_key_does_not_match(forge: Forge, verify: Verify) -> None:
    victor = PrivateKey.from_pem("victor", "victor", generate_rsa(), trusted=True)
    request = forge()
    with pytest.raises(Unproved, match="does not match"):
        verify(request, victor)


# Attack A03 is: digest missing, unsigned, wrong, MD5 only, two values


_GOOD_DIGEST = digest.digest(b'{"type": "Create"}')


@pytest.mark.parametrize(
    "value",
    [
        digest.digest(b"another body"),
        "MD5=Q2hlY2sgSW50ZWdyaXR5IQ==",
        "SHA-256=xyz",
        f"{_GOOD_DIGEST},{digest.digest(b'else')}",
        f"{digest.digest(b'else')},{_GOOD_DIGEST}",
        f"sha-512={_GOOD_DIGEST.partition('=')[2]},{_GOOD_DIGEST}",
    ],
)
def test_a_digest_that_is_signed_but_wrong(value: str, forge: Forge, verify: Verify) -> None:
    with pytest.raises(Unproved):
        verify(forge(digest=value))


def test_a_digest_that_is_missing(forge: Forge, verify: Verify) -> None:
    with pytest.raises(Unproved, match="Digest"):
        verify(forge("(request-target) host date", digest=""))
    with pytest.raises(Unproved, match="Digest"):
        verify(forge(values={"digest": _GOOD_DIGEST}, digest=""))


def test_a_second_digest_header_must_match_too(forge: Forge, verify: Verify) -> None:
    request = forge()
    more = (*request.headers, ("digest", digest.digest(b"else")))
    with pytest.raises(Unproved):
        verify(replace(request, headers=more))


# Attack A04 is: not covered


@pytest.mark.parametrize(
    "covered",
    [
        "host date digest",
        "(request-target) date digest",
        "(request-target) host digest",
        "(request-target) host (created) digest",
        "(request-target) host date digest host",
        "(request-target) host date digest x-unsent",
        "(request-target) host date digest (expires)",
    ],
)
def test_too_little_or_too_much_is_covered(covered: str, forge: Forge, verify: Verify) -> None:
    values = {"(created)": "1787392798", "(expires)": "1787392798", "x-unsent": "1"}
    with pytest.raises(Unproved):
        verify(forge(covered, values=values))


def test_without_headers_nothing_is_covered(forge: Forge, verify: Verify) -> None:
    template = 'keyId="{id}",algorithm="hs2019",created={(created)},signature="{signature}"'
    request = forge("(created)", template=template, values=_TIMES)
    with pytest.raises(Unproved):
        verify(request)


# Attack A05 is: time


@pytest.mark.parametrize(
    ("date", "stands"),
    [
        ("Sat, 22 Aug 2026 09:30:01 GMT", True),
        ("Sat, 22 Aug 2026 09:00:01 GMT", True),
        ("Sat, 22 Aug 2026 09:00:00 GMT", False),
        ("Fri, 21 Aug 2026 21:00:00 GMT", False),
        ("Sat, 22 Aug 2026 11:00:01 GMT", True),
        ("Sat, 22 Aug 2026 11:00:02 GMT", False),
        ("Sat, 22 Aug 2026 09:59:58 +0000", True),
        ("2026-08-22T09:59:58Z", False),
        ("Sat, 31 Feb 2026 09:59:58 GMT", False),
        ("Sat, 22 Xyz 2026 09:59:58 GMT", False),
        ("yesterday", False),
        ("", False),
    ],
)
def test_dates(date: str, stands: bool, forge: Forge, verify: Verify) -> None:
    request = forge(date=date)
    if stands:
        verify(request)
    else:
        with pytest.raises(Unproved):
            verify(request)


_HOUR = 3600


@pytest.mark.parametrize(
    ("created", "expires", "stands"),
    [
        (-_HOUR, None, True),
        (-_HOUR - 1, None, False),
        (_HOUR, None, True),
        (_HOUR + 1, None, False),
        (-11 * _HOUR, 600, True),
        (-12 * _HOUR, 600, True),
        (-12 * _HOUR - 1, 30 * 24 * _HOUR, False),
        (-20 * _HOUR, 30 * 24 * _HOUR, False),
        (-9000, -8000, False),
        (-2 * _HOUR, -_HOUR, True),
        (-2 * _HOUR, -_HOUR - 1, False),
    ],
)
def test_created_and_expires(
    created: int,
    expires: int | None,
    stands: bool,
    forge: Forge,
    verify: Verify,
) -> None:
    values = {"(created)": str(_NOW + created)}
    covered, more = "(request-target) host (created) digest", ""
    if expires is not None:
        values["(expires)"] = str(_NOW + expires)
        covered += " (expires)"
        more = "expires={(expires)},"
    template = 'keyId="{id}",algorithm="hs2019",created={(created)},' + more + _REST
    request = forge(covered, template=template, values=values)
    if stands:
        verify(request)
    else:
        with pytest.raises(Unproved):
            verify(request)


def test_an_expiry_that_is_not_signed_prolongs_nothing(forge: Forge, verify: Verify) -> None:
    values = {"(created)": str(_NOW - 2 * _HOUR), "(expires)": str(_NOW + _HOUR)}
    request = forge("(request-target) host (created) digest", template=_BARE + _REST, values=values)
    with pytest.raises(Unproved, match="too old"):
        verify(request)


def test_an_old_date_is_not_saved_by_created(forge: Forge, verify: Verify) -> None:
    request = forge(
        "(request-target) host date (created) digest",
        date="Fri, 21 Aug 2026 09:59:58 GMT",
        template='keyId="{id}",created={(created)},' + _REST,
        values=_TIMES,
    )
    with pytest.raises(Unproved):
        verify(request)


# Attack A06 is: algorithms


@pytest.mark.parametrize(
    "algorithm", ["none", "hmac-sha256", "rsa-sha1", "ed25519", "ecdsa-sha256", "RSA-MD5"]
)
def test_algorithms_that_fall(algorithm: str, forge: Forge, verify: Verify) -> None:
    with pytest.raises(Unproved):
        verify(forge(template=f'keyId="{{id}}",algorithm="{algorithm}",' + _REST))


@pytest.mark.parametrize(
    ("algorithm", "sha512", "stands"),
    [
        ('algorithm="RSA-SHA256",', False, True),
        ('algorithm="rsa-sha256",', True, False),
        ('algorithm="rsa-sha512",', True, True),
        ('algorithm="rsa-sha512",', False, False),
        ('algorithm="hs2019",', True, True),
        ("algorithm=hs2019,", False, True),
        ("", True, True),
    ],
)
def test_rsa_hashes(
    algorithm: str, sha512: bool, stands: bool, forge: Forge, verify: Verify
) -> None:
    template = f'keyId="{{id}}",{algorithm}' + _REST
    request = forge(template=template, sha512=sha512)
    if stands:
        verify(request)
    else:
        with pytest.raises(Unproved):
            verify(request)


@pytest.mark.parametrize("algorithm", ['algorithm="ed25519",', 'algorithm="hs2019",', ""])
def test_ed25519(algorithm: str, forge: Forge, ed25519: PrivateKey, verify: Verify) -> None:
    request = forge(template=f'keyId="{{id}}",{algorithm}' + _REST, key=ed25519)
    verify(request, ed25519)


def test_an_ed25519_signature_is_no_rsa_signature(
    forge: Forge, ed25519: PrivateKey, verify: Verify
) -> None:
    with pytest.raises(Unproved):
        verify(forge(key=ed25519), ed25519)


# Attack A07 is: the same signature elsewhere


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("date", "Sat, 22 Aug 2026 09:59:57 GMT"),
        ("digest", "sha-256=" + _GOOD_DIGEST.partition("=")[2]),
        ("content-type", "application/json"),
    ],
)
def test_every_signed_header_counts(
    name: str, value: str, forge: Forge, change: Change, verify: Verify
) -> None:
    with pytest.raises(Unproved, match="does not match"):
        verify(change(forge(), name, value))


def test_the_signature_of_another_request(forge: Forge, change: Change, verify: Verify) -> None:
    other = forge(body=b"{}").one("signature")
    with pytest.raises(Unproved, match="does not match"):
        verify(change(forge(), "signature", other))


def test_the_host_is_ours_whatever_the_proxy_says(
    forge: Forge, change: Change, verify: Verify
) -> None:
    request = forge()
    verify(change(request, "host", "127.0.0.1:8000"))
    verify(change(request, "host", None))
    with pytest.raises(Unproved):
        verify(forge(host="victim.example"))


# Attack A08 is: said twice


@pytest.mark.parametrize("name", ["keyId", "keyid", "headers", "signature", "algorithm", "x"])
def test_a_parameter_twice(name: str, forge: Forge, change: Change) -> None:
    request = forge()
    text = f'{request.one("signature")},x=1,{name}="YQ=="'
    with pytest.raises(Malformed):
        cavage.read(change(request, "signature", text))


@pytest.mark.parametrize("name", ["signature", "host", "date"])
def test_a_header_twice(name: str, forge: Forge, verify: Verify) -> None:
    request = forge()
    again = replace(request, headers=(*request.headers, (name, request.one(name) or "")))
    with pytest.raises(Malformed):
        verify(again)


def test_other_headers_twice_are_joined(forge: Forge, verify: Verify) -> None:
    covered = "(request-target) host date digest accept"
    request = forge(covered, values={"accept": "a, b"})
    twice = replace(request, headers=(*request.headers, ("accept", " a"), ("accept", "b ")))
    verify(twice)


@pytest.mark.parametrize("value", ["a\ndate: x", "a\rb", "\u2713"])
def test_values_that_no_server_passes_on(value: str, forge: Forge, verify: Verify) -> None:
    request = forge("(request-target) host date digest x-y", values={"x-y": "a"})
    with pytest.raises(Malformed):
        verify(replace(request, headers=(*request.headers, ("x-y", value))))
