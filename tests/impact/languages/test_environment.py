"""Dockerfiles, files of variables, scripts: what they copy, set, read and run."""

import pytest

from safe_rollback.impact.languages import docker, environment, scripts
from safe_rollback.impact.languages.environment import env_reads
from safe_rollback.impact.model import Edge, Language
from tests.impact.languages.hostile import TEXTS, readings
from tests.impact.tree import arrows, edges, unresolved

READS = {
    "Python": b"os.environ['API_URL']",
    "Python with get": b'os.environ.get("API_URL", "x")',
    "Python getenv": b"os.getenv('API_URL')",
    "Python setdefault": b"environ.setdefault('API_URL', 'x')",
    "JavaScript": b"process.env.API_URL || 1",
    "JavaScript by string": b"process.env['API_URL']",
    "Vite": b"import.meta.env.API_URL",
    "Ruby": b"ENV['API_URL']",
    "Ruby fetch": b"ENV.fetch('API_URL') { 1 }",
    "Go": b'os.Getenv("API_URL")',
    "Rust": b'std::env::var("API_URL")',
    "C#": b'Environment.GetEnvironmentVariable("API_URL")',
    "dbt": b"{{ env_var('API_URL') }}",
    "a workflow": b"${{ env.API_URL }}",
}


@pytest.mark.parametrize("text", READS.values(), ids=READS.keys())
def test_a_variable_is_read(text: bytes) -> None:
    assert env_reads(b"\n" + text) == [("API_URL", 2)]


@pytest.mark.parametrize(
    "text", [b"my_environ_['API_URL']", b"os.environ[name]", b"env = 'API_URL'", b"os.environ['PATH']"]
)
def test_a_variable_is_not_read(text: bytes) -> None:
    assert env_reads(text) == []


FILES = dict.fromkeys(("app/main.py", "app/util.py", "run.sh", "docker/conf.ini", "x/lib.sh"), "")

DOCKER = {
    "a file": ("Dockerfile", "COPY run.sh /bin/", ["run.sh sure"]),
    "a folder": ("Dockerfile", "COPY app/ /app", ["app/main.py likely", "app/util.py likely"]),
    "with options": ("Dockerfile", "COPY --chown=a --chmod=1 run.sh /bin/", ["run.sh sure"]),
    "as a list": ("Dockerfile", 'ADD ["run.sh", "/bin/"]', ["run.sh sure"]),
    "over two lines": (
        "Dockerfile",
        "COPY run.sh \\\n  # why\n  app/main.py /x/",
        ["app/main.py sure", "run.sh sure"],
    ),
    "from another stage": ("Dockerfile", "COPY --from=build run.sh /bin/", []),
    "everything": ("Dockerfile", "COPY . .", []),
    "where the build starts is not known": (
        "docker/Dockerfile",
        "COPY run.sh conf.ini /x/",
        ["docker/conf.ini sure", "run.sh sure"],
    ),
    "a glob": ("Dockerfile", "COPY app/*.py /x/", ["app/main.py likely", "app/util.py likely"]),
    "an address": ("Dockerfile", "ADD https://x.org/run.sh /x/", []),
    "a command": ("Dockerfile", "RUN bash ./run.sh", ["run.sh likely"]),
    "a bind": ("Dockerfile", "RUN --mount=type=bind,source=run.sh,target=x true", ["run.sh likely"]),
    "a comment": ("Dockerfile", "# COPY run.sh /bin", []),
}


@pytest.mark.parametrize(("path", "text", "expected"), DOCKER.values(), ids=DOCKER.keys())
def test_a_dockerfile_leads_to_what_it_copies(path: str, text: str, expected: list[str]) -> None:
    found = edges({**FILES, path: text}, docker.LANGUAGE)
    assert sorted(f"{one.target} {one.confidence}" for one in found) == expected


def test_what_cannot_be_copied_is_said() -> None:
    many = {f"app/{number}.py": "" for number in range(60)}
    assert unresolved({"Dockerfile": "COPY none.sh /x"}, docker.LANGUAGE) == [
        ("Dockerfile", "there is no none.sh to copy")
    ]
    assert unresolved({"Dockerfile": "COPY app /x", **many}, docker.LANGUAGE) == [
        ("Dockerfile", "app is a folder of more than 50 files")
    ]


def test_variables_of_a_dockerfile() -> None:
    text = b'ARG VERSION=1\nENV API_URL=x DB_URL="a b=c"\nENV OLD_STYLE value\nENV PATH=/x\nRUN echo ${OTHER_ONE}'
    facts = docker.LANGUAGE.extract(text)
    assert facts.provides == ("env:VERSION", "env:API_URL", "env:DB_URL", "env:OLD_STYLE")
    assert [one.target for one in facts.references] == ["env:OTHER_ONE"]
    assert [one.name for one in docker.definitions(text)] == ["VERSION", "API_URL", "DB_URL", "OLD_STYLE", "PATH"]


def test_a_variable_leads_to_the_file_that_sets_it_and_is_likely_if_several_do() -> None:
    tree = {".env": "A_URL=1\nexport B_URL=2\n", ".env.example": "A_URL=\n", "b.env": "C=${A_URL}\nD=${B_URL}\n"}
    found = edges(tree, environment.LANGUAGE)
    assert [f"{one.source}:{one.line} {one.target} {one.confidence}" for one in found] == [
        "b.env:1 .env likely",
        "b.env:1 .env.example likely",
        "b.env:2 .env sure",
    ]


def test_the_value_of_a_variable_is_no_part_of_its_signature() -> None:
    assert [one.signature for one in environment.definitions(b"SECRET=abc\n# NO=1\n")] == ["SECRET"]


SCRIPTS = {
    "a command": ("Makefile", "test:\n\tbash run.sh\n", ["run.sh sure"]),
    "an argument": ("Makefile", "test:\n\tpython app/main.py --x\n", ["app/main.py likely"]),
    "include": ("x/Makefile", "include lib.sh\n", ["x/lib.sh sure"]),
    "source": ("x/run2.sh", "source ./lib.sh\n", ["x/lib.sh sure"]),
    "from its own folder": ("x/run2.sh", '. "$(dirname "$0")/lib.sh"\n', ["x/lib.sh sure"]),
    "a comment": ("x/run2.sh", "true # ./lib.sh\n", []),
    "from the folder above": ("x/run2.sh", "python app/main.py\n", ["app/main.py likely"]),
}


@pytest.mark.parametrize(("path", "text", "expected"), SCRIPTS.values(), ids=SCRIPTS.keys())
def test_a_script_leads_to_what_it_runs(path: str, text: str, expected: list[str]) -> None:
    found = edges({**FILES, path: text}, scripts.LANGUAGE)
    assert sorted(f"{one.target} {one.confidence}" for one in found) == expected


def test_a_module_of_terraform_is_every_file_of_its_folder() -> None:
    tree = {"main.tf": 'module "x" {\n  source = "./mod"\n}\n', "mod/a.tf": "", "mod/b.tf": "", "mod/sub/c.tf": ""}
    assert arrows(tree, scripts.LANGUAGE) == ["main.tf:2 -path-> mod/a.tf", "main.tf:2 -path-> mod/b.tf"]
    assert unresolved({"main.tf": '  source = "../none"'}, scripts.LANGUAGE) == [
        ("main.tf", "there is no ../none in this tree")
    ]


def test_functions_targets_and_variables_of_scripts_are_definitions() -> None:
    found = scripts.definitions(b"build_all() {\n}\nfunction other {\n}\ntest: build\nNAME := x\nexport FOO=1\n")
    assert [(one.name, one.kind) for one in found] == [
        ("build_all", "function"),
        ("other", "function"),
        ("test", "target"),
        ("NAME", "variable"),
        ("FOO", "variable"),
    ]


def test_a_variable_that_a_script_reads_is_used_surely() -> None:
    found = scripts.uses(b"echo\necho $API_URL ${API_URL}", Edge("a", "b", "env", 1), ["API_URL", "OTHER"])
    assert [(one.name, one.line, one.sure) for one in found] == [("API_URL", 2, True)]


@pytest.mark.parametrize(
    "language", [docker.LANGUAGE, environment.LANGUAGE, scripts.LANGUAGE], ids=lambda one: one.name
)
@pytest.mark.parametrize("data", TEXTS.values(), ids=TEXTS.keys())
def test_no_text_makes_it_stumble(language: Language, data: bytes) -> None:
    readings(language, data)


OWNERS = {
    "Dockerfile": "docker", "api/Dockerfile.dev": "docker", "x.dockerfile": "docker", "Containerfile": "docker",
    ".env": "environment", ".env.example": "environment", "prod.env": "environment", "x.environment": "",
    "Makefile": "script", "a/b.sh": "script", "main.tf": "script", "script": "",
}  # fmt: skip


@pytest.mark.parametrize(("path", "name"), OWNERS.items())
def test_a_path_belongs_to_its_language(path: str, name: str) -> None:
    languages = (docker.LANGUAGE, environment.LANGUAGE, scripts.LANGUAGE)
    assert "".join(one.name for one in languages if one.matches(path)) == name
