"""JSON schemas without what no reader needs: every byte of tools/list is read by a model at every start."""

from typing import Any

_DROPPED = frozenset({"title"})
_EMPTY: tuple[Any, ...] = (None, "", [])  # what is left out: a default of nothing says nothing
_LEVELS = 2
_DROPPED_FROM_OUTPUT = frozenset({"additionalProperties", "default", "required", "description"})


def compact(schema: dict[str, Any], *, output: bool = False) -> dict[str, Any]:
    """A schema that accepts the same values and is about half as long.

    Args:
        schema: as pydantic writes it.
        output: keep the names of fields, and of what is in them, and drop the rest.
    """
    found: dict[str, Any] = _shorten(schema, output=output)
    definitions = found.pop("$defs", {})
    if output:
        return {"type": "object", **_names_only(found, definitions)}
    used = _inline(found, definitions)
    kept = {name: one for name, one in definitions.items() if name in used}
    return {**found, "$defs": kept} if kept else found


def _names_only(node: Any, definitions: dict[str, Any], levels: int = _LEVELS) -> Any:
    """What a result's fields are called, and those of what is in them; nobody fills a result in."""
    name = _name(node)
    if name is not None:
        node = definitions[name]
    found: dict[str, Any] = {}
    if "properties" in node and levels:
        fields = node["properties"].items()
        found["properties"] = {key: _names_only(one, definitions, levels - 1) for key, one in fields}
    items = _names_only(node["items"], definitions, levels) if isinstance(node.get("items"), dict) else {}
    return {**found, "items": items} if items else found


def _shorten(node: Any, *, output: bool, names: bool = False) -> Any:
    """Drop titles, say "string or null" in one word, leave out what a result does not need."""
    if isinstance(node, list):
        return [_shorten(one, output=output) for one in node]
    if not isinstance(node, dict):
        return node
    if names:  # keys are property names here, not keywords
        return {name: _shorten(one, output=output) for name, one in node.items()}
    found = {}
    for key, value in node.items():
        if key in _DROPPED or (output and key in _DROPPED_FROM_OUTPUT) or (key == "default" and value in _EMPTY):
            continue
        found[key] = _shorten(value, output=output, names=key in ("properties", "$defs"))
    options = found.get("anyOf")
    if isinstance(options, list) and all(set(one) <= {"type"} for one in options):
        del found["anyOf"]
        found["type"] = [one["type"] for one in options]
    return found


def _inline(node: Any, definitions: dict[str, Any]) -> set[str]:
    """Put definitions that are used once where they are used; returns those that stay."""
    uses: dict[str, int] = {}
    _count(node, uses)
    for one in definitions.values():
        _count(one, uses)
    once = {name for name, count in uses.items() if count == 1}
    _replace(node, definitions, once)
    for one in definitions.values():
        _replace(one, definitions, once)
    return set(uses) - once


def _count(node: Any, uses: dict[str, int]) -> None:
    if isinstance(node, dict):
        name = _name(node)
        if name is not None:
            uses[name] = uses.get(name, 0) + 1
        for one in node.values():
            _count(one, uses)
    elif isinstance(node, list):
        for one in node:
            _count(one, uses)


def _replace(node: Any, definitions: dict[str, Any], once: set[str]) -> None:
    values = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for one in values:
        name = _name(one) if isinstance(one, dict) else None
        if name in once:
            del one["$ref"]
            one.update(definitions[name])
        _replace(one, definitions, once)


def _name(node: dict[str, Any]) -> str | None:
    reference = node.get("$ref")
    return reference.removeprefix("#/$defs/") if isinstance(reference, str) else None
