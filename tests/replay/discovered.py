"""An answer of WebFinger or NodeInfo in the corpus, read by what asks for those."""

from fedcop.activitypub import nodeinfo
from fedcop.activitypub.webfinger import parse_handle
from fedcop.errors import FedcopError
from tests.replay.documents import Json, host
from tests.replay.result import Result
from tests.replay.roads import Piece
from tests.replay.stage import Stage

_NODEINFO = "http://nodeinfo.diaspora.software/ns/schema/2."


async def discover(stage: Stage, piece: Piece) -> Result:
    """Ask for it where such an answer stands: who or what was found by it."""
    document: Json = piece.json
    if "software" in document:
        return await _software(stage, document)
    rels = [str(one.get("rel")) for one in document["links"] if isinstance(one, dict)]
    if "subject" not in document and any(rel.startswith(_NODEINFO) for rel in rels):
        return await _index(stage, document)
    return await _handle(stage, document)


async def _handle(stage: Stage, document: Json) -> Result:
    subject = str(document.get("subject", ""))
    actors = [one for one in document["links"] if one.get("rel") == "self"]
    actors = [one for one in actors if "activity" in str(one.get("type"))]
    development = stage.app.settings.development
    try:
        handle = parse_handle(subject, development=development)
    except FedcopError:
        return Result("nothing", "its subject is no handle, so nobody asks for it")
    base = f"https://{handle.host}"
    stage.origin.answers[f"{base}/.well-known/webfinger?resource=acct:{handle}"] = document
    why = "" if actors else "it names no actor"
    if actors and not str(actors[0]["href"]).startswith("https://"):
        why = "its actor has no https address"
    if not why:
        uri = str(actors[0]["href"])
        served = stage.origin.document(uri) or {}
        served |= {"id": uri, "type": "Person", "inbox": f"{uri}/inbox"}
        stage.origin.answers[uri] = served | {"preferredUsername": handle.name}
        back = f"https://{host(uri)}/.well-known/webfinger?resource=acct:"
        stage.origin.answers[f"{back}{handle.name.lower()}@{host(uri)}"] = document
    try:
        await stage.resolver.handle(handle)
    except FedcopError:
        if not why:
            raise
        return Result("refused", why)
    assert not why, f"it was found, though: {why}"
    return Result("somebody's handle")


async def _index(stage: Stage, document: Json) -> Result:
    href = next(str(one["href"]) for one in document["links"] if _NODEINFO in str(one["rel"]))
    stage.origin.answers[f"https://{host(href)}/.well-known/nodeinfo"] = document
    about = {"software": {"name": "made-up", "version": "1"}}
    for one in document["links"]:
        stage.origin.answers[str(one["href"])] = about
    found = await nodeinfo.fetch(stage.app.client.client, host(href))
    assert found is not None
    return Result("a server's software")


async def _software(stage: Stage, document: Json) -> Result:
    base = "https://nodeinfo.example"
    links = [{"rel": f"{_NODEINFO}{minor}", "href": f"{base}/2.{minor}"} for minor in (0, 1)]
    stage.origin.answers[f"{base}/.well-known/nodeinfo"] = {"links": links}
    stage.origin.answers |= {f"{base}/2.{minor}": document for minor in (0, 1)}
    found = await nodeinfo.fetch(stage.app.client.client, "nodeinfo.example")
    assert found is not None
    assert found.name == document["software"]["name"].lower()
    return Result("a server's software")
