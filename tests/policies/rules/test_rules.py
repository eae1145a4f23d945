"""The rules one by one, as data: what each says of a situation, and that it names a way on."""

from typing import Any

import pytest

from safe_rollback.policies.protocol.model import Protocol
from safe_rollback.policies.rules import RULES, Situation, Violation
from safe_rollback.policies.rules.branch_required import protected_by

LAYERED = {"bronze": ("bronze/**",), "silver": ("silver/**", "src/silver"), "rest": ("**",)}


def violations(changed: list[str], *, branch: str | None = "feature/x", **given: Any) -> list[Violation]:
    names = ("declared", "layers", "max_files")
    session = {name: given.pop(name) for name in names if name in given}
    if "layered" in given:
        given["layers"] = given.pop("layered")
    situation = Situation(protocol=Protocol(**given), changed=changed, branch=branch, **session)
    found = [violation for rule in RULES for violation in rule.check(situation)]
    for one in found:
        assert one.rule in {rule.id for rule in RULES}
        assert one.decision in ("ask", "refuse")
        assert one.why.endswith(".") and one.instead.endswith((".", "`."))
    return found


def rules_of(changed: list[str], **given: Any) -> list[tuple[str, list[str]]]:
    return [(one.rule, list(one.paths)) for one in violations(changed, **given)]


def test_nothing_is_said_of_a_session_within_its_bounds() -> None:
    assert rules_of(["a", "b"], paths=("c/**",), sensitive=("d",), max_layers=2, layered=LAYERED) == []


def test_every_rule_has_a_name_of_its_own() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize(
    ("limit", "session", "beyond"), [(2, None, ["c", "d"]), (None, 3, ["d"]), (3, 1, ["b", "c", "d"])]
)
def test_the_files_beyond_the_tighter_limit_are_named(
    limit: int | None, session: int | None, beyond: list[str]
) -> None:
    situation = Situation(protocol=Protocol(max_files=limit), changed=list("abcd"), max_files=session, branch="x")
    (found,) = [violation for rule in RULES for violation in rule.check(situation)]
    assert (found.rule, list(found.paths)) == ("files-per-session", beyond)


def test_the_layers_beyond_the_limit_are_named_in_order_of_appearance() -> None:
    changed = ["silver/a", "bronze/b", "src/silver", "silver/c"]
    found = rules_of(changed, layered={k: v for k, v in LAYERED.items() if k != "rest"}, max_layers=1)
    assert found == [("layers-per-session", ["bronze/b"])]


def test_a_file_belongs_to_the_first_layer_that_matches_and_to_none_if_none_does() -> None:
    situation = Situation(protocol=Protocol(layers=LAYERED), changed=[])
    assert [situation.layer(path) for path in ("bronze/x", "src/silver/y", "z")] == ["bronze", "silver", "rest"]
    assert Situation(protocol=Protocol(), changed=[]).layer("z") == ""


def test_layers_that_were_not_declared_are_named() -> None:
    found = rules_of(["bronze/a", "silver/b"], layered=LAYERED, layers=["bronze"])
    assert found == [("layers-per-session", ["silver/b"])]


def test_paths_outside_the_declared_ones_are_named() -> None:
    assert rules_of(["src/a", "b"], declared=["src/**"]) == [("declared-paths", ["b"])]


def test_protected_and_sensitive_paths_are_named_apart() -> None:
    found = violations([".github/ci.yml", "src/auth/x", "y"], paths=(".github/**",), sensitive=("**/auth/**",))
    assert [(one.rule, one.decision, list(one.paths)) for one in found] == [
        ("protected-paths", "refuse", [".github/ci.yml"]),
        ("sensitive-paths", "ask", ["src/auth/x"]),
    ]


@pytest.mark.parametrize(
    ("branch", "refused"),
    [("main", True), ("release/1", True), ("feature/main", False), ("main2", False), ("Main", False), (None, True)],
)
def test_a_session_stands_on_a_branch_of_its_own(branch: str | None, refused: bool) -> None:
    given: dict[str, Any] = {"branch": branch, "branches": ("main", "release/*")}
    assert [one.rule for one in violations([], **given)] == (["branch-required"] if refused else [])
    assert violations([], require_branch=False, **given) == []


def test_the_pattern_that_protects_is_named() -> None:
    assert protected_by("release/1", ("main", "release/*")) == "release/*"
    assert protected_by("other", ("main", "release/*")) is None
