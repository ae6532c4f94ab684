"""JSON-LD by PyLD, with the contexts of the folder `contexts` and no others."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pyld import jsonld  # pyright: ignore[reportMissingTypeStubs]

from fedcop.activitypub import json
from fedcop.activitypub.vocab.write import ACTIVITYSTREAMS, CONTEXT, MULTIKEY
from fedcop.errors import Malformed

_FOLDER = Path(__file__).parent / "contexts"
_FILES: Mapping[str, str] = {
    ACTIVITYSTREAMS: "activitystreams",
    "https://w3id.org/security/v1": "security-v1",
    "https://w3id.org/security/data-integrity/v1": "data-integrity-v1",
    "https://w3id.org/security/data-integrity/v2": "data-integrity-v2",
    MULTIKEY: "multikey-v1",
    "https://join-lemmy.org/context.json": "lemmy",
    "http://joinmastodon.org/ns": "joinmastodon",
    "http://litepub.social/litepub/context.jsonld": "litepub",
    "https://purl.archive.org/socialweb/webfinger": "webfinger",
}
_pyld: Any = jsonld
_TARGET = [*CONTEXT, {"assertionMethod": {"@id": "sec:assertionMethod", "@type": "@id"}}, MULTIKEY]


def compact(document: Mapping[str, Any]) -> Any:
    """Bring a document to the contexts that we write.

    Raises Malformed for a context that is not bundled, and for what PyLD calls an error.
    """
    try:
        return _pyld.compact(
            dict(document),
            _TARGET,
            {"documentLoader": _bundled, "base": "", "processingMode": "json-ld-1.1"},
        )
    except jsonld.JsonLdError as error:
        raise Malformed(f"The JSON-LD cannot be read: {error.type or 'error'}.") from error
    except (TypeError, ValueError, AttributeError, KeyError, RecursionError) as error:
        raise Malformed("The JSON-LD cannot be read: send compacted ActivityStreams.") from error


def _bundled(url: str, _options: object = None) -> dict[str, Any]:
    """The document loader of PyLD: what lies in our folder, and nothing else."""
    plain = url.rstrip("#/")
    if plain == "http://www.w3.org/ns/activitystreams":
        plain = ACTIVITYSTREAMS
    name = _FILES.get(plain)
    if name is None:
        raise jsonld.JsonLdError("a context that is not known here", "unknown context")
    return {
        "contextUrl": None,
        "documentUrl": url,
        "contentType": "application/ld+json",
        "document": _context(name),
    }


@cache
def _context(name: str) -> dict[str, Any]:
    return json.loads((_FOLDER / f"{name}.json").read_bytes())
