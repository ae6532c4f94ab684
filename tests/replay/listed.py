"""A collection of the corpus, read as a community's outbox, as its pins and as its stewards."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fedcop.domain.communities.models import Membership, Role
from fedcop.domain.posts.models import Post
from fedcop.errors import FedcopError
from fedcop.inbox.backfill import catch_up_community
from tests.replay.documents import Json, host, id_of, many
from tests.replay.result import Result
from tests.replay.roads import Piece
from tests.replay.stage import Stage
from tests.replay.whole import unusable


async def catch_up(stage: Stage, piece: Piece) -> Result:
    """Read it for a community on its own host: what of it is there then."""
    document: Json = piece.json
    development = stage.app.settings.development
    why = unusable(document, development=development)
    if why:
        return Result("refused", why)
    uri = id_of(document)
    group = f"{uri.partition('://')[0]}://{host(uri)}/made-up/community"
    owner = uri.rpartition("/")[0]
    if stage.origin.is_group(owner):
        group = owner
    stage.origin.answers[uri] = document
    stage.origin.collections[group] = {"outbox": uri, "featured": uri, "moderators": uri}
    community_id = await stage.listen(group)
    before = await stage.read(lambda session: _counted(session, community_id))
    try:
        await catch_up_community(stage.resolver, community_id)
    except FedcopError as error:
        if error.status >= 500:
            raise
        return Result("refused", "its first page is not there")
    found = await stage.read(lambda session: _counted(session, community_id))
    posts, stewards = (now - then for now, then in zip(found, before, strict=True))
    said = [f"{posts} posts"] * bool(posts) + [f"{stewards} stewards"] * bool(stewards)
    return Result(", ".join(said), "") if said else Result("nothing", _why_nothing(document))


def _counted(session: Session, community_id: int) -> tuple[int, int]:
    posts = select(func.count()).where(Post.community_id == community_id)
    stewards = select(func.count()).where(
        Membership.community_id == community_id, Membership.role == Role.STEWARD
    )
    return session.scalar(posts) or 0, session.scalar(stewards) or 0


def _why_nothing(document: Json) -> str:
    items = [*many(document.get("orderedItems")), *many(document.get("items"))]
    if not items and not document.get("first"):
        return "it holds nothing, or says only how many"
    if not items:
        return "its first page is not there, or holds nothing"
    return "none of it is in a community"
