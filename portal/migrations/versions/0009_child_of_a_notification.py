"""Which child a notification is about"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision.

    For a while 0004 made the column itself: a database of that time has it already.
    """
    if 'child_id' in {column['name'] for column in sa.inspect(op.get_bind()).get_columns('notification')}:
        return
    with op.batch_alter_table('notification', schema=None) as batch_op:
        batch_op.add_column(sa.Column('child_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True))


def downgrade() -> None:
    """Go down from this revision."""
    with op.batch_alter_table('notification', schema=None) as batch_op:
        batch_op.drop_column('child_id')
