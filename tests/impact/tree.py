"""Small trees of files in memory, and what a language makes of them."""

from collections.abc import Mapping

from safe_rollback.impact.model import Edge, Facts, Files, Language, Resolved


def files(tree: Mapping[str, str | bytes], language: Language) -> Files:
    """A tree whose files were read by one language."""
    contents = {path: text.encode() if isinstance(text, str) else text for path, text in tree.items()}
    facts: dict[str, Facts] = {
        path: language.extract(data) for path, data in contents.items() if language.matches(path)
    }
    return Files(paths=frozenset(contents), read=contents.__getitem__, facts=facts)


def edges(tree: Mapping[str, str | bytes], language: Language) -> list[Edge]:
    """Every edge of a tree, in order of path and line; an edge to itself is none."""
    known = files(tree, language)
    resolve = language.resolver(known)
    found = [
        Edge(path, hit.path, one.kind, one.line, hit.names, hit.local, hit.confidence)
        for path, facts in known.facts.items()
        for one in facts.references
        for hit in resolve(path, one).hits
        if hit.path != path
    ]
    return sorted(found, key=lambda edge: (edge.source, edge.line, edge.target))


def arrows(tree: Mapping[str, str | bytes], language: Language) -> list[str]:
    """Every edge as `source:line -kind-> target (names)`."""
    return [
        f"{one.source}:{one.line} -{one.kind}-> {one.target}"
        + (f" ({', '.join(name.name for name in one.names)})" if one.names else "")
        for one in edges(tree, language)
    ]


def unresolved(tree: Mapping[str, str | bytes], language: Language) -> list[tuple[str, str]]:
    """References that nobody knows where they lead: path and reason."""
    known = files(tree, language)
    resolve = language.resolver(known)
    found: list[tuple[str, Resolved]] = [
        (path, resolve(path, one)) for path, facts in known.facts.items() for one in facts.references
    ]
    return [(path, one.why) for path, one in found if one.why]
