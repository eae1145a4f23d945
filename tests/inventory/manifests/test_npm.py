"""npm, pnpm, Yarn and Bun: manifests and lock files."""

import pytest

from safe_rollback.inventory.manifests.model import UnreadableError
from tests.inventory.manifests.reading import asked, resolved

PACKAGE_JSON = """{
  "name": "web",
  "packageManager": "pnpm@9.1.0+sha512.abc",
  "engines": {"node": ">=20", "pnpm": "9"},
  "dependencies": {
    "react": "^18.2.0",
    "@acme/ui": "workspace:*",
    "local": "file:../local",
    "forked": "github:acme/forked#v2"
  },
  "devDependencies": {"vite": "5.0.0"},
  "peerDependencies": {"react-dom": ">=18"},
  "optionalDependencies": {"fsevents": "*"},
  "resolutions": {"**/ws": "8.17.1", "@babel/core/semver": "7.5.2"},
  "pnpm": {"overrides": {"a>b@<2": "2.0.0"}},
  "volta": {"node": "20.1.0"}
}
"""


def test_package_json() -> None:
    assert asked("apps/web/package.json", PACKAGE_JSON) == [
        "6 react ^18.2.0",
        "9 forked github:acme/forked#v2",
        "11 vite 5.0.0 (dev)",
        "12 react-dom >=18 (peer)",
        "13 fsevents * (optional)",
        "14 ws 8.17.1 (override)",
        "14 semver 7.5.2 (override)",
        "15 b 2.0.0 (override)",
        "4 runtime node >=20",
        "4 runtime pnpm 9",
        "16 runtime node 20.1.0",
        "3 runtime pnpm 9.1.0",
    ]


def test_nested_overrides_of_npm() -> None:
    text = '{"overrides": {"foo": {".": "1.0.0", "bar": "2.0.0"}, "baz@1": "1.9.9"}}'
    assert asked("package.json", text) == [
        "1 baz 1.9.9 (override)",
        "1 foo 1.0.0 (override)",
        "1 bar 2.0.0 (override)",
    ]


def test_catalogs_and_overrides_of_pnpm() -> None:
    text = (
        "packages:\n  - apps/*\ncatalog:\n  react: ^18.2.0\ncatalogs:\n  legacy:\n    react: ^17.0.0\n"
        'overrides:\n  "tar@6": 6.2.1 # why\nuseNodeVersion: 20.1.0\n'
    )
    assert asked("pnpm-workspace.yaml", text) == [
        "4 react ^18.2.0",
        "7 react ^17.0.0 (catalog legacy)",
        "9 tar 6.2.1 (override)",
        "10 runtime node 20.1.0",
    ]


def test_settings_of_yarn_say_which_yarn() -> None:
    assert asked(".yarnrc.yml", "nodeLinker: node-modules\nyarnPath: .yarn/releases/yarn-3.4.1.cjs\n") == [
        "2 runtime yarn 3.4.1"
    ]


@pytest.mark.parametrize("text", ["", "[]", '{"dependencies": []}', '{"dependencies": {"a": {"b": 1}}}', "\ufeff{}"])
def test_odd_package_json_asks_for_nothing(text: str) -> None:
    assert asked("package.json", text) == []


@pytest.mark.parametrize("text", ["{", '{"a": 1}\n<<<<<<< HEAD\n', "[" * 100_000])
def test_what_is_no_json_is_named(text: str) -> None:
    with pytest.raises(UnreadableError):
        asked("package.json", text)


PACKAGE_LOCK = """{
  "lockfileVersion": 3,
  "packages": {
    "": {"dependencies": {"react": "^18", "web": "*"}},
    "apps/web": {"name": "web", "dependencies": {"zod": "^3", "react": "^17"}},
    "node_modules/web": {"resolved": "apps/web", "link": true},
    "node_modules/react": {"version": "18.3.1", "dependencies": {"loose-envify": "^1"}},
    "apps/web/node_modules/react": {"version": "17.0.2"},
    "node_modules/zod": {"version": "3.23.8"},
    "node_modules/loose-envify": {"version": "1.4.0"}
  }
}"""
YARN_V1 = """# yarn lockfile v1


"@babel/core@^7.0.0", "@babel/core@^7.1.0":
  version "7.24.0"
  dependencies:
    semver "^6.3.1"

semver@^6.3.1:
  version "6.3.1"
"""
YARN_BERRY = """__metadata:
  version: 8

"@acme/web@workspace:apps/web":
  version: 0.0.0-use.local
  resolution: "@acme/web@workspace:apps/web"

"react@npm:^18.2.0, react@npm:^18.3.0":
  version: 18.3.1
  resolution: "react@npm:18.3.1"

"js-tokens@npm:^4.0.0":
  version: 4.0.0
"""
PNPM_V9 = """lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      react:
        specifier: ^18.2.0
        version: 18.3.1
  apps/web:
    dependencies:
      '@acme/ui':
        specifier: workspace:*
        version: link:../../packages/ui
      react-dom:
        specifier: ^18.2.0
        version: 18.3.1(react@18.3.1)
    devDependencies:
      react:
        specifier: ^17.0.0
        version: 17.0.2

packages:

  loose-envify@1.4.0:
    resolution: {integrity: sha512-x}
"""
PNPM_V5 = """lockfileVersion: 5.4

specifiers:
  react: ^18.2.0

dependencies:
  react: 18.2.0
  react-dom: 18.2.0_react@18.2.0

packages:

  /loose-envify/1.4.0:
    dev: false
"""
BUN = """{
  "lockfileVersion": 1,
  "workspaces": {"": {"dependencies": {"react": "^18", "ui": "workspace:*"}, "devDependencies": {"vite": "5"}},},
  "packages": {
    "react": ["react@18.3.1", "", {}, "sha512-x"],
    "ui": ["ui@workspace:ui"],
    "vite": ["vite@5.0.0", "", {}, "sha512-x"],
    "loose-envify": ["loose-envify@1.4.0", "", {}, "sha512-x"],
  }
}"""


@pytest.mark.parametrize(
    ("path", "text", "wanted", "versions"),
    [
        ("package-lock.json", PACKAGE_LOCK, {}, {"react": "17.0.2, 18.3.1", "zod": "3.23.8"}),
        (
            "package-lock.json",
            '{"dependencies": {"a": {"version": "1.0.0"}, "b": {"version": "2.0.0"}}}',
            {"a": "^1"},
            {"a": "1.0.0"},
        ),
        ("yarn.lock", YARN_V1, {"@babel/core": "^7.1.0", "other": "1"}, {"@babel/core": "7.24.0"}),
        ("yarn.lock", YARN_V1, {"semver": "^7"}, {}),
        ("yarn.lock", YARN_BERRY, {"react": "^18.2.0", "@acme/web": "*"}, {"react": "18.3.1"}),
        ("yarn.lock", YARN_BERRY.replace("\n", "\r\n"), {"react": "^18.2.0"}, {"react": "18.3.1"}),
        ("pnpm-lock.yaml", PNPM_V9, {}, {"react": "17.0.2, 18.3.1", "react-dom": "18.3.1"}),
        ("pnpm-lock.yaml", PNPM_V5, {}, {"react": "18.2.0", "react-dom": "18.2.0"}),
        ("bun.lock", BUN, {}, {"react": "18.3.1", "vite": "5.0.0"}),
        ("pnpm-lock.yaml", "", {}, {}),
        ("yarn.lock", "", {}, {}),
        ("package-lock.json", "", {}, {}),
    ],
)
def test_lock_files(path: str, text: str, wanted: dict[str, str], versions: dict[str, str]) -> None:
    assert resolved(path, text, wanted) == versions
