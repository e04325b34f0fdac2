"""Personas of a stand"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    op.add_column('stand', sa.Column('personas', sa.JSON(), nullable=True))


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_column('stand', 'personas')
