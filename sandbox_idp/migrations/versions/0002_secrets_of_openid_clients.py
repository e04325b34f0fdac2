"""Secrets of OpenID clients"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    op.add_column(
        'information_system',
        sa.Column('openid_secret_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_column('information_system', 'openid_secret_hash')
