"""One spelling for each URL, and nothing that two parsers would read differently."""

from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from fedcop.errors import Malformed
from fedcop.net.urls import base_url, canonical_host, canonical_url, host_of, same_host

SAME = [
    "https://a.example",
    "https://a.example/",
    "https://a.example/u/alice",
    "https://a.example//double",
    "https://a.example/%7Ea/%2f/x?x=%5B&y=1/?",
    "https://a.example/.well-known/webfinger?resource=acct:a@b.example",
    "https://a.example/a;p=1,2'()*!$&+=:@",
    "https://a.example/..x/x../...",
    "https://xn--mnchen-3ya.example/",
    "https://a-b.c--d.example/" + "x" * 2000,
]
CHANGED = {
    "HTTPS://A.Example/U/Alice": "https://a.example/U/Alice",
    "https://münchen.example/": "https://xn--mnchen-3ya.example/",
}
REFUSED = [
    "",
    "https://",
    "https:///x",
    "https:a.example",
    "//a.example/x",
    "http://a.example/",
    "ftp://a.example/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/html,x",
    "gopher://a.example/",
    "https://user@a.example/",
    "https://user:pw@a.example/",
    "https://a.example\\@b.example/",
    "https://a.example:443/",
    "https://a.example:8443/",
    "https://a.example:/",
    "https://a.example/#main-key",
    "https://a.example/#",
    "https://a.example/x?",
    "https://a.example/a/../b",
    "https://a.example/a/..",
    "https://a.example/./b",
    "https://a.example/a/%2e%2E/b",
    "https://a.example/a/.%2e?x",
    "https://a.example/a b",
    " https://a.example/",
    "https://a.example/\n",
    "https://a.example/\t",
    "https://a.exa\tmple/",
    "https://a.example/\r\nHost: b",
    "https://a.example/\x00",
    "https://a.example/é",
    "https://a.example/%zz",
    "https://a.example/%2",
    'https://a.example/"',
    "https://a.example/a\\b",
    "https://a.example/[x]",
    "https://a..example/",
    "https://.a.example/",
    "https://a.example./",
    "https://-a.example/",
    "https://a_b.example/",
    "https://localhost/",
    "https://intranet/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://a.0x/",
    "https://0177.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
    "https://ａ.example/",
    "https://\u212a.example/",
    "https://a\u200b.example/",
    "https://a\u202e.example/",
    "https://" + "a" * 64 + ".example/",
    "https://" + "a." * 130 + "example/",
    "https://a.example/" + "x" * 2048,
    "https://münchen.example/" + "x" * 2023,
]


@pytest.mark.parametrize("url", SAME)
def test_plain_urls_stay_as_they_are(url: str) -> None:
    assert canonical_url(url) == url


@pytest.mark.parametrize(("url", "expected"), CHANGED.items())
def test_scheme_and_host_are_folded(url: str, expected: str) -> None:
    assert canonical_url(url) == expected


@pytest.mark.parametrize("url", REFUSED)
def test_everything_else_is_refused(url: str) -> None:
    with pytest.raises(Malformed):
        canonical_url(url)


def test_length_is_counted_to_the_byte() -> None:
    url = "https://a.example/".ljust(2048, "x")
    assert canonical_url(url) == url
    with pytest.raises(Malformed):
        canonical_url(url + "x")


def test_a_fragment_is_kept_only_on_demand() -> None:
    url = "https://a.example/u/x#main-key"
    assert canonical_url(url, fragment=True) == url
    assert canonical_url("https://a.example/u/x", fragment=True) == "https://a.example/u/x"
    doubled = "https://a.example/post/#activity#activity"
    assert canonical_url(doubled, fragment=True) == doubled
    for bad in ("https://a.example/#", "https://a.example/##", "https://a.example/# "):
        with pytest.raises(Malformed):
            canonical_url(bad, fragment=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://a.localhost:8001/u/x",
        "http://localhost/",
        "http://127.0.0.1:8000/",
        "http://[::1]:8000/",
        "http://[::1]/",
        "https://a.example/",
        "https://a.example:8443/",
        "http://a.example:443/",
    ],
)
def test_development_allows_http_ports_and_this_machine(url: str) -> None:
    assert canonical_url(url, development=True) == url
    if url != "https://a.example/":
        with pytest.raises(Malformed):
            canonical_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.localhost/",
        "http://a.localhost:0/",
        "http://a.localhost:65536/",
        "http://a.localhost:x/",
        "http://a.localhost:080/",
        "http://a.localhost:80/",
        "https://a.localhost:443/",
        "http://[::1/",
        "http://[::1]x/",
        "http://[0::1]/",
        "http://::1/",
        "http://127.1/",
        "http://user@a.localhost/",
        "http://①②⑦.⓪.⓪.①/",
    ],
)
def test_development_refuses_the_rest(url: str) -> None:
    with pytest.raises(Malformed):
        canonical_url(url, development=True)


_HOSTS = st.from_regex(r"\A[a-zA-Z0-9.ü-]{1,20}\.[a-z]{2,5}\Z")
_RESTS = st.from_regex(
    r"\A(/([a-zA-Z0-9._~!@:;=-]|%[0-9a-fA-F]{2}){0,9}){0,4}(\?[a-z=&/?]{0,9})?(#[a-z]{0,3})?\Z"
)
_ODD_RESTS = st.from_regex(r"\A(/[!-~é]{0,20}){0,4}\Z")


@settings(deadline=None)
@given(
    st.builds("https://{}{}".format, _HOSTS, _RESTS | _ODD_RESTS) | st.text(max_size=80),
    st.booleans(),
)
def test_what_comes_out_is_read_alike_by_every_parser(text: str, development: bool) -> None:
    try:
        url = canonical_url(text, development=development, fragment=True)
    except Malformed:
        return
    assert canonical_url(url, development=development, fragment=True) == url
    assert str(httpx.URL(url)) == url
    assert str(URL(url, encoded=True)) in {url, url.replace("#", "/#", 1)}
    assert urlsplit(url).geturl() == url
    assert host_of(url) == URL(url, encoded=True).raw_authority == httpx.URL(url).netloc.decode()
    assert url.isascii()
    assert url.isprintable()
    assert URL(url, encoded=True).raw_path_qs.encode() == httpx.URL(url).raw_path


def test_hosts_are_compared_with_their_ports() -> None:
    assert host_of("http://A.localhost:8001/x?y#z") == "a.localhost:8001"
    assert host_of("http://[") == ""
    assert same_host("https://a.example/x", "https://a.example")
    assert not same_host("https://a.example/x", "https://b.example/x")
    assert not same_host("https://a.example/", "https://x@a.example/")
    assert not same_host("http://a.localhost:1/", "http://a.localhost:2/")
    assert not same_host("", "")


def test_the_base_of_a_host() -> None:
    assert base_url("a.example") == "https://a.example"
    assert base_url("a.example", development=True) == "https://a.example"
    assert base_url("a.localhost", development=True) == "http://a.localhost"
    assert base_url("a.localhost:8001", development=True) == "http://a.localhost:8001"
    assert base_url("a.localhost") == "https://a.localhost"


def test_a_host_by_itself() -> None:
    assert canonical_host("Bücher.Example") == "xn--bcher-kva.example"
    for bad in ("", "a.example/x", "a.example#", "a@b.example", "a.example:443", "a b.example"):
        with pytest.raises(Malformed):
            canonical_host(bad)
