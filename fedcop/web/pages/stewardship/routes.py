"""The table of the stewards' pages: every route answers 404 to who is no steward there."""

from fedcop.web.pages.stewardship import bans, overview, reports, requests
from fedcop.web.routing import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *overview.ENDPOINTS,
    *requests.ENDPOINTS,
    *reports.ENDPOINTS,
    *bans.ENDPOINTS,
)
