"""The one spelling of a URL that we store, compare and connect to."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from string import ascii_lowercase, ascii_uppercase
from urllib.parse import urlsplit

import idna

from fedcop.errors import Malformed

LONGEST = 2048

_PCHAR = r"[A-Za-z0-9._~!$&'()*+,;=:@-]"
_HEX = r"%[0-9A-Fa-f]{2}"
_PATH = rf"/(?:(?:{_PCHAR}|/)++|{_HEX})*+"
_TAIL = rf"(?:(?:{_PCHAR}|[/?])++|{_HEX})++"
_URL = re.compile(
    r"(?P<scheme>[A-Za-z]{4,5})://"
    r"(?P<host>[^\s/?#@\\]+)"
    rf"(?P<rest>(?:{_PATH})?(?:\?{_TAIL})?)"
    rf"(?P<fragment>(?:\#{_TAIL}){{0,3}}+)"
)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)")  # what WHATWG's parser takes for an IPv4 address
_PLAIN_HOST = re.compile(r"https?://([a-z0-9._-]++(?::[0-9]++)?+)(?=[/?#]|\Z)")
_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9_~@:+=-][A-Za-z0-9._~@:+=-]*+)+")
_DOTS = re.compile(r"/(?:\.|%2[eE]){1,2}(?:/|\?|\Z)")
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)  # and not the Kelvin sign to k
_DEFAULT_PORT = {"http": 80, "https": 443}


def canonical_url(text: str, *, development: bool = False, fragment: bool = False) -> str:
    """`text` as the URL that it is; raises Malformed if it is not exactly one.

    Only https, to a host with a name; no userinfo, port, backslash, white space, control or
    non-ASCII character, dot segment, empty query; at most 2,048 bytes. The scheme and the host come
    out in lower case, a host in another script in Punycode; everything else stays as it was
    written, and no parser that we use would read it otherwise. A fragment is refused unless
    `fragment` asks for it to be kept; then up to three may follow each other, as in the ids of
    WordPress (docs/decisions/0020): to every parser all of that is one fragment. `development` also
    allows http, ports, `localhost` and addresses.
    """
    match = _URL.fullmatch(text) if len(text) <= LONGEST else None
    if match is None:
        raise Malformed("This is not a URL that we can read: it has to be plain https://host/path.")
    scheme = match["scheme"].translate(_LOWER)
    if scheme != "https" and not (development and scheme == "http"):
        raise Malformed("A URL has to begin with https://.")
    if match["fragment"] and not fragment:
        raise Malformed("A URL must not have a fragment (the part from #) here.")
    rest = match["rest"]
    if "/." in rest or "/%" in rest:
        _no_dot_segments(rest)
    host = canonical_host(match["host"], development=development)
    if development and host.endswith(f":{_DEFAULT_PORT[scheme]}"):
        raise Malformed("A URL must not name the port that its scheme has anyway.")
    url = f"{scheme}://{host}{rest}{match['fragment']}"
    if len(url) > LONGEST:
        raise Malformed(f"A URL has at most {LONGEST} bytes.")
    return url


def is_plain_path(url: str, start: int) -> bool:
    """Whether what stands in `url` from `start` on is a path in the simple form that most have.

    Behind a canonical host `canonical_url` then answers the URL unchanged; False says nothing. No
    segment is empty or begins with a dot, and nothing is escaped.
    """
    return len(url) <= LONGEST and _PLAIN_PATH.fullmatch(url, start) is not None


def canonical_host(text: str, *, development: bool = False) -> str:
    """`text` as the lower-case ASCII name of a host; raises Malformed if it is none.

    A name in another script comes out in Punycode by IDNA 2008 without any mapping, so full-width
    letters and ideographic dots are refused. Addresses in any notation, names without a dot, and
    ports are refused except in `development`.
    """
    host = text.translate(_LOWER)
    if development:
        host, port = _split_port(host)
        if _is_address(host):
            return host + port
    else:
        port = ""
    if not host.isascii():
        host = _punycode(host)
    if not _NAME.fullmatch(host) or _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise Malformed("A host has to be a name, such as community.example.org.")
    if "." not in host and not development:
        raise Malformed("A host has to be a full name with a dot, such as community.example.org.")
    return host + port


def base_url(host: str, *, development: bool = False) -> str:
    """`https://host`; in `development` http where `host` is local or has a port.

    `host` must be canonical.
    """
    name = host.partition(":")[0]
    plain = development and (name != host or name == "localhost" or name.endswith(".localhost"))
    return f"{'http' if plain else 'https'}://{host}"


def host_of(url: str) -> str:
    """The lower-case host of a canonical URL, with its port if it has one; "" if there is none."""
    plain = _PLAIN_HOST.match(url)
    if plain is not None:
        return plain[1]
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def same_host(a: str, b: str) -> bool:
    """Whether two canonical URLs are on the same host (and port)."""
    host = host_of(a)
    return host != "" and host == host_of(b)


def without_fragment(url: str) -> str:
    """`url` up to its `#`: the document in which a key or an anchor is to be found."""
    return url.partition("#")[0]


def _no_dot_segments(rest: str) -> None:
    if _DOTS.search(rest.partition("?")[0]):
        raise Malformed("A URL must not have the path segments . and .. in it.")


def _split_port(host: str) -> tuple[str, str]:
    name, colon, port = host.rpartition(":")
    if not colon or (host.startswith("[") and host.endswith("]")):
        return host, ""
    if not re.fullmatch(r"[1-9][0-9]{0,4}", port) or int(port) > 65535:
        raise Malformed("A port is a number from 1 to 65535.")
    return name, f":{port}"


def _is_address(host: str) -> bool:
    try:
        if host.startswith("[") and host.endswith("]"):
            return str(IPv6Address(host[1:-1])) == host[1:-1]
        return str(IPv4Address(host)) == host
    except AddressValueError:
        return False


def _punycode(host: str) -> str:
    try:
        return idna.encode(host, strict=True).decode("ascii")
    except idna.IDNAError as error:
        raise Malformed("This is not the name of a host in any script.") from error
