"""Where to go on afterwards: a path of this host, whatever a stranger writes into `next`."""

from urllib.parse import urlsplit

from starlette.requests import Request


def safe_path(wanted: str, otherwise: str = "/") -> str:
    """A `next` of a query or form if it is a path on this host, else `otherwise`.

    Browsers read `//host` and `/\\host` as another host, and drop tabs and line ends.
    """
    plain = wanted.isprintable() and " " not in wanted and "\\" not in wanted
    return wanted if plain and wanted.startswith("/") and wanted[1:2] != "/" else otherwise


def return_path(request: Request) -> str:
    """This page, or the page whose form was sent; the start where that is not known."""
    if request.method in {"GET", "HEAD"}:
        return safe_path(f"{request.url.path}?{request.url.query}".rstrip("?"))
    came_from = urlsplit(request.headers.get("referer", ""))
    if came_from.netloc != request.url.netloc:
        return "/"
    return safe_path(f"{came_from.path}?{came_from.query}".rstrip("?"))
