"""Security of an account: devices of sessions, the history of sign-ins, restrictions, cases of compromise"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('restricted_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    with op.batch_alter_table('gosuslugi_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('device', sqlmodel.sql.sqltypes.AutoString(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('seen_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sender', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column('reported_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.create_table('sign_in_record',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_oid', sa.BigInteger(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('event', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('method', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('device', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('refused', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('sid', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('link_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('link_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('disowned_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_oid'], ['person.oid'], name=op.f('fk_sign_in_record_person_oid_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_record')),
    sa.UniqueConstraint('link_hash', name=op.f('uq_sign_in_record_link_hash'))
    )
    with op.batch_alter_table('sign_in_record', schema=None) as batch_op:
        batch_op.create_index('ix_sign_in_record_person', ['person_oid', 'id'], unique=False)
    op.create_table('compromise',
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_oid', sa.BigInteger(), nullable=False),
    sa.Column('opened_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('contacts_checked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('factors_checked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('closed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_oid'], ['person.oid'], name=op.f('fk_compromise_person_oid_person')),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_compromise'))
    )
    with op.batch_alter_table('compromise', schema=None) as batch_op:
        batch_op.create_index('uq_compromise_open', ['person_oid'], unique=True,
                              sqlite_where=sa.text('closed_at is null'), postgresql_where=sa.text('closed_at is null'))


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table('compromise')
    op.drop_table('sign_in_record')
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_column('reported_at')
        batch_op.drop_column('sender')
    with op.batch_alter_table('gosuslugi_session', schema=None) as batch_op:
        batch_op.drop_column('seen_at')
        batch_op.drop_column('address')
        batch_op.drop_column('device')
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_column('restricted_until')
