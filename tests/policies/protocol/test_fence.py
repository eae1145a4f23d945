"""The exact form: what the block may hold, and what is said about one that cannot be used."""

import pytest

from safe_rollback.policies.protocol.model import Protocol, Reading, RuleSpec
from safe_rollback.policies.protocol.reading import parse, read_protocol
from tests.harness.repo import Repo

FULL = """\
# Project

```toml safe-rollback
[session]
branch = "feature/session-{date}-{n:03}"
require_branch = true
max_files = 5
max_layers = 1
checkpoint_every = "15m"
[layers]
silver = ["silver/**"]
bronze = ["bronze/**"]
[protect]
branches = ["main", "release/*"]
paths = [".github/**"]
sensitive = ["**/auth/**"]
[on_session_end]
run = ["python -m pytest tests/ -x", "ruff check ."]
squash_into = ["develop"]
[capture]
ignored = [".env*"]
max_file = "50 MiB"
[retention]
keep = "30d"
[[rule]]
id = "no-force-push"
effect = "remote.rewrite"
decision = "refuse"          # allow | ask | refuse; the strictest wins
enforcement = "active"       # active | evaluate
why = "Others build on this branch."
instead = "Push a new branch."
refuses = ["git push --force"]
permits = ["git push -u origin feature/x"]
[[rule]]
id = "tags"
effect = "ref.update"
decision = "ask"
why = "Releases are made by people."
instead = "Ask for one."
```
"""


def block(body: str, before: str = "") -> Reading:
    return parse(f"{before}```toml safe-rollback\n{body}\n```\n", "CLAUDE.md")


def problem(body: str) -> str:
    reading = block(body)
    assert reading.protocol == Protocol(), "nothing of a broken block is used"
    assert not reading.enforced
    (text,) = reading.problems
    return text


def test_every_key_of_the_block_is_read() -> None:
    reading = parse(FULL, "CLAUDE.md")
    assert not reading.problems
    assert reading.protocol == Protocol(
        branch="feature/session-{date}-{n:03}",
        require_branch=True,
        max_files=5,
        max_layers=1,
        checkpoint_every=900,
        layers={"silver": ("silver/**",), "bronze": ("bronze/**",)},
        branches=("main", "release/*"),
        paths=(".github/**",),
        sensitive=("**/auth/**",),
        gates=("python -m pytest tests/ -x", "ruff check ."),
        squash_into=("develop",),
        ignored=(".env*",),
        max_file=50 << 20,
        keep=30 * 86400,
        rules=(
            RuleSpec(
                id="no-force-push",
                effect="remote.rewrite",
                decision="refuse",
                why="Others build on this branch.",
                instead="Push a new branch.",
                refuses=("git push --force",),
                permits=("git push -u origin feature/x",),
            ),
            RuleSpec(
                id="tags",
                effect="ref.update",
                decision="ask",
                why="Releases are made by people.",
                instead="Ask for one.",
            ),
        ),
    )
    assert list(reading.protocol.layers) == ["silver", "bronze"], "the first that matches counts"


def test_each_enforced_line_is_named_with_its_rule() -> None:
    reading = parse(FULL, "CLAUDE.md")
    lines = FULL.splitlines()
    assert [(one.rule, lines[one.line - 1].strip()) for one in reading.enforced] == [
        (one.rule, one.text) for one in reading.enforced
    ]
    assert {("files-per-session", 7), ("protected-paths", 15), ("session-gates", 18), ("retention", 24)} <= {
        (one.rule, one.line) for one in reading.enforced
    }
    assert len(reading.enforced) == len({one.line for one in reading.enforced}) == 15


@pytest.mark.parametrize(
    ("body", "line", "says"),
    [
        ("[session]\nmax_file = 5", 3, ["max_file", "max_files, max_layers"]),
        ("[session]\n\n# why\nmax-files = 5", 5, ["max-files", "max_files"]),
        ('[session]\n"max files" = 5', 2, ["max files", "max_files"]),
        ("[sesion]\nmax_files = 5", 2, ["[sesion]", "session, protect"]),
        ("max_files = 5", 2, ["max_files", "session"]),
        ("session = 5", 2, ["[session]"]),
        ("[session]\nmax_files = 0", 3, ["whole number from 1"]),
        ("[session]\nmax_files = -1", 3, ["whole number from 1"]),
        ("[session]\nmax_files = 2.5", 3, ["whole number from 1"]),
        ("[session]\nmax_files = true", 3, ["whole number from 1"]),
        ('[session]\nmax_files = "5"', 3, ["whole number from 1"]),
        ('[session]\nrequire_branch = "yes"', 3, ["true or false"]),
        ('[session]\nbranch = "feature/{date}"', 3, ["{n}"]),
        ('[session]\nbranch = "feature/{user}-{n}"', 3, ["{date}"]),
        ('[session]\nbranch = "my branch {n}"', 3, ["git accepts"]),
        ('[session]\nbranch = "a..{n}"', 3, ["git accepts"]),
        ('[session]\nbranch = "-{n}"', 3, ["git accepts"]),
        ('[session]\nbranch = "x/{n}.lock"', 3, ["git accepts"]),
        ('[session]\ncheckpoint_every = "0m"', 3, ["duration", "15m"]),
        ('[session]\ncheckpoint_every = "15"', 3, ["duration", "15m"]),
        ("[session]\ncheckpoint_every = 15", 3, ["text"]),
        ('[retention]\nkeep = "30 years"', 3, ["duration"]),
        ('[retention]\nkeep = "99999999d"', 3, ["duration"]),
        ('[retention]\nkeep = "' + "9" * 5000 + 'd"', 3, ["duration"]),
        ('[capture]\nmax_file = "5 ib"', 3, ["size", "50 MiB"]),
        ('[capture]\nmax_file = "50"', 3, ["size", "50 MiB"]),
        ('[capture]\nmax_file = "0 B"', 3, ["size"]),
        ("[capture]\nmax_file = 0", 3, ["text"]),
        ('[capture]\nignored = ".env"', 3, ["list of texts"]),
        ('[protect]\npaths = ["../x"]', 3, ["not a path pattern"]),
        ('[protect]\npaths = ["a", 1]', 3, ["list of texts"]),
        ('[protect]\nbranches = [""]', 3, ["list of texts"]),
        ('[layers]\nbronze = "bronze/**"', 2, ["list of texts"]),
        ('layers = ["bronze"]', 2, ["table"]),
        ("[rule]\nid = 'x'", 2, ["[[rule]]"]),
        ("rule = [5]", 2, ["[[rule]]"]),
        ("[session]\nmax_files 5", 3, ["TOML"]),
        ("[session]\nmax_files = 5\nmax_files = 6", 4, ["TOML"]),
        ("[session]\nx = [\n1,\n2", 5, ["TOML"]),
        ("[session]\nx = " + "[" * 5000, 1, ["TOML"]),
        ("[session]\nmax_files = " + "9" * 5000, 1, ["TOML"]),
    ],
)
def test_what_the_schema_does_not_know_is_an_error_with_line_and_way_on(
    body: str, line: int, says: list[str]
) -> None:
    text = problem(body)
    assert text.startswith("CLAUDE.md: ")
    assert f"Line {line}" in text
    for word in says:
        assert word in text


def rule(**changes: str) -> str:
    fields = {"id": '"r"', "effect": '"commit"', "decision": '"ask"', "why": '"w"', "instead": '"i"', **changes}
    return "[[rule]]\n" + "\n".join(f"{key} = {value}" for key, value in fields.items() if value)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"id": ""}, "lacks id"),
        ({"why": ""}, "lacks why"),
        ({"instead": ""}, "lacks instead"),
        ({"effect": '"worktree.eat"'}, "worktree.discard"),
        ({"effect": '["commit"]'}, "worktree.discard"),
        ({"decision": '"deny"'}, "allow, ask, refuse"),
        ({"enforcement": '"off"'}, "active, evaluate"),
        ({"why": '" "'}, "takes a text"),
        ({"refuses": '"git commit"'}, "list of texts"),
        ({"match": '["git commit"]'}, "has no key match"),
        ({"refuses": '["git status"]'}, "'git status'"),
        ({"permits": '["git tag v1", "git commit -m x"]'}, "'git commit -m x'"),
    ],
)
def test_a_rule_that_is_wrong_is_named_with_its_line(changes: dict[str, str], says: str) -> None:
    text = problem(rule(id='"first"') + "\n" + rule(**changes))
    assert says in text
    assert "Line 8" in text or "Rule r " in text


def test_two_rules_of_one_name_are_an_error() -> None:
    assert "second rule r" in problem(rule() + "\n" + rule(decision='"allow"'))


@pytest.mark.parametrize(
    "unit", [("90s", 90), ("15m", 900), ("24h", 86400), ("30d", 30 * 86400), ("2w", 14 * 86400), (" 1 H ", 3600)]
)
def test_durations(unit: tuple[str, int]) -> None:
    assert block(f'[retention]\nkeep = "{unit[0]}"').protocol.keep == unit[1]


@pytest.mark.parametrize(
    ("written", "count"),
    [('"50 MiB"', 50 << 20), ('"10MB"', 10**7), ('"4 kib"', 4096), ('"1 GB"', 10**9), ('"7b"', 7), ("123", 123)],
)
def test_sizes(written: str, count: int) -> None:
    assert block(f"[capture]\nmax_file = {written}").protocol.max_file == count


def test_a_second_block_is_an_error_that_names_both() -> None:
    reading = parse(FULL + "\n" + FULL, "CLAUDE.md")
    (text,) = reading.problems
    assert "Line 44" in text and "line 3" in text
    assert reading.protocol == Protocol()


@pytest.mark.parametrize("text", ["```toml safe-rollback\n[session]\n", "~~~toml safe-rollback\n```\n"])
def test_a_block_without_its_end_is_an_error(text: str) -> None:
    assert "Line 1: the protocol block is not closed" in parse(text, "CLAUDE.md").problems[0]


FIVE = "[session]\nmax_files = 5"


@pytest.mark.parametrize(
    "text",
    [
        f"````markdown\n```toml safe-rollback\n{FIVE}\n```\n````\n",
        f"~~~\n```toml safe-rollback\n{FIVE}\n```\n~~~\n",
        f"~~~~ text\n~~~\n```toml safe-rollback\n{FIVE}\n```\n~~~~\n",
        f"> ```toml safe-rollback\n> {FIVE}\n> ```\n",
        f"    ```toml safe-rollback\n    {FIVE}\n    ```\n",
        f"<!--\n```toml safe-rollback\n{FIVE}\n```\n-->\n",
        f"```toml\n{FIVE}\n```\n",
        f"```toml safe-rollback-old\n{FIVE}\n```\n",
        f"```text toml safe-rollback\n{FIVE}\n```\n",
        f"`\u200b``toml safe-rollback\n{FIVE}\n```\n",
    ],
    ids=[
        "in a block",
        "in tildes",
        "in longer tildes",
        "quoted",
        "indented code",
        "comment",
        "toml",
        "other",
        "word",
        "?",
    ],
)
def test_a_block_that_is_only_shown_is_none(text: str) -> None:
    reading = parse(text, "CLAUDE.md")
    assert reading.protocol == Protocol()
    assert not reading.problems


@pytest.mark.parametrize(
    "text",
    [
        f"```toml safe-rollback\n{FIVE}\n```\n",
        f"~~~toml safe-rollback\n{FIVE}\n~~~\n",
        f"`````  toml   safe-rollback  \n{FIVE}\n`````\n",
        f"   ```toml safe-rollback\n{FIVE}\n   ```\n",
        f"```toml safe-rollback\n{FIVE}\n````\n",
        f"```toml safe-rollback\n{FIVE}\n# ```not the end\n```",
        f"\ufeff```toml safe-rollback\n{FIVE}\n```\n",
        f"```toml safe-rollback\n{FIVE}\n```\n".replace("\n", "\r\n"),
        f"~~~\nother\n~~~\n\n```py\n```\n```toml safe-rollback\n{FIVE}\n```\n",
        "```toml safe-rollback\nsession.max_files = 5\n```\n",
        "```toml safe-rollback\nsession = { max_files = 5 }\n```\n",
    ],
)
def test_a_block_is_found_in_every_form_markdown_has(text: str) -> None:
    reading = parse(text, "CLAUDE.md")
    assert not reading.problems
    assert reading.protocol == Protocol(max_files=5)


def test_lines_are_counted_as_an_editor_does() -> None:
    before = "one\fpage\u2028separator\x85next\x1cfile\n"
    text = block("[session]\nmax_fils = 5", before=before).problems[0]
    assert "Line 4" in text


def test_a_text_that_is_not_utf8_is_an_error_inside_the_block_only() -> None:
    outside = "caf\udce9\n"
    assert not block(FIVE, before=outside).problems
    assert "Line 4: the block is not UTF-8" in problem('[protect]\n\npaths = ["caf\udce9/**"]')


@pytest.mark.parametrize("table", ["[session]", "[protect]", "[on_session_end]", "[[rule]]", "[layers]"])
def test_a_block_that_lacks_the_word_is_named_with_the_hint(table: str) -> None:
    reading = parse(f"# Rules\n\n```toml\n{table}\nmax_files = 1\n```\n", "CLAUDE.md")
    assert not reading.enforced and reading.protocol == Protocol()
    (one,) = reading.not_enforced
    assert one.line == 3 and one.text.startswith(table) and "```toml safe-rollback" in one.text


@pytest.mark.parametrize("block", ["```toml\n[tool.ruff]\n[session]\n```", "```yaml\n[session]\n```", "```toml\n```"])
def test_a_block_of_something_else_is_none_of_ours(block: str) -> None:
    assert not parse(f"{block}\n", "CLAUDE.md").not_enforced


def test_a_block_that_lacks_the_word_hides_no_protocol_in_another_file(repo: Repo) -> None:
    repo.write("CLAUDE.md", "```toml\n[session]\nmax_files = 1\n```\n")
    assert read_protocol(repo.root).source == "CLAUDE.md"
    repo.write("AGENTS.md", "```toml safe-rollback\n[session]\nmax_files = 2\n```\n")
    assert (read_protocol(repo.root).source, read_protocol(repo.root).protocol.max_files) == ("AGENTS.md", 2)
