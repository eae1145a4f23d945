"""Plain sentences: what says exactly what a rule can hold is taken, everything else is reported."""

from typing import Any

import pytest

from safe_rollback.policies.protocol.model import Protocol, Reading
from safe_rollback.policies.protocol.reading import parse

BUILT_IN = Protocol()


def under(section: str, *lines: str) -> Reading:
    return parse("\n".join([f"## {section}", *lines, ""]), "CLAUDE.md")


TAKEN: list[tuple[str, str, str, Any]] = [
    *(
        ("scope_management", text, "max_files", 5)
        for text in (
            "Maximum 5 files per session",
            "- Maximum 5 files per session.",
            "* maximum five files per session",
            "1. Max 5 files per session",
            "- [ ] At most 5 files per session",
            "- **Maximum 5 files per session**",
            "- **Max files per session**: 5",
            "- **Max files per session:** 5",
            "- max_files: 5",
            "- Max files = 5",
            "No more than 5 files per session",
            "Maximum of 5 files",
            "Limit changes to 5 files per session",
            "Limit yourself to 5 files per session",
            "Only touch 5 files per session",
            "Modify at most 5 files per session",
            "Never modify more than 5 files per session",
            "Don't change more than 5 files in a session",
            "5 files per session max",
            "5 files maximum per session",
            "Maximum 5 files modified per session",
            "  - Maximum 5 files each session",
        )
    ),
    *(
        ("scope_management", text, "max_layers", 1)
        for text in (
            "One layer per session",
            "- Only one layer per session",
            "- Single layer per session",
            "Maximum 1 layer per session",
            "Work on one layer at a time",
            "Only modify one layer per session",
            "Touch only one architectural layer per session",
            "- max_layers: 1",
        )
    ),
    ("on_session_start", "Maximum 5 files per session", "max_files", 5),
    ("scope_management", "Never commit to develop", "branches", ("main", "master", "develop")),
    ("scope_management", "- Never push directly to `release/*`.", "branches", ("main", "master", "release/*")),
    ("on_session_start", "No commits to main", "branches", ("main", "master")),
    ("on_session_start", "Do not work on main, master or the production branch", "branches",
     ("main", "master", "production")),
    ("scope_management", "Never touch `.github/**`", "paths", (".github/**",)),
    ("scope_management", "- Do not edit `infra/` or `.github/**`.", "paths", ("infra/", ".github/**")),
    ("scope_management", "Don't modify any files in `migrations/`, `infra/`", "paths", ("migrations/", "infra/")),
    ("scope_management", "Never touch the `vendor` directory", "paths", ("vendor",)),
    ("scope_management", "Ask before changing `**/auth/**`", "sensitive", ("**/auth/**",)),
    ("scope_management", "- Always ask a human before touching files in `src/auth/`", "sensitive", ("src/auth/",)),
    ("scope_management", "Take a checkpoint every 10 minutes", "checkpoint_every", 600),
    ("on_session_start", "Checkpoint every 2 hours", "checkpoint_every", 7200),
    ("scope_management", "Keep checkpoints for 60 days", "keep", 60 * 86400),
    ("on_session_start", "Create a branch `work/{date}-{n}`", "branch", "work/{date}-{n}"),
    ("on_session_start", "- Create branch: work/YYYY-MM-DD-NNN", "branch", "work/{date}-{n:03}"),
    ("on_session_start", "Create a new branch named `agent/<date>-<nnn>`", "branch", "agent/{date}-{n:03}"),
    ("on_session_end", "Run: ruff check .", "gates", ("ruff check .",)),
    ("on_session_end", "- Run: `ruff check .`", "gates", ("ruff check .",)),
    ("on_session_end", "- **Run:** `ruff check .`.", "gates", ("ruff check .",)),
    ("on_session_end", "- Run `python -m pytest tests/ -x`.", "gates", ("python -m pytest tests/ -x",)),
    ("on_session_end", "Run: make test.", "gates", ("make test",)),
    ("on_session_end", "Run `ruff check .` and `mypy`", "gates", ("ruff check .", "mypy")),
    ("on_session_end", "Run: `a --x`, `b`, then `c`", "gates", ("a --x", "b", "c")),
    ("on_session_end", "Run: pytest --if-not-without=except", "gates", None),
]  # fmt: skip


@pytest.mark.parametrize(("section", "text", "field", "value"), TAKEN)
def test_what_people_write_is_understood(section: str, text: str, field: str, value: Any) -> None:
    reading = under(section, "", text)
    if value is None:  # said with a word of exception: never taken for less than it says
        assert reading.protocol == BUILT_IN
        return
    assert getattr(reading.protocol, field) == value
    assert [one.line for one in reading.enforced] == [3]
    assert not reading.not_enforced


OTHER = [
    ("scope_management", "Maximum 5 files per commit"),
    ("scope_management", "Maximum 5 files per session except tests"),
    ("scope_management", "Maximum 5 files per session, not counting tests"),
    ("scope_management", "Maximum 5 files per session unless asked"),
    ("scope_management", "Maximum 5 files in the test directory"),
    ("scope_management", "Up to 5 files can be created in /tmp"),
    ("scope_management", "Try to keep to 5 files per session"),
    ("scope_management", "Maximum 0 files per session"),
    ("scope_management", "Maximum 5 files per session. Ask first."),
    ("scope_management", "> Maximum 5 files per session"),
    ("scope_management", "| Maximum 5 files per session |"),
    ("scope_management", "The maximum of 5 files per session was too low"),
    ("scope_management", "There are three layers: bronze, silver, gold"),
    ("scope_management", "One layer of abstraction is enough"),
    ("scope_management", "Never work on it"),
    ("scope_management", "Don't work on weekends"),
    ("scope_management", "Never commit to a deadline you cannot keep"),
    ("scope_management", "Never push to main without a review"),
    ("scope_management", "Do not merge into main until CI is green"),
    ("scope_management", "Never push to main if tests fail"),
    ("scope_management", "Do not edit `dist/**` by hand"),
    ("scope_management", "Never edit `main.py` without tests"),
    ("scope_management", "Never change `max_files` in the block below"),
    ("scope_management", "Never touch `../other`"),
    ("scope_management", "Never touch the database"),
    ("scope_management", "Ask before changing `auth/` or run `pytest` first"),
    ("scope_management", "Ask before lunch"),
    ("scope_management", "Take a checkpoint every 0 minutes"),
    ("scope_management", "Keep checkpoints for 0 days"),
    ("scope_management", "Keep checkpoints for 99999999999999999999 days"),
    ("scope_management", "Run: ruff check ."),
    ("scope_management", "Create a branch `work/{date}-{n}`"),
    ("on_session_start", "Create a branch `work/today`"),
    ("on_session_start", "Create a branch `my work {n}`"),
    ("on_session_start", "Create a feature branch in a good mood"),
    ("on_session_start", "Run: make setup"),
    ("on_session_end", "Run the tests"),
    ("on_session_end", "Run: the full test suite"),
    ("on_session_end", "Run `pytest` if tests changed"),
    ("on_session_end", "Run `pytest` when you like"),
    ("on_session_end", "Maximum 5 files per session"),
    ("on_session_end", "Running: late"),
    ("scope_management", "Maximum " + "9" * 5000 + " files per session"),
    ("scope_management", "Maximum" + " " * 100_000 + "5 files per session"),
]


@pytest.mark.parametrize(("section", "text"), OTHER, ids=lambda text: text[:60])
def test_what_says_something_else_is_not_taken_and_said_to_be_not_enforced(section: str, text: str) -> None:
    reading = under(section, "", text)
    assert reading.protocol == BUILT_IN
    assert not reading.enforced
    assert [one.line for one in reading.not_enforced] == [3]


@pytest.mark.parametrize(
    "text",
    [
        "# Notes\nMaximum 5 files per session\n",
        "Maximum 5 files per session\n",
        "## scope_management\n\n## Style\nMaximum 5 files per session\n",
        "## scope_management\n# Other\n- Maximum 5 files per session\n",
        "## scope_management\n```\nMaximum 5 files per session\n```\n",
        "## scope_management\n````\n```\n````\n\n~~~\nMaximum 5 files per session\n~~~\n",
        "## scope_management\n<!-- Maximum 5 files per session -->\n",
        "## scope_management\n<!--\n- Maximum 5 files per session\n-->\n",
        "```\n## scope_management\n```\nMaximum 5 files per session\n",
        "####### scope_management\nMaximum 5 files per session\n",
        "##scope_management\nMaximum 5 files per session\n",
    ],
)
def test_a_sentence_elsewhere_means_nothing(text: str) -> None:
    reading = parse(text, "CLAUDE.md")
    assert reading.protocol == BUILT_IN
    assert not reading.enforced


@pytest.mark.parametrize(
    "heading",
    [
        "## scope_management",
        "# Scope management",
        "### `scope_management`",
        "## Scope-Management ##",
        "## **Scope Management:**",
    ],
)
def test_headings_are_recognised_as_people_write_them(heading: str) -> None:
    text = f"{heading}\n#### Details\n- Maximum 5 files per session\n"
    assert parse(text, "CLAUDE.md").protocol.max_files == 5
    assert parse(text.replace("\n", "\r\n"), "CLAUDE.md").protocol.max_files == 5
    assert parse(f"\ufeff{text}", "CLAUDE.md").protocol.max_files == 5


def test_a_bullet_goes_on_in_the_next_line() -> None:
    reading = under("scope_management", "- Maximum 5 files", "  per session", "- Maximum 3 files", "  except tests")
    assert reading.protocol.max_files == 5
    assert [(one.line, one.text) for one in reading.enforced] == [(2, "Maximum 5 files per session")]
    assert [(one.line, one.text) for one in reading.not_enforced] == [(4, "Maximum 3 files except tests")]


def test_an_exception_on_a_line_of_its_own_counts() -> None:
    reading = under("scope_management", "Maximum 5 files per session", "except tests")
    assert reading.protocol.max_files is None


def test_sentences_without_bullets_are_separate() -> None:
    reading = under("on_session_end", "run: pytest -x", "run: ruff check .", "If unsure, ask.")
    assert reading.protocol.gates == ("pytest -x", "ruff check .")
    assert [one.line for one in reading.not_enforced] == [4]


def test_of_two_limits_the_stricter_holds() -> None:
    reading = under(
        "scope_management", "- Maximum 5 files", "- Maximum 3 files", "- Keep checkpoints 40 days",
        "- Keep checkpoints 10 days",
    )  # fmt: skip
    assert (reading.protocol.max_files, reading.protocol.keep) == (3, 40 * 86400)


def test_a_sentence_about_one_branch_leaves_the_built_in_ones_protected() -> None:
    assert set(under("scope_management", "Never push to staging").protocol.branches) == {"main", "master", "staging"}


def test_a_sentence_that_repeats_the_block_is_enforced_by_it() -> None:
    text = (
        "## scope_management\n- Maximum 3 files per session\n\n```toml safe-rollback\n[session]\nmax_files = 3\n```\n"
    )
    reading = parse(text, "CLAUDE.md")
    assert [(one.line, one.rule) for one in reading.enforced] == [(2, "files-per-session"), (6, "files-per-session")]
    assert not reading.not_enforced
    assert reading.protocol.max_files == 3


def test_the_block_wins_over_a_sentence() -> None:
    text = (
        "## scope_management\n- Maximum 3 files per session\n- One layer per session\n\n"
        "```toml safe-rollback\n[session]\nmax_files = 8\n```\n"
    )
    reading = parse(text, "CLAUDE.md")
    assert (reading.protocol.max_files, reading.protocol.max_layers) == (8, 1)
    assert [(one.rule, one.line) for one in reading.enforced] == [("layers-per-session", 3), ("files-per-session", 7)]
    assert [(one.line, one.text) for one in reading.not_enforced] == [(2, "Maximum 3 files per session")]


def test_with_a_broken_block_no_sentence_is_said_to_be_enforced() -> None:
    text = "## scope_management\n- Maximum 3 files per session\n\n```toml safe-rollback\nbroken\n```\n"
    reading = parse(text, "CLAUDE.md")
    assert reading.problems
    assert not reading.enforced
    assert [one.line for one in reading.not_enforced] == [2]
    assert reading.protocol == BUILT_IN


def test_what_is_shown_of_a_line_hides_nothing() -> None:
    reading = under("scope_management", "Odd \x1b[31m\u202eline", "x" * 600)
    assert reading.not_enforced[0].text == "Odd \ufffd[31m\ufffdline"
    assert len(reading.not_enforced[1].text) < 250
