"""Organisations: the INN, and each registered once"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.add_column(sa.Column('inn', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f('uq_organisation_inn'), ['inn'])
        batch_op.create_unique_constraint(batch_op.f('uq_organisation_ogrn'), ['ogrn'])


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_organisation_ogrn'), type_='unique')
        batch_op.drop_constraint(batch_op.f('uq_organisation_inn'), type_='unique')
        batch_op.drop_column('inn')
