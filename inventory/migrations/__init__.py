"""The migration tools: one file each, one tuple of all. Where two claim a path, the first that reads it has it."""

from .alembic import ALEMBIC
from .atlas import ATLAS
from .db_migrate import DB_MIGRATE
from .dbmate import DBMATE
from .diesel import DIESEL
from .django import DJANGO
from .drizzle import DRIZZLE
from .ecto import ECTO
from .efcore import EFCORE
from .flyway import FLYWAY
from .golang_migrate import GOLANG_MIGRATE
from .goose import GOOSE
from .knex import KNEX
from .kysely import KYSELY
from .laravel import LARAVEL
from .liquibase import LIQUIBASE
from .mikro_orm import MIKRO_ORM
from .model import Tool
from .node_pg_migrate import NODE_PG_MIGRATE
from .prisma import PRISMA
from .prisma_scripts import PRISMA_SCRIPTS
from .rails import RAILS
from .rails_data import RAILS_DATA
from .seaorm import SEAORM
from .sequelize import SEQUELIZE
from .sqlx import SQLX
from .supabase import SUPABASE
from .typeorm import TYPEORM
from .yoyo import YOYO

TOOLS: tuple[Tool, ...] = (
    ALEMBIC,
    ATLAS,
    DB_MIGRATE,
    DBMATE,
    DIESEL,
    DJANGO,
    DRIZZLE,
    ECTO,
    EFCORE,
    FLYWAY,
    GOLANG_MIGRATE,
    GOOSE,
    KNEX,
    KYSELY,
    LARAVEL,
    LIQUIBASE,
    MIKRO_ORM,
    NODE_PG_MIGRATE,
    PRISMA,
    PRISMA_SCRIPTS,
    RAILS,
    RAILS_DATA,
    SEAORM,
    SEQUELIZE,
    SQLX,
    SUPABASE,
    TYPEORM,
    YOYO,
)
