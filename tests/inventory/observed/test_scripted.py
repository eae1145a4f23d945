"""The commands that the scripts of a package.json run, as they were before the command."""

import pytest

from safe_rollback.inventory.observed.scripted import commands

FILES = {
    "package.json": b'{"scripts": {"migrate": "prisma migrate deploy", "all": "npm run migrate && vercel --prod", '
    b'"circle": "npm run circle", "web": "cd web && npm run up"}}',
    "web/package.json": b'{"scripts": {"up": "fly deploy"}}',
    "bad/package.json": b"{",
    "huge/package.json": b" " * (2 << 20),
}
DEPLOY = ["prisma", "migrate", "deploy"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("npm run migrate", [DEPLOY]),
        ("yes | npm run migrate", [DEPLOY]),
        ("npm run all", [["npm", "run", "migrate"], DEPLOY, ["vercel", "--prod"]]),
        ("npm run migrate -- --schema 'a b'", [[*DEPLOY, "--schema", "a b"]]),
        ("cd web && npm run up", [["fly", "deploy"]]),
        ("cd web && cd src; npm run up", [["fly", "deploy"]]),
        ("npm --prefix web run up", [["fly", "deploy"]]),
        ("npm run web", [["cd", "web"], ["npm", "run", "up"], ["fly", "deploy"]]),
        ("cd bad && npm run migrate", []),
        ("cd huge && npm run migrate", []),
        ("cd /tmp && npm run migrate", []),
        ("cd .. && npm run migrate", []),
        ("npm run circle", [["npm", "run", "circle"]] * 4),
        ("ls", []),
    ],
)
def test_what_a_script_runs_follows_it(line: str, found: list[list[str]]) -> None:
    said = [one for one in commands(line, FILES.get) if one[:1] != ["yes"]]
    outer = next(at for at, one in enumerate(said) if one[0] in ("npm", "ls"))
    assert said[outer + 1 :] == found
