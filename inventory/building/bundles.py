"""Which bundles a target has built again: those of the packages whose sources it changed, and of their users."""

import posixpath
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from ..changes import Changes
from ..generated import is_vendored
from .bundlers import Bundler, bundler_of
from .group import Group
from .packages import Package, Packages

_SOURCE = re.compile(
    r"\.(?:[cm]?[jt]sx?|vue|svelte|astro|hbs|coffee|s?css|sass|less|styl|pcss|html|graphql|gql|"
    r"svg|png|jpe?g|gif|webp|avif|woff2?)$"
)
_CONFIG = re.compile(
    r"(?:^|/)(?:tsconfig[\w.-]*\.json|\.babelrc|angular\.json|\.browserslistrc|\.swcrc|"
    r"config/(?:webpacker|shakapacker)\.yml|config/vite\.json)$"
)
# What no bundle has in it: tests, stories, types only, tools' own files.
_NOT_BUNDLED = re.compile(
    r"(?:^|/)(?:__tests__|__mocks__|__snapshots__|__fixtures__|tests?|specs?|e2e|cypress|playwright|\.storybook|stories|"
    r"test-utils|fixtures|scripts|bin|migrations?|seeds?|\.github|\.husky|docs?|examples?|patches)/|"
    r"\.(?:test|spec|cy|e2e|stories|story|bench|test-d|d)\.[\w.]+$|"
    r"(?:^|/)(?:\.[\w-]+rc(?:\.[cm]?js)?|(?:jest|vitest|playwright|cypress|eslint|prettier|commitlint|lint-staged|stylelint|knip|"
    r"codegen|orval|lingui|i18next-parser|vitestSetup|setupTests)[\w.-]*\.[cm]?[jt]sx?)$"
)
_RAILS = re.compile(r"^((?:.*/)?)app/(?:assets|javascript|frontend|webpacker|packs)/")
_RAILS_SOURCE = re.compile(r"\.(?:[cm]?[jt]sx?|coffee|s?css|sass|less|vue|svelte|erb|svg|png|jpe?g|gif|ico|woff2?)$")
_NO_SOURCES = (":(exclude,glob)**/package.json", ":(exclude,glob)**/*.config.*", ":(exclude,glob)**/*.md*")
_FEW = 5
_FRAMEWORKS = (
    ("config/vite.json", "public/vite"),
    ("config/shakapacker.yml", "public/packs"),
    ("config/webpacker.yml", "public/packs"),
    ("config/application.rb", "public/assets"),
    ("artisan", "public/build"),
)
_BUILT = re.compile(r"(?:^|/)(?:dist|app/assets/builds|public)/")


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A bundle that has to be built again.

    Attributes:
        name: the directory of its package; for the root the package's name, or where the bundle goes if it has
            none; for Rails' own assets, where they go.
        package: what builds it; None for Rails' own assets.
        bundler: the tool that builds it.
        output: where it goes unless configured otherwise, from the root.
        sources: the changes of what is in it.
    """

    name: str
    output: str
    package: Package | None = None
    bundler: Bundler | None = None
    sources: Group = field(default_factory=Group)


def bundles(changes: Changes) -> Iterator[Bundle]:
    """The bundles of a target; who uses a package is searched for until they are asked for."""
    packages, files = Packages(changes), changes.before.files
    tool = cache(lambda package: bundler_of(package, files, partial(_text, changes)))
    touched: dict[Package, Group] = {}
    found: dict[str, Bundle] = {}
    for delta in changes.deltas:
        if is_vendored(delta.path) or _BUILT.search(delta.path):
            continue
        holder = _holder(delta.path, packages)
        if holder is not None and (tool(holder) or len(packages.with_users(holder)) > 1):
            touched.setdefault(holder, Group()).deltas.append(delta)
        elif output := _rails_output(delta.path, files):
            found.setdefault(output, Bundle(name=output, output=output)).sources.deltas.append(delta)
    built = _built(touched, packages, tool, changes)

    def made() -> Iterator[Bundle]:
        for package, group in built:
            output = _output(package, tool(package), files)
            name = package.folder or package.name or output
            known = found.setdefault(name, Bundle(name=name, package=package, bundler=tool(package), output=output))
            known.sources.deltas += group.deltas
        yield from (one for one in found.values() if one.sources.moved)

    return made()


def _output(package: Package, bundler: Bundler | None, files: Container[str]) -> str:
    """Where a bundle goes: frameworks of other languages have a place of their own for it."""
    for marker, output in _FRAMEWORKS:
        if posixpath.join(package.folder, marker) in files:
            return posixpath.join(package.folder, output)
    return posixpath.join(package.folder, bundler.output if bundler else "")


def _text(changes: Changes, path: str) -> str:
    side = changes.before.read(path)
    return side.text if side else ""


def _holder(path: str, packages: Packages) -> Package | None:
    """The package that has a path among its sources."""
    if not (_SOURCE.search(path) or _CONFIG.search(path)):
        return None
    holder = packages.holder(path)
    return None if holder is None or _NOT_BUNDLED.search(path[len(holder.folder) :]) else holder


def _built(
    touched: Mapping[Package, Group], packages: Packages, tool: Callable[[Package], Bundler | None], changes: Changes
) -> Iterator[tuple[Package, Group]]:
    """The packages whose bundles have a touched package's sources in them, with the changes.

    Which of those that may use a package do is told by who names it; if nobody does, sites have it by way of others.
    """
    own = {package for package in touched if tool(package)}
    bundled = {package: [one for one in packages.with_users(package)[1:] if tool(one)] for package in touched}
    # A bundle that is built again for sources of its own needs no other reason.
    users = {package: [one for one in several if one not in own] for package, several in bundled.items()}
    candidates = {one.folder: one for several in users.values() for one in several}
    names = [package.name for package, several in users.items() if several]
    folders = [] if "" in candidates else [f":(literal){folder}" for folder in candidates]
    searched = changes.after.asking(names, [*folders, *_NO_SOURCES])

    def found() -> Iterator[tuple[Package, Group]]:
        mentions = searched()
        for package, group in touched.items():
            if package in own:
                yield package, group
            named: dict[Package | None, list[str]] = {}
            for path in mentions.get(package.name, ()):
                named.setdefault(packages.holder(path), []).append(path)
            direct = [one for one in users[package] if one in named and _takes(named[one], package, group, changes)]
            if not direct and not any(one in own or one in named for one in bundled[package]):
                direct = [one for one in users[package] if (bundler := tool(one)) and bundler.site]
            yield from ((one, group) for one in direct)

    return found()


def _takes(paths: Sequence[str], package: Package, group: Group, changes: Changes) -> bool:
    """Whether files that name a package may mean what changed; where there are few of them, they are read."""
    if len(paths) > _FEW:
        return True
    specifier = re.compile(re.escape(package.name) + r"(/[\w./@-]*)?[\"'`]")
    texts = (side.text for path in paths if (side := changes.after.read(path)))
    wanted = {(inner or "").strip("/") for text in texts for inner in specifier.findall(text)}
    changed = [delta.path[len(package.folder) :].lstrip("/") for delta in group.deltas]
    return "" in wanted or any(f"{path}/".startswith((f"{one}/", f"{one}.")) for path in changed for one in wanted)


def _rails_output(path: str, files: Container[str]) -> str:
    """Where a Rails application compiles an asset to; empty for what is none."""
    found = _RAILS.match(path)
    if found is None or not _RAILS_SOURCE.search(path):
        return ""
    for root in dict.fromkeys((found[1], "")):
        if f"{root}config/application.rb" in files:
            return f"{root}public/assets"
    return ""
