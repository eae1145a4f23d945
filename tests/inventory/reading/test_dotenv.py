"""NAME=value files."""

import time

import pytest

from safe_rollback.inventory.reading.dotenv import settings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1\nB = two words\n", [("A", "1", 1), ("B", "two words", 2)]),
        ("export A='x # y' # z\nB=x # y\nC=#\n", [("A", "x # y", 1), ("B", "x", 2), ("C", "", 3)]),
        ('A="line 1\nline 2"\nB=1', [("A", "line 1\nline 2", 1), ("B", "1", 3)]),
        ('A="never closed\nB=1', [("A", "never closed", 1), ("B", "1", 2)]),
        ("A=a=b==\r\nB=\r\n", [("A", "a=b==", 1), ("B", "", 2)]),
        ("PASSED_ON\nnot a name\n: x\n=1\n", [("PASSED_ON", "", 1)]),
        ("lower.case-name=1", [("lower.case-name", "1", 1)]),
        ("", []),
    ],
)
def test_each_variable_has_its_value_and_line(text: str, expected: list[tuple[str, str, int]]) -> None:
    assert [(one.name, one.value, one.line) for one in settings(text)] == expected


def test_a_variable_in_a_comment_is_shown_as_one_and_prose_is_none() -> None:
    text = "# SMTP_PORT=25\n#HOST=\n# Set A=1 to see it\n# A=b means that it is on\n# mode=x\n## TWICE=1\n"
    assert [(one.name, one.value, one.commented) for one in settings(text)] == [
        ("SMTP_PORT", "25", True),
        ("HOST", "", True),
    ]


@pytest.mark.parametrize("text", ['A="\n' * 50_000, "A=" + "x" * 900_000, "A" * 900_000, "#" * 900_000, "\0\ufffd="])
def test_odd_texts_are_neither_errors_nor_slow(text: str) -> None:
    start = time.process_time()
    settings(text)
    assert time.process_time() - start < 4
