"""Multibase base58btc (`z…`), the text form of Ed25519 keys and proofs (FEP-521a, FEP-8b32)."""

from fedcop.errors import Malformed

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUE = {letter: value for value, letter in enumerate(_ALPHABET)}
LONGEST = 1_536  # an RSA key of 8,192 bits; the conversion is quadratic


def encode(data: bytes) -> str:
    """`data` as `z` and base58btc."""
    number = int.from_bytes(data)
    letters: list[str] = []
    while number:
        number, value = divmod(number, 58)
        letters.append(_ALPHABET[value])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + "".join(reversed(letters))


def decode(text: str) -> bytes:
    """The bytes of `z…`.

    Raises:
        Malformed: another base, a letter outside base58btc, or more than `LONGEST` letters.
    """
    if not text.startswith("z") or len(text) > LONGEST:
        raise Malformed(f"Send multibase base58btc: 'z' and at most {LONGEST - 1} letters.")
    digits = text[1:]
    number = 0
    try:
        for letter in digits:
            number = number * 58 + _VALUE[letter]
    except KeyError:
        raise Malformed("Send multibase base58btc: a letter is outside its alphabet.") from None
    zeros = len(digits) - len(digits.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)
