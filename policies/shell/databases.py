"""Database clients, dumps and migration tools."""

from ..effects import Effect
from .command import Command, Program
from .embedded import escaped_lines
from .options import Takes
from .outcome import always, arguments, by_verb, operands, outcome, reads


def _client(takes: Takes, *options: str, positional: int | None = None) -> Program:
    """A client that takes SQL by an option, as its n-th operand, or by its input."""

    def program(command: Command) -> list[Effect]:
        parsed = arguments(command, takes)
        if parsed.on("--version", "--help", "-V"):
            return reads(command)
        texts = parsed.all_values(*options)
        if positional is not None:
            texts += operands(parsed)[positional:]
        if parsed.on("-l", "--list") and not texts:
            return outcome(command, "db.read", "it lists")
        if not texts and command.stdin is not None:
            texts = [command.stdin]
        found = [one for text in texts for one in _statements(text, command)]
        found += [one for line in escaped_lines(texts) for one in command.line(line, command.context)]
        return found or outcome(command, "unknown", "which statements it runs is not known")

    return program


def _statements(text: str, command: Command) -> list[Effect]:
    # Few commands need it; what a hook loads for each counts.
    from .sql import sql_effects

    found = sql_effects(text, command)
    if "\0" in text and not any(one.effect == "unknown" for one in found):
        found += outcome(command, "unknown", "part of its SQL is computed")
    return found


_REDIS_READS = frozenset(
    {
        "get",
        "mget",
        "hget",
        "hgetall",
        "hkeys",
        "keys",
        "scan",
        "exists",
        "type",
        "ttl",
        "info",
        "ping",
        "lrange",
        "llen",
        "smembers",
        "scard",
        "zrange",
        "dbsize",
        "strlen",
        "monitor",
        "client",
        "memory",
        "object",
    }
)


def _redis(command: Command) -> list[Effect]:
    words = operands(arguments(command, Takes(short="hpanuirdDs", long=("user", "pass"))))
    verb = words[0].lower() if words else ""
    if verb in ("flushall", "flushdb"):
        return outcome(command, "cache.purge", f"{verb} empties it")
    if verb in ("del", "unlink", "expire") or verb == "":
        return outcome(command, "cache.purge" if verb else "unknown", "it deletes keys" if verb else "what it runs")
    if verb in _REDIS_READS:
        return outcome(command, "db.read", "it asks a database")
    return outcome(command, "db.write", "it changes data")


def _mongo(command: Command) -> list[Effect]:
    parsed = arguments(command, Takes(long=("eval", "host", "port", "username", "password")))
    text = " ".join([*parsed.all_values("--eval"), command.stdin or ""])
    if any(word in text for word in ("dropDatabase", ".drop(", "deleteMany({})", "remove({})")):
        return outcome(command, "db.drop", "it drops")
    if any(word in text for word in ("insert", "update", "delete", "replace", "create", "rename", "bulkWrite")):
        return outcome(command, "db.write", "it changes data")
    return outcome(command, "db.read" if text.strip() else "unknown", "it asks a database")


_MIGRATE = ("db.migrate", "it migrates the schema")
_BACK = ("db.migrate", "it takes migrations back, and their data with them")
_DROP = ("db.drop", "it drops or rebuilds the database")
_LOOK = ("db.read", "it looks at migrations")
_WRITES = ("file.write", "it writes a migration")
_UP = {
    "up": _MIGRATE,
    "apply": _MIGRATE,
    "migrate": _MIGRATE,
    "run": _MIGRATE,
    "deploy": _MIGRATE,
    "latest": _MIGRATE,
}
_DOWN = {"down": _BACK, "rollback": _BACK, "revert": _BACK, "undo": _BACK, "redo": _BACK, "downgrade": _BACK}
_ASKS = {"status": _LOOK, "list": _LOOK, "history": _LOOK, "current": _LOOK, "validate": _LOOK, "info": _LOOK,
         "version": _LOOK, "show": _LOOK, "heads": _LOOK, "diff": _LOOK, "verify": _LOOK, "log": _LOOK}  # fmt: skip
_NEW = {"new": _WRITES, "create": _WRITES, "generate": _WRITES, "revision": _WRITES, "make": _WRITES, "add": _WRITES}
_GONE = {"drop": _DROP, "reset": _DROP, "clean": _DROP, "drop-all": _DROP, "dropall": _DROP, "fresh": _DROP,
         "wipe": _DROP}  # fmt: skip
_TOOL = {**_UP, **_DOWN, **_ASKS, **_NEW, **_GONE, "upgrade": _MIGRATE, "update": _MIGRATE, "stamp": _MIGRATE}

PROGRAMS: dict[str, Program] = {
    "psql": _client(
        Takes(short="cdfhpUvoFPRTL", long=("command", "dbname", "file", "host", "port", "username", "set")),
        "-c", "--command",
    ),
    **dict.fromkeys(("mysql", "mariadb"), _client(
        Takes(short="ehPDS", attached="pu", long=("execute", "host", "port", "database")), "-e", "--execute"
    )),
    **dict.fromkeys(("sqlite3", "sqlite"), _client(Takes(short="c", long=("cmd",)), "--cmd", positional=1)),
    "duckdb": _client(Takes(short="csf"), "-c", "-s", positional=1),
    "clickhouse-client": _client(Takes(short="qhdu", long=("query", "host", "user")), "-q", "--query"),
    "sqlcmd": _client(Takes(short="QqSdUP"), "-Q", "-q"),
    "cockroach": _client(Takes(short="e", long=("execute", "host")), "-e", "--execute"),
    "snowsql": _client(Takes(short="qacdu", long=("query",)), "-q", "--query"),
    "bq": by_verb({"query": ("unknown", "its SQL is not followed"), "ls": _LOOK, "show": _LOOK, "rm": _DROP}),
    "redis-cli": _redis,
    **dict.fromkeys(("mongosh", "mongo"), _mongo),
    "dropdb": always("db.drop", "it drops a database"),
    "dropuser": always("db.drop", "it drops a role"),
    **dict.fromkeys(("createdb", "createuser"), always("db.write", "it creates")),
    **dict.fromkeys(("pg_dump", "pg_dumpall", "mysqldump", "mongodump"), always("db.read", "it reads a database")),
    **dict.fromkeys(("pg_restore", "mongorestore", "mongoimport", "mysqlimport"), always("db.write",
    "it loads data")),
    "mysqladmin": by_verb({"drop": _DROP, "create": ("db.write", "it creates"), "status": _LOOK}, values=("-u",
    "-h")),
    **dict.fromkeys(
        ("alembic", "dbmate", "goose", "atlas", "sqitch", "flyway", "liquibase", "migrate", "yoyo", "umzug",
         "node-pg-migrate", "db-migrate", "sea-orm-cli", "refinery", "phinx"),
        by_verb(
            {**_TOOL, **{f"migrate {key}": value for key, value in _TOOL.items()},
             "schema apply": _MIGRATE, "schema clean": _DROP, "schema inspect": _LOOK},
            values=("-c", "-x", "-n", "--url", "-u", "-path", "-database", "--config", "--dir"),
        ),
    ),
    "prisma": by_verb(
        {"migrate deploy": _MIGRATE, "migrate dev": _MIGRATE, "migrate resolve": _MIGRATE, "migrate reset": _DROP,
         "migrate status": _LOOK, "migrate diff": _LOOK, "db push": _MIGRATE, "db pull": _LOOK, "db seed": _MIGRATE,
         "db execute": ("db.write", "it runs SQL"), "generate": _WRITES, "format": _WRITES, "validate": _LOOK}
    ),
    "knex": by_verb({f"migrate:{key}": value for key, value in _TOOL.items()} | {"seed:run": _MIGRATE}),
    "drizzle-kit": by_verb({"push": _MIGRATE, "migrate": _MIGRATE, "drop": _DROP, "generate": _WRITES}),
    "typeorm": by_verb(
        {f"migration:{key}": value for key, value in _TOOL.items()} | {"schema:drop": _DROP, "schema:sync": _MIGRATE}
    ),
    **dict.fromkeys(
        ("sequelize", "sequelize-cli"),
        by_verb(
            {"db:migrate": _MIGRATE, "db:migrate:undo": _BACK, "db:migrate:undo:all": _BACK, "db:drop": _DROP,
             "db:create": _MIGRATE, "db:seed:all": _MIGRATE, "db:migrate:status": _LOOK}
        ),
    ),
    "diesel": by_verb(
        {"migration run": _MIGRATE, "migration redo": _BACK, "migration revert": _BACK, "migration list": _LOOK,
         "migration generate": _WRITES, "database reset": _DROP, "database drop": _DROP, "setup": _MIGRATE}
    ),
    "sqlx": by_verb(
        {"migrate run": _MIGRATE, "migrate revert": _BACK, "migrate info": _LOOK, "migrate add": _WRITES,
         "database drop": _DROP, "database reset": _DROP, "database create": _MIGRATE}
    ),
    **dict.fromkeys(
        ("rails", "bin/rails"),
        by_verb(
            {"db:migrate": _MIGRATE, "db:rollback": _BACK, "db:migrate:down": _BACK, "db:drop": _DROP,
             "db:reset": _DROP, "db:migrate:reset": _DROP, "db:purge": _DROP, "db:setup": _MIGRATE,
             "db:seed": ("db.write", "it loads data"), "db:create": _MIGRATE, "db:migrate:status": _LOOK,
             "db:schema:load": _DROP, "generate": _WRITES, "g": _WRITES, "routes": _LOOK}
        ),
    ),
    "artisan": by_verb({f"migrate:{key}": value for key, value in _TOOL.items()} | {"migrate": _MIGRATE,
                       "db:wipe": _DROP}),
    "django-admin": by_verb({"migrate": _MIGRATE, "flush": _DROP, "makemigrations": _WRITES, "showmigrations": _LOOK,
                             "loaddata": ("db.write", "it loads data"), "check": _LOOK}),
}  # fmt: skip
"""Programs by name."""
