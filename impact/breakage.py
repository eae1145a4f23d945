"""What a change breaks: the files that would use what is no longer there, or is no longer the same.

Both sides of the change count. A file that needs a changed one is looked at as it will be after the
change, with the graph of today: what it still names and no longer finds is broken. And a file that goes
back to an older state may itself name what has gone since.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from ..core.gate.objects import Entry
from .dependents import ORDER, Dependent, Tier, Via
from .graph import NOTHING, Graph, Listed
from .languages import language_of
from .library import Library
from .lost import Lost, together
from .model import Definition, Edge, Facts, Hit, Use

# Files that only look at a name, or run later, do not break as surely as those that load it.
_SURE_KINDS = frozenset({"import", "export", "type", "lazy", "reference", "read", "write", "include", "load"})
_EVERYTHING = "*"


class Breakage:
    """Works out what a change breaks.

    Args:
        library: reads trees.
        before: today's graph.
        changes: by path the entry after the change, None where the file goes.
    """

    def __init__(self, library: Library, before: Graph, changes: Mapping[str, Entry | None]) -> None:
        self._library = library
        self._before = before
        self._changes = changes
        self._found: dict[str, Dependent] = {}
        self.problems: dict[str, str] = {}

    @cached_property
    def after(self) -> dict[str, Listed]:
        """The files as they will be."""
        return self._library.with_changes(self._before.listed, self._changes)

    @cached_property
    def _resolving(self) -> Graph:
        """Where references lead after the change; no edges."""
        if self.after.keys() == self._before.listed.keys() and not any(map(_settles, self._changes)):
            return self._before  # where the same files stand, a reference leads to the same one
        return self._library.view(self.after)

    def run(self) -> list[Dependent]:
        """Every file that breaks surely or likely, nearest first."""
        waiting = self._losses
        known = {(one.path, name) for one in waiting for name in (_EVERYTHING, *one.asked)}
        while waiting:
            self._prepare(waiting)
            following = []
            for lost in waiting:
                for edge in self._edges_to(lost.path):
                    passed = self._examine(edge, lost)
                    fresh = {(passed.path, name) for name in passed.asked} - known if passed is not None else ()
                    if passed is not None and fresh:
                        known.update(fresh)
                        following.append(passed)
            waiting = together(following)
        self._look_inside()
        return sorted(self._found.values(), key=lambda one: (ORDER.index(one.tier), one.distance, one.path))

    def _prepare(self, waiting: Sequence[Lost]) -> None:
        """Read and parse at once what will be asked for one by one."""
        edges = [(edge, lost) for lost in waiting for edge in self._edges_to(lost.path)]
        asked = [self._asked(edge, lost) for edge, lost in edges if not (lost.whole and lost.distance == 0)]
        questions = [one for one in asked if one is not None]
        self._library.look_up(questions)
        # The lines to be shown.
        shown = {one.blob: one for one, edge, names in questions if self._library.uses(one, edge, names)}
        gone = (edge.source for edge, lost in edges if lost.whole)
        self._library.fetch([*shown.values(), *(self.after[path] for path in gone if path in self.after)])
        passing = {edge.source for edge, lost in edges if self._may_pass(edge, lost)}
        self._library.definitions(self.after[path] for path in passing if path in self.after)

    @cached_property
    def _losses(self) -> list[Lost]:
        """What is lost of the files that anybody needs."""
        needed = {path: entry for path, entry in self._changes.items() if self._edges_to(path)}
        sides = (self._before.listed, self.after)
        self._library.definitions(side[path] for side in sides for path in needed if path in side)
        found = []
        for path, entry in needed.items():
            if path not in self._before.listed:
                continue
            language = language_of(path)
            if path in self.after and self.after[path].unread:
                continue  # what it will offer is not known
            if entry is None:
                found.append(Lost(path=path, whole=True, gone=frozenset(self._defined(path, after=False))))
            elif language is not None and language.definitions is not None:
                if self._declared(path, after=False) == self._declared(path, after=True):
                    continue
                old, new = self._defined(path, after=False), self._defined(path, after=True)
                gone = frozenset(old) - frozenset(new)
                # A member of what is gone itself is no news.
                gone = frozenset(name for name in gone if name.rpartition(".")[0] not in gone)
                altered = frozenset(name for name, one in new.items() if name in old and old[name] != one)
                altered -= self._passed_on_alike(path) if altered else frozenset()
                if gone or altered:
                    found.append(Lost(path=path, gone=gone, altered=altered))
        return found

    def _passed_on_alike(self, path: str) -> frozenset[str]:
        """Names that a file passes on before and after the change, taken from the same files, however it says so."""
        facts = self._changed_facts.get(path)
        later = self._before.resolve(path, facts)[0] if facts is not None else ()
        now = self._passed_from(path, later, after=True)
        was = self._passed_from(path, self._before.edges.get(path, ()), after=False)
        return frozenset(name for name, targets in was.items() if targets == now.get(name))

    def _passed_from(self, path: str, edges: Iterable[Edge], *, after: bool) -> dict[str, set[tuple[str, str]]]:
        """Where the names that a file passes on come from: files, and what they are called there."""
        found: dict[str, set[tuple[str, str]]] = {}
        passed = {one.name for one in self._definitions(path, after=after) if one.kind == "reexport"}
        for edge in edges:
            for local, name in [(one.local, one.name) for one in edge.names] or [(edge.local, "")]:
                if local in passed:
                    found.setdefault(local, set()).add((edge.target, name))
        return found

    def _declared(self, path: str, *, after: bool) -> list[tuple[str, str]]:
        return [(one.name, one.signature) for one in self._definitions(path, after=after)]

    @cached_property
    def _all_stay(self) -> bool:
        """Whether no name that others could use goes: then nothing that finds one now loses it."""
        return not any(lost.whole or lost.gone for lost in self._losses)

    def _defined(self, path: str, *, after: bool) -> dict[str, str]:
        """Names a file offers, with their signatures; several declarations of one name count together."""
        found: dict[str, list[str]] = {}
        for one in self._definitions(path, after=after):
            found.setdefault(one.name, []).append(one.signature)
        return {name: "\n".join(signatures) for name, signatures in found.items()}

    def _definitions(self, path: str, *, after: bool) -> Sequence[Definition]:
        one = (self.after if after else self._before.listed).get(path)
        return () if one is None else next(iter(self._library.definitions([one]).values()), ())

    def _data(self, path: str, *, after: bool) -> bytes | None:
        """A file's bytes; None if there is no such file, or nobody reads it."""
        one = (self.after if after else self._before.listed).get(path)
        return None if one is None or one.unread or one.language is None else self._library.read(one.blob)

    def _edges_to(self, path: str) -> list[Edge]:
        """Who needs a file, as they will stand after the change and as far as they do not go themselves."""
        still = [edge for edge in self._before.dependents.get(path, ()) if edge.source not in self._changes]
        return [*still, *self._changed_dependents.get(path, ())]

    @cached_property
    def _changed_dependents(self) -> dict[str, list[Edge]]:
        found: dict[str, list[Edge]] = {}
        for path, facts in self._changed_facts.items():
            for edge in self._before.resolve(path, facts, self._changed_beside.get(path, NOTHING))[0]:
                found.setdefault(edge.target, []).append(edge)
        return found

    @cached_property
    def _changed_said(self) -> tuple[dict[str, Facts], dict[str, Facts]]:
        return self._library.facts({path: self.after[path] for path in self._changes if path in self.after})

    @property
    def _changed_facts(self) -> dict[str, Facts]:
        """What changed files will say in their language's words."""
        return self._changed_said[0]

    @property
    def _changed_beside(self) -> dict[str, Facts]:
        """What they will say beside those."""
        return self._changed_said[1]

    def _examine(self, edge: Edge, lost: Lost) -> Lost | None:
        """Judge one file that needs another; what it then no longer passes on itself."""
        if lost.whole and lost.distance == 0:
            if self._leads_elsewhere(edge):
                return None
            surely = edge.kind in _SURE_KINDS and edge.confidence == "sure"
            names = tuple(name.name for name in edge.names)
            self._add(edge, lost, "will_break" if surely else "likely", [(edge.line, names)])
            return self._passes_on(edge, lost, lost.gone)
        uses = [one for one in self._uses(edge, lost) if one.sure or one.name not in lost.modules]
        broken = [one for one in uses if one.sure and one.name in lost.gone]
        if broken:
            self._add(edge, lost, "will_break" if edge.confidence == "sure" else "likely", _lines(broken))
        else:
            # An import finds a name whose declaration changed as well as before.
            uses = [one for one in uses if one.line != edge.line or one.name in lost.gone]
            if uses:
                self._add(edge, lost, "likely", _lines(uses))
        return self._passes_on(edge, lost, lost.gone | lost.altered)

    def _leads_elsewhere(self, edge: Edge) -> bool:
        """Whether what names a file that goes finds another one then."""
        facts = self._changed_facts.get(edge.source) or self._before.files.facts.get(edge.source)
        if facts is None:
            return False
        same = [one for one in facts.references if one.line == edge.line and one.kind == edge.kind]
        resolver = self._resolving.resolvers.get(_reader(edge.source))
        return any(resolver is not None and any(map(self._offers, resolver(edge.source, one).hits)) for one in same)

    def _offers(self, hit: Hit) -> bool:
        """Whether a file has, after the change, what is taken from it: a package stands for a module that goes."""
        language = language_of(hit.path)
        one = self.after.get(hit.path)
        if not hit.names or language is None or language.definitions is None or one is None or one.unread:
            return True
        there = {one.name for one in self._definitions(hit.path, after=True)}
        return _EVERYTHING in there or all(name.name in there for name in hit.names)

    def _asked(self, edge: Edge, lost: Lost) -> tuple[Listed, Edge, Sequence[str]] | None:
        """What to ask of a file that may use what is lost; None for nothing that its language could tell."""
        language = language_of(edge.source)
        if language is None or language.uses is None:
            return None
        names = lost.asked
        taken = {name.name for name in edge.names}
        if language.takes_names and taken and not edge.local and _EVERYTHING not in taken:
            names = [name for name in names if name.partition(".")[0] in taken]
        one = self.after.get(edge.source)
        return None if not names or one is None or one.unread or one.language is None else (one, edge, names)

    def _uses(self, edge: Edge, lost: Lost) -> Sequence[Use]:
        asked = self._asked(edge, lost)
        if asked is not None:
            return self._library.uses(*asked)
        language = language_of(edge.source)
        if language is not None and language.uses is not None:
            return ()
        taken = {name.name for name in edge.names}
        return [Use(name, edge.line, True) for name in lost.asked if name in taken]

    def _may_pass(self, edge: Edge, lost: Lost) -> bool:
        """Whether a file takes what is lost, and anybody could miss what it passes on."""
        taken = {one.name for one in edge.names}
        takes = _EVERYTHING in taken or not (taken.isdisjoint(lost.gone) and taken.isdisjoint(lost.altered))
        return (takes or _gathers(edge)) and bool(self._edges_to(edge.source))

    def _passes_on(self, edge: Edge, lost: Lost, names: frozenset[str]) -> Lost | None:
        """What a file that takes these names offers under its own path, and loses then."""
        if not self._may_pass(edge, lost):
            return None
        if _gathers(edge):
            # Reached as `package.module.name`; what that has is one step too far.
            own = {name: f"{edge.local}.{name}" for name in names if "." not in name}
            return self._passed(edge, lost, own, modules=frozenset(own.values()))
        taken = {name.name: name.local or name.name for name in edge.names}
        offered = {one.name for one in self._definitions(edge.source, after=True) if one.kind == "reexport"}
        if _EVERYTHING in taken:
            own = {name: name for name in names}
        else:
            own = {name: taken[name] for name in names if name in taken and taken[name] in offered}
        return self._passed(edge, lost, own)

    @staticmethod
    def _passed(edge: Edge, lost: Lost, own: Mapping[str, str], modules: frozenset[str] = frozenset()) -> Lost | None:
        """What is lost under the names that a file has for it."""
        if not own:
            return None
        return Lost(
            path=edge.source,
            gone=frozenset(own[name] for name in lost.gone if name in own),
            altered=frozenset(own[name] for name in lost.altered if name in own),
            distance=lost.distance + 1,
            modules=modules,
        )

    def _look_inside(self) -> None:
        """Changed files that name, in their older state, what is not there."""
        resolved = []
        for path, facts in self._changed_facts.items():
            before = self._before.files.facts.get(path)
            if facts.references and (before is None or not _same(facts, before) or not self._all_stay):
                resolved.append((path, before, *self._resolving.resolve(path, facts)))
        targets = {edge.target for _, _, edges, _ in resolved for edge in edges if edge.names}
        self._library.fetch(self.after[path] for path in targets if path in self.after)
        for path, before, edges, unresolved in resolved:
            known = set() if before is None else {text for _, text in self._before.resolve(path, before)[1]}
            for line, text in unresolved:
                if text not in known:
                    edge = Edge(path, path, "import", line)
                    self._add(edge, Lost(path=path), "will_break", [(line, (text.partition(":")[0],))])
            for edge in edges:
                missing = self._missing(edge)
                if missing:
                    lost = Lost(path=edge.target, gone=frozenset(missing))
                    self._add(edge, lost, "will_break", [(edge.line, missing)])

    def _missing(self, edge: Edge) -> tuple[str, ...]:
        """Names an older file takes from one that does not have them, although it did not lack them before."""
        if not edge.names or edge.confidence != "sure" or edge.kind not in _SURE_KINDS:
            return ()
        language = language_of(edge.target)
        if language is None or language.definitions is None or self._data(edge.target, after=True) is None:
            return ()
        data = self._data(edge.target, after=True) or b""
        wanted = [name.name for name in edge.names if name.name != _EVERYTHING]
        # What stands there as a word may be defined in a way nobody reads.
        if all(name.encode("utf-8", "surrogateescape") in data for name in wanted):
            return ()
        offered = {one.name for one in self._definitions(edge.target, after=True)}
        if _EVERYTHING in offered:
            return ()
        lacked = set(self._taken_before(edge)) - set(self._defined(edge.target, after=False))
        return tuple(name for name in wanted if name not in offered and name not in lacked)

    def _taken_before(self, edge: Edge) -> list[str]:
        same = (one for one in self._before.edges.get(edge.source, ()) if one.target == edge.target)
        return [name.name for one in same for name in one.names]

    def _add(self, edge: Edge, lost: Lost, tier: Tier, lines: Iterable[tuple[int, tuple[str, ...]]]) -> None:
        via = [
            Via(
                source=edge.source,
                target=lost.path,
                line=line,
                kind=edge.kind,
                names=names,
                text=self._text(edge.source, line),
            )
            for line, names in lines
        ]
        known = self._found.get(edge.source)
        one = Dependent(
            path=edge.source,
            tier=tier,
            via=via,
            distance=lost.distance + 1,
            changes=edge.source in self._changes,
        )
        if known is not None:
            first, second = sorted((known, one), key=lambda each: ORDER.index(each.tier))
            both = [*first.via, *(each for each in second.via if each not in first.via)]
            one = replace(first, via=both, distance=min(known.distance, one.distance))
        self._found[edge.source] = one

    def _text(self, path: str, line: int) -> str:
        data = self._data(path, after=True)
        lines = [] if data is None or line < 1 else data.split(b"\n", line)
        return lines[line - 1].decode("utf-8", "replace").strip() if len(lines) >= line > 0 else ""


def _gathers(edge: Edge) -> bool:
    """Whether what a file takes as a whole can be reached through it."""
    language = language_of(edge.source)
    if language is None or language.gathers is None or not language.gathers(edge.source):
        return False
    return bool(edge.local) and "." not in edge.local and edge.kind == "import" and edge.confidence == "sure"


def _settles(path: str) -> bool:
    """Whether a file may say where references lead: settings, not code."""
    language = language_of(path)
    return language is None or language.definitions is None or language.name in ("yaml", "toml", "json")


def _same(one: Facts, other: Facts) -> bool:
    """Whether two states of a file need the same things."""
    return {(ref.target, ref.names) for ref in one.references} == {
        (ref.target, ref.names) for ref in other.references
    }


def _reader(path: str) -> str:
    language = language_of(path)
    return "" if language is None else language.name


def _lines(uses: Iterable[Use]) -> list[tuple[int, tuple[str, ...]]]:
    found: dict[int, list[str]] = {}
    for one in uses:
        found.setdefault(one.line, []).append(one.name)
    return [(line, tuple(dict.fromkeys(names))) for line, names in sorted(found.items())]
