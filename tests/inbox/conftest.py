"""One server of ours, and a small web of other servers beside it."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from fedcop.activitypub.client import ActivityPubClient
from fedcop.activitypub.signatures.keys import generate_ed25519, generate_rsa
from fedcop.app import App
from fedcop.db.engine import Database
from fedcop.domain.communities.found import found
from fedcop.domain.people.keys import FreshKeys, KeyRing, Sealer, generate
from fedcop.domain.people.models import Actor
from fedcop.domain.people.register import register
from fedcop.domain.posts.compose import compose_starter
from fedcop.domain.posts.publish import start
from fedcop.domain.site.found import set_up
from fedcop.inbox.keys import KeyFinder
from fedcop.inbox.process import Processor
from fedcop.inbox.receive import Receiver
from fedcop.inbox.resolve import Resolver
from fedcop.metrics import Metrics
from fedcop.net.client import Client
from fedcop.settings import Settings
from fedcop.wiring import OBJECT_TYPES, reactions
from tests.inbox.world import SECRET, Home, Them, Web


@pytest.fixture(scope="session")
def rsa_keys() -> list[str]:
    return [generate_rsa() for _ in range(4)]


@pytest.fixture(scope="session")
def home_keys() -> FreshKeys:
    return generate(Sealer(SECRET))


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def them(web: Web, rsa_keys: list[str]) -> Callable[..., Them]:
    """Make an actor of another server; the keys are shared, so give `key` where they matter."""

    def make(uri: str, key: int = 0, **more: Any) -> Them:
        return Them(web, uri, rsa_keys[key], generate_ed25519(), **more).live()

    return make


@pytest.fixture
def bob(them: Callable[..., Them]) -> Them:
    return them("https://one.test/u/bob")


@pytest.fixture
def eve(them: Callable[..., Them]) -> Them:
    return them("https://evil.test/u/eve", key=1)


@pytest.fixture
def bees(them: Callable[..., Them]) -> Them:
    """A community elsewhere."""
    return them("https://hive.test/c/bees", key=2, type="Group")


@pytest.fixture
def reaction_table() -> Any:
    """Who answers the facts; a test may give another table."""
    return reactions(KeyRing(Sealer(SECRET)))


@pytest.fixture
async def home(
    migrated_url: str, web: Web, home_keys: FreshKeys, reaction_table: Any
) -> AsyncIterator[Home]:
    settings = Settings(host="cop.test", secret_key=SECRET, database_url=migrated_url)  # pyright: ignore[reportArgumentType]
    db = Database(settings.database)
    metrics = Metrics()
    app = App(
        settings=settings,
        uris=settings.uris,
        db=db,
        metrics=metrics,
        client=ActivityPubClient(Client(web, user_agent="FedCoP/test", metrics=metrics)),
        reactions=reaction_table,
        objects=OBJECT_TYPES,
        keys=KeyRing(Sealer(SECRET)),
    )
    await app.act(lambda uow: set_up(uow, name="cop.test", keys=home_keys) and None)
    ada = await app.act(
        lambda uow: register(uow, name="ada", display_name="Ada", keys=home_keys).id
    )

    def furnish(uow: Any) -> tuple[int, int, str]:
        founder = uow.get(Actor, ada)
        community = found(
            uow, founder, name="garden", title="Garden", purpose="", charter="", keys=home_keys
        )
        words = compose_starter(uow.session, uow.uris, "Which soil?", "Clay or sand?")
        post = start(uow, founder, community, words)
        return community.actor_id, post.id, post.uri

    garden, post, post_uri = await app.act(furnish)
    resolver = Resolver(app)
    keys = KeyFinder(app, resolver)
    processor = Processor(app, resolver)
    yield Home(
        app, web, resolver, keys, Receiver(app, keys), processor, ada, garden, post, post_uri
    )
    await processor.close()
    await db.close()
