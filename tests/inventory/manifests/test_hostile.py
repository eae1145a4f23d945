"""No text is too odd: each reader says what it can, or that it cannot."""

import contextlib

import pytest

from safe_rollback.inventory.manifests import LOCKS, MANIFESTS
from safe_rollback.inventory.manifests.asking import manifest_of
from safe_rollback.inventory.manifests.model import Lock, UnreadableError
from safe_rollback.inventory.manifests.versions import SOURCES

PATHS = [
    "package.json", "pnpm-workspace.yaml", ".yarnrc.yml", "pyproject.toml", "Pipfile", "requirements.txt",
    "setup.py", "setup.cfg", "environment.yml", "Gemfile", "x.gemspec", "go.mod", "Cargo.toml", "composer.json",
    "pom.xml", "mix.exs", "build.gradle", "libs.versions.toml", "a.csproj", "pubspec.yaml", "Dockerfile",
    "compose.yml", ".nvmrc", ".tool-versions", "mise.toml", "rust-toolchain.toml", "global.json", ".sdkmanrc",
    "Chart.yaml", "gradle-wrapper.properties",
]  # fmt: skip
TEXTS = [
    "", "\n", "\0\0", "\ufeff", "{", "[]", "null", "1", '"x"', "- a\n- b", "a: b: c", "<a/>", "<a", "((((",
    "'''", '"""',
    '{"dependencies": [1], "overrides": 1, "engines": null, "packages": {"": 1, "x": null}, "packageManager": 3}',
    '{"require": null, "default": {"a": null}, "dependencies": {"net": null, "a": 3}, "workspaces": {"": null}}',
    "[project]\ndependencies = 3\n[tool]\npoetry = 1\n",
    "[dependencies]\na = 1\n[workspace]\ndependencies = []\n",
    "[versions]\na = 1\n[libraries]\na = 1\nb = {version = {ref = 3}}\nc = {module = 1, version.ref = 'd'}\n",
    "dependencies:\n  - 1\n  - [a]\nservices: [1]\ncatalog: 3\npackages: x\nimporters: x\n",
    "services: &a\n  x: *a\n",
    "FROM\nFROM $\nARG\nCOPY --from=\n", "gem\ngem 1\ngem *x\ngem nil, 'a'\n",
    "require (\nrequire\n)\nreplace =>\n",
    "defp deps do [{}, {:a}, {:a, 1}, {1, 2}] end", "setup(install_requires=x, extras_require={**a})", "é" * 10,
    "x" * 300_000, "a " * 50_000, "(" * 9_000, "[" * 9_000, "a: " * 5_000, "\n" * 50_000, '"' * 9_999, "#" * 99_999,
    "<a>" * 3_000, "id('a') version " * 600, "- " * 4_000, "a==1 \\\n" * 2_000,
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_manifests(path: str) -> None:
    manifest = manifest_of(path)
    for text in TEXTS:
        for read in [one.read for one in SOURCES if one.claims(path)] + ([manifest.read] if manifest else []):
            with contextlib.suppress(UnreadableError):
                list(read(path, text))


def test_every_format_is_tried() -> None:
    assert {manifest_of(path) for path in PATHS} - {None} == set(MANIFESTS)
    assert all(any(source.claims(path) for path in PATHS) for source in SOURCES)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: ", ".join(sorted(lock.names)))
def test_lock_files(lock: Lock) -> None:
    for text in TEXTS:
        if lock.resolved is not None:
            with contextlib.suppress(UnreadableError):
                lock.resolved(text, lambda: {"a": frozenset({"1"})})
