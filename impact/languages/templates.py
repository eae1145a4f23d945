"""Templates: which others they include, extend or render; of Jinja, Django, Twig, Handlebars, ERB, EJS and others."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Sequence

from ..model import (
    Confidence,
    Definition,
    Edge,
    Facts,
    Files,
    Hit,
    Language,
    Reference,
    Resolved,
    Resolver,
    Use,
)
from .jinja_blocks import blank
from .lines import Lines
from .vocabulary import words
from .word_uses import word_uses

LARGEST = 2_000_000
SUFFIXES = tuple(
    f".{one}"
    for one in sorted(
        words(
            "html htm xhtml djhtml jinja jinja2 j2 njk twig liquid hbs handlebars mustache erb rhtml haml slim ejs"
            " eta pug tmpl tpl gotmpl gohtml blade.php phtml ftl mako cshtml razor"
        )
    )
)
"""Ends of the names of templates; plain pages among them."""
_FOLDERS = (
    "templates",
    "views",
    "layouts",
    "partials",
    "includes",
    "_includes",
    "_layouts",
    "jinja2",
    "snippets",
    "sections",
)

_TAG = re.compile(
    rb"\{%-?\s*(?:include|extends|import|from|embed|use|includes|layout|render|section|sections|ssi|includeblocks)\b\s*"
    rb"(?P<names>\(?\[?\s*(?:['\"][^'\"\n]+['\"]\s*,?\s*)+)"
    rb"|\{%-?\s*include\s+(?P<liquid>[\w./-]+\.\w+)"
    rb"|\{\{~?#?>\s*['\"]?(?P<partial>[\w./@-]+)"
    rb"|<%[-=]*\s*(?:=\s*)?(?:render|include|partial|render_partial)\b\s*\(?\s*"
    rb"(?:(?:partial|template|layout|file|:partial\s*=>|:template\s*=>)\s*:?\s*)?['\"](?P<rendered>[^'\"\n]+)['\"]"
    rb"|^[ \t]*[-=][ \t]*render\b\s*\(?\s*(?:(?:partial|template|layout):\s*)?['\"](?P<ruby>[^'\"\n]+)['\"]"
    rb"|\{\{-?\s*(?:template|block)\s+\"(?P<go>[^\"\n]+)\""
    rb"|@(?:include|extends|component|each|includeIf|includeWhen)\s*\(\s*['\"](?P<blade>[\w.:/-]+)['\"]"
    rb"|^[ \t]*(?:include|extends)[ \t]+(?P<pug>[\w./-]+)[ \t\r]*$"
    rb"|<%(?:include|inherit|namespace)\s[^>]*file=['\"](?P<mako>[^'\"\n]+)['\"]"
    rb"|<#(?:include|import)\s+['\"](?P<freemarker>[^'\"\n]+)['\"]",
    re.MULTILINE,
)
_STATIC = re.compile(
    rb"\{%-?\s*static\s+['\"]([^'\"\n]+)['\"]|(?:\b(?:src|href)\s*=\s*)['\"]([\w./@-]+\.\w+)(?:[?#][^'\"]*)?['\"]"
)
_NAME = re.compile(rb"['\"]([^'\"\n]+)['\"]")
_COMMENTS = (
    (re.compile(rb"\{#"), re.compile(rb"#\}|\n")),
    (re.compile(rb"\{%-?\s*comment\b"), re.compile(rb"\{%-?\s*endcomment\s*-?%\}")),
    (re.compile(rb"<!--"), re.compile(rb"-->")),
    (re.compile(rb"\{\{!--"), re.compile(rb"--\}\}")),
)
_MADE = re.compile(rb"\{%-?\s*(block|macro)\s+([\w-]+)\s*(\([^)\n]*\))?|\{\{-?\s*define\s+\"([^\"\n]+)\"()")


def extract(data: bytes) -> Facts:
    """Templates that are named, and scripts, styles and pictures a page takes from the tree."""
    if b"\0" in data[:8192]:
        return Facts(problems=("not a text in an encoding that is read",))
    problems = (f"only the first {LARGEST:,} bytes were read",) if len(data) > LARGEST else ()
    data = _without_comments(data[:LARGEST])
    lines, found = Lines(data), dict[str, Reference]()
    for match in _TAG.finditer(data):
        line = lines.at(match.start())
        raw = match["names"]
        for one in _NAME.findall(raw) if raw else [match[match.lastgroup or 0]]:
            target = one.decode("utf-8", "replace")
            if match.lastgroup == "blade":
                target = target.replace(".", "/")
            found.setdefault(target, Reference("include", target, line))
    for match in _STATIC.finditer(data):
        target = "static:" + (match[1] or match[2]).decode("utf-8", "replace")
        found.setdefault(target, Reference("path", target, lines.at(match.start()), confidence="likely"))
    defined = dict.fromkeys(f"template:{match[4].decode()}" for match in _MADE.finditer(data) if match[4])
    return Facts(tuple(found.values()), tuple(defined), problems)


def _without_comments(data: bytes) -> bytes:
    """The text with what stands between comment signs as blanks; one that does not close is none."""
    for opening, closing in _COMMENTS:
        out, position = list[bytes](), 0
        while (start := opening.search(data, position)) and (end := closing.search(data, start.end())):
            out += (data[position : start.start()], blank(data[start.start() : end.end()]))
            position = end.end()
        data = b"".join((*out, data[position:])) if out else data
    return data


def definitions(data: bytes) -> list[Definition]:
    """Blocks and macros."""
    lines, found = Lines(data), dict[str, Definition]()
    for match in _MADE.finditer(data[:LARGEST]):
        name = (match[2] or match[4]).decode("utf-8", "replace")
        kind = match[1].decode() if match[1] else "template"
        signature = f"{kind} {name}{(match[3] or b'').decode('utf-8', 'replace')}"
        found.setdefault(name, Definition(name, lines.at(match.start()), signature, kind))
    return list(found.values())


def uses(data: bytes, _edge: Edge, names: Sequence[str]) -> list[Use]:
    """Blocks that are overridden and macros that are called: the same word."""
    return word_uses(data, names)


class Templates:
    """Finds templates by the end of their path, as engines look in several folders."""

    def __init__(self, files: Files) -> None:
        """Sort every template and page by its name without suffixes."""
        self._by_stem = defaultdict[str, list[str]](list)
        self._defined = defaultdict[str, list[str]](list)
        self._paths = files.paths
        for path in sorted(files.paths):
            self._by_stem[_stem(path)].append(path)
        for path, facts in files.facts.items():
            for one in facts.provides:
                if one.startswith("template:"):
                    self._defined[one.removeprefix("template:")].append(path)

    def find(self, path: str, name: str, confidence: Confidence = "sure") -> Resolved:
        """The templates a name leads to from a file: sure if there is one, likely if there are several."""
        wanted = posixpath.normpath(name.rpartition("!")[2].lstrip("/~"))
        folder = posixpath.dirname(path)
        for near in (posixpath.normpath(posixpath.join(folder, name)),):
            if near in self._paths and not name.startswith("/"):
                return Resolved((Hit(near, confidence=confidence),))
        if wanted.startswith(".."):
            wanted = posixpath.normpath(posixpath.join(folder, name))
        found = [one for one in self._by_stem.get(_stem(wanted), ()) if one != path and _ends(one, wanted)]
        best = self._best(path, found) or self._defined.get(name, [])
        if not best:
            return Resolved(why=self._why(name, wanted) if confidence == "sure" else "")
        sure: Confidence = confidence if len(best) == 1 else "likely"
        return Resolved(tuple(Hit(one, confidence=sure) for one in best if one != path))

    def _why(self, name: str, wanted: str) -> str:
        """Why a template is not known. Frameworks bring templates too, but none in a folder that the tree has."""
        inside = name.startswith((".", "/"))
        if not inside and (folder := posixpath.dirname(wanted)):
            ends = f"/{folder}/"
            inside = any(one.endswith(SUFFIXES) and ends in f"/{one}" for one in self._paths)
        return f"there is no template {name} in this tree" if inside else ""

    def _best(self, path: str, found: list[str]) -> list[str]:
        """Of several, those in a folder that holds templates, then those nearest."""
        folders = [one for one in found if any(f"/{name}/" in f"/{one}" for name in _FOLDERS)] or found
        if len(folders) < 2:
            return folders
        shared = {one: len(posixpath.commonprefix([one, path])) for one in folders}
        near = max(shared.values())
        return [one for one in folders if shared[one] == near]


def _stem(path: str) -> str:
    """The file's name without suffixes and the underscore of a partial."""
    return path.rpartition("/")[2].partition(".")[0].lstrip("_")


def _ends(path: str, wanted: str) -> bool:
    """Whether a path ends in a name: whole, or without its suffixes and with a partial's underscore."""
    if path == wanted or path.endswith(f"/{wanted}"):
        return True
    folder, _, last = wanted.rpartition("/")
    if "." in last and not last.startswith("."):
        return f"/{path}".endswith(f"/{folder}/_{last}" if folder else f"/_{last}")
    if not path.endswith(SUFFIXES):
        return False
    above, _, name = path.rpartition("/")
    return name.partition(".")[0] in (last, f"_{last}") and (not folder or f"/{above}".endswith(f"/{folder}"))


def resolver(files: Files) -> Resolver:
    """Where names of templates and of static files lead."""
    known = Templates(files)

    def resolve(path: str, reference: Reference) -> Resolved:
        if reference.target.startswith("static:"):
            return known.find(path, reference.target.removeprefix("static:"), "likely")
        return known.find(path, reference.target, reference.confidence)

    return resolve


LANGUAGE = Language(
    name="template",
    version=1,
    matches=lambda path: path.lower().endswith(SUFFIXES),
    extract=extract,
    resolver=resolver,
    definitions=definitions,
    uses=uses,
)
