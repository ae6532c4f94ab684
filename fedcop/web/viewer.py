"""Who looks at a page, as far as its frame must know."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection


@dataclass(frozen=True, slots=True)
class Viewer:
    """The signed-in member: `name` is the local part of the handle, `role` "member" or "admin"."""

    actor_id: int
    name: str
    display_name: str
    role: str
    unread: int

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"


def viewer_of(request: HTTPConnection) -> Viewer | None:
    """The viewer that the session middleware put into `request.state`; None for anyone else."""
    found: object = getattr(request.state, "viewer", None)
    return found if isinstance(found, Viewer) else None
