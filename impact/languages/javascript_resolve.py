"""Where a specifier leads: relative paths, `paths` of a tsconfig, packages of the tree, globs."""

import posixpath
import re

from ..model import Confidence, Files, Hit, Reference, Resolved, Resolver
from .javascript_configs import Alias, Config, Configs, join, parents
from .javascript_packages import Packages, entries, fields, mapped, sources, split_name
from .javascript_paths import Paths

Found = tuple[str, Confidence]
Where = tuple[tuple[Found, ...], str]
_TYPED = re.compile(r"\.(?:[cm]?tsx?|vue|svelte|astro)$")
_ELSEWHERE = re.compile(r"[a-zA-Z][\w+.-]+:|//|data:")
_ALIASES = (("@/", "src/"), ("~/", "src/"), ("~~/", ""), ("@@/", ""), ("$lib/", "src/lib/"), ("@/", ""), ("~/", ""))
_MOST = 200
_ENTRIES = 4


def resolver(files: Files) -> Resolver:
    """The resolver of a tree."""
    tree = _Tree(files)
    return tree.resolve


class _Tree:
    def __init__(self, files: Files) -> None:
        self._paths = Paths(files.paths)
        self._packages = Packages(files)
        self._configs = Configs(files, self._packages.file)
        self._known: dict[tuple[str, str, str], Where] = {}
        self._telling = {"", *self._packages.telling, *self._configs.telling}
        self._places: dict[str, str] = {}
        self._bare_known: dict[tuple[str, str, str], Where] = {}

    def resolve(self, path: str, one: Reference) -> Resolved:
        """Where a reference of a file leads."""
        folder = posixpath.dirname(path)
        if one.kind == "path":
            return self._named(folder, one)
        # A file with types is written for either; one without is loaded in one of the two ways.
        typed = _TYPED.search(path) is not None and one.kind != "load"
        key = (folder, one.target, "" if typed else self._packages.mode(path))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._look(*key)
        found, why = known
        hits = tuple(
            Hit(target, one.names, one.local, "likely" if one.confidence != "sure" else confidence)
            for target, confidence in found
        )
        return Resolved(hits, why)

    def _named(self, folder: str, one: Reference) -> Resolved:
        """A file named by its path; what is not there may be made by running, so nothing is wrong with that."""
        base = join(folder, one.target)
        if base in self._paths.paths:
            return Resolved((Hit(base),))
        found = self._paths.find(base, False)
        return Resolved((Hit(found, confidence="likely"),) if found else ())

    def _look(self, folder: str, target: str, mode: str) -> Where:
        if "*" in target:
            return self._glob(folder, target.split()), ""
        target = target.rpartition("!")[2].partition("?")[0]
        if not target or _ELSEWHERE.match(target):
            return (), ""
        typed = not mode
        found, why = self._specifier(folder, target, mode)
        if len(found) == 1 and typed and (written := self._paths.written(found[0][0])):
            return (*found, (written, "likely")), ""
        return found, why

    def _specifier(self, folder: str, target: str, mode: str) -> Where:
        typed = not mode
        if target.startswith(("./", "../")) or target in (".", ".."):
            return self._relative(folder, target, typed)
        if target.startswith("/"):
            return _only(self._rooted(folder, target, typed), "likely"), ""
        # Most files name the same few packages.
        key = (self._place(folder), target, mode)
        known = self._bare_known.get(key)
        if known is None:
            known = self._bare_known[key] = self._bare(*key)
        return known

    def _place(self, folder: str) -> str:
        """The nearest folder above in which something is said of what names without a path mean."""
        place = self._places.get(folder)
        if place is None:
            place = folder if folder in self._telling else self._place(posixpath.dirname(folder))
            self._places[folder] = place
        return place

    def _bare(self, folder: str, target: str, mode: str) -> Where:
        typed = not mode
        configs = self._configs.chain(folder)
        for config in configs[:1]:
            if found := self._aliased(config, target, typed):
                return ((found, "sure"),), ""
        named, why = self._package(folder, target, mode)
        if named:
            return named, ""
        for config in configs[1:]:
            if found := self._aliased(config, target, typed):
                return ((found, "likely"),), ""
        found = self._aliased_source(configs, target, typed) or self._customary(folder, target, typed)
        if found:
            return ((found, "likely"),), ""
        # A pattern that begins with `*` also fits every installed package.
        fits = any(
            _star(one, target) is not None and one.pattern[:1] != "*" for each in configs for one in each.aliases
        )
        inside = fits or target.startswith(("@/", "~/", "#"))
        return (), why or (f"no file for {target}" if inside else "")

    def _relative(self, folder: str, target: str, typed: bool) -> Where:
        base = join(folder, target)
        if base.startswith("../") or base == "..":
            return (), f"{target} leads out of the tree"
        # With a slash at its end, or dots alone, it is a folder even where a file is called so.
        if not target.endswith(("/", "/.", "/..")) and target not in (".", ".."):
            found = self._paths.file(base, typed)
            if found:
                return ((found, "sure"),), ""
        package = self._packages.manifests.get(base)
        options = [join(base, one) for one in fields(package)] if package is not None else []
        if several := self._paths.all([*options, join(base, "index")], typed):
            return _several(several if package is not None else several[:1]), ""
        for config in self._configs.chain(folder)[:1]:
            if found := self._elsewhere(config, folder, target, typed):
                return ((found, "sure"),), ""
        built = self._built(base, typed)
        return _only(built, "likely"), "" if built else f"no file at {base}"

    def _elsewhere(self, config: Config, folder: str, target: str, typed: bool) -> str:
        """A relative path across `rootDirs`, which count as one folder."""
        for root in config.roots:
            if folder == root or folder.startswith(f"{root}/"):
                path = join(folder[len(root) :].lstrip("/"), target)
                for other in config.roots:
                    found = self._paths.find(join(other, path), typed)
                    if found:
                        return found
        return ""

    def _built(self, base: str, typed: bool) -> str:
        """The source of a file that is not there because it is built (`../dist/index.js`)."""
        package = self._packages.nearest(posixpath.dirname(base))
        folder = package.folder if package is not None else ""
        return self._source(folder, base[len(folder) :].lstrip("/"), typed)

    def _source(self, folder: str, within: str, typed: bool) -> str:
        for source in sources(within):
            found = self._paths.find(join(folder, source), typed)
            if found:
                return found
        return ""

    def _rooted(self, folder: str, target: str, typed: bool) -> str:
        """A path from the root of a site, which is some folder above."""
        for above in (folder, *parents(folder)):
            for base in (join(above, target[1:]), join(above, "public" + target)):
                if base and (found := self._paths.find(base, typed)):
                    return found
        return ""

    def _aliased(self, config: Config, target: str, typed: bool) -> str:
        """What a tsconfig maps a specifier to."""
        for one in _targets(config, target):
            if found := self._paths.find(one, typed):
                return found
        return self._paths.find(join(config.base, target), typed) if config.base is not None else ""

    def _aliased_source(self, configs: tuple[Config, ...], target: str, typed: bool) -> str:
        """The source of what a tsconfig maps a specifier to, where that is built."""
        for config in configs:
            for one in _targets(config, target):
                if found := self._built(one, typed):
                    return found
        return ""

    def _package(self, folder: str, target: str, mode: str) -> Where:
        typed = not mode
        if target.startswith("#"):
            own = self._packages.nearest(folder)
            return (
                self._entry(own.folder, list(mapped(own.data.get("imports"), target, mode)), typed) if own else ()
            ), ""
        for above in (folder, *parents(folder)) if self._packages.installed else ():
            prefix = f"{above}/" if above else ""
            if prefix in self._packages.installed and (
                found := self._paths.find(f"{prefix}node_modules/{target}", typed)
            ):
                return ((found, "sure"),), ""
        name, within = split_name(target)
        package = self._packages.named(folder, name)
        if package is None:
            return (), ""
        known = self._entry(package.folder, list(entries(package, within, mode)), typed)
        if not known:
            base = join(package.folder, f"src/{within or 'index'}")
            other = self._paths.find(base, typed) or ("" if within else self._paths.find(package.folder, typed))
            known = _only(other, "likely")
        return known, "" if known else f"no file for {target} in {package.folder or 'the tree'}"

    def _entry(self, folder: str, options: list[str], typed: bool) -> tuple[Found, ...]:
        several = self._paths.all([join(folder, one) for one in options], typed)
        if several:
            return _several(several)
        for one in options:
            if found := self._source(folder, one, typed):
                return ((found, "likely"),)
        return ()

    def _customary(self, folder: str, target: str, typed: bool) -> str:
        """What `@/`, `~/` and `$lib/` mean where a bundler's settings say it, which are code."""
        for prefix, place in _ALIASES:
            for above in (folder, *parents(folder)) if target.startswith(prefix) else ():
                if above in self._packages.manifests or not above:
                    found = self._paths.find(join(above, place + target[len(prefix) :]), typed)
                    if found:
                        return found
        return ""

    def _glob(self, folder: str, patterns: list[str]) -> tuple[Found, ...]:
        found: list[Found] = []
        for pattern in patterns:
            base = join("", pattern[1:]) if pattern.startswith("/") else join(folder, pattern)
            match = _glob_pattern(base)
            fixed = base.partition("*")[0]
            found += [(one, "likely") for one in self._paths.paths if one.startswith(fixed) and match.fullmatch(one)]
        return tuple(sorted(found)[:_MOST])


def _only(path: str, confidence: Confidence) -> tuple[Found, ...]:
    return ((path, confidence),) if path else ()


def _several(paths: tuple[str, ...]) -> tuple[Found, ...]:
    """What a package answers with: which of several hangs on who asks, so only the first is sure."""
    return ((paths[0], "sure"), *((one, "likely") for one in paths[1:_ENTRIES]))


def _targets(config: Config, target: str) -> list[str]:
    for alias in config.aliases:
        star = _star(alias, target)
        if star is not None:
            return [one.replace("*", star) for one in alias.targets]
    return []


def _star(alias: Alias, target: str) -> str | None:
    """What the `*` of a pattern stands for; None if the pattern does not fit."""
    before, star, after = alias.pattern.partition("*")
    if not star:
        return "" if target == before else None
    if len(target) >= len(before) + len(after) and target.startswith(before) and target.endswith(after):
        return target[len(before) : len(target) - len(after)]
    return None


def _glob_pattern(pattern: str) -> re.Pattern[str]:
    """`**/` any folders, `*` within one, `{a,b}` either."""
    text = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    return re.compile(re.sub(r"\\\{(.*?)\\\}", lambda one: f"(?:{one[1].replace(',', '|')})", text))
