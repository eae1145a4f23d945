"""A shell line as the commands it runs, and what starts them."""

import shlex

import pytest

from safe_rollback.inventory.observed.lines import split, stdin_of
from safe_rollback.inventory.observed.prefix import programs_of


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        ("vercel env add A", [["vercel", "env", "add", "A"]]),
        ("a && b; c | d", [["a"], ["b"], ["c"], ["d", "|"]]),
        ("(a; b) & c", [["a"], ["b"], ["c"]]),
        ("if a; then b; else c; fi", [["a"], ["b"], ["c"]]),
        ("for x in 1 2; do heroku config:set A=$x; done", [["heroku", "config:set", "A=$x"]]),
        ("A=1 B='x y' c", [["A=1", "B=x y", "c"]]),
        ("x 'a'\"b$C\"d\\ e $'f\\ng'", [["x", "ab$Cd e", "f\ng"]]),
        ('x "a\\"b" "$(y z)"', [["x", 'a"b', "$(y z)"], ["y", "z"]]),
        ("x > out 2>&1 < in", [["x", "<", "in"]]),
        ("psql db <<'EOF' && y\nDROP TABLE x;\nEOF\n", [["psql", "db", "<<", "DROP TABLE x;\n"], ["y"]]),
        ("x <<< 'a b'", [["x", "<<", "a b"]]),
        ("echo -n 'a b' | x", [["echo", "-n", "a b"], ["x", "<<", "a b"]]),
        ("cat f.sql | x", [["cat", "f.sql"], ["x", "<", "f.sql"]]),
        ("y | x", [["y"], ["x", "|"]]),
        ("sh -c 'a && b c'", [["a"], ["b", "c"]]),
        ("bash -lc \"a 'b c'\"", [["a", "b c"]]),
        ("bash <<EOF\na\nEOF", [["a"]]),
        ("eval 'a b'", [["a", "b"]]),
        ("ssh -i k host 'a && sudo b'", [["ssh", "-i", "k", "host", "a"], ["ssh", "-i", "k", "host", "sudo", "b"]]),
        ("ssh host a b", [["ssh", "host", "a", "b"]]),
        ("docker compose exec web sh -c 'a; b'",
         [["docker", "compose", "exec", "web", "a"], ["docker", "compose", "exec", "web", "b"]]),
        ("fly ssh console -C 'a b'", [["fly", "ssh", "console", "-C", "a", "b"]]),
        ("", []),
        ("# nothing", []),
        ("'unclosed", []),
    ],
)  # fmt: skip
def test_lines(line: str, commands: list[list[str]]) -> None:
    assert split(line) == commands


@pytest.mark.parametrize("line", ["$(", "a | | b", "<<EOF", "\0", "x" * 200_000, "((((", "a\r\nb", "\udcff"])
def test_no_line_raises(line: str) -> None:
    split(line)


def test_deep_lines_end() -> None:
    line = "a"
    for _ in range(7):
        line = f"sh -c {shlex.quote(line)}"
    assert [argv[0] for argv in split(line)] == ["sh"]


@pytest.mark.parametrize(
    ("argv", "words", "how", "fed"),
    [
        (["x", "|"], ["x"], "|", ""),
        (["x", "<<", "t"], ["x"], "<<", "t"),
        (["x", "<", "f"], ["x"], "<", "f"),
        (["x", "y"], ["x", "y"], "", ""),
    ],
)
def test_stdin(argv: list[str], words: list[str], how: str, fed: str) -> None:
    assert stdin_of(argv) == (words, how, fed)


@pytest.mark.parametrize(
    ("command", "name", "words", "spelled"),
    [
        ("npx prisma migrate deploy", "prisma", "migrate deploy", "npx prisma"),
        ("npx --yes prisma@5.1 db push", "prisma", "db push", "npx --yes prisma@5.1"),
        ("npx @railway/cli@latest up", "@railway/cli", "up", "npx @railway/cli@latest"),
        ("bunx x y", "x", "y", "bunx x"),
        ("pnpm exec x y", "x", "y", "pnpm exec x"),
        ("pnpm --filter web dlx x y", "x", "y", "pnpm --filter web dlx x"),
        ("yarn prisma db push", "prisma", "db push", "yarn prisma"),
        ("yarn build", "yarn", "build", "yarn"),
        ("npm run deploy", "npm", "run deploy", "npm"),
        ("bundle exec rails db:migrate", "rails", "db:migrate", "bundle exec rails"),
        ("poetry run alembic upgrade head", "alembic", "upgrade head", "poetry run alembic"),
        ("uv run --with x python manage.py migrate", "manage.py", "migrate", "uv run --with x python manage.py"),
        ("python3.12 -m alembic current", "alembic", "current", "python3.12 -m alembic"),
        ("php artisan migrate", "artisan", "migrate", "php artisan"),
        ("bin/rails db:migrate", "rails", "db:migrate", "bin/rails"),
        ("./node_modules/.bin/knex migrate:latest", "knex", "migrate:latest", "./node_modules/.bin/knex"),
        ("sudo -u deploy env A=b x y", "x", "y", "sudo -u deploy env A=b x"),
        ("timeout 5 x y", "x", "y", "timeout 5 x"),
        ("docker compose -f d.yml exec -T web x y", "x", "y", "docker compose -f d.yml exec -T web x"),
        ("docker-compose run --rm web x", "x", "", "docker-compose run --rm web x"),
        ("kubectl exec -n s deploy/web -c app -- x y", "x", "y", "kubectl exec -n s deploy/web -c app -- x"),
        ("heroku run -a shop rake db:migrate", "rake", "db:migrate", "heroku run -a shop rake"),
        ("doppler run -p shop -- x y", "x", "y", "doppler run -p shop -- x"),
        ("command -v vercel", "command", "-v vercel", "command"),
        ("python -c 'x'", "python", "-c 'x'", "python"),
    ],
)
def test_what_starts_a_program_is_looked_through(command: str, name: str, words: str, spelled: str) -> None:
    found = programs_of(command.split(), {"prisma"})[0]
    assert (found.name, " ".join(found.words), " ".join(found.spelled)) == (name, words, spelled)


def test_outer_programs_follow_the_inner_one() -> None:
    assert [one.name for one in programs_of(["docker", "run", "-d", "redis", "redis-server"], ())] == [
        "redis-server",
        "docker",
    ]


def test_assignments_in_front_are_kept_apart_from_those_within() -> None:
    (inner, *_) = programs_of(["A=1", "ssh", "host", "B=2", "x"], ())
    assert (inner.before, inner.assignments, inner.spelled) == (["A=1"], ["A=1", "B=2"], ["ssh", "host", "B=2", "x"])


@pytest.mark.parametrize("argv", [[], ["A=1"], ["sudo"], ["npx"], ["python"], ["kubectl", "exec"], ["env", "A=1"]])
def test_nothing_to_start_is_no_error(argv: list[str]) -> None:
    programs_of(argv, ())
