"""Acting for a child"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    with op.batch_alter_table('patient_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('acting_for', sqlmodel.sql.sqltypes.AutoString(), nullable=True))


def downgrade() -> None:
    """Go back down."""
    with op.batch_alter_table('patient_session', schema=None) as batch_op:
        batch_op.drop_column('acting_for')
