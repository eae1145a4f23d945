"""What dbt's YAML files say: the models they describe, the sources they declare, the tests they run."""

import re
from collections import defaultdict

from ..model import Definition, Reference
from .dbt import references
from .lines import Lines
from .values import Values, Where

_DESCRIBED = {"models", "seeds", "snapshots", "semantic_models", "unit_tests", "saved_queries"}
_KNOWN = re.compile(
    rb"^(?:models|sources|seeds|snapshots|exposures|macros|data_tests|unit_tests|metrics|semantic_models)[ \t]*:",
    re.MULTILINE,
)
_TESTS = ("tests", "data_tests")
_CALL = re.compile(r"(?<![\w.])(ref|source)\s*\(\s*(['\"])([^'\"\n]+)\2\s*(?:,\s*(['\"])([^'\"\n]+)\4\s*)?[^()]*\)")


def is_properties(data: bytes) -> bool:
    """Whether a YAML file may be one of dbt's."""
    return _KNOWN.search(data) is not None


def scan(data: bytes, values: Values) -> tuple[list[Reference], list[str]]:
    """What a properties file needs and what it declares (`source:a.b`, `snapshot:x`,
    `latest:model@2`, `version:model@1=file`).
    """
    found = dict[str, Reference]()
    provided = list[str]()
    for where, text, line in values.found:
        top = where[0] if where else ""
        if (
            len(where) == 3
            and where[2] == "name"
            and top in _DESCRIBED
            and top not in ("unit_tests", "saved_queries")
        ):
            if top != "semantic_models":
                found.setdefault(f"ref:{text}", Reference("reference", f"ref:{text}", line))
        elif len(where) == 3 and where[2] == "name" and top == "macros":
            found.setdefault(f"macro:{text}", Reference("reference", f"macro:{text}", line))
        elif len(where) == 3 and where[2] == "model" and top == "unit_tests" and "(" not in text:
            found.setdefault(f"ref:{text}", Reference("test", f"ref:{text}", line))
        if len(where) == 3 and where[0] == "models" and where[2] == "latest_version":
            provided += [f"latest:{one}@{text}" for one in _named(values, where[:2])]
        if len(where) == 5 and where[0] == "models" and where[2] == "versions" and where[4] == "defined_in":
            versions = [one for place, one, _ in values.found if place == (*where[:4], "v")]
            provided += [f"version:{one}@{versions[0]}={text}" for one in _named(values, where[:2]) if versions]
        if test := _test(where, text):
            found.setdefault(f"macro:{test}", Reference("reference", f"macro:{test}", line))
        for word, name in calls(text):
            found.setdefault(f"{word}:{name}", Reference("reference", f"{word}:{name}", line))
        if where[0:1] == ("snapshots",) and len(where) == 3 and where[2] == "relation":
            provided += [f"snapshot:{one}" for one in _named(values, where[:2])]
    for where, line in values.keys:
        if test := _test(where[:-1], str(where[-1])) if len(where) > 1 and isinstance(where[-2], int) else "":
            found.setdefault(f"macro:{test}", Reference("reference", f"macro:{test}", line))
    provided += [f"source:{name}" for name, _ in sources(values)]
    jinja, _ = references(data, Lines(data))
    for one in jinja:
        found.setdefault(one.target, one)
    return list(found.values()), provided


def _named(values: Values, where: Where) -> list[str]:
    """The name of what is described at a place."""
    return [one for place, one, _ in values.found if place == (*where, "name")]


def calls(text: str) -> list[tuple[str, str]]:
    """`ref` and `source` in a scalar: word and target. dbt renders such scalars without braces."""
    if "ref" not in text and "source" not in text:
        return []
    return [
        (match[1], match[3] + (f".{match[5]}" if match[5] else ""))
        for match in _CALL.finditer(text)
        if match[5] or match[1] == "ref"
    ]


def _test(where: Where, text: str) -> str:
    """The macro of a generic test: what stands in a list under `tests:` or `data_tests:`."""
    if len(where) < 2 or where[-2] not in _TESTS or not isinstance(where[-1], int):
        return ""
    package, dot, name = text.rpartition(".")
    return f"{package}{dot}test_{name}" if re.fullmatch(r"\w+", name) else ""


def sources(values: Values) -> list[tuple[str, int]]:
    """Tables of sources, as `source.table` with their lines."""
    names = dict[int | str, str]()
    tables = defaultdict[int | str, list[tuple[str, int]]](list)
    for where, text, line in values.found:
        if len(where) == 3 and where[0] == "sources" and where[2] == "name":
            names[where[1]] = text
        elif len(where) == 5 and where[0] == "sources" and where[2] == "tables" and where[4] == "name":
            tables[where[1]].append((text, line))
    return [(f"{names[at]}.{table}", line) for at in names for table, line in tables[at]]


def source_definitions(values: Values) -> list[Definition]:
    """Tables of sources as names that models use."""
    return [Definition(name, line, f"source {name}", "source") for name, line in sources(values)]


def described_columns(values: Values, model: str) -> list[tuple[str, int]]:
    """Columns that a properties file describes or tests for a model, with their lines."""
    described = {
        where[:2]
        for where, text, _ in values.found
        if len(where) == 3 and where[2] == "name" and where[0] in _DESCRIBED and text == model
    }
    return [
        (text.strip('"`'), line)
        for where, text, line in values.found
        if len(where) == 5 and where[2] == "columns" and where[4] == "name" and where[:2] in described
    ]
