"""Configuration: YAML, TOML, INI and JSON files; the paths they name, the variables they set, the keys they have."""

import posixpath
import re
from collections.abc import Callable, Sequence

from ..model import Definition, Edge, Facts, Files, Language, Reference, Resolved, Resolver, Use
from . import containers, dbt_properties, toml_values, yaml_values
from .dbt_project import Projects
from .environment import Definers, env_reads, reads_as_references, substituted
from .paths import Paths, candidates
from .sql import dbt_target
from .values import LARGEST, Values, Where, json_values
from .word_uses import quoted_uses

_DEEPEST_KEY = 4
_SHAPE = re.compile(
    r"(?P<number>[-+]?\d[\d._]*(?:e[-+]?\d+)?\Z)|(?P<truth>(?:true|false|yes|no|on|off)\Z)|(?P<null>null\Z|~\Z)",
    re.IGNORECASE,
)
_QUOTED = re.compile(rb'"([^"\\\s]{3,300})"')
# Written by a package manager: names of packages and no paths of the tree.
_LOCKS = re.compile(
    r"(?:^|/)(?:package-lock|npm-shrinkwrap|composer\.lock|pnpm-lock|packages\.lock|deno)(?:\.json|\.ya?ml|\.lock)?\Z|\.lock\Z"
)
_DBT = ("ref:", "source:", "macro:", "dispatch:", "given:")
Read = Callable[[bytes], Values]


def _extract(read: Read, is_yaml: bool) -> Callable[[bytes], Facts]:
    def extract(data: bytes) -> Facts:
        if b"\0" in data[:8192]:
            return Facts(problems=("not a text in an encoding that is read",))
        if len(data) > LARGEST and not is_yaml:
            # Data: what it names is all that can matter.
            strings = [(one.decode("utf-8", "replace"), 1) for one in set(_QUOTED.findall(data)) if b"/" in one]
            return Facts(tuple(candidates(strings)[0]))
        values = read(data)
        problems = [values.problem] if values.problem else []
        references, provided = list[Reference](), list[str]()
        if is_yaml and dbt_properties.is_properties(data):
            references, provided = dbt_properties.scan(data, values)
        special, taken, variables = containers.scan(values)
        paths, problem = candidates((text, line) for where, text, line in values.found if where not in taken)
        reads = dict(reversed([*env_reads(data), *substituted(data)]))
        references += [
            *special,
            *paths,
            *reads_as_references([one for one in reads.items() if one[0] not in variables]),
        ]
        provided += [f"env:{name}" for name in variables]
        return Facts(tuple(references), tuple(provided), (*problems, *([problem] if problem else [])))

    return extract


def _definitions(read: Read) -> Callable[[bytes], Sequence[Definition]]:
    def definitions(data: bytes) -> Sequence[Definition]:
        """Keys as `a.b.c`, down to four of them, and the tables of dbt's sources."""
        if len(data) > LARGEST or b"\0" in data[:8192]:
            return []
        values = read(data)
        scalars = {where: text for where, text, _ in reversed(values.found)}
        found = dict[str, Definition]()
        for where, line in values.keys:
            if len(where) <= _DEEPEST_KEY and all(isinstance(one, str) for one in where):
                name = ".".join(str(one) for one in where)
                found.setdefault(name, Definition(name, line, f"{name}: {_shape(where, scalars)}", "key"))
        return [*found.values(), *dbt_properties.source_definitions(values)]

    return definitions


def _shape(where: Where, scalars: dict[Where, str]) -> str:
    """What kind of value a key has."""
    if where not in scalars:
        return "list" if (*where, 0) in scalars else "values"
    match = _SHAPE.match(scalars[where])
    return (match.lastgroup or "text") if match else "text"


def _uses(read: Read) -> Callable[[bytes, Edge, Sequence[str]], Sequence[Use]]:
    def uses(data: bytes, edge: Edge, names: Sequence[str]) -> Sequence[Use]:
        """Columns that dbt's YAML describes, sources and variables by name; other names as words."""
        if len(data) > LARGEST or b"\0" in data[:8192]:
            return []
        if edge.kind == "env":
            reads = dict(reversed([*env_reads(data), *substituted(data)]))
            return [Use(name, reads[name], True) for name in names if name in reads]
        if edge.kind == "reference":
            model = posixpath.splitext(posixpath.basename(edge.target))[0]
            found = dbt_properties.described_columns(read(data), model)
            return [Use(name, line, True) for name, line in found if name in names][:20]
        return quoted_uses(data, names)

    return uses


def _resolver(files: Files) -> Resolver:
    projects, paths, variables = Projects(files), Paths(files), Definers(files)

    def resolve(path: str, reference: Reference) -> Resolved:
        if reference.kind == "env":
            return variables.resolve(path, reference)
        if reference.target.startswith(_DBT):
            if projects.of(path) is None:
                return Resolved()
            return dbt_target(projects, path, reference) or Resolved()
        if reference.target.startswith("action:"):
            return paths.action(reference.target.removeprefix("action:"))
        return paths.resolve(path, reference)

    return resolve


def _language(name: str, suffixes: tuple[str, ...], names: tuple[str, ...], read: Read) -> Language:
    def matches(path: str) -> bool:
        last = path.rpartition("/")[2]
        return (last.lower().endswith(suffixes) or last in names) and _LOCKS.search(path) is None

    return Language(
        name=name,
        version=1,
        matches=matches,
        extract=_extract(read, name == "yaml"),
        resolver=_resolver,
        definitions=_definitions(read),
        uses=_uses(read),
    )


YAML = _language("yaml", (".yml", ".yaml"), (".clang-format", ".yamllint"), yaml_values.values)
TOML = _language(
    "toml",
    (".toml", ".ini", ".cfg", ".editorconfig", ".properties"),
    ("Pipfile", ".coveragerc", ".flake8"),
    toml_values.values,
)
JSON = _language(
    "json",
    (".json", ".json5", ".jsonc", ".webmanifest", ".code-workspace", ".geojson"),
    (".babelrc", ".eslintrc", ".prettierrc", ".swcrc", ".stylelintrc"),
    json_values,
)
