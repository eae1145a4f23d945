"""Which files mention a name that only one file has: for what no language's rules connect."""

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from ..core.gate.process import Limits
from ..core.gate.runner import Git
from .languages.vocabulary import words

MOST_WORDS = 200
"""Words looked for in one question."""

MOST_FILES = 20
"""Files that may hold a word before it is no longer distinctive."""

_SHORTEST = 6
_SHORTEST_FILE = 5
_JOINED = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2}[a-z]|[A-Za-z]_+[A-Za-z0-9]|[A-Za-z]\d|\d[A-Za-z]")
# File names every project has several of: their mention says nothing.
_PLAIN = words(
    "__init__.py index.js index.ts index.tsx index.html main.py main.go main.rs mod.rs lib.rs setup.py conftest.py"
    " package.json readme.md license makefile dockerfile tsconfig.json pyproject.toml requirements.txt utils.py"
    " models.py views.py urls.py tests.py admin.py apps.py schema.yml schema.sql config.py settings.py types.ts"
    " utils.ts constants.py constants.ts styles.css style.css go.mod go.sum cargo.toml package-lock.json"
    " docker-compose.yml .gitignore changelog.md"
)
_LIMITS = Limits(seconds=20)


_DECLARED = re.compile(
    rb"\b(?:def|class|function|func|fn|const|let|var|type|interface|enum|struct|trait|table|view|column|as)\s+"
    rb"[\"'`]?([A-Za-z_]\w{1,63})|([A-Za-z_]\w{1,63})[\"'`]?\s*(?::(?!:)|=(?!=))|(?m:^)\s*-\s+[\"']?([A-Za-z_]\w{1,63})\b"
)


def declared(data: bytes) -> list[str]:
    """Words that stand where something is declared, assigned or a key, in whatever language; each once."""
    found = (match[1] or match[2] or match[3] for match in _DECLARED.finditer(data))
    return list(dict.fromkeys(word.decode("ascii", "replace") for word in found))


def is_distinctive(word: str) -> bool:
    """Whether a word is unlikely to stand for something else: long, and joined of several."""
    return len(word) >= _SHORTEST and _JOINED.search(word) is not None


def telling_name(path: str) -> str | None:
    """A file's name, if it is not one that every project has several of."""
    name = path.rpartition("/")[2]
    return name if name.lower() not in _PLAIN and len(name) >= _SHORTEST_FILE else None


def mentions(
    git: Git, tree: str, wanted: Sequence[str], *, without: Collection[str] = (), most: int = MOST_FILES
) -> list[tuple[str, int, str]]:
    """Where files of a tree hold one of these words, whole: path, line, word; each file and word once.

    A word that more than `most` files hold is not distinctive, and left out. Binary files are not looked at.

    Args:
        git: plumbing of the repository.
        tree: a tree or a commit.
        wanted: what to look for; the first MOST_WORDS of them.
        without: files whose mentions do not count: those the words come from.
        most: see above.

    Raises:
        GitError: if git fails, or says more than the gate takes.
    """
    looked_for = [one for one in dict.fromkeys(wanted) if one and "\n" not in one and "\0" not in one][:MOST_WORDS]
    by_word = defaultdict[str, dict[str, int]](dict)
    for path, line, word in _lines(git, tree, looked_for) if looked_for else ():
        if path not in without:
            by_word[word].setdefault(path, line)
    return sorted(
        (path, line, word) for word, found in by_word.items() if len(found) <= most for path, line in found.items()
    )


def _lines(git: Git, tree: str, wanted: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    """Every word of every line. Where two words begin at one place git gives the longer."""
    patterns = b"\n".join(os.fsencode(one) for one in wanted) + b"\n"
    found = git.run("grep", "-noIwF", "-z", "-f", "-", tree, stdin=patterns, ok=(0, 1), limits=_LIMITS).stdout
    for record in found.split(b"\n"):
        name, _, rest = record.partition(b"\0")
        line, _, word = rest.partition(b"\0")
        if line.isdigit():
            yield os.fsdecode(name).removeprefix(f"{tree}:"), int(line), os.fsdecode(word)
