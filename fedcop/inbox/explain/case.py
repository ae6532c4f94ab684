"""One activity that is to be explained."""

from dataclasses import dataclass

from fedcop.activitypub.vocab.activities import Activity
from fedcop.activitypub.vocab.base import Object
from fedcop.domain.posts.objects import ObjectTypes
from fedcop.errors import Malformed
from fedcop.inbox.explain.outcomes import a


@dataclass(frozen=True, slots=True)
class Case:
    """An activity, the community that announces it, and the nouns that we know."""

    activity: Activity
    via: str | None
    objects: ObjectTypes

    @property
    def thing(self) -> Object | str | None:
        return self.activity.object

    @property
    def type(self) -> str:
        return self.activity.type

    def uri(self) -> str:
        """The id of the object. Raises Malformed if it has none."""
        uri = self.activity.object_id
        if uri is None:
            raise Malformed(f"“object.id” is missing: {a(self.type)} has to name what it is about.")
        return uri
