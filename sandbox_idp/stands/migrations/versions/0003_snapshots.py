"""Snapshots, and the schema version that a stand's data was made with"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    with op.batch_alter_table('stand', schema=None) as batch_op:
        # Every stand that there is was made with the first migration of both programs.
        batch_op.add_column(sa.Column('schema_version', sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default='0001.0001'))
        batch_op.create_index(batch_op.f('ix_stand_expires_at'), ['expires_at'], unique=False)

    with op.batch_alter_table('stand', schema=None) as batch_op:
        batch_op.alter_column('schema_version', server_default=None)

    op.create_table('snapshot',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('stand_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('generation', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('schema_version', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['stand_id'], ['stand.id'], name=op.f('fk_snapshot_stand_id_stand')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_snapshot'))
    )
    with op.batch_alter_table('snapshot', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_snapshot_stand_id'), ['stand_id'], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table('snapshot')
    with op.batch_alter_table('stand', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_stand_expires_at'))
        batch_op.drop_column('schema_version')
