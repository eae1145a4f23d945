"""The reach of a rollback as a graph, for Mermaid and for Graphviz."""

from ...tools.blast_radius import BlastRadius

_FILL = {"will_break": "#f8d7da", "likely": "#fff3cd", "reachable": "#e2e3e5"}
_CHANGED = "#cfe2ff"


def mermaid(found: BlastRadius) -> str:
    """A flowchart: an arrow from a file to what it uses."""
    names = _names(found)
    lines = ["flowchart LR"]
    lines += [f'    {name}["{_quoted(path)}"]' for path, name in names.items()]
    lines += [f"    {names[source]} -->|{kind}| {names[target]}" for source, target, kind in _arrows(found)]
    tiers = _tiers(found)
    lines += [f"    style {name} fill:{_FILL.get(tiers.get(path, ''), _CHANGED)}" for path, name in names.items()]
    return "\n".join(lines)


def dot(found: BlastRadius) -> str:
    """The same as a digraph."""
    names, tiers = _names(found), _tiers(found)
    lines = ["digraph impact {", "    rankdir=LR;", "    node [shape=box, style=filled];"]
    lines += [
        f'    {name} [label="{_quoted(path)}", fillcolor="{_FILL.get(tiers.get(path, ""), _CHANGED)}"];'
        for path, name in names.items()
    ]
    lines += [f'    {names[source]} -> {names[target]} [label="{kind}"];' for source, target, kind in _arrows(found)]
    return "\n".join([*lines, "}"])


def _names(found: BlastRadius) -> dict[str, str]:
    paths = [*found.changed]
    for source, target, _ in _arrows(found):
        paths += [source, target]
    return {path: f"n{number}" for number, path in enumerate(dict.fromkeys(paths))}


def _arrows(found: BlastRadius) -> list[tuple[str, str, str]]:
    arrows = ((via.source, via.target, via.kind) for one in found.dependents for via in one.via)
    return list(dict.fromkeys(arrows))


def _tiers(found: BlastRadius) -> dict[str, str]:
    return {one.path: one.tier for one in found.dependents if not one.in_target}


def _quoted(path: str) -> str:
    return path.replace("\\", "\\\\").replace('"', "'")
