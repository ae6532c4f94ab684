"""The table of the administration: every route is for admins alone."""

from fedcop.web.admin import (
    invitations,
    log,
    organization,
    overview,
    partners,
    people,
    policies,
    reports,
)
from fedcop.web.routing import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *overview.ENDPOINTS,
    *organization.ENDPOINTS,
    *people.ENDPOINTS,
    *invitations.ENDPOINTS,
    *partners.ENDPOINTS,
    *policies.ENDPOINTS,
    *reports.ENDPOINTS,
    *log.ENDPOINTS,
)
