"""Ruby: what is required by path, and constants, which Rails finds by the path that their name makes."""

import re
from collections.abc import Sequence

from ..model import Edge, Facts, Language, Name, Reference, Use
from .lexing import Text, blank, decoded, find_uses, member, word
from .ruby_definitions import definitions
from .ruby_nesting import Nesting
from .ruby_requires import requires
from .ruby_resolve import resolver

_SKIPPED = re.compile(
    rb"=begin(?<![^\n]=begin)\b.*?^=end\b|__END__(?<![^\n]__END__)\n.*"
    rb"|<<[~-]?(['\"`]?)([A-Za-z_]\w*)\1[^\n]*\n.*?^[ \t]*\2\b"
    rb"|\"(?:\\.|[^\"\\\n])*+\"|'(?:\\.|[^'\\\n])*+'|`(?:\\.|[^`\\\n])*+`"
    rb"|%[wWiI][\[({<][^\])}>]*[\])}>]"
    rb"|/(?:(?<=[=(,~|&!{;\[\n]/)|(?<=[=(,~|&!{;\[] /)|(?<=when /)|(?<=if /)|(?<=unless /))"
    rb"(?! )(?:\\.|[^/\\\n])+/[a-z]*"
    rb"|#(?<![\w?$\\]#)[^\n]*",
    re.DOTALL | re.MULTILINE,
)
_HOLE = re.compile(rb"#\{[^{}\"]+\}")
_CONSTANT = re.compile(rb"(?<![\w:.$@&])((?:::)?[A-Z]\w*(?:::[A-Z]\w*)*)(?!\w|:(?!:)|::\w)")
_DESCRIBED = re.compile(rb"\bdescribe[ (]+([A-Z][\w:]*)")
_CORE_WORDS = """
    ArgumentError ARGV Array BasicObject Class Comparable DATA Date DateTime Dir Encoding Enumerable ENV Errno
    Exception FalseClass File FileUtils Float Hash IndexError Integer IO JSON Kernel KeyError Logger Math Method
    Module NameError NilClass NoMethodError NotImplementedError Object ObjectSpace OpenStruct Pathname Proc
    Process Rails Range Rational Regexp RSpec RuntimeError Set StandardError String Struct Symbol Thread Time
    Timeout TrueClass TypeError URI YAML
"""
_CORE = frozenset(_CORE_WORDS.split())


def extract(data: bytes) -> Facts:
    """Required paths, declared constants, and the constants it names, each with the modules around it."""
    text = Text(data, _SKIPPED, _without_text)
    nesting = Nesting(text.code)
    references = list(requires(text))
    declared = set(nesting.declared)
    seen: set[tuple[str, ...]] = set()
    for match in _CONSTANT.finditer(text.code):
        name = decoded(match[1])
        around = nesting.around(match.start())
        key = (*around, name)
        if key in seen or nesting.opens(match.start()) or name.removeprefix("::").partition("::")[0] in _CORE:
            continue
        seen.add(key)
        if any("::".join((*around[:1], name)) == one for one in declared):
            continue
        target = "|".join((*around, name)) if not name.startswith("::") else name[2:]
        references.append(
            Reference("import", target, text.line(match.start()), (Name(name, name),), confidence="likely")
        )
    for match in _DESCRIBED.finditer(text.code):
        target = decoded(match[1]).strip(":")
        references.append(Reference("test", target, text.line(match.start()), confidence="likely"))
    for name, line in ((one, text.line(start)) for one, start in nesting.declared.items() if one.endswith("Test")):
        references.append(Reference("test", name.removesuffix("Test"), line, confidence="likely"))
    provides = [f"ruby:{one}" for one in sorted(declared)]
    spaces = [f"ruby:{one}::" for one in sorted(nesting.spaces - declared)]
    return Facts(tuple(references), (*provides, *spaces), text.problems)


def _without_text(match: re.Match[bytes]) -> bytes:
    """Blanks for a string, except the code within it."""
    if match[0][:1] not in {b'"', b"`", b"<"} or b"#{" not in match[0]:
        return blank(match)
    pieces, last = [], 0
    for hole in _HOLE.finditer(match[0]):
        pieces += [re.sub(rb"[^\n]", b" ", match[0][last : hole.start() + 2]), hole[0][2:-1]]
        last = hole.end() - 1
    return b"".join((*pieces, re.sub(rb"[^\n]", b" ", match[0][last:])))


def uses(data: bytes, edge: Edge, names: Sequence[str]) -> list[Use]:
    """Constants as they are written; methods after them, after whatever may hold one, or alone."""
    text = Text(data, _SKIPPED, _without_text)
    bound = {one.name: one.local for one in edge.names if one.local}
    wanted: dict[str, list[tuple[bytes, bool]]] = {}
    for name in names:
        if "." in name:
            class_, _, last = name.rpartition(".")
            local = bound.get(class_, class_.rpartition("::")[2]).rpartition("::")[2]
            wanted[name] = [*member(f"{local}.{last}"), (word(last, rb"(?<![\w.:@$])"), False)]
        else:
            local = bound.get(name, name.rpartition("::")[2])
            wanted[name] = [(word(local, rb"(?<!\w)"), name in bound)]
    return find_uses(text, wanted)


_NAMES = frozenset({"Rakefile", "Gemfile", "config.ru"})

LANGUAGE = Language(
    name="ruby",
    version=1,
    matches=lambda path: path.endswith((".rb", ".rake", ".gemspec")) or path.rpartition("/")[2] in _NAMES,
    extract=extract,
    resolver=resolver,
    definitions=definitions,
    uses=uses,
)
