"""The tabs of a community's pages."""

from starlette.requests import Request

from fedcop.web.locale import language_of
from fedcop.web.pages.head import Head


def tabs_of(request: Request, head: Head) -> list[tuple[str, str, str]]:
    """As the macro `tabs` takes them: name, words, address."""
    _ = language_of(request).gettext
    return [
        ("discussions", _("Discussions"), head.path),
        ("members", _("Members"), f"{head.path}/members"),
        ("about", _("About"), f"{head.path}/about"),
        ("rules", _("Guidelines"), f"{head.path}/rules"),
    ]
