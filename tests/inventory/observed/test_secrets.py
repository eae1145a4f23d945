"""Which words of a command are hidden, and which are not."""

import pytest

from safe_rollback.inventory.observed.secrets import line, runnable, safe, shown


@pytest.mark.parametrize(
    ("program", "words", "kept"),
    [
        ("x", "--password p", "--password #"),
        ("x", "--db-password=p", "--db-password=#"),
        ("x", "--token $TOKEN", "--token $TOKEN"),
        ("x", "A_KEY=abc", "A_KEY=#"),
        ("x", "DEBUG=abc", "DEBUG=abc"),
        ("x", "A=1 B=true", "A=1 B=true"),
        ("x", "name=web", "name=web"),
        ("x", "password=web", "password=#"),
        ("x", "RAILS_ENV=production", "RAILS_ENV=production"),
        ("x", "https://u:p@h/x?token=t&a=b", "https://u:#@h/x?token=#&a=b"),
        ("x", "redis://:p@h", "redis://:#@h"),
        ("x", "sk_live_abc", "#"),
        ("x", "ghp_abcdefghijklmnopqrstuvwxyz", "#"),
        ("x", "d41d8cd98f00b204e9800998ecf8427e", "#"),
        ("x", "3b18e512dba79e4c8300dd08aeb37f8e728b8dad", "3b18e512dba79e4c8300dd08aeb37f8e728b8dad"),
        ("x", "srv/Path/To/SomeFile123/other.txt", "srv/Path/To/SomeFile123/other.txt"),
        ("mysql", "-pabc db", "-p# db"),
        ("psql", "-d shop", "-d shop"),
        ("curl", "-d body", "-d #"),
        ("curl", "-u me:pw -H Authorization:x", "-u # -H #"),
        ("docker", "-p 80:80", "-p 80:80"),
        ("http", "Authorization:x a=b", "Authorization:# a=b"),
    ],
)
def test_words(program: str, words: str, kept: str) -> None:
    assert " ".join(shown(words.split(), program, (), lambda _: "#")) == kept


def test_values_known_to_be_secret_are_hidden_wherever_they_stand() -> None:
    assert shown(["x", "name", "abc", "k=abc"], "x", ["abc"], lambda _: "#") == ["x", "name", "#", "k=#"]


def test_sql_is_shown_without_its_strings() -> None:
    word = "UPDATE a SET b = 'c', d = ''"
    assert shown([word], "psql", (), lambda _: "#") == ["UPDATE a SET b = '#', d = ''"]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["x", "A_KEY=abc"], 'x A_KEY="${A_KEY:?}"'),
        (["x", "--env=A_KEY=abc"], 'x --env=A_KEY="${A_KEY:?}"'),
        (["psql", "postgres://u:p@h/d"], 'psql "${URL:?}"'),
        (["x", "sk_live_abc"], 'x "${SECRET:?}"'),
        (["x", "a b"], "x 'a b'"),
    ],
)
def test_a_line_that_can_be_run_asks_for_its_secrets(words: list[str], kept: str) -> None:
    assert " ".join(runnable(words, "x", (), lambda _: "#")) == kept


def test_a_long_line_is_shortened() -> None:
    words = ["x", *["word"] * 200]
    assert len(line(words, words)) == 300


@pytest.mark.parametrize("text", ["", "://@", "a" * 100_000, "-----BEGIN RSA PRIVATE KEY-----\nabc"])
def test_odd_text(text: str) -> None:
    assert "abc" not in safe(text, lambda _: "#")
