"""A client of ours among servers in memory."""

import httpx
import pytest

from fedcop.activitypub.client import ActivityPubClient
from fedcop.activitypub.signatures.keys import PrivateKey, generate_ed25519
from fedcop.net.client import Client
from tests.activitypub.peers import Net


@pytest.fixture
def net() -> Net:
    return Net()


@pytest.fixture
def ours(net: Net) -> ActivityPubClient:
    return ActivityPubClient(Client(httpx.MockTransport(net.answer), user_agent="FedCoP/test"))


@pytest.fixture(scope="module")
def key() -> PrivateKey:
    actor = "https://cop.example/"
    return PrivateKey.from_pem(f"{actor}#main-key", actor, generate_ed25519(), trusted=True)
