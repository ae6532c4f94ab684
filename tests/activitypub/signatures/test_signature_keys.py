"""Keys: what is let in, and what is refused before it costs anything."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from fedcop.activitypub.signatures import multibase
from fedcop.activitypub.signatures.keys import (
    PrivateKey,
    PublicKey,
    generate_ed25519,
    generate_rsa,
)
from fedcop.errors import Malformed


def _pem(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey, form: PublicFormat) -> str:
    return key.public_bytes(Encoding.PEM, form).decode()


def _rsa(bits: int, exponent: int = 65_537) -> rsa.RSAPublicKey:
    """A public key of that size; nobody needs the factors."""
    return rsa.RSAPublicNumbers(exponent, (1 << (bits - 1)) | 1).public_key()


@pytest.mark.parametrize("make", [generate_rsa, generate_ed25519])
def test_a_generated_key_signs_and_is_recognised(make: Callable[[], str]) -> None:
    private = PrivateKey.from_pem("k", "o", make(), trusted=False)
    shown = private.public
    assert (shown.id, shown.owner) == ("k", "o")
    assert shown.algorithm == private.algorithm
    signature = private.sign(b"data")
    for again in (
        PublicKey.from_pem("k", "o", shown.pem),
        PublicKey.from_multibase("k", "o", shown.multibase),
    ):
        assert again.verifies(signature, b"data")
        assert not again.verifies(signature, b"date")
        assert not again.verifies(b"", b"data")


def test_pkcs1_is_read_too(rsa: PrivateKey) -> None:
    key = rsa.public.key
    text = key.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()
    assert "BEGIN RSA PUBLIC KEY" in text
    assert PublicKey.from_pem(rsa.id, rsa.owner, text) == rsa.public


@pytest.mark.parametrize("bits", [2_048, 4_096, 8_192])
@pytest.mark.parametrize("exponent", [3, 65_537, 2**32 - 1])
def test_strong_keys(bits: int, exponent: int) -> None:
    text = _pem(_rsa(bits, exponent), PublicFormat.SubjectPublicKeyInfo)
    assert PublicKey.from_pem("k", "o", text).algorithm == "rsa"


@pytest.mark.parametrize(
    ("bits", "exponent"),
    [(1_024, 65_537), (2_047, 65_537), (8_193, 65_537), (16_384, 65_537), (2_048, 2**32 + 1)],
)
def test_weak_and_giant_keys(bits: int, exponent: int) -> None:
    text = _pem(_rsa(bits, exponent), PublicFormat.SubjectPublicKeyInfo)
    started = time.process_time()
    with pytest.raises(Malformed):
        PublicKey.from_pem("k", "o", text)
    assert time.process_time() - started < 0.05


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "\ud800",
        "a" * 8_193,
        _pem(
            ec.generate_private_key(ec.SECP256R1()).public_key(), PublicFormat.SubjectPublicKeyInfo
        ),
    ],
)
def test_no_public_keys(text: str) -> None:
    with pytest.raises(Malformed):
        PublicKey.from_pem("k", "o", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        "garbage",
        "uAAAA",
        "z0",
        multibase.encode(b"\xed\x01" + bytes(31)),
        multibase.encode(b"\x85\x24" + bytes(31)),
        multibase.encode(b"\x80\x24" + bytes(33)),
        "z" + "1" * 2_000,
    ],
)
def test_no_multikeys(text: str) -> None:
    with pytest.raises(Malformed):
        PublicKey.from_multibase("k", "o", text)


def test_a_weak_multikey_is_refused() -> None:
    weak = _rsa(1_024).public_bytes(Encoding.DER, PublicFormat.PKCS1)
    with pytest.raises(Malformed, match="2,048"):
        PublicKey.from_multibase("k", "o", multibase.encode(b"\x85\x24" + weak))


@pytest.mark.parametrize("trusted", [True, False])
def test_no_private_keys(trusted: bool) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    weak = rsa.generate_private_key(65_537, 1_024)
    for text in (
        "",
        "garbage",
        "a" * 8_193,
        *(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
            for key in (curve, weak)
        ),
    ):
        with pytest.raises(Malformed):
            PrivateKey.from_pem("k", "o", text, trusted=trusted)


def test_fep_521a(shared: Path) -> None:
    """The two keys of the FEP's feature file, in both directions."""
    text = (shared / "vectors/fep-521a/fep-521a.feature").read_text()
    hexes = [line.split('"')[1] for line in text.splitlines() if "hex string" in line]
    wanted = [line.split('"')[3] for line in text.splitlines() if "publicKeyMultibase" in line]
    edwards = ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(hexes[0]))
    factors = load_der_public_key(bytes.fromhex(hexes[1]))
    assert isinstance(factors, rsa.RSAPublicKey)
    for key, multikey in zip((edwards, factors), wanted, strict=True):
        ours = PublicKey("k", "o", key)
        assert ours.multibase == multikey
        assert PublicKey.from_multibase("k", "o", multikey) == ours


def test_published_multikeys_agree_with_their_secrets(shared: Path) -> None:
    pair = json.loads((shared / "vectors/eddsa-jcs-2022/keyPair.json").read_text())
    secret = multibase.decode(pair["privateKeyMultibase"])
    assert secret[:2] == b"\x80\x26"
    key = ed25519.Ed25519PrivateKey.from_private_bytes(secret[2:])
    assert PublicKey("k", "o", key.public_key()).multibase == pair["publicKeyMultibase"]


@given(st.binary(max_size=200))
@settings(derandomize=True, deadline=None)
def test_multibase_round_trip(data: bytes) -> None:
    assert multibase.decode(multibase.encode(data)) == data


@given(st.text())
@settings(derandomize=True, deadline=None)
def test_no_text_breaks_the_readers(text: str) -> None:
    for read in (PublicKey.from_pem, PublicKey.from_multibase):
        for given_text in (text, "z" + text):
            with pytest.raises(Malformed):
                read("k", "o", given_text)
