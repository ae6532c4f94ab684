"""This machine's names in development, and the system's for all others."""

import socket

import pytest

from fedcop.net.resolver import Resolver

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "b.a.localhost"])
async def test_in_development_localhost_is_this_machine(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(socket, "getaddrinfo")
    resolver = Resolver(development=True)
    [found] = await resolver.resolve(host, 8001)
    assert (found["host"], found["port"], found["family"]) == ("127.0.0.1", 8001, socket.AF_INET)
    await resolver.close()


@pytest.mark.parametrize(("host", "development"), [("a.localhost", False), ("a.example", True)])
async def test_other_names_are_asked_of_the_system(
    host: str, development: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def system(asked: str, port: int, *_rest: int) -> list[tuple[object, ...]]:
        assert asked == host
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2a00::1", port, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", port)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", system)
    resolver = Resolver(development=development)
    found = await resolver.resolve(host, 443)
    assert [(entry["host"], entry["port"]) for entry in found] == [
        ("2a00::1", 443),
        ("192.0.2.1", 443),
    ]
    await resolver.close()


async def test_a_name_without_addresses_is_an_oserror(monkeypatch: pytest.MonkeyPatch) -> None:
    def system(*_asked: object) -> list[tuple[object, ...]]:
        raise socket.gaierror(socket.EAI_NONAME, "nobody")

    monkeypatch.setattr(socket, "getaddrinfo", system)
    resolver = Resolver()
    with pytest.raises(OSError, match="nobody"):
        await resolver.resolve("nowhere.example")
    await resolver.close()
