"""Path patterns, with git's own `check-ignore` as the oracle."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safe_rollback.core import globs
from safe_rollback.core.errors import InvalidInputError
from tests.harness.repo import Repo
from tests.harness.sample import examples

_NAMES = ("a", "b", "ab", "aab", "ba", "abab", "a.b", "[a]", "A", "a-b", "b]", "\\a", "a*b", "1", " ", "!a", "#a")
_PATHS = tuple(
    sorted(
        {f"d0/{one}" for one in _NAMES}
        | set(_NAMES)
        | {
            f"{one}/{two}/{three}"
            for one in ("a", "ab", "x")
            for two in ("b", "a", "y")
            for three in ("a", "ab", "c")
        }
        | {"x/y/a/b/c/ab", "a/x/b/x/a", "x/x/x/x/ab"}
    )
)
_FILES = [path for path in _PATHS if not any(other.startswith(path + "/") for other in _PATHS)]
_PIECES = st.sampled_from(
    ["a", "b", "ab", ".", "*", "?", "**", "***", "[ab]", "[!a]", "[^b]", "[a-c]", "[c-a]", "[]a]", "[!]a]", "[a-]",
     "[-a]", "[[:alpha:]]", "[![:digit:]-]", "[\\]a]", "[[]", "\\*", "\\a", "\\[", "\\\\", "x", "A", "1", "#", "{",
     "(", "+", "|", "$", "^", "&&", "~~", "--", "[a--b]", "[&&a]", "[a||b]", "[~~]"]
)  # fmt: skip
_PATTERNS = st.builds(
    lambda lead, names, tail: lead + "/".join("".join(name) for name in names) + tail,
    st.sampled_from(["", "", "/"]),
    st.lists(st.lists(_PIECES, min_size=1, max_size=4), min_size=1, max_size=4),
    st.sampled_from(["", "", "/"]),
)


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repo]:
    repo = Repo(str(tmp_path_factory.mktemp("oracle")))
    home, os.environ["HOME"] = os.environ.get("HOME", ""), repo.root
    try:
        repo.git("init", "-q")
        yield repo
    finally:
        os.environ["HOME"] = home


def ignored(repo: Repo, pattern: str) -> set[str]:
    """The files git ignores by one pattern; a leading `#` is a name, as it is for us."""
    repo.write(".git/info/exclude", ("\\" if pattern.startswith("#") else "") + pattern + "\n")
    stdin = b"".join(os.fsencode(path) + b"\0" for path in _FILES)
    answer = repo.git(
        "-c", "core.ignoreCase=false", "check-ignore", "--no-index", "-z", "--stdin", stdin=stdin, ok=(0, 1)
    )
    return set(answer.split("\0")[:-1])


@examples(300)
@given(pattern=_PATTERNS)
def test_a_pattern_matches_exactly_what_git_ignores_by_it(oracle: Repo, pattern: str) -> None:
    try:
        ours = {path for path in _FILES if globs.matches(path, pattern)}
    except InvalidInputError:
        # Refused is what means nothing to git, or would mean nothing to a person.
        names = pattern.removeprefix("/").removesuffix("/").split("/")
        strange = {"", ".", ".."} & set(names)
        assert strange or not ignored(oracle, pattern), pattern
        return
    assert ours == ignored(oracle, pattern), pattern


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.md", "docs/deep/a.md", True),
        ("src/**", "src/a/b.py", True),
        ("src/**", "src", False),
        ("src", "src/a/b.py", True),
        ("src/", "src", False),
        ("**/auth/**", "auth/x", True),
        ("**/auth/**", "a/b/auth/x/y", True),
        ("/README.md", "docs/README.md", False),
        ("docs/*.md", "docs/deep/a.md", False),
        ("[!a]", "/", False),
        ("src/*", "src-evil/a", False),
        ("src", "src-evil", False),
    ],
)
def test_common_patterns_mean_what_people_expect(pattern: str, path: str, expected: bool) -> None:
    assert globs.matches(path, pattern) is expected


@pytest.mark.parametrize(
    "pattern", ["", "/", "../x", "a/../b", "./src/**", ".", "a//b", "[", "[a", "a\0b", "x\\", "!src", "[[:nope:]]"]
)
def test_a_pattern_that_could_never_match_is_refused_by_name(pattern: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        globs.check(["*.md", pattern])
    assert repr(pattern) in refused.value.message and refused.value.hint


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 40 + "b", "a" * 250),
        ("**/a/" * 30 + "b", "a/" * 1000 + "c"),
        ("?*" * 60 + "x", "y" * 250),
        ("**/*a*a*a*a*/" * 8 + "z", ("a" * 40 + "/") * 60 + "y"),
        ("[a-z]*" * 40 + "1", "a" * 250),
    ],
)
def test_matching_ends_for_patterns_made_to_be_slow(pattern: str, path: str) -> None:
    # One that tried every split would not end in years.
    assert not globs.matches(path, pattern)


def test_a_pattern_matches_names_that_are_not_utf8() -> None:
    assert globs.matches(os.fsdecode(b"caf\xe9/x\ny.txt"), "caf?/*.txt")


@pytest.mark.parametrize(
    ("pattern", "root"),
    [
        ("a/b/*.py", "a/b"),
        ("*.py", ""),
        ("a/**", "a"),
        ("/a", ""),
        ("a/b?/c", "a"),
        ("a/\\b/c", "a"),
        ("a/b/c", "a/b"),
    ],
)
def test_the_literal_root_holds_everything_a_pattern_matches(pattern: str, root: str) -> None:
    assert globs.literal_root(pattern) == root
