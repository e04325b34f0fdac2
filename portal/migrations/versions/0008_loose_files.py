"""Files behind the door that no row names"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    op.create_table('loose_file',
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('going', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_loose_file'))
    )
    with op.batch_alter_table('loose_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_loose_file_since'), ['since'], unique=False)


def downgrade() -> None:
    """Go back down."""
    op.drop_table('loose_file')
