"""Every field of the protocol: what tightens it holds at once, what loosens it does not hold."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safe_rollback.core.files import canonical_json
from safe_rollback.core.inventory import CustomDetector, InventorySettings, LiveSource
from safe_rollback.core.recovery import (
    CheckSpec,
    IncidentSettings,
    RecoverySettings,
    Thresholds,
    TriggerSpec,
    VerifySettings,
)
from safe_rollback.policies.protocol.combine import combine
from safe_rollback.policies.protocol.model import RULE_OF_FIELD, Protocol, RuleSpec, from_data


def rule(decision: str = "refuse", **changes: Any) -> RuleSpec:
    values = {"id": "r", "effect": "commit", "decision": decision, "why": "w", "instead": "i", **changes}
    return RuleSpec(**values)


SHOP = LiveSource(kind="postgres", name="shop", url_env="DATABASE_URL")
ELSEWHERE = LiveSource(kind="postgres", name="shop", url_env="OTHER_URL")
CACHE = LiveSource(kind="redis", name="cache", url_env="REDIS_URL")
JOBS = CustomDetector(
    id="job", paths=("jobs/*.yml",), pattern="name: (.*)", domain="third_party", action="drop {name}"
)
TAMER = CustomDetector(id="job", paths=("none",), pattern="name: (.*)", domain="third_party", action="drop {name}")

TESTS = CheckSpec(name="tests", run="pytest -x")
EASIER = CheckSpec(name="tests", run="true")
LONG = TriggerSpec(id="long", metric="session_minutes", above=90, do=("stop",))
LONGER = TriggerSpec(id="long", metric="session_minutes", above=900, do=("notify",))
ANYONE = RecoverySettings().authority


def _before(*names: str) -> VerifySettings:
    return VerifySettings(before_revert=names)


# field, a looser value, a stricter one.
TABLE: list[tuple[str, Any, Any]] = [
    ("require_branch", False, True),
    ("max_files", None, 5),
    ("max_files", 6, 5),
    ("max_layers", None, 1),
    ("max_layers", 2, 1),
    ("checkpoint_every", 3600, 900),
    ("layers", {}, {"bronze": ("bronze/**",)}),
    ("layers", {"bronze": ("b/**",)}, {"bronze": ("b/**",), "silver": ("s/**",)}),
    ("branches", (), ("main",)),
    ("branches", ("main",), ("main", "release/*")),
    ("paths", (), (".github/**",)),
    ("paths", ("a", "b"), ("a", "b", "c")),
    ("sensitive", (), ("**/auth/**",)),
    ("gates", (), ("pytest",)),
    ("gates", ("pytest",), ("pytest", "ruff check .")),
    ("squash_into", ("main",), ()),
    ("squash_into", ("main", "develop"), ("develop",)),
    ("ignored", (), (".env*",)),
    ("ignored", (".env*",), (".env*", "*.sqlite")),
    ("max_file", 1 << 20, 50 << 20),
    ("keep", 86400, 30 * 86400),
    ("rules", (), (rule(),)),
    ("rules", (rule("ask"),), (rule("refuse"),)),
    ("rules", (rule("allow"),), (rule("ask"),)),
    ("rules", (rule(enforcement="evaluate"),), (rule(),)),
    ("rules", (rule(enforcement="evaluate"),), (rule("allow"),)),
    ("rules", (rule(id="a"),), (rule(id="a"), rule(id="b"))),
    ("inventory", InventorySettings(), InventorySettings(artifacts=("dist/**",))),
    ("inventory", InventorySettings(live=(SHOP,)), InventorySettings(live=(SHOP, CACHE))),
    ("inventory", InventorySettings(), InventorySettings(custom=(JOBS,))),
    ("recovery", RecoverySettings(), RecoverySettings(checks=(TESTS,))),
    ("recovery", RecoverySettings(), RecoverySettings(triggers=(LONG,))),
    ("recovery", RecoverySettings(), RecoverySettings(assess=Thresholds(commits_since_green=3))),
    ("recovery", RecoverySettings(), RecoverySettings(authority={**ANYONE, "phase": "human"})),
    ("recovery", RecoverySettings(verify=_before("tests")), RecoverySettings(verify=_before("tests", "lint"))),
    ("recovery", RecoverySettings(verify=_before("tests")), RecoverySettings()),
]

NEITHER: list[tuple[str, Any, Any]] = [
    ("branch", "a/{n}", "b/{n}"),
    ("branches", ("main", "dev"), ("dev", "main")),
    ("rules", (rule(),), (rule(why="another", instead="another", refuses=("git commit",)),)),
    ("recovery", RecoverySettings(), RecoverySettings(incident=IncidentSettings(directory="ops"))),
]

# Neither holds alone: both values' demands do.
BOTH: list[tuple[str, Any, Any, Any]] = [
    ("branches", ("main",), ("dev",), ("main", "dev")),
    ("paths", ("a",), ("b",), ("a", "b")),
    ("gates", ("pytest -x",), ("pytest",), ("pytest -x", "pytest")),
    ("squash_into", ("main",), ("dev",), ()),
    ("layers", {"a": ("a/**",)}, {"b": ("b/**",)}, {"a": ("a/**",), "b": ("b/**",)}),
    ("layers", {"a": ("a/**",)}, {"a": ("**",)}, {"a": ("a/**",)}),
    ("layers", {"a": ("a/**",)}, {"all": ("**",), "a": ("a/**",)}, {"a": ("a/**",), "all": ("**",)}),
    ("layers", {"a": ("a/**",), "b": ("**",)}, {"b": ("**",), "a": ("a/**",)}, {"a": ("a/**",), "b": ("**",)}),
    ("rules", (rule(),), (rule(effect="ref.update"),), (rule(),)),
    ("rules", (rule(id="a"),), (rule(id="b"),), (rule(id="b"), rule(id="a"))),
    # Another database behind the same name would say that nothing is applied.
    (
        "inventory",
        InventorySettings(live=(SHOP,), custom=(JOBS,)),
        InventorySettings(live=(ELSEWHERE,), custom=(TAMER,), artifacts=("dist/**",)),
        InventorySettings(live=(SHOP,), custom=(JOBS,), artifacts=("dist/**",)),
    ),
    # Another command behind the name of a check would pass.
    (
        "recovery",
        RecoverySettings(checks=(TESTS,), triggers=(LONG,), assess=Thresholds(phase_failing_tests=5)),
        RecoverySettings(checks=(EASIER,), triggers=(LONGER,), assess=Thresholds(phase_error_rate=0.5)),
        RecoverySettings(
            checks=(TESTS,), triggers=(LONG,), assess=Thresholds(phase_failing_tests=5, phase_error_rate=0.5)
        ),
    ),
]


def with_(field: str, value: Any) -> Protocol:
    return dataclasses.replace(Protocol(), **{field: value})


def test_the_table_covers_every_field() -> None:
    fields = {one.name for one in dataclasses.fields(Protocol)}
    assert {row[0] for row in TABLE} | {"branch"} == fields
    assert set(RULE_OF_FIELD) == fields


@pytest.mark.parametrize(("field", "loose", "strict"), TABLE)
def test_tightening_a_field_holds_at_once(field: str, loose: Any, strict: Any) -> None:
    holds, waiting = combine(with_(field, loose), with_(field, strict))
    assert (holds, waiting) == (with_(field, strict), [])


@pytest.mark.parametrize(("field", "loose", "strict"), TABLE)
def test_loosening_a_field_waits_and_is_named(field: str, loose: Any, strict: Any) -> None:
    holds, waiting = combine(with_(field, strict), with_(field, loose))
    assert holds == with_(field, strict)
    (phrase,) = waiting
    assert phrase.startswith(f"{RULE_OF_FIELD[field]}: {field}")
    assert "None" not in phrase


@pytest.mark.parametrize(("field", "one", "other"), NEITHER)
def test_what_is_neither_is_taken_as_written(field: str, one: Any, other: Any) -> None:
    assert combine(with_(field, one), with_(field, other)) == (with_(field, other), [])
    assert combine(with_(field, other), with_(field, one)) == (with_(field, one), [])


@pytest.mark.parametrize(("field", "old", "new", "both"), BOTH)
def test_what_loosens_and_tightens_holds_both_and_waits(field: str, old: Any, new: Any, both: Any) -> None:
    holds, waiting = combine(with_(field, old), with_(field, new))
    assert getattr(holds, field) == both
    if field == "layers":
        assert list(getattr(holds, field)) == list(both), "the first that matches counts"
    assert len(waiting) == 1


def test_what_is_lost_is_named() -> None:
    strict = Protocol(branches=("main", "dev"), gates=("pytest", "ruff"), layers={"a": ("a",)}, rules=(rule(),))
    loose = Protocol(branches=("dev",), gates=(), squash_into=("main",))
    assert combine(strict, loose)[1] == [
        "layers-per-session: layers loses or changes a",
        "protected-branches: branches loses main",
        "session-gates: gates loses pytest, ruff",
        "protected-branches: squash_into gains main",
        "project-rules: rules loses or weakens r",
    ]
    assert combine(Protocol(max_files=5, keep=86400), Protocol(keep=3600))[1] == [
        "files-per-session: max_files 5 → no limit",
        "retention: keep 1d → 1h",
    ]


_names = st.lists(st.sampled_from(["a", "b", "c"]), unique=True).map(tuple)
_rules = st.lists(
    st.builds(
        rule,
        st.sampled_from(["allow", "ask", "refuse"]),
        id=st.sampled_from(["x", "y", "z"]),
        effect=st.sampled_from(["commit", "ref.update"]),
        enforcement=st.sampled_from(["active", "evaluate"]),
    ),
    unique_by=lambda one: one.id,
    max_size=3,
).map(tuple)
_protocols = st.builds(
    Protocol,
    require_branch=st.booleans(),
    max_files=st.none() | st.integers(1, 5),
    max_layers=st.none() | st.integers(1, 5),
    checkpoint_every=st.integers(1, 5),
    layers=st.dictionaries(st.sampled_from(["zinc", "bronze", "iron"]), _names, max_size=3),
    branches=_names,
    paths=_names,
    sensitive=_names,
    gates=_names,
    squash_into=_names,
    ignored=_names,
    max_file=st.integers(1, 5),
    keep=st.integers(1, 5),
    rules=_rules,
)


@given(_protocols, _protocols)
def test_what_holds_is_as_strict_as_both_and_stays_so(old: Protocol, new: Protocol) -> None:
    holds, waiting = combine(old, new)
    again, nothing = combine(old, holds)
    assert (again, nothing) == (holds, []), "nothing pinned was lost"
    assert combine(holds, new)[0] == holds, "and reading the file again changes nothing"
    assert bool(waiting) == (holds != new or list(holds.layers) != list(new.layers))


@given(_protocols)
def test_a_protocol_survives_the_ledger_with_the_order_of_its_layers(protocol: Protocol) -> None:
    back = from_data(json.loads(canonical_json(protocol.to_data())))
    assert back == protocol
    assert list(back.layers) == list(protocol.layers)
    assert back.digest() == protocol.digest()


def test_the_order_of_layers_is_part_of_the_digest() -> None:
    one = Protocol(layers={"a": ("**",), "b": ("b/**",)})
    other = Protocol(layers={"b": ("b/**",), "a": ("**",)})
    assert one.digest() != other.digest()
