"""What became of each single document, kept as one number for each folder.

The page of the partners has the counts. So that no document changes places with another unseen,
the outcome of each is held, too: `outcomes.json` has a digest of all lines "path, outcome, reason"
of a folder, and nothing of the documents or their names.
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from tests.replay.result import Result

KEPT = Path(__file__).with_name("outcomes.json")
SENT, OTHERS = "sent", "others"


def digest(results: Iterable[tuple[str, Result]]) -> str:
    """One number for what became of these paths, in whatever order they are given."""
    lines = sorted(f"{path}\t{one.outcome}\t{one.why}" for path, one in results)
    return sha256("\n".join(lines).encode()).hexdigest()[:16]


def kept(folder: str, part: str) -> str:
    """The digest that stands for a folder's activities (`sent`) or its `others`."""
    return json.loads(KEPT.read_text())[folder].get(part, "")


def keep(digests: Mapping[str, Mapping[str, str]]) -> None:
    """Write them down, by folder and part."""
    KEPT.write_text(json.dumps(digests, indent=1) + "\n")
