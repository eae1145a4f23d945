"""Reads the variables of a file, whatever kind of file it is."""

import re

from ..changes import Changes, Delta, Side
from ..generated import is_called_generated, is_vendored
from ..reading.calls import EXTENSIONS, grammar_of
from ..reading.lines import changed_lines
from ..reading.once import OnceReader, searched
from ..reading.windows import near
from . import files as environment_files
from . import in_code as environment_code
from . import schemas as environment_schemas
from . import shell as environment_shell
from . import yaml_files as environment_yaml
from .facts import Fact, Role, collected, words
from .wrappers import has_wrappers

_TEST = re.compile(
    r"(?:^|/)(?:__tests__|__mocks__|__fixtures__|testdata|fixtures|cassettes)/|(?:^|/)spec/.*_spec\.rb$|_spec\.rb$|"
    r"\.(?:test|spec|stories|cy)\.[cm]?[jt]sx?$|_test\.(?:go|py|exs|rb)$|(?:^|/)(?:test_[\w-]+|conftest)\.py$|(?:^|/)tests?/.*\.py$|"
    r"(?:^|/)tests?/(?:.*/)?\w*test\w*\.(?:rb|php|java|cs)$|Tests?\.(?:php|java|cs)$"
)
# Cheap signs: a changed line names the environment, or has a name that a line above may read from it.
_NAMES = re.compile(rb"[eE]nv(?!elop|oy|ision)|ENV(?!ELOP)|[cC]onfig|\$\{[A-Z]|BindEnv")
_SHOUTED = re.compile(rb"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b")
# A block says over several lines what holds where a variable is not set.
_OTHERWISE = re.compile(r"\bENV\.fetch\b[^\n]{0,200}(?:\{|\bdo)[ \t]{0,20}$", re.MULTILINE)
_RUBY = (".rb", ".ru", ".rake")
_SPEAKS_OF_IT = (b"environ", b"getenv", b"process.env", b"env::", b"Env", b"Setting")
_HINT = re.compile(rb"env\w*[\[(]|ENV\b|env\b|[cC]onfig\w*[.(]")
_SAYS_ENV = re.compile(r"\benv|env\b|ENV\b|[a-z]Env|environ")
_NEAR = 300
_SET = re.compile(r"\s*\]\s*=(?!=)")
_SHELL = re.compile(
    r"(?:^|/)(?:Makefile|Justfile|justfile|Vagrantfile|bin/[\w-]+)$|\.(?:sh|bash|mk|conf|template|tmpl|tpl|tf|hcl)$"
)
_KINDS = words("yml yaml toml sh bash mk conf template tmpl tpl tf hcl flaskenv kt swift") | set(EXTENSIONS)
_PLACES = words(
    "*.env* *env.* *environment *ockerfile* *Containerfile* *Procfile* *akefile *Gemfile *ustfile *turbo.json"
    " *vercel.json *app.json *now.json *task*def*.json *wrangler.json* */bin/* bin/*"
)
_PASSED_OVER = words(
    "*.test.* *.spec.* *_spec.rb *node_modules/* *vendor/* *locales/* *locale/* *lock.yaml .github/* *.md"
)
WHERE = searched(_KINDS, _PLACES, _PASSED_OVER)
"""Pathspecs of what may read or set a variable: searching a whole tree takes seconds."""


_FILES = (environment_files, environment_yaml, environment_shell)


class Reader(OnceReader[Fact]):
    """Reads files of a target, each content once.

    Args:
        changes: the target's.
        domain: whose it is to say what could not be read.
    """

    def __init__(self, changes: Changes, domain: str) -> None:
        """Nothing is read yet."""
        super().__init__(changes, domain, collected)

    def both(self, delta: Delta) -> tuple[dict[str, Fact], dict[str, Fact]]:
        """The variables before and after; two empty ones if they can be told to be the same without parsing."""
        if not is_read(delta.path):
            return {}, {}
        if grammar_of(delta.path) and not _may_matter(delta):
            return {}, {}
        return self.of_change(delta, literal=not any(has_wrappers(side.text) for side in delta.sides))

    def role(self, side: Side | None, name: str) -> Role | None:
        """What a file that mentions a name does with it; None if it is no variable there."""
        if side is None or is_vendored(side.path) or is_test(side.path) or environment_yaml.is_ci(side.path):
            return None
        fact = self.of(side).get(name) if is_read(side.path) else None
        if fact is not None:
            return fact.role
        if _SHELL.search(side.path):
            said = re.search(rf"\$\{{?{name}\b|\bexport {name}\b|\benv ['\"]{name}\b", side.text) is not None
        else:
            said = _speaks(side.text, name)
        return "read" if said else None

    def _read(self, side: Side) -> list[Fact]:
        why = ""
        facts: list[Fact] | None
        if environment_files.claims(side.path):
            facts, why = environment_files.facts(side.path, side.text)
        elif environment_yaml.claims(side.path):
            facts, why = environment_yaml.facts(side.path, side.text)
        elif environment_shell.claims(side.path):
            facts = environment_shell.facts(side.path, side.text)
        elif _hints(side.data or b"") or environment_schemas.is_named(side.path):
            facts = environment_code.facts(side)
        else:
            return []
        if facts is None:
            why, facts = "too large or too entangled to parse", []
        if why:
            self._unread(side, why)
        return facts


def is_read(path: str) -> bool:
    """Whether the variables of a file count: it is no test, is not vendored, and its kind is known."""
    known = grammar_of(path) is not None or any(one.claims(path) for one in _FILES)
    return known and not is_vendored(path) and not is_called_generated(path) and not is_test(path)


def is_others(path: str) -> bool:
    """Whether what a file declares need not be read by the project's own code: for containers, CI, or tests."""
    return environment_yaml.is_compose(path) or environment_yaml.is_ci(path) or is_test(path) or is_vendored(path)


def is_test(path: str) -> bool:
    """Whether a file is a test: it names variables that nobody deploys, and sets others to see what happens."""
    return _TEST.search(path) is not None


def _speaks(text: str, name: str) -> bool:
    """Whether a line that has the name as a literal speaks of the environment.

    Helpers of other files are not followed: such a line is taken at its word.
    """
    for match in re.finditer(rf"['\"]{name}['\"]", text):
        start = text.rfind("\n", 0, match.start()) + 1
        if _SET.match(text, match.end()):
            continue
        if _SAYS_ENV.search(text, max(start, match.start() - _NEAR), match.start()):
            return True
    return False


def _may_matter(delta: Delta) -> bool:
    """Whether a change of code may change what it reads from the environment."""
    lines = changed_lines(delta)
    if _NAMES.search(lines) or (delta.path.endswith(_RUBY) and _OTHERWISE.search(near(delta))):
        return True
    return _SHOUTED.search(lines) is not None and (
        environment_schemas.is_named(delta.path) or any(_hints(side.data or b"") for side in delta.sides)
    )


def _hints(data: bytes) -> bool:
    """Whether a text speaks of the environment; a search for plain words costs next to nothing."""
    return any(word in data for word in _SPEAKS_OF_IT) or _HINT.search(data) is not None
