"""What is refused is said in the reader's language, numbers, names and moments included."""

from datetime import UTC, datetime

import httpx
import pytest
from town_of_pages import words

from fedcop.domain.communities.banned import words_of
from fedcop.domain.communities.models import Ban
from fedcop.domain.posts.words import LONGEST_SOURCE
from fedcop.web.locale import languages

pytestmark = pytest.mark.anyio

GERMAN = {"Accept-Language": "de"}


async def test_a_refused_form_and_an_error_page(ana: httpx.AsyncClient) -> None:
    sent = {"title": "x" * 201, "source": "x" * (LONGEST_SOURCE + 1)}
    refused = await ana.post("/c/watershed/new", headers=GERMAN, data=sent)
    assert refused.status_code == 422
    assert "Höchstens 200 Zeichen; der Rest gehört in den Text." in words(refused)
    counted = f"Höchstens {LONGEST_SOURCE:,} Zeichen; deine sind {LONGEST_SOURCE + 1:,}."
    assert counted.replace(",", ".") in words(refused)

    unknown = {"appoint": "nobody{0}"}
    error = await ana.post("/c/watershed/stewards", headers=GERMAN, data=unknown)
    assert error.status_code == 404
    assert "Als nobody{0} ist hier niemand bekannt." in words(error)


def test_a_ban_until_a_moment() -> None:
    end = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
    said = words_of(
        Ban(community_id=1, actor_id=2, banned_at=end, reason="{advertising}", until=end)
    )
    assert said.endswith("until 4 May 2026, 12:30 UTC. Their reason: {advertising}")
    german = languages()["de"].said(said)
    assert "bis 4. Mai 2026, 12:30 UTC" in german
    assert german.endswith("{advertising}")
