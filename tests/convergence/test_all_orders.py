"""Up to five related activities, in any order and more than once, end in one state.

`FEDCOP_EXAMPLES=500` tries more of them.
"""

import os
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.convergence.stage import Stage, Telling, staged
from tests.convergence.stories import arranged, completed, possible
from tests.databases import lay_sqlite

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(3_600)]
EXAMPLES = int(os.environ.get("FEDCOP_EXAMPLES", "50"))
MOST, MOST_TIMES = 5, 3


def examples(count: int) -> settings:
    return settings(
        max_examples=count,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@st.composite
def tellings(draw: st.DrawFn) -> Telling:
    """Some of the activities that make sense together, one to three times each."""
    elsewhere, is_reply, served = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    names = completed(
        draw(
            st.sets(
                st.sampled_from(possible(is_reply=is_reply, elsewhere=elsewhere)),
                min_size=2,
                max_size=MOST,
            )
        ),
        served=served,
        elsewhere=elsewhere,
    )
    times = [draw(st.integers(1, MOST_TIMES)) for _ in names]
    arrivals = [index for index, often in enumerate(times) for _ in range(often)]
    order = arranged(names, list(draw(st.permutations(arrivals))), elsewhere=elsewhere)
    rests = draw(st.lists(st.booleans(), min_size=len(order), max_size=len(order)))
    return Telling(names, order, rests, is_reply, elsewhere, served)


@pytest.fixture(scope="module")
async def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("orders")
    async with staged(folder, lambda host: lay_sqlite(folder / f"{host}.db")) as stage:
        yield stage


@pytest.fixture(scope="module")
async def on_postgresql(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    server, folder = request.getfixturevalue("postgresql"), tmp_path_factory.mktemp("orders")
    url = server.migrated()
    async with staged(folder, lambda _: url) as stage:
        yield stage
    server.drop(url)


async def same_end(stage: Stage, telling: Telling) -> None:
    note(" ".join(telling.names[index] for index in telling.order))
    expected = await stage.end(telling.in_order())
    found = await stage.end(telling)
    assert found == expected


@examples(EXAMPLES - EXAMPLES // 5)
@given(telling=tellings())
async def test_any_order_on_sqlite(on_sqlite: Stage, telling: Telling) -> None:
    await same_end(on_sqlite, telling)


@examples(EXAMPLES // 5)
@given(telling=tellings())
async def test_any_order_on_postgresql(on_postgresql: Stage, telling: Telling) -> None:
    await same_end(on_postgresql, telling)
