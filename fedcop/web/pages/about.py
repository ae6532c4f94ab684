"""What this server is, which version runs, and the very source that runs."""

import asyncio
import gzip
import io
import tarfile
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

import fedcop
from fedcop.app import Session
from fedcop.db.paging import Cursor
from fedcop.domain.communities.queries import directory, seen_by
from fedcop.domain.people.queries import count_people
from fedcop.domain.posts.queries import count
from fedcop.domain.site.found import site
from fedcop.outbox.partners import count_partners
from fedcop.web.auth.asking import house, reader_id
from fedcop.web.pages.head import card
from fedcop.web.pages.notices import show
from fedcop.web.routing import Endpoint

_PACKAGE = Path(fedcop.__file__).parent
_SUFFIXES = {".py", ".html", ".css", ".js", ".svg", ".txt", ".po", ".woff2", ".json", ".md"}


async def about(request: Request) -> Response:
    """Name, description, figures, version."""
    app, reader = house(request), reader_id(request)

    def query(session: Session) -> dict[str, object]:
        row = site(session)
        communities = directory(session, Cursor(limit=12), local=True)
        return {
            "description": row.description if row else "",
            "contact": row.contact if row else "",
            "legal_name": row.legal_name if row else "",
            "postal_address": row.postal_address if row else "",
            "partners": count_partners(session),
            "people": count_people(session),
            "discussions": count(session, local=True, replies=False),
            "replies": count(session, local=True, replies=True),
            "communities": [
                card(session, seen_by(session, it, reader), app.uris.host)
                for it in communities.items
            ],
        }

    context = await app.read(query)
    context |= {"version": fedcop.__version__, "host": app.uris.host, "object_uri": app.uris.site}
    return show(request, "pages/about.html", context)


async def source(_request: Request) -> Response:
    """The source of the server that is running, as the AGPL (section 13) asks."""
    archive = await asyncio.to_thread(_archive)
    name = f"fedcop-{fedcop.__version__}.tar.gz"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "public, max-age=3600",
    }
    return Response(archive, 200, headers, "application/gzip")


@cache
def _archive() -> bytes:
    """The package's files as a gzipped tar, the same bytes each time."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path in sorted(_PACKAGE.rglob("*")):
            if path.is_file() and path.suffix in _SUFFIXES:
                entry = tarfile.TarInfo(str(Path("fedcop") / path.relative_to(_PACKAGE)))
                content = path.read_bytes()
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)


ENDPOINTS = (
    Endpoint("/about", ("GET",), about, name="about_site"),
    Endpoint("/about/source.tar.gz", ("GET",), source, limit="20/minute"),
)
