"""Which packages are built for browsers, by what, and where to."""

import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from posixpath import join

from .packages import Package


@dataclass(frozen=True, kw_only=True)
class Bundler:
    """A tool that builds for browsers.

    Attributes:
        name: the tool.
        script: what a script that runs it has in it.
        output: where it writes to unless told otherwise, from the package.
        site: whether all it builds are sites; others build libraries as well.
    """

    name: str
    script: re.Pattern[str]
    output: str = "dist"
    site: bool = False


def _bundler(name: str, script: str, output: str = "dist", *, site: bool = False) -> Bundler:
    return Bundler(name=name, script=re.compile(script), output=output, site=site)


BUNDLERS: tuple[Bundler, ...] = (
    _bundler("Next.js", r"\bnext build\b", ".next", site=True),
    _bundler("Nuxt", r"\bnuxi?t? (?:build|generate)\b", ".output", site=True),
    _bundler("React Router", r"\breact-router build\b", "build", site=True),
    _bundler("Remix", r"\bremix (?:vite:)?build\b", "build", site=True),
    _bundler("Create React App", r"\b(?:react-scripts|craco|react-app-rewired) build\b", "build", site=True),
    _bundler("Angular", r"\bng build\b", site=True),
    _bundler("Vue CLI", r"\bvue-cli-service build\b", site=True),
    _bundler("Astro", r"\bastro build\b", site=True),
    _bundler("Gatsby", r"\bgatsby build\b", "public", site=True),
    _bundler("Docusaurus", r"\bdocusaurus build\b", "build", site=True),
    _bundler("Ember", r"\bember build\b", site=True),
    _bundler("Expo", r"\bexpo export\b", site=True),
    _bundler("Parcel", r"\bparcel build\b", site=True),
    _bundler("webpacker", r"\b(?:bin/)?(?:webpacker|shakapacker)\b", "public/packs", site=True),
    _bundler("Vite", r"\bvite build\b"),
    _bundler("webpack", r"\bwebpack(?:-cli)?(?: |$)(?!-dev-server|serve)"),
    _bundler("Rspack", r"\b(?:rspack|rsbuild) build\b"),
    _bundler("Rollup", r"\brollup (?:-c|--config|-\w)"),
    _bundler("esbuild", r"\besbuild (?!--version)"),
    _bundler("Tailwind CSS", r"\b(?:tailwindcss|@tailwindcss/cli) "),
    _bundler("Sass", r"(?:^|&&|\s)(?:node-)?sass "),
    _bundler("gulp", r"\bgulp\b"),
    _bundler("Grunt", r"\bgrunt\b"),
)
"""The first whose command a script has; sites before what else builds libraries."""

_BUILDING = re.compile(r"build|bundle|compile|prod|dist|assets|release|webpack", re.IGNORECASE)
_NOT_BUILDING = re.compile(r"storybook|watch|(?:^|[:.-])dev|start|serve|test|lint|analy[sz]e", re.IGNORECASE)
# A script of the project's own that calls the bundler's API: `node bundle.cjs`.
_OWN_SCRIPT = re.compile(r"\b(?:node|tsx|ts-node|bun(?: run)?|deno run) \S*(?:build|bundle)\S*\.[cm]?[jt]s\b")
_LIBRARIES = {"esbuild": "esbuild", "webpack": "webpack", "vite": "Vite", "rollup": "Rollup"}
_FOR_BROWSERS = frozenset({
    "react", "react-dom", "preact", "vue", "svelte", "solid-js", "lit", "jquery", "alpinejs", "htmx.org", "bootstrap",
    "@angular/core", "@hotwired/stimulus", "@hotwired/turbo-rails", "@rails/ujs", "@rails/actioncable", "inferno",
    "ember-source", "tailwindcss", "backbone", "mithril", "@builder.io/qwik",
})  # fmt: skip
_CONFIGS = ("vite.config", "rollup.config", "webpack.config")
_BROWSER_FORMAT = re.compile(r"""["'](?:umd|iife)["']|index\.html""")


def bundler_of(package: Package, files: Container[str], read: Callable[[str], str]) -> Bundler | None:
    """What builds a package for browsers; None if nothing does.

    Args:
        package: the package.
        files: of the tree.
        read: the text of a path, empty if there is none.
    """
    building = [
        script
        for name, script in package.scripts.items()
        if _BUILDING.search(name) and not _NOT_BUILDING.search(name)
    ]
    for bundler in BUNDLERS:
        if any(bundler.script.search(script) for script in building):
            return bundler if bundler.site or _is_for_browsers(package, files, read) else None
    if any(_OWN_SCRIPT.search(script) for script in building) and package.needs & _FOR_BROWSERS:
        known = [name for library, name in _LIBRARIES.items() if library in package.needs]
        return next((one for one in BUNDLERS if one.name in known), None)
    return None


def _is_for_browsers(package: Package, files: Container[str], read: Callable[[str], str]) -> bool:
    if package.browser or package.needs & _FOR_BROWSERS or join(package.folder, "index.html") in files:
        return True
    configs = (
        join(package.folder, f"{name}.{ending}") for name in _CONFIGS for ending in ("ts", "js", "mts", "mjs", "cjs")
    )
    return any(_BROWSER_FORMAT.search(read(path)) for path in configs if path in files)
