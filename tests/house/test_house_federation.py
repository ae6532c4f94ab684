"""FEDERATION.md names the verbs and nouns that the code knows, no more and no fewer."""

import gc
import re

from fedcop.domain.people.keys import KeyRing, Sealer
from fedcop.inbox.verbs import HANDLERS
from fedcop.outbox.dialects import Dialect, of_software
from fedcop.wiring import OBJECT_TYPES, SILENT, reactions
from fedcop.work.facts import Fact
from tests.house.docs import ROOT

TEXT = (ROOT / "FEDERATION.md").read_text()


def section(title: str) -> str:
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_column(title: str) -> set[str]:
    return set(re.findall(r"^\| `(\w+)` \|", section(title), re.MULTILINE))


def test_the_table_of_verbs():
    assert first_column("What we understand") == {verb.__name__ for verb in HANDLERS.verbs}


def test_the_table_of_nouns():
    assert first_column("Objects") == set(OBJECT_TYPES.reads)


def test_the_list_of_forum_software():
    names = section("What we say").partition("Forum: ")[2].partition(". Micro-blog")[0]
    for name in re.split(r",\s+", names):
        assert of_software(name.lower()).dialect is Dialect.FORUM, name
    assert of_software("mastodon").dialect is Dialect.MICROBLOG


def test_every_fact_is_answered_or_named_as_silent():
    gc.collect()  # a dataclass with slots leaves its first self behind
    answered = reactions(KeyRing(Sealer("a secret"))).facts | SILENT
    facts = {fact.__name__ for fact in Fact.__subclasses__() if fact.__module__[:7] == "fedcop."}
    assert facts == {fact.__name__ for fact in answered}
