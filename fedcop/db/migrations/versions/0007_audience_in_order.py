"""The audience of a community in the order of its hosts, in which deliveries are written."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_COLUMNS = ["community_id", "host_id", "inbox_id"]


def upgrade() -> None:
    op.create_index(op.f("ix_audiences_community_id_host_id_inbox_id"), "audiences", _COLUMNS)


def downgrade() -> None:
    op.drop_index(op.f("ix_audiences_community_id_host_id_inbox_id"), "audiences")
