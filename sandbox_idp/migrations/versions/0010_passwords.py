"""Passwords: those a person had before, recovery, captcha, a password that must be changed"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0010'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('must_change_password', sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table('login_attempt', schema=None) as batch_op:
        batch_op.add_column(sa.Column('new_password_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    with op.batch_alter_table('login_throttle', schema=None) as batch_op:
        batch_op.add_column(sa.Column('locks', sa.Integer(), server_default='0', nullable=False))
    op.create_table('earlier_password',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_oid', sa.BigInteger(), nullable=False),
    sa.Column('password_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('replaced_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_oid'], ['person.oid'], name=op.f('fk_earlier_password_person_oid_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_earlier_password'))
    )
    with op.batch_alter_table('earlier_password', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_earlier_password_person_oid'), ['person_oid'], unique=False)
    op.create_table('captcha',
    sa.Column('token_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('opens_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_captcha'))
    )
    op.create_table('password_recovery',
    sa.Column('token_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('contact', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_oid', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('proved_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('done_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("kind in ('sms', 'mail')", name=op.f('ck_password_recovery_kind')),
    sa.CheckConstraint('person_oid is not null or proved_at is null', name=op.f('ck_password_recovery_somebody_proved')),
    sa.CheckConstraint('proved_at is not null or done_at is null', name=op.f('ck_password_recovery_proved_before_done')),
    sa.ForeignKeyConstraint(['person_oid'], ['person.oid'], name=op.f('fk_password_recovery_person_oid_person')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_password_recovery'))
    )
    with op.batch_alter_table('password_recovery', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_password_recovery_person_oid'), ['person_oid'], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table('password_recovery', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_password_recovery_person_oid'))
    op.drop_table('password_recovery')
    op.drop_table('captcha')
    with op.batch_alter_table('earlier_password', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_earlier_password_person_oid'))
    op.drop_table('earlier_password')
    with op.batch_alter_table('login_throttle', schema=None) as batch_op:
        batch_op.drop_column('locks')
    with op.batch_alter_table('login_attempt', schema=None) as batch_op:
        batch_op.drop_column('new_password_hash')
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_column('must_change_password')
