"""The hosts around the server and the people who live there."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.doors.peers import HOME, pem_of, rsa_key

FORUM, MICROBLOG = "lemmy", "mastodon"
_KEYS = 4
ADA = f"https://{HOME}/u/ada"


@dataclass(frozen=True)
class Somebody:
    """A person of one of the hosts."""

    host: "Host"
    name: str
    number: int

    @property
    def uri(self) -> str:
        return f"https://{self.host.name}/u/{self.name}"

    @property
    def key_id(self) -> str:
        return f"{self.uri}#main-key"

    @property
    def key(self) -> Any:
        return rsa_key(self.number % _KEYS)

    def document(self) -> dict[str, Any]:
        return {
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": self.uri,
            "type": "Person",
            "preferredUsername": self.name,
            "inbox": f"{self.uri}/inbox",
            "outbox": f"{self.uri}/outbox",
            "followers": f"{self.uri}/followers",
            "endpoints": {"sharedInbox": f"https://{self.host.name}/inbox"},
            "publicKey": {"id": self.key_id, "owner": self.uri, "publicKeyPem": pem_of(self.key)},
        }


@dataclass(frozen=True)
class Host:
    """Another server: all of its residents belong to one community; its guests come and go."""

    name: str
    software: str
    community: str
    residents_count: int
    guests_count: int

    @cached_property
    def residents(self) -> tuple[Somebody, ...]:
        return tuple(Somebody(self, f"r{n}", n) for n in range(self.residents_count))

    @cached_property
    def guests(self) -> tuple[Somebody, ...]:
        return tuple(Somebody(self, f"g{n}", n) for n in range(self.guests_count))

    @cached_property
    def everybody(self) -> dict[str, Somebody]:
        return {one.uri: one for one in (*self.residents, *self.guests)}

    @property
    def is_forum(self) -> bool:
        return self.software == FORUM


@dataclass(frozen=True)
class Town:
    """Every host, and the communities of the server."""

    hosts: tuple[Host, ...]
    communities: tuple[str, ...]

    @cached_property
    def by_name(self) -> dict[str, Host]:
        return {host.name: host for host in self.hosts}

    def of_community(self, community: str) -> list[Host]:
        return [host for host in self.hosts if host.community == community]


def settle(hosts: int, residents: int, guests: int, communities: int = 2) -> Town:
    """So many hosts, one in four of them forum software, dealt out to the communities."""
    places = tuple(f"https://{HOME}/c/place{n}" for n in range(communities))
    return Town(
        tuple(
            Host(
                f"p{n}.test",
                FORUM if (n // communities) % 4 == 0 else MICROBLOG,
                places[n % communities],
                residents,
                guests,
            )
            for n in range(hosts)
        ),
        places,
    )
