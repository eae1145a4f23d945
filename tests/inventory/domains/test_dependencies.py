"""Dependencies: what manifests ask for, what lock files resolved it to, and the lock files themselves."""

import json

import pytest

from safe_rollback.inventory.domains.dependencies import DEPENDENCIES
from safe_rollback.inventory.fold import fold
from tests.inventory.kit import Files, Story, names, only

SETUP = "[metadata]\n[options]\ninstall_requires =\n    a\n"


def package(*, name: str = "app", **sections: object) -> str:
    return json.dumps({"name": name, **sections}, indent=2)


def lock(**versions: str) -> str:
    packages: dict[str, object] = {"": {"dependencies": {name: "*" for name in versions if name != "deep"}}}
    packages |= {f"node_modules/{name}": {"version": version} for name, version in versions.items()}
    return json.dumps({"lockfileVersion": 3, "packages": packages}, indent=2)


def found(story: Story, before: Files, *steps: Files) -> list[str]:
    return names(fold(DEPENDENCIES.detect(story.changes(before, *steps))))


def test_a_package_is_one_item_whichever_manifests_have_it(story: Story) -> None:
    changes = story.changes(
        {
            "package-lock.json": lock(react="18.2.0"),
            "package.json": package(dependencies={"react": "^18.0.0"}),
            "apps/web/package.json": package(dependencies={"react": "^18.0.0", "left-pad": "1"}),
        },
        {
            "package.json": package(dependencies={"react": "^19.0.0"}),
            "apps/web/package.json": package(dependencies={"react": "^19.0.0"}, devDependencies={"vite": "5"}),
        },
    )
    items = {item.name: item for item in DEPENDENCIES.detect(changes)}
    assert names(items.values()) == ["package left-pad removed", "package react changed", "package vite added"]
    react = items["react"]
    assert (react.scope, react.before, react.after) == ("npm", "^18.0.0", "^19.0.0")
    assert {evidence.path: evidence.text for evidence in react.evidence} == {
        "package.json": '"react": "^19.0.0"',
        "apps/web/package.json": '"react": "^19.0.0"',
    }
    assert (react.action.command, react.verify) == ("npm ci", "npm ls react")
    assert any("install scripts" in caution for caution in react.cautions)
    assert items["left-pad"].evidence[0].text == '"left-pad": "1"'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (package(dependencies={"a": "1", "b": "2"}), package(dependencies={"b": "2", "a": "1"})),
        (package(dependencies={"a": "1"}), package(dependencies={"a": "1"}, scripts={"build": "vite build"})),
        (package(dependencies={"own": "workspace:*"}), package(dependencies={"own": "workspace:^"})),
    ],
    ids=["order", "another section", "of the repository"],
)
def test_what_asks_for_the_same_is_no_item(story: Story, before: str, after: str) -> None:
    assert found(story, {"package.json": before}, {"package.json": after}) == []


def test_packages_of_the_repository_are_none_even_without_a_workspace_protocol(story: Story) -> None:
    ui = {"packages/ui/package.json": package(name="@acme/ui")}
    web = {"apps/web/package.json": package(dependencies={"@acme/ui": "*", "zod": "3"})}
    assert found(story, ui, web) == ["package zod added"]


def test_what_moves_within_a_manifest_says_for_what_it_is(story: Story) -> None:
    item = only(
        DEPENDENCIES.detect(
            story.changes(
                {"package.json": package(dependencies={"a": "1"})},
                {"package.json": package(devDependencies={"a": "1"})},
            )
        )
    )
    assert (item.change, item.before, item.after) == ("changed", "1 (main)", "1 (dev)")


def test_a_manifest_that_moves_is_no_item_but_what_changes_on_the_way_is(story: Story) -> None:
    before = package(dependencies={"a": "1", "b": "1", "c": "1"})
    after = package(dependencies={"a": "1", "b": "2", "c": "1"})
    assert found(story, {"old/package.json": before}, {"old/package.json": None, "new/package.json": after}) == [
        "package b changed"
    ]


def test_a_package_that_goes_from_one_package_to_another_is_an_item(story: Story) -> None:
    item = only(
        DEPENDENCIES.detect(
            story.changes(
                {"a/package.json": package(dependencies={"x": "1"}), "b/package.json": package()},
                {"a/package.json": package(), "b/package.json": package(dependencies={"x": "1"})},
            )
        )
    )
    assert (item.change, item.before, item.after) == ("changed", "1 in a/package.json", "1 in b/package.json")


def test_a_package_that_is_asked_for_to_another_purpose_is_an_item(story: Story) -> None:
    before = {"requirements/dev.in": "a\nb\n", "requirements/test.in": "c\n"}
    moved = {"requirements/dev.in": "b\n", "requirements/test.in": "a\nc\n"}
    assert found(story, before, moved) == ["package a changed"]
    assert found(story, before, {"requirements/dev.in": None, "requirements/test.in": "a\nb\nc\n"}) == []
    assert found(story, {"setup.cfg": SETUP}, {"setup.cfg": "[metadata]\n", "requirements.txt": "a\n"}) == []


def test_versions_that_go_to_a_catalog_are_the_same_versions(story: Story) -> None:
    assert (
        found(
            story,
            {"package.json": package(dependencies={"a": "^1"}), "pnpm-workspace.yaml": "packages: [x]\n"},
            {"package.json": package(dependencies={"a": "catalog:"}), "pnpm-workspace.yaml": "catalog:\n  a: ^1\n"},
        )
        == []
    )


def test_what_came_and_went_within_the_target_is_none(story: Story) -> None:
    plain = {"Gemfile": "gem 'a'\n"}
    assert found(story, plain, {"Gemfile": "gem 'a'\ngem 'b', '1'\n"}, plain) == []


def test_what_a_lock_file_moved_by_itself_is_an_item(story: Story) -> None:
    changes = story.changes(
        {
            "package.json": package(dependencies={"a": "*", "b": "*"}),
            "package-lock.json": lock(a="1.0.0", b="1.0.0", deep="1.0.0"),
        },
        {"package-lock.json": lock(a="1.1.0", b="1.0.0", deep="2.0.0")},
        {"package-lock.json": lock(a="1.2.0", b="1.0.0", deep="2.0.0")},
    )
    items = fold(DEPENDENCIES.detect(changes))
    assert names(items) == ["package a changed"]
    assert (items[0].name, items[0].before, items[0].after) == ("a", "1.0.0", "1.2.0")
    assert items[0].evidence[0].text == '"node_modules/a": {'
    assert items[0].evidence[0].commit == changes.deltas[-1].commit


def test_a_lock_file_that_changed_with_its_manifest_adds_nothing(story: Story) -> None:
    assert found(
        story,
        {"Gemfile": "gem 'a', '1.0'\n", "Gemfile.lock": "GEM\n  specs:\n    a (1.0)\n\nDEPENDENCIES\n  a (= 1.0)\n"},
        {"Gemfile": "gem 'a', '1.1'\n", "Gemfile.lock": "GEM\n  specs:\n    a (1.1)\n\nDEPENDENCIES\n  a (= 1.1)\n"},
    ) == ["package a changed"]


def test_what_two_lock_files_moved_in_opposite_directions(story: Story) -> None:
    yarn = 'a@*:\n  version "{}"\n'
    before = {
        "package.json": package(dependencies={"a": "*"}),
        "package-lock.json": lock(a="1.0.0"),
        "yarn.lock": yarn.format("1.1.0"),
    }
    after = {"package-lock.json": lock(a="1.1.0"), "yarn.lock": yarn.format("1.0.0")}
    assert found(story, before, after) == ["lockfile package-lock.json changed", "lockfile yarn.lock changed"]


def test_a_lock_file_of_which_no_package_speaks_is_an_item(story: Story) -> None:
    before = {"package.json": package(dependencies={"a": "*"}), "package-lock.json": lock(a="1.0.0", deep="1.0.0")}
    assert found(story, before, {"package-lock.json": lock(a="1.0.0", deep="2.0.0")}) == [
        "lockfile package-lock.json changed"
    ]


def test_what_moved_along_with_what_was_asked_for_is_said_of_the_lock_file(story: Story) -> None:
    def asked(**versions: str) -> dict[str, str]:
        return {"package.json": package(dependencies={name: f"^{version[0]}" for name, version in versions.items()})}

    before = {**asked(a="1", b="1"), "package-lock.json": lock(a="1.0.0", b="1.0.0")}
    after = {**asked(a="2", b="1"), "package-lock.json": lock(a="2.0.0", b="1.7.0")}
    items = {item.kind: item for item in DEPENDENCIES.detect(story.changes(before, after))}
    assert names(items.values()) == ["lockfile package-lock.json changed", "package a changed"]
    assert "b 1.0.0 → 1.7.0" in items["lockfile"].cautions[-1]
    openly = {**after, "package.json": package(dependencies={"a": "^2", "b": "*"})}
    before["package.json"] = package(dependencies={"a": "^1", "b": "*"})
    assert found(story, before, openly) == ["package a changed", "package b changed"]


def test_the_branch_of_a_repository_moves_in_the_lock_file(story: Story) -> None:
    def files(revision: str, pinned: str = "") -> Files:
        lock = f"GIT\n  remote: x\n  revision: {revision}\n  specs:\n    fork (1.0)\n\nDEPENDENCIES\n  fork!\n  b\n"
        return {"Gemfile": f"gem 'fork', github: 'a/fork'{pinned}\ngem 'b', '{revision}'\n", "Gemfile.lock": lock}

    assert found(story, files("1abcdef"), files("2abcdef")) == ["package b changed", "package fork changed"]
    tagged = ", tag: 'v1'"
    assert found(story, files("1abcdef", tagged), files("2abcdef", tagged)) == [
        "lockfile Gemfile.lock changed",
        "package b changed",
    ]


def test_many_packages_that_moved_beside_what_was_asked_for_are_said_of_the_lock_file(story: Story) -> None:
    names_of = [f"n{number}" for number in range(9)]
    open_ones = dict.fromkeys(names_of, "*")
    before = {
        "package.json": package(dependencies={"a": "^1", **open_ones}),
        "package-lock.json": lock(a="1.0.0", **dict.fromkeys(names_of, "1.0.0")),
    }
    after = {
        "package.json": package(dependencies={"a": "^2", **open_ones}),
        "package-lock.json": lock(a="2.0.0", **dict.fromkeys(names_of, "1.1.0")),
    }
    assert found(story, before, after) == ["lockfile package-lock.json changed", "package a changed"]
    only = {"package-lock.json": lock(a="1.0.0", **dict.fromkeys(names_of, "1.1.0"))}
    assert found(story, before, only) == [f"package {name} changed" for name in names_of]


def test_what_a_lock_file_was_written_out_as_names_nothing_anew(story: Story) -> None:
    def exported(version: str) -> str:
        rows = [f'p{number}==1.{number} ; python_version >= "3.9"' for number in range(6)]
        return "\n".join([*rows, f"deep=={version}", ""])

    before = {"poetry.lock": "1\n", "requirements.txt": exported("1.0")}
    after = {"poetry.lock": "2\n", "requirements.txt": exported("2.0")}
    assert "package deep changed" not in found(story, before, after)
    # By itself it is all there is to say of it.
    assert found(story, before, {"requirements.txt": exported("2.0")}) == ["package deep changed"]
    assert "package deep changed" in found(
        story, before, {**after, "requirements.txt": "-r a.txt\n" + exported("2.0")}
    )
    assert "package deep changed" in found(story, before, {**after, "poetry.lock": None})


def test_versions_that_are_forced_upon_others_are_said_of_the_lock_file(story: Story) -> None:
    before = {"package.json": package(dependencies={"a": "1"}), "package-lock.json": lock(a="1.0.0", deep="1.0.0")}
    forced = {"package.json": package(dependencies={"a": "1"}, overrides={"deep": "2.0.0"})}
    items = list(
        DEPENDENCIES.detect(story.changes(before, {**forced, "package-lock.json": lock(a="1.0.0", deep="2")}))
    )
    assert names(items) == ["lockfile package-lock.json changed"]
    assert "deep none → 2.0.0" in items[0].cautions[-1]
    assert found(story, before, forced) == ["package deep added"]


def test_a_package_of_the_registry_that_has_the_name_of_one_of_the_repository(story: Story) -> None:
    own = {"apps/storybook/package.json": package(name="storybook", version="0.0.0")}
    web = {"apps/web/package.json": package(dependencies={"storybook": "^8.3.5"})}
    assert found(story, own, web) == ["package storybook added"]
    assert found(story, own, {"apps/web/package.json": package(dependencies={"storybook": "0.0.0"})}) == []
    scoped = {"packages/foo/package.json": package(name="@org/foo", version="1.3.0")}
    assert found(story, scoped, {"apps/web/package.json": package(dependencies={"@org/foo": "^1.2.0"})}) == []


def test_a_lock_file_speaks_for_the_manifests_below_it_up_to_the_next_one(story: Story) -> None:
    entry = 'a@^1:\n  version "{}"\n\nb@^1:\n  version "{}"\n'
    before = {
        "package.json": package(dependencies={"a": "^1"}),
        "site/package.json": package(dependencies={"b": "^1"}),
        "site/yarn.lock": entry.format("1.0.0", "1.0.0"),
        "yarn.lock": entry.format("1.0.0", "1.0.0"),
    }
    assert found(story, before, {"yarn.lock": entry.format("1.1.0", "1.1.0")}) == [
        "package a changed",
    ]


def test_another_package_manager_is_said(story: Story) -> None:
    items = list(
        DEPENDENCIES.detect(
            story.changes(
                {"package.json": package(packageManager="yarn@1.22.0"), "yarn.lock": "# yarn lockfile v1\n"},
                {
                    "package.json": package(packageManager="pnpm@9.0.0"),
                    "yarn.lock": None,
                    "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
                },
            )
        )
    )
    assert names(items) == [
        "lockfile pnpm-lock.yaml added",
        "lockfile yarn.lock removed",
        "runtime pnpm added",
        "runtime yarn removed",
    ]
    assert {item.name: item.action.command for item in items if item.kind == "lockfile"} == {
        "pnpm-lock.yaml": "pnpm install --frozen-lockfile",
        "yarn.lock": "yarn install --frozen-lockfile",
    }
    assert all(any("another one" in one for one in item.cautions) for item in items if item.kind == "lockfile")


@pytest.mark.parametrize(
    ("files", "path", "command", "verify"),
    [
        ({"uv.lock": ""}, "pyproject.toml", "uv sync --frozen", "uv pip show a"),
        ({"api/poetry.lock": ""}, "api/pyproject.toml", "cd api && poetry sync", "cd api && poetry show a"),
        (
            {}, "a b/requirements.txt",
            "cd 'a b' && python -m pip install -r requirements.txt", "cd 'a b' && python -m pip show a",
        ),
        ({"Gemfile.lock": ""}, "Gemfile", "BUNDLE_FROZEN=true bundle install", "bundle info a"),
        ({"yarn.lock": "", ".yarnrc.yml": ""}, "package.json", "yarn install --immutable", "yarn why a"),
        ({}, "package.json", "npm install --no-package-lock", "npm ls a"),
        ({"bun.lock": "{}"}, "package.json", "bun install --frozen-lockfile", "bun pm ls"),
    ],
)  # fmt: skip
def test_the_manager_is_the_one_whose_lock_file_is_there(
    story: Story, files: dict[str, str], path: str, command: str, verify: str
) -> None:
    texts = {
        "pyproject.toml": "[project]\ndependencies = ['a']\n",
        "requirements.txt": "a\n",
        "Gemfile": "gem 'a'\n",
        "package.json": package(dependencies={"a": "1"}),
    }
    changes = story.changes({**files, "README": "x"}, {path: texts[path.rpartition("/")[2]]})
    item = only(item for item in DEPENDENCIES.detect(changes) if item.kind == "package")
    assert (item.action.command, item.verify) == (command, verify)


def test_images_and_runtimes(story: Story) -> None:
    compose = "services:\n  db:\n    image: postgres:{}\n"
    items = {
        item.name: item
        for item in DEPENDENCIES.detect(
            story.changes(
                {"Dockerfile": "FROM node:20\n", "compose.yml": compose.format(16), ".nvmrc": "20\n"},
                {"Dockerfile": "FROM node:22\n", "compose.yml": compose.format(17), ".nvmrc": "22\n"},
            )
        )
        if item.kind != "runtime"
    }
    assert names(items.values()) == ["image node changed", "image postgres changed"]
    assert items["postgres"].reversible == "lossy"
    assert "dump" in items["postgres"].cautions[0]
    assert items["node"].verify == "docker image inspect node:20"
    assert found(story, {}, {".nvmrc": "24\n", "package.json": package(engines={"node": "24"})}) == [
        "runtime node changed"
    ]


def test_patches(story: Story) -> None:
    before = {"package.json": package()}
    files = {"patches/next@1.patch": "diff\n", ".yarn/patches/a.patch": "diff\n", "debian/patches/a.patch": "x"}
    assert found(story, before, files) == ["patch .yarn/patches/a.patch added", "patch patches/next@1.patch added"]


def test_vendored_code_fixtures_and_links_ask_for_nothing(story: Story) -> None:
    text = package(dependencies={"a": "1"})
    assert (
        found(
            story,
            {},
            {
                "vendor/x/package.json": text,
                "node_modules/a/package.json": text,
                "test/fixtures/x/package.json": text,
            },
        )
        == []
    )


def test_credentials_of_an_address_are_not_shown(story: Story) -> None:
    items = DEPENDENCIES.detect(
        story.changes({}, {"requirements.txt": "git+https://user:secret@example.org/a#egg=a\n"})
    )
    assert "secret" not in str(only(items).to_data())


def test_what_does_not_parse_is_named_and_says_nothing(story: Story) -> None:
    changes = story.changes({"package.json": package(dependencies={"a": "1"})}, {"package.json": "{<<<<<<<"})
    assert list(DEPENDENCIES.detect(changes)) == []
    assert [(unknown.domain, unknown.subject) for unknown in changes.unknowns] == [("dependencies", "package.json")]


def test_a_lock_file_beyond_what_is_read_of_others_is_read(story: Story) -> None:
    def large(version: str) -> str:
        return lock(a=version, **{f"p{n}": "1.0.0" + "0" * 100 for n in range(12_000)})

    assert found(story, {"package-lock.json": large("1.0.0")}, {"package-lock.json": large("1.1.0")}) == [
        "package a changed",
    ]
