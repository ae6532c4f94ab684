"""An actor of the corpus, whose address a person here types into the search."""

from fedcop.activitypub.vocab.actors import ACTOR_TYPES
from fedcop.domain.people.models import Actor
from fedcop.errors import FedcopError
from fedcop.text.plain import words
from fedcop.text.sanitize import clean
from tests.replay.documents import Json, host, id_of, many
from tests.replay.result import Result
from tests.replay.roads import Piece
from tests.replay.stage import Stage
from tests.replay.whole import unusable


async def look_up(stage: Stage, piece: Piece) -> Result:
    """Find it by its id; what its host says of it is then here. Raises AssertionError if not."""
    document: Json = piece.json
    why = _why_not(document, development=stage.app.settings.development)
    uri = id_of(document) or "https://nobody.example/made-up"
    stage.origin.answers[uri.partition("#")[0]] = document
    try:
        found = await stage.resolver.find(uri)
    except FedcopError as error:
        if not why or error.status >= 500:
            raise
        return Result("refused", why)
    assert not why, f"it was found, though: {why}"
    actor = await stage.read(lambda session: session.get_one(Actor, found.id))
    assert found.kind == ("community" if "Group" in many(document["type"]) else "person")
    missing = _lost(actor, document)
    assert not missing, missing
    return Result("a community" if found.kind == "community" else "somebody")


def _lost(actor: Actor, document: Json) -> list[str]:
    name = document.get("name") or next(iter((document.get("nameMap") or {}).values()), "")
    about = document.get("summary") or next(iter((document.get("summaryMap") or {}).values()), "")
    handle = str(document.get("preferredUsername", ""))
    held = {
        "its id": actor.uri == document["id"],
        "its name": actor.display_name == words(name or "")[:200],
        "what it says of itself": actor.summary_html == clean(about or ""),
        "its inbox": actor.inbox_uri == document["inbox"],
        "its handle": not handle.isidentifier() or actor.name == handle.lower(),
    }
    return [what for what, is_there in held.items() if not is_there]


def _why_not(document: Json, *, development: bool) -> str:
    uri, inbox = id_of(document), document.get("inbox")
    inbox = id_of(inbox) if isinstance(inbox, dict) else inbox
    bad = unusable(document, development=development)
    if bad:
        return bad
    kinds = [one for one in many(document.get("type")) if one in ACTOR_TYPES]
    if len(set(kinds) | ({"Tombstone"} & set(many(document["type"])))) > 1:
        return "it says that it is several things at once"
    shared = (document.get("endpoints") or {}).get("sharedInbox")
    if shared is not None and not isinstance(shared, str):
        return "its shared inbox is no address"
    if not inbox:
        return "an actor without an inbox: nobody can tell it anything"
    if host(inbox) != host(uri):
        return "its inbox is on another host than its id"
    return ""
