"""The request of a signature, and the URLs that we sign for."""

import pytest

from fedcop.activitypub.signatures.request import HttpRequest, destination
from fedcop.errors import Malformed


def test_headers_are_found_in_the_order_of_the_wire() -> None:
    headers = (("a", "1"), ("b", "2"), ("a", "3"))
    request = HttpRequest("GET", "/", "https", "cop.example", headers, b"")
    assert request.all("a") == ["1", "3"]
    assert request.one("b") == "2"
    assert request.one("c") is None
    with pytest.raises(Malformed, match="header a once"):
        request.one("a")


@pytest.mark.parametrize(
    ("method", "body", "has"), [("GET", b"", 0), ("GET", b"x", 1), ("POST", b"", 1)]
)
def test_what_has_a_body(method: str, body: bytes, has: int) -> None:
    request = HttpRequest(method, "/", "https", "cop.example", (), body)
    assert request.has_body == bool(has)


@pytest.mark.parametrize(
    ("url", "authority", "target"),
    [
        ("https://a.example", "a.example", "/"),
        ("https://A.example:443/x?", "a.example", "/x"),
        ("https://a.example/x?y=1&z#f", "a.example", "/x?y=1&z"),
        ("http://localhost:8000/", "localhost:8000", "/"),
        ("http://a.example:80/", "a.example", "/"),
        ("https://[2001:db8::1]:8/a", "[2001:db8::1]:8", "/a"),
    ],
)
def test_destinations(url: str, authority: str, target: str) -> None:
    to = destination(url)
    assert (to.authority, to.target) == (authority, target)
    assert to.uri == f"{to.scheme}://{authority}{target}"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/inbox",
        "ftp://a.example/",
        "https:///x",
        "https://a@b.example/",
        "https://a.example/a b",
        "https://a.example/\n",
        "https://ä.example/",
        "https://a.example:x/",
        "https://[a/",
    ],
)
def test_no_destinations(url: str) -> None:
    with pytest.raises(Malformed):
        destination(url)
