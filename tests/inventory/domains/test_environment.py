"""What a target does to the variables that code needs."""

import pytest

from safe_rollback.inventory.domains.environment import ENVIRONMENT, detect
from safe_rollback.inventory.fold import fold
from tests.inventory.kit import Files, Story, names, only


@pytest.mark.parametrize(
    ("before", "steps", "expected"),
    [
        ({}, [{"a.ts": "process.env.NEW"}], ["variable NEW added"]),
        ({"a.ts": "process.env.OLD"}, [{"a.ts": ""}], ["variable OLD removed"]),
        ({"a.ts": "process.env.OLD"}, [{"b.ts": "process.env.OLD"}], []),
        ({"a.ts": "process.env.OLD"}, [{"a.ts": None, "lib/b.ts": "process.env.OLD"}], []),
        ({"a.ts": "process.env.OLD\n"}, [{"a.ts": "\n\nx()\nprocess.env.OLD\n"}], []),
        ({".env.example": "OLD=1"}, [{"a.py": "os.environ['OLD']"}], []),
        ({"a.sh": "echo $OLD"}, [{"a.py": "os.environ['OLD']"}], []),
        ({"a.py": "OLD = 1"}, [{"a.py": "OLD = os.environ.get('OLD', 1)"}], ["variable OLD added"]),
        ({"a.py": "OLD = os.environ.get('OLD', 1)"}, [{"a.py": "OLD = 1"}], ["variable OLD removed"]),
        (
            {"README.md": "Set NEW", "a.test.ts": "process.env.NEW"},
            [{"a.ts": "process.env.NEW"}],
            ["variable NEW added"],
        ),
        ({".github/workflows/a.yml": "env:\n  NEW: 1"}, [{"a.ts": "process.env.NEW"}], ["variable NEW added"]),
        ({"a.ts": "process.env.OLD", "b.sh": "echo $OLD"}, [{"a.ts": "", "b.sh": "echo"}], ["variable OLD removed"]),
        ({"a.ts": "process.env.OLD", "b.sh": "echo $OLD"}, [{"a.ts": ""}], []),
        ({".env.example": "A=1"}, [{".env.example": "A=2"}], ["variable A changed"]),
        ({".env.example": "A=1\nB=1"}, [{".env.example": "B=1\nA=1\n"}], []),
        ({".env.example": "A=1"}, [{".env.example": "# A=1"}], []),
        ({".env.example": "A=1"}, [{".env.example": None, "env/.env.sample": "A=1"}], []),
        ({"a.ts": "process.env.A"}, [{".env.example": "A=1"}], ["variable A changed"]),
        ({"a.ts": "process.env.A", ".env": "A=1"}, [{".env.example": "A=1"}], []),
        (
            {"a.ts": "process.env.A", ".env.example": "A=1"},
            [{"docker-compose.yml": "services:\n  a:\n    environment:\n      A: 2"}],
            ["variable A changed"],
        ),
        ({}, [{"a.ts": "process.env.A"}, {"a.ts": ""}], []),
        (
            {},
            [{"a.ts": "process.env.A"}, {"a.ts": "process.env.A\nprocess.env.B"}],
            ["variable A added", "variable B added"],
        ),
        ({".env": "A=1"}, [{".env": "A=2"}, {".env": "A=1"}], []),
        ({"a.ts": "process.env.OLD"}, [{"a.ts": "process.env.NEW"}], ["variable NEW added", "variable OLD removed"]),
        ({"Dockerfile": "ARG NODE_VERSION=20"}, [{"Dockerfile": "ARG NODE_VERSION=22"}], []),
        ({"a.py": "os.environ['OLD']", "b.py": "os.environ['OLD'] = '1'"}, [{"a.py": ""}], ["variable OLD removed"]),
        # A container is given it, and now code reads it; what an example shows may have been read in a way unknown.
        (
            {"docker-compose.yml": "services:\n  db:\n    image: postgres\n    environment:\n      A: 2\n"},
            [{"config/database.yml": "test:\n  database: <%= ENV.fetch('A') { 'a' } %>\n"}],
            ["variable A added"],
        ),
        (
            {"docker-compose.yml": "services:\n  a:\n    environment:\n      A: 2\n", "a.ts": "process.env.A"},
            [{".env.example": "A=1"}],
            ["variable A changed"],
        ),
        # What code takes where nobody sets it.
        (
            {"a.rb": "pidfile ENV.fetch('A') {\n  x ? '/a' : '/b'\n}\n"},
            [{"a.rb": "pidfile ENV.fetch('A') {\n  x ? '/a' : '/c'\n}\n"}],
            ["variable A changed"],
        ),
        (
            {"a.yml": "a: <%= ENV.fetch('A', 'x') %>\nb: <%= ENV['B'] || 'y' %>\n"},
            [{"a.yml": "a: <%= ENV.fetch('A', 'z') %>\nb: <%= ENV['B'] || 'y' %> \n"}],
            ["variable A changed"],
        ),
        (
            {"a.ts": "env('AB') || './x'; env('CD') || 'y'"},
            [{"a.ts": None, "b.ts": "env('AB'); env('CD') || 'y'"}],
            ["variable AB changed"],
        ),
        # Comments read nothing.
        (
            {"a.yml": "a: <%= ENV['A'] %>\nb: <%= ENV['B'] %>\n"},
            [{"a.yml": "#a: <%= ENV['A'] %>\nb: <%#= ENV['B'] %>\n"}],
            ["variable A removed", "variable B removed"],
        ),
        (
            {},
            [{"a.yml": "# see <%= ENV.fetch('AB') %>, <%= ENV['CD'] %>, <%= ENV.fetch('EF', 1) %>\n"}],
            ["variable AB added"],
        ),
        # What a request says is no variable, and what begins alike is one.
        (
            {},
            [{"a.py": "env('HTTP_FILTER')\nos.environ['HTTP_PROXY_A']\nos.environ['HTTP_HOST']\nenv['HTTP_B']"}],
            ["variable HTTP_FILTER added", "variable HTTP_PROXY_A added"],
        ),
        ({"Dockerfile": "FROM a\nENV PATH=/x LANG=C"}, [{"Dockerfile": "FROM b\nENV PATH=/y"}], []),
    ],
)
def test_what_counts(story: Story, before: Files, steps: list[Files], expected: list[str]) -> None:
    assert names(fold(detect(story.changes({"x": "x\n", **before}, *steps)))) == expected


@pytest.mark.parametrize(
    ("before", "steps", "expected"),
    [
        ({}, [{"bin/start": "#!/bin/sh\nexec app --port ${PORT_A:-80}\n"}], ["variable PORT_A added"]),
        ({}, [{"bin/start": "PORT_A is no script\n$PORT_A\n"}], []),
        ({}, [{"a.sh": "OWN=1\nfor EACH in a b; do echo $OWN $EACH $PATH; done\nread LINE; echo $LINE\n"}], []),
        ({}, [{"a.sh": "OWN=${OWN:=x}\ncat > .env <<EOF\nA_B=$GIVEN\nEOF\n"}],
         ["variable GIVEN added", "variable OWN added"]),
        ({"a.sh": "export A_B=1\n"}, [{"a.sh": "export A_B=2\n"}], ["variable A_B changed"]),
        ({"a.sh": "echo $A_B\n"}, [{"a.sh": "# $A_B\n"}], ["variable A_B removed"]),
        ({".env.example": "AB=1", "a.rb": "ENV['AB']"}, [{"a.rb": ""}], ["variable AB removed"]),
        ({"a.ts": "process.env.AB || 'x'"}, [{"a.ts": "process.env.AB"}], ["variable AB changed"]),
        ({"a.py": "os.environ.get('AB', '1')"}, [{"a.py": "os.environ.get('AB', '2')"}], ["variable AB changed"]),
        ({"a.rb": "ENV.fetch('AB', 1)"}, [{"a.rb": "ENV.fetch('AB') { 2 }"}], ["variable AB changed"]),
        ({"a.ts": "const a = process.env.AB ?? f();"}, [{"a.ts": "let a = process.env.AB ?? g();"}], []),
        ({"config/database.yml": "a:\n  host: <%= ENV.fetch 'AB', 'h' %>\n"}, [{"config/database.yml": "a: 1\n"}],
         ["variable AB removed"]),
        ({"config/deploy.yml": "registry:\n  password:\n    - AB\nbuilder:\n  secrets:\n    - CD\n"},
         [{"config/deploy.yml": "registry: {}\n"}], ["variable AB removed", "variable CD removed"]),
        ({".env": "AB=1", "a.rb": "ENV['AB']"}, [{"a.rb": ""}], []),
    ],
)  # fmt: skip
def test_scripts_and_examples(story: Story, before: Files, steps: list[Files], expected: list[str]) -> None:
    assert names(fold(detect(story.changes({"x": "x\n", **before}, *steps)))) == expected


@pytest.mark.parametrize(
    "line",
    [
        'export DATABASE_URL="postgres://admin:hunter2@$DB_HOST/app"',
        "export STRIPE_TOKEN=hunter2 APP_PORT=3000",
        'curl -u admin:hunter2 "$API_URL/x"',
        'psql "${DB_URL:-postgres://root:hunter2@db/app}"',
        f'export PRIVATE_KEY="{"hunter2" * 40}"',
    ],
)
def test_nothing_else_of_a_command_line_is_shown(story: Story, line: str) -> None:
    items = list(detect(story.changes({}, {"bin/start.sh": f"#!/bin/sh\n{line}\n"})))
    assert items and "hunter2" not in str([item.to_data() for item in items])


def test_a_default_in_code_that_may_be_a_secret_is_not_shown(story: Story) -> None:
    text = "url = os.environ.get('DATABASE_URL', 'postgres://u:hunter2@db/app')\n"
    assert "hunter2" not in str(only(detect(story.changes({}, {"a.py": text}))).to_data())


def test_a_default_in_code_is_not_what_somebody_had_set(story: Story) -> None:
    item = only(detect(story.changes({"a.py": "os.environ.get('QUEUE_SIZE', '5')\n"}, {"a.py": "x = 1\n"})))
    assert (item.change, item.before, item.reversible) == ("removed", "", "unknown")


def test_what_is_read_in_another_way_is_not_called_gone(story: Story) -> None:
    before: Files = {".env.example": "FOO_NAME=1\n", "a.ts": "process.env.FOO_NAME\n"}
    assert names(detect(story.changes(before, {"a.ts": "getConfig('FOO_NAME')\n"}))) == []


def test_secrets_of_workflows(story: Story) -> None:
    def job(*names: str) -> str:
        return "".join(f"  - run: x ${{{{ {name} }}}}\n" for name in names)

    a, b = ".github/workflows/a.yml", ".github/workflows/b.yml"
    changes = story.changes(
        {a: job("secrets.OLD", "secrets.KEPT", "secrets.GITHUB_TOKEN")},
        {
            a: job("secrets.GITHUB_TOKEN"),
            b: job("secrets.KEPT", "secrets.NEW", "vars.PLACE") + "# ${{ secrets.NO }}\n",
        },
    )
    items = {item.name: item for item in detect(changes)}
    assert names(items.values()) == [
        "workflow secret NEW added",
        "workflow secret OLD removed",
        "workflow variable PLACE added",
    ]
    assert items["NEW"].action.command == "gh secret delete NEW"
    assert (items["NEW"].reversible, items["OLD"].action.command) == ("unknown", "")
    assert (items["OLD"].when, items["OLD"].evidence[0].path) == ("before code", a)
    assert items["OLD"].evidence[0].commit == changes.deltas[0].commit
    both: Files = {".github/workflows/c.yml": "  - run: ${{ secrets.AB || secrets['CD'] }}\n"}
    assert names(detect(story.changes({}, both))) == ["workflow secret AB added", "workflow secret CD added"]
    # What the application reads under the same name is one item.
    assert names(detect(story.changes({}, {a: job("secrets.AB"), "a.ts": "process.env.AB"}))) == ["variable AB added"]


WEB, API = {"web/package.json": "{}"}, {"api/pyproject.toml": ""}


@pytest.mark.parametrize(
    ("before", "steps", "expected"),
    [
        ({"package.json": "{}", "api/a.py": "os.environ['A']"}, [{"web/a.ts": "process.env.A"}], []),
        ({**WEB, **API, "api/a.py": "os.environ['A']"}, [{"web/a.ts": "process.env.A"}], ["variable A added"]),
        (
            {**WEB, **API, "api/a.py": "os.environ['A']", "web/a.ts": "process.env.A"},
            [{"web/a.ts": ""}],
            ["variable A removed"],
        ),
        ({**WEB, **API, "api/a.py": "os.environ['A']"}, [{"api/a.py": "", "web/a.ts": "process.env.A"}], []),
        (
            {**WEB, **API, "api/a.py": "os.environ['A']", "web/a.ts": "process.env.A"},
            [{"web/b.ts": "process.env.A"}],
            [],
        ),
        (
            {**WEB, **API, "api/.env.example": "A=1", "web/a.ts": "process.env.A"},
            [{"web/.env.example": "A=1"}],
            ["variable A changed"],
        ),
        (
            {**WEB, **API, "api/a.py": "os.environ['URL']", "web/a.ts": "process.env.URL"},
            [{"turbo.json": '{"globalEnv": ["URL"]}'}],
            ["variable URL added"],
        ),
        ({**WEB, **API, "api/a.py": "os.environ['NODE_ENV']"}, [{"web/a.ts": "process.env.NODE_ENV"}], []),
    ],
    ids=["one part", "gains", "loses", "moves", "has it already", "example", "root", "everywhere"],
)
def test_what_counts_in_one_part_of_several(
    story: Story, before: Files, steps: list[Files], expected: list[str]
) -> None:
    items = fold(detect(story.changes({"x": "x\n", **before}, *steps)))
    assert names(items) == expected
    assert all(any("other parts" in caution for caution in item.cautions) for item in items)


def test_evidence_names_file_line_and_commit_and_the_declaration_comes_first(story: Story) -> None:
    changes = story.changes(
        {"x": "x\n"}, {"a.ts": "\nconst limit = process.env.LIMIT;\n", ".env.example": "# how many\nLIMIT=5\n"}
    )
    item = only(detect(changes))
    assert [(one.path, one.line, one.text) for one in item.evidence] == [
        (".env.example", 2, "LIMIT=5"),
        ("a.ts", 2, "const limit = process.env.LIMIT;"),
    ]
    assert {one.commit for one in item.evidence} == {changes.deltas[0].commit}
    assert (item.before, item.after, item.reversible, item.when) == ("", "5", "yes", "after code")
    assert any("Only an example" in caution for caution in item.cautions)


def test_values_that_may_be_secret_are_never_shown(story: Story) -> None:
    changes = story.changes(
        {".env": "API_KEY=hunter2\nURL=https://a.example\nBLOB=abcDEF0123456789xyz\n"},
        {".env": "API_KEY=hunter3\nURL=https://user:pw@b.example\nBLOB=zzzDEF0123456789xyz\n",
         "a.py": "os.environ.get('SESSION_SECRET', 'in-the-code')\n"},
    )  # fmt: skip
    items = {item.name: item for item in detect(changes)}
    assert (items["API_KEY"].before, items["API_KEY"].after) == ("(7 characters)", "(7 characters)")
    assert (items["URL"].before, items["URL"].after) == ("https://a.example", "(25 characters)")
    for secret in ("hunter", "user:pw", "DEF0123456789", "in-the-code"):
        assert secret not in str([item.to_data() for item in items.values()])


def test_what_was_removed_is_set_again_before_the_older_code(story: Story) -> None:
    changes = story.changes({"fly.toml": "[env]\nLIMIT = '5'\n"}, {"fly.toml": "[env]\n"})
    item = only(detect(changes))
    assert (item.change, item.when, item.before) == ("removed", "before code", "5")
    assert item.action.command == "fly secrets set LIMIT=5"
    assert item.inverse.command == "fly secrets unset LIMIT"


def test_platforms_name_their_commands(story: Story) -> None:
    item = only(detect(story.changes({"x": "x\n"}, {"app.json": '{"env": {"MODE_X": "fast"}}'})))
    assert (item.action.command, item.inverse.command) == (
        "heroku config:unset MODE_X",
        "heroku config:set MODE_X=fast",
    )


def test_what_is_baked_in_needs_a_build(story: Story) -> None:
    items = detect(
        story.changes({"x": "x\n"}, {"Dockerfile": "ARG RELEASE_NAME\n", "a.ts": "process.env.NEXT_PUBLIC_A"})
    )
    assert all(any("rebuild" in caution for caution in item.cautions) for item in items)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("config/credentials.yml.enc", "a--b", "c--d"),
        ("config/credentials/production.yml.enc", "a--b", "c--d"),
        (
            "secrets/a.yaml",
            "a: ENC[AES256_GCM,data:x]\nsops:\n  v: 1\n",
            "a: ENC[AES256_GCM,data:y]\nsops:\n  v: 1\n",
        ),
        ("group_vars/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n61\n", "$ANSIBLE_VAULT;1.1;AES256\n62\n"),
        ("k8s/sealed.yaml", "kind: SealedSecret\na: 1\n", "kind: SealedSecret\na: 2\n"),
        (".env.production.encrypted", "x", "y"),
    ],
)
def test_encrypted_secrets_are_seen_and_not_read(story: Story, path: str, old: str, new: str) -> None:
    item = only(detect(story.changes({path: old}, {path: new})))
    assert (item.kind, item.name, item.change, item.when) == ("credentials file", path, "changed", "with code")


def test_generated_files_make_no_items(story: Story) -> None:
    assert not list(
        detect(story.changes({"x": "x\n"}, {"a.ts": "// Code generated by x. DO NOT EDIT.\nprocess.env.A\n"}))
    )


def test_the_domain_has_its_name() -> None:
    assert ENVIRONMENT.name == "environment"
