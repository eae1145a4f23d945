"""Published: versions, what sends them, what is noted down for them."""

import json

import pytest

from safe_rollback.inventory.domains.published import PUBLISHED
from tests.inventory.kit import Story, names, only


def package(version: str, **more: object) -> str:
    return json.dumps({"name": "@acme/lib", "version": version, **more}, indent=1)


POM = "<project><groupId>g</groupId><artifactId>lib</artifactId><version>{}</version></project>"
CRATE = '[package]\nname = "x"\nversion = "{}"\npublish = false\n'
INDEX = "python -m pip index versions lib"


@pytest.mark.parametrize(
    ("path", "text", "name", "registry", "verify"),
    [
        ("package.json", package("{}"), "@acme/lib", "npm", "npm view @acme/lib@1.1.0 version deprecated"),
        ("pyproject.toml", '[project]\nname = "lib"\nversion = "{}"\n', "lib", "pypi", INDEX),
        ("pyproject.toml", '[tool.poetry]\nname = "lib"\nversion = "{}"\n', "lib", "pypi", INDEX),
        ("setup.py", 'setup(name="lib", version="{}")\n', "lib", "pypi", INDEX),
        (
            "lib.gemspec",
            "s.name = 'lib'\ns.version = '{}'\n",
            "lib",
            "rubygems",
            "gem list --remote --exact --all lib",
        ),
        ("a/Cargo.toml", '[package]\nname = "lib"\nversion = "{}"\n', "lib", "cargo", "cargo info lib@1.1.0"),
        ("charts/x/Chart.yaml", "name: lib\nversion: {}\n", "lib", "helm", "helm search repo lib --versions"),
        (
            "composer.json",
            '{"name": "acme/lib", "version": "{}"}',
            "acme/lib",
            "packagist",
            "composer show --all acme/lib",
        ),
        ("pom.xml", POM, "g:lib", "maven", ""),
        ("Lib.csproj", "<Project><PropertyGroup><Version>{}</Version></PropertyGroup></Project>", "Lib", "nuget", ""),
        ("mix.exs", '[app: :lib, version: "{}", package: package()]\n', "lib", "hex", "mix hex.info lib 1.1.0"),
        ("pubspec.yaml", "name: lib\nversion: {}\n", "lib", "pub", ""),
    ],
)
def test_versions(story: Story, path: str, text: str, name: str, registry: str, verify: str) -> None:
    changes = story.changes({path: text.replace("{}", "1.0.0")}, {path: text.replace("{}", "1.1.0")})
    item = only(PUBLISHED.detect(changes))
    assert (item.kind, item.name) == ("package version", f"{name}@1.1.0")
    assert (item.scope, item.before, item.verify) == (registry, "1.0.0", verify)
    assert "1.1.0" in item.evidence[0].text
    assert "never with this one again" in item.cautions[0]


def test_each_of_two_versions_may_have_gone_out(story: Story) -> None:
    changes = story.changes(
        {"package.json": package("1.0.0")}, {"package.json": package("1.1.0")}, {"package.json": package("1.2.0")}
    )
    items = list(PUBLISHED.detect(changes))
    assert [item.name for item in items] == ["@acme/lib@1.1.0", "@acme/lib@1.2.0"]
    assert items[0].action.command == "npm deprecate @acme/lib@1.1.0 'Rolled back, use the version before.'"
    assert "72 hours" in items[0].cautions[1]


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("apps/web/package.json", package("1.0.0", private=True), package("1.1.0", private=True)),
        ("package.json", package("1.0.0"), package("1.0.0", license="MIT")),
        ("crates/x/Cargo.toml", CRATE.format(1), CRATE.format(2)),
        ("app/pubspec.yaml", "name: x\nversion: 1\npublish_to: none\n", "name: x\nversion: 2\npublish_to: none\n"),
        ("pom.xml", POM.format("1-SNAPSHOT"), POM.format("2-SNAPSHOT")),
        ("node_modules/x/package.json", package("1.0.0"), package("1.1.0")),
        ("package.json", package("1.0.0"), "{"),
    ],
)
def test_what_no_registry_gets(story: Story, path: str, before: str, after: str) -> None:
    assert list(PUBLISHED.detect(story.changes({path: before}, {path: after}))) == []


def test_an_applications_version_is_a_release(story: Story) -> None:
    changes = story.changes(
        {"package.json": package("1.0.0", private=True)}, {"package.json": package("1.1.0", private=True)}
    )
    item = only(PUBLISHED.detect(changes))
    assert (item.kind, item.name, item.confidence) == ("release", "@acme/lib@1.1.0", "low")
    assert item.verify == "git tag --list '*1.1.0'"


@pytest.mark.parametrize(
    ("step", "publishes"),
    [
        ("run: npm publish --access public", True),
        ("uses: pypa/gh-action-pypi-publish@release/v1", True),
        ("uses: docker/build-push-action@v6\n        with:\n          push: true", True),
        ("uses: docker/build-push-action@v6\n        with:\n          push: false", False),
        ("run: npm test", False),
    ],
)
def test_workflows_that_publish(story: Story, step: str, publishes: bool) -> None:
    path, text = ".github/workflows/x.yml", f"jobs:\n  a:\n    steps:\n      - {step}\n"
    items = list(PUBLISHED.detect(story.changes({path: "jobs: {}\n"}, {path: text})))
    assert names(items) == ([f"publish workflow {path} changed"] if publishes else [])
    assert all(item.evidence[0].line == 4 for item in items)


def test_changesets(story: Story) -> None:
    text = '---\n"@acme/lib": minor\n"@acme/ui": patch\n---\n\nWords.\n'
    changes = story.changes({}, {".changeset/brave-cats.md": text, ".changeset/README.md": "x\n"})
    item = only(PUBLISHED.detect(changes))
    assert (item.kind, item.name) == ("changeset", ".changeset/brave-cats.md")
    assert item.details["bumps"] == "@acme/lib minor, @acme/ui patch"


def test_a_release_uses_changesets_up(story: Story) -> None:
    changes = story.changes(
        {".changeset/brave-cats.md": "---\n---\n", "package.json": package("1.0.0")},
        {".changeset/brave-cats.md": None, "package.json": package("1.1.0")},
    )
    assert names(PUBLISHED.detect(changes)) == ["package version @acme/lib@1.1.0 added"]


@pytest.mark.parametrize("text", ["", "---\n[\n---\n", "---\n", "\0", "no front matter"])
def test_odd_changesets(story: Story, text: str) -> None:
    assert names(PUBLISHED.detect(story.changes({}, {".changeset/x.md": text}))) == [
        "changeset .changeset/x.md added"
    ]
