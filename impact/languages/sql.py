"""SQL files, dbt's among them: tables they read and write, models, sources and macros they name."""

from collections import defaultdict

from ..model import Confidence, Facts, Files, Hit, Language, Name, Reference, Resolved, Resolver
from . import dbt
from .dbt_project import Projects
from .sql_columns import definitions, unknown_columns
from .sql_tables import tables
from .sql_tokens import LARGEST, Sql
from .sql_uses import uses

_SUFFIXES = (".sql", ".ddl", ".dml", ".hql", ".psql", ".pgsql", ".tsql", ".prc", ".vw")
_MAKES = ("table", "columns", "rows")


def extract(data: bytes) -> Facts:
    """Tables, and what jinja names."""
    if b"\0" in data[:8192]:
        return Facts(problems=("not a text in an encoding that is read",))
    sql = Sql(data)
    found = tables(sql)
    named, problems = dbt.references(data, sql.lines)
    references = list(named)
    for kind, names in (("read", found.read), ("write", {**found.filled, **found.altered, **found.emptied})):
        for name, token in names.items():
            if name in sql.places or (name in found.made and kind == "read"):
                continue
            target = f"table:{name}"
            if kind == "write" and (name in found.made or name in found.read):
                continue
            references.append(Reference(kind, target, sql.line(token), (Name(name),)))
    provides = [
        *dbt.provides(data),
        *(f"table:{one}" for one in found.made),
        *(f"columns:{one}" for one in found.altered if one not in found.made),
        *(f"rows:{one}" for one in found.filled if one not in found.made),
    ]
    if sql.cut:
        problems.append(f"only the first {LARGEST:,} bytes were read")
    problems += [f"the columns of {one} are not known: it takes all of another table" for one in unknown_columns(sql)]
    return Facts(tuple(references), tuple(provides), tuple(problems))


class _Tables:
    """Who makes, alters and fills each table of a tree."""

    def __init__(self, files: Files) -> None:
        self._by_last: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for path, facts in files.facts.items():
            for one in facts.provides:
                word, _, name = one.partition(":")
                if word in _MAKES:
                    self._by_last[name.rpartition(".")[2]].append((word, name, path))

    def find(self, source: str, name: str, kind: str) -> list[Hit]:
        """Files a table leads to: who makes it; who alters it, likely; for a reader also who fills it, likely."""
        known = [one for one in self._by_last.get(name.rpartition(".")[2], ()) if _same(one[1], name)]
        if any(word == "table" and path == source for word, _, path in known):
            return []
        known = [one for one in known if one[2] != source]
        makers = list(dict.fromkeys(path for word, _, path in known if word == "table"))
        wanted = ("columns", "rows") if kind == "read" else ()
        others = dict.fromkeys(path for word, _, path in known if word in wanted and path not in makers)
        sure: Confidence = "sure" if len(makers) == 1 else "likely"
        return [
            *(Hit(path, (Name(name),), confidence=sure) for path in makers),
            *(Hit(path, (Name(name),), confidence="likely") for path in others),
        ]


def _same(one: str, other: str) -> bool:
    """Whether two names of tables may be the same: their last parts are, as far as both say."""
    first, second = one.split("."), other.split(".")
    count = min(len(first), len(second))
    return first[-count:] == second[-count:]


def dbt_target(projects: Projects, path: str, reference: Reference) -> Resolved | None:
    """Where something that jinja or a properties file names leads; None if it is nothing of dbt's."""
    word, _, target = reference.target.partition(":")
    if word == "ref":
        return projects.model(path, target)
    if word == "source":
        return projects.source(path, target)
    if word == "macro":
        found = projects.macro(path, target)
        return Resolved(tuple(Hit(one.path, (Name(target),), "", one.confidence) for one in found.hits))
    if word == "given":
        return projects.named(path, target)
    return projects.dispatched(target) if word == "dispatch" else None


def resolver(files: Files) -> Resolver:
    """Where references of SQL files lead in one tree."""
    projects, known = Projects(files), _Tables(files)

    def resolve(path: str, reference: Reference) -> Resolved:
        if not reference.target.startswith("table:"):
            return (dbt_target(projects, path, reference) if projects else None) or Resolved()
        name = reference.target.removeprefix("table:")
        hits = known.find(path, name, reference.kind)
        if not hits and projects and reference.kind == "read":
            # A model becomes a table of its name; who reads that without `ref` depends on it all the same.
            models = [hit.path for one in projects.every() for hit in _models(one.models, name)]
            hits = [Hit(one, (Name(name),), confidence="likely") for one in models if one != path]
        return Resolved(tuple(hits))

    def _models(models: dict[str, list[str]], name: str) -> list[Hit]:
        return [Hit(one) for one in models.get(name.rpartition(".")[2], ())]

    return resolve


LANGUAGE = Language(
    name="sql",
    version=1,
    matches=lambda path: path.lower().endswith(_SUFFIXES),
    extract=extract,
    resolver=resolver,
    definitions=definitions,
    uses=uses,
)
