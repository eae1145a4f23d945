"""Paths that files name in their strings: which strings may be one, and which files they lead to."""

import posixpath
import re
from bisect import bisect_left
from collections.abc import Iterable

from ...core.errors import InvalidInputError
from ...core.globs import literal_root, matches
from ..model import Confidence, Files, Hit, Reference, Resolved

MOST_OF_A_GLOB = 50
"""Files a glob or a folder may stand for before it says nothing about one of them."""

MOST_CANDIDATES = 3000
"""Strings of one file that are looked at."""

_NAME = r"[\w@%+=~\-.\[\]()]"
_PATH = re.compile(rf"(?:\$\w+/|\$\{{\w+\}}/|\.{{0,2}}/)?{_NAME}+(?:/{_NAME}+)*/?")
_GLOB = re.compile(r"(?:\./)?[\w@+\-./*?{}\[\],]+\Z")
_SUFFIX = re.compile(r"\.[A-Za-z]\w{0,11}\Z")
_VARIABLE = re.compile(r"^(?:\$\w+|\$\{\w+\}|<rootDir>|file:|//|workspace:)/?")
_WORD = re.compile(r"""[^\s"'`;|&<>,]+""")
_ACTIONS = ("action.yml", "action.yaml", "Dockerfile")


def is_candidate(text: str) -> bool:
    """Whether a whole string may be a path or a glob: a slash or a suffix, no blanks, no address."""
    if not 3 <= len(text) <= 300 or "://" in text or "\n" in text or " " in text:
        return False
    if "/" not in text and _SUFFIX.search(text) is None:
        return False
    return _PATH.fullmatch(_VARIABLE.sub("", text)) is not None or ("*" in text and _GLOB.match(text) is not None)


def words(text: str) -> Iterable[str]:
    """Words of a command line or a sentence that may be paths; of `--config=a.toml` the value, of `a:b` both."""
    for word in _WORD.findall(text):
        if ("/" not in word and "." not in word) or "://" in word:
            continue
        for part in re.split(r"[=:]", word):
            bare = part.rstrip(").,]}") if part.startswith(".") else part.strip("().[]{}")
            if is_candidate(bare) and "*" not in bare:
                yield bare


def candidates(strings: Iterable[tuple[str, int]]) -> tuple[list[Reference], str]:
    """References of kind `path` for strings with their lines, once each, and a problem if there are too many.

    A whole string is sure, a word of a longer one likely.
    """
    found = dict[str, Reference]()
    for raw, line in strings:
        text = raw.strip()
        if "/" not in text and "." not in text:
            continue
        if is_candidate(text):
            _add(found, text, line, "likely" if "*" in text else "sure")
        if " " in text or ":" in text or "=" in text or "," in text:
            for word in words(text):
                if word != text:
                    _add(found, word, line, "likely")
        if len(found) >= MOST_CANDIDATES:
            return list(found.values()), f"only the first {MOST_CANDIDATES} strings that may be paths were followed"
    return list(found.values()), ""


def _add(found: dict[str, Reference], text: str, line: int, confidence: Confidence) -> None:
    known = found.get(text)
    if known is None or (known.confidence != "sure" and confidence == "sure"):
        found[text] = Reference("path", text, line if known is None else known.line, confidence=confidence)


class Paths:
    """Finds the files of a tree that strings name."""

    def __init__(self, files: Files) -> None:
        """Nothing is prepared before the first question."""
        self._paths = files.paths
        self._sorted: list[str] = []

    def resolve(self, path: str, reference: Reference) -> Resolved:
        """Files a string leads to: from the file's folder, else from those above it, as commands run there."""
        text = _VARIABLE.sub("", reference.target)
        folder = posixpath.dirname(path)
        if "*" in text:
            return self._glob(folder, text)
        base = "" if text.startswith("/") else folder
        while True:
            full = posixpath.normpath(posixpath.join(base, text.lstrip("/")))
            if full in self._paths:
                # From one's own folder or the root is how paths are meant; from between is a guess.
                meant = base == folder or (base == "" and "/" in text and text[0] != "/")
                return Resolved((Hit(full, confidence=reference.confidence if meant else "likely"),))
            if base == folder and (entry := self._entry(full, path)):
                return Resolved((Hit(entry, confidence=reference.confidence),))
            if not base or text.startswith(".."):
                return Resolved()
            base = posixpath.dirname(base)

    def action(self, text: str) -> Resolved:
        """The file of a workflow's local action or workflow, which is named from the root."""
        full = posixpath.normpath(text)
        found = [one for one in (full, *(f"{full}/{name}" for name in _ACTIONS)) if one in self._paths]
        return Resolved(tuple(map(Hit, found[:1])), "" if found else f"there is no {text} in this tree")

    def _entry(self, full: str, path: str) -> str:
        """The file meant by a folder or by a path without its suffix; empty if there is none.

        In a folder it is the one of the same name: `tsconfig.json` refers to a folder with another, as do
        `package.json`, `Cargo.toml` and `kustomization.yaml`.
        """
        name = posixpath.basename(path)
        named = [f"{full}/{name}"] if name != "README.md" else []
        named += [full + posixpath.splitext(name)[1]] if name.startswith("tsconfig") else []
        return next((one for one in named if one in self._paths and one != path), "")

    def below(self, folder: str) -> list[str]:
        """Files in a folder and below it, at most one more than MOST_OF_A_GLOB."""
        if not self._sorted:
            self._sorted = sorted(self._paths)
        start = bisect_left(self._sorted, folder + "/")
        out = []
        for one in self._sorted[start : start + MOST_OF_A_GLOB + 1]:
            if not one.startswith(folder + "/"):
                break
            out.append(one)
        return out

    def folder(self, path: str, name: str) -> Resolved:
        """Every file right in a folder that is named relative to a file: a Terraform module's."""
        full = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
        found = sorted(
            one for one in self._paths if posixpath.dirname(one) == full and one.endswith((".tf", ".json"))
        )
        why = "" if found else f"there is no {name} in this tree"
        return Resolved(tuple(Hit(one) for one in found), why)

    def _glob(self, folder: str, text: str) -> Resolved:
        """Files a glob matches, if it names a folder to look in and they are few."""
        for base in dict.fromkeys((folder, "")):
            pattern = posixpath.normpath(posixpath.join(base, text.lstrip("/")))
            root = literal_root(pattern)
            if not root or root == folder or pattern.startswith(".."):
                continue
            if not self._sorted:
                self._sorted = sorted(self._paths)
            start = bisect_left(self._sorted, root + "/")
            end = bisect_left(self._sorted, root + "0")
            try:
                found = [one for one in self._sorted[start : min(end, start + 5000)] if matches(one, pattern)]
            except InvalidInputError:
                return Resolved()
            if 0 < len(found) <= MOST_OF_A_GLOB:
                return Resolved(tuple(Hit(one, confidence="likely") for one in found))
        return Resolved()
