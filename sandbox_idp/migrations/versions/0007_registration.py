"""Registration: a browser on its way through the wizard, consents to data processing, links that prove a mailbox"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    op.create_table('registration',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('token_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('stage', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('request_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('surname', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('phone', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('mail', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('consent_version', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('consent_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('consent_address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('consented_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('password_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('profile', sa.JSON(), nullable=True),
    sa.Column('centre', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('centre_number', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('identified_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('person_oid', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("stage in ('centre', 'code', 'password', 'profile', 'review', 'done')", name=op.f('ck_registration_stage')),
    sa.CheckConstraint('(centre is null) = (centre_number is null)', name=op.f('ck_registration_centre_has_number')),
    sa.CheckConstraint("stage <> 'done' or person_oid is not null", name=op.f('ck_registration_done_has_person')),
    sa.ForeignKeyConstraint(['person_oid'], ['person.oid'], name=op.f('fk_registration_person_oid_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_registration')),
    sa.UniqueConstraint('centre_number', name=op.f('uq_registration_centre_number')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_registration_token_hash'))
    )
    with op.batch_alter_table('registration', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_registration_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_registration_person_oid'), ['person_oid'], unique=False)
    op.create_table('data_consent',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_oid', sa.BigInteger(), nullable=False),
    sa.Column('text_version', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('text_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('given_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('revoked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_oid'], ['person.oid'], name=op.f('fk_data_consent_person_oid_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_data_consent'))
    )
    with op.batch_alter_table('data_consent', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_data_consent_person_oid'), ['person_oid'], unique=False)
    op.create_table('mail_link',
    sa.Column('token_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_oid', sa.BigInteger(), nullable=False),
    sa.Column('mail', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sent_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('used_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('replaced_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_oid'], ['person.oid'], name=op.f('fk_mail_link_person_oid_person')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_mail_link'))
    )
    with op.batch_alter_table('mail_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mail_link_mail'), ['mail'], unique=False)
        batch_op.create_index('ix_mail_link_person', ['person_oid', 'sent_at'], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table('mail_link')
    op.drop_table('data_consent')
    op.drop_table('registration')
