"""Where an OpenID client is told that a session has ended"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    with op.batch_alter_table('information_system', schema=None) as batch_op:
        batch_op.add_column(sa.Column('backchannel_logout_uri', sqlmodel.sql.sqltypes.AutoString(), nullable=True))


def downgrade() -> None:
    """Go down from this revision."""
    with op.batch_alter_table('information_system', schema=None) as batch_op:
        batch_op.drop_column('backchannel_logout_uri')
