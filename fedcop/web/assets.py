"""Static files under addresses that change with their content.

One digest stands for the whole folder, so that a stylesheet can name a font beside it by a
relative address, and both may be kept by browsers for ever.
"""

import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from fedcop.errors import NotFound

FOLDER = Path(__file__).parent / "static"
PATH = "/static/{digest}/{name}"
_YEAR = 31_536_000
_TYPES = {".woff2": "font/woff2", ".svg": "image/svg+xml", ".txt": "text/plain"}


@dataclass(frozen=True, slots=True)
class Assets:
    """The files of one folder, read once: `digest` is in every address."""

    digest: str
    files: dict[str, bytes]

    def url(self, name: str) -> str:
        """The address of a file; KeyError for one that does not exist."""
        if name not in self.files:
            raise KeyError(name)
        return f"/static/{self.digest}/{name}"


def read_assets(folder: Path = FOLDER) -> Assets:
    """Read every file that lies directly in `folder`."""
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    content = hashlib.sha256()
    for name, data in files.items():
        content.update(f"{name}\0{len(data)}\0".encode())
        content.update(data)
    return Assets(content.hexdigest()[:12], files)


@cache
def assets() -> Assets:
    """The package's own assets."""
    return read_assets()


async def serve(request: Request) -> Response:
    """Answer `PATH`. An address of another version gets today's file, not to be kept.

    Raises NotFound for a name that is not in the folder.
    """
    kept = assets()
    name: str = request.path_params["name"]
    if name not in kept.files:
        raise NotFound("There is no such file.")
    current = request.path_params["digest"] == kept.digest
    lifetime = f"public, max-age={_YEAR}, immutable" if current else "no-cache"
    suffix = Path(name).suffix
    media = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(kept.files[name], media_type=media, headers={"Cache-Control": lifetime})
