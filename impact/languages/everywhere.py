"""What files of any language say in words that are not their language's own.

Variables of the environment they read, templates they render, files whose path stands in a string, dbt's models in
Python. Tables in strings of SQL are not looked at. To be read beside a file's own language, not in its place.
"""

import re
from collections.abc import Iterator, Sequence

from ..model import Edge, Facts, Files, Language, Reference, Resolved, Resolver, Use
from ..words import word_set
from .dbt_project import Projects
from .environment import Definers, env_reads, reads_as_references
from .lines import Lines
from .paths import MOST_CANDIDATES, Paths
from .templates import SUFFIXES, Templates

LARGEST = 2_000_000
_PATH = re.compile(
    rb"['\"`]((?:\.{0,2}/)?(?:[\w@+-][\w@.+-]*/)*[\w@+-][\w@.+-]*\.(?:html?|jinja2?|j2|twig|hbs|handlebars|mustache|liquid"
    rb"|erb|ejs|haml|njk|pug|tmpl|tpl|mako|ftl|sql|ya?ml|json5?|toml|ini|cfg|conf|csv|tsv|parquet|xml|xsd|xslt?|proto"
    rb"|graphql|gql|avsc|txt|md|rst|env|properties|png|jpe?g|gif|svg|ico|webp|pdf|pem|crt|css|scss|less|wasm|sh|ps1|lua"
    rb"|po|mo|ttf|woff2?|mp3|wav|tmx|glsl|bin|dat|lock|service|plist|xlsx?|ipynb|pkl|sqlite3?|db))['\"`]"
)
_END = re.compile(rb"\.[a-z0-9]{2,10}['\"`]")
_LONGEST = 4096
_RENDER = re.compile(
    rb"\b(?:render|render_to_string|render_to_response|get_template|select_template|render_template|TemplateResponse"
    rb"|renderView|renderTemplate|view|template_name|template|Render|HTML|partial|layout)\s*[(=:,]"
    rb"[^'\"\n;]{0,80}['\"]([\w@./-]{2,120})['\"]"
)
_RENDERING = frozenset(
    b"render render_to_string render_to_response get_template select_template render_template TemplateResponse"
    b" renderView renderTemplate template_name view template Render HTML partial layout".split()
)
_MODEL = re.compile(rb"^def\s+model\s*\(\s*(\w+)\s*,", re.MULTILINE)


def extract(data: bytes) -> Facts:
    """References alone; nothing here is a problem, since no language is being read."""
    if b"\0" in data[:8192]:
        return Facts()
    data = data[:LARGEST]
    lines, found = Lines(data), dict[str, Reference]()
    for match in () if _RENDERING.isdisjoint(word_set(data)) else _RENDER.finditer(data):
        _add(
            found, Reference("include", f"template:{_text(match[1])}", lines.at(match.start(1)), confidence="likely")
        )
    for match in _paths(data):
        text = _text(match[1])
        if text.endswith(SUFFIXES):
            _add(found, Reference("include", f"template:{text}", lines.at(match.start()), confidence="likely"))
        else:
            _add(found, Reference("path", text, lines.at(match.start()), confidence="likely"))
        if len(found) >= MOST_CANDIDATES:
            break
    models = _models(data, lines) if b"def model" in data else []
    return Facts((*found.values(), *models, *reads_as_references(env_reads(data))))


def _paths(data: bytes) -> Iterator[re.Match[bytes]]:
    """What `_PATH.finditer` finds, from the ends: few strings end as paths do."""
    taken = 0
    for end in _END.finditer(data):
        near = max(taken, end.start() - _LONGEST)
        start = max(data.rfind(quote, near, end.start()) for quote in (b"'", b'"', b"`"))
        match = _PATH.match(data, start) if start >= 0 else None
        if match is not None and match.end() == end.end():
            taken = match.end()
            yield match


def _add(found: dict[str, Reference], one: Reference) -> None:
    found.setdefault(one.target, one)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _models(data: bytes, lines: Lines) -> list[Reference]:
    """`dbt.ref("x")` and `dbt.source("a", "b")` of a Python model, `dbt` being its first parameter's name."""
    head = _MODEL.search(data)
    if head is None:
        return []
    said = re.compile(
        rb"\b" + re.escape(head[1]) + rb"\s*\.\s*(ref|source)\s*\(\s*['\"]([^'\"\n]+)['\"]\s*"
        rb"(?:,\s*['\"]([^'\"\n]+)['\"]\s*)?(?:,\s*(?:v|version)\s*=\s*['\"]?([\w.]+)['\"]?\s*)?,?\s*\)"
    )
    out = dict[str, Reference]()
    for match in said.finditer(data):
        parts = ".".join(_text(one) for one in (match[2], match[3]) if one)
        target = f"{_text(match[1])}:{parts}" + (f"@{_text(match[4])}" if match[4] else "")
        out.setdefault(target, Reference("reference", target, lines.at(match.start())))
    return list(out.values())


def resolver(files: Files) -> Resolver:
    """Where they lead; a string that leads nowhere is no path, so nothing here is unresolved but a dbt model."""
    paths, templates, variables, projects = Paths(files), Templates(files), Definers(files), Projects(files)

    def resolve(path: str, reference: Reference) -> Resolved:
        word, _, target = reference.target.partition(":")
        if reference.kind == "env":
            return variables.resolve(path, reference)
        if reference.kind == "reference":
            if projects.of(path) is None:
                return Resolved()
            return projects.model(path, target) if word == "ref" else projects.source(path, target)
        if reference.kind == "include":
            return templates.find(path, target, "likely")
        return paths.resolve(path, reference)

    return resolve


def uses(data: bytes, _edge: Edge, names: Sequence[str]) -> list[Use]:
    """Where variables are read."""
    reads = dict(env_reads(data))
    return [Use(name, reads[name], sure=True) for name in names if name in reads]


EVERYWHERE = Language(
    name="everywhere",
    version=1,
    matches=lambda _path: True,
    extract=extract,
    resolver=resolver,
    uses=uses,
)
"""Not one of LANGUAGES: it reads what they read too."""
