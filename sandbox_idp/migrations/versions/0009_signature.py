"""Electronic signature: the stand's certificate authority and the register of what it has issued"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    op.create_table('signature_authority',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('private_pem', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('certificate_pem', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_signature_authority_only_one')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signature_authority'))
    )
    op.create_table('signature_certificate',
    sa.Column('serial', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_oid', sa.BigInteger(), nullable=True),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('issued_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('not_before', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('not_after', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('revoked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_oid'], ['person.oid'], name=op.f('fk_signature_certificate_person_oid_person')),
    sa.PrimaryKeyConstraint('serial', name=op.f('pk_signature_certificate'))
    )
    with op.batch_alter_table('signature_certificate', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_signature_certificate_person_oid'), ['person_oid'], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table('signature_certificate')
    op.drop_table('signature_authority')
