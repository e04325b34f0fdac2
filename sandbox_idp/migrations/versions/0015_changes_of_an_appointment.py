"""When an appointment was changed, and whether the clinic called it off"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    with op.batch_alter_table('clinic_booking', schema=None) as batch_op:
        batch_op.add_column(sa.Column('changed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column('called_off', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.alter_column('called_off', server_default=None, existing_type=sa.Boolean(), existing_nullable=False)


def downgrade() -> None:
    """Go down from this revision."""
    with op.batch_alter_table('clinic_booking', schema=None) as batch_op:
        batch_op.drop_column('called_off')
        batch_op.drop_column('changed_at')
