"""Whether a document has what every document needs that is fetched from its own id."""

from fedcop.activitypub.vocab.values import is_id
from fedcop.errors import Malformed
from fedcop.net.urls import canonical_url
from tests.replay.documents import Json


def unusable(document: Json, *, development: bool) -> str:
    """Why nobody could fetch it: empty if its id is one that can be asked for."""
    uri = document.get("id")
    if uri is None:
        return "it has no id, so nothing can refer to it"
    if not isinstance(uri, str) or not is_id(uri):
        return "its id is no http address"
    try:
        plain = canonical_url(uri, development=development)
    except Malformed:
        fragment = "a fragment of another document, which is read with that"
        return fragment if "#" in uri else "its id is no plain address"
    return "" if plain == uri else "its id is no plain address"
