"""Which script `npm run` and its like start, and the lines that it runs."""

import pytest

from safe_rollback.core.packagejson import Asked, asked, lines, scripts_in


@pytest.mark.parametrize(
    ("command", "name", "directory", "arguments"),
    [
        ("npm run build", "build", "", []),
        ("npm run-script build y --only -- --prod x -w", "build", "", ["y", "--prod", "x", "-w"]),
        ("npm run build --prefix web", "build", "web", []),
        ("npm -s run build", "build", "", []),
        ("npm run --silent build", "build", "", []),
        ("npm --prefix web run build", "build", "web", []),
        ("npm --prefix=web run build", "build", "web", []),
        ("npm --loglevel warn run build", "build", "", []),
        ("npm t", "test", "", []),
        ("npm start", "start", "", []),
        ("/usr/bin/npm run build", "build", "", []),
        ("yarn build --prod", "build", "", ["--prod"]),
        ("yarn run build", "build", "", []),
        ("yarn --cwd web build", "build", "web", []),
        ("pnpm -C web build", "build", "web", []),
        ("pnpm t", "test", "", []),
        ("pnpm build -r x", "build", "", ["-r", "x"]),
        ("pnpm run install", "install", "", []),
        ("bun run build", "build", "", []),
        ("bun dev", "dev", "", []),
        ("npm install", "install", "", []),
        ("npm ci --no-audit", "install", "", []),
        ("npm --prefix web i", "install", "web", []),
        ("pnpm install", "install", "", []),
        ("yarn", "install", "", []),
        ("yarn --frozen-lockfile", "install", "", []),
        ("yarn install", "install", "", []),
        ("bun install", "install", "", []),
    ],
)
def test_a_script_is_started(command: str, name: str, directory: str, arguments: list[str]) -> None:
    assert asked(command.split()) == Asked(name=name, directory=directory, arguments=arguments)


@pytest.mark.parametrize(
    "command",
    [
        "", "npm", "npm run", "npm install x", "npm i -D x", "npm ci --ignore-scripts", "npm build", "npm exec x",
        "npx build", "yarn --version", "yarn add x", "yarn workspace web build",
        "yarn workspaces foreach run build", "pnpm add x", "pnpm exec x",
        "pnpm -r build", "pnpm --filter web build", "npm run build -w web", "npm run build --workspaces",
        "npm -w web run build", "bun test", "bun x y", "node run build", "make build",
    ],
)  # fmt: skip
def test_no_script_is_started_or_one_of_other_packages(command: str) -> None:
    assert asked(command.split()) is None


def test_what_prepares_it_and_what_follows_run_too() -> None:
    scripts = {"prebuild": "a", "build": "b --x", "postbuild": "c", "empty": " "}
    build = Asked(name="build", directory="", arguments=["it's", "$HOME", "\0", "-y"])
    assert lines(scripts, build) == ["a", "b --x 'it'\"'\"'s' '$HOME' \0 -y", "c"]
    assert lines(scripts, Asked(name="empty", directory="", arguments=[])) == []
    assert lines({"prebuild": "a"}, Asked(name="build", directory="", arguments=[])) == []
    cycle = {"postinstall": "c", "preinstall": "a", "prepare": "d", "install": "b", "build": "x"}
    assert lines(cycle, Asked(name="install", directory="", arguments=[])) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b'{"scripts": {"a": "b", "c": 1, "d": null}}', {"a": "b"}),
        (b"{}", {}),
        (b"[]", {}),
        (b'{"scripts": []}', {}),
        (b"\xff", None),
        (b"{", None),
        (b"[" * 100_000, None),
    ],
)
def test_whatever_the_file_holds(data: bytes, found: dict[str, str] | None) -> None:
    assert scripts_in(data) == found
