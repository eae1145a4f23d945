"""Variables that code reads, in every language there is a grammar for."""

import re
from collections.abc import Iterator

from ..changes import Side
from ..reading.calls import Code, Use, code
from .facts import Fact, is_bundlers, is_shouted, is_stage, words
from .schemas import declared
from .wrappers import wrappers

# What is the environment and nothing else: any name counts.
_ENVIRONMENT = re.compile(
    r"(?:^|[.(!])(?:process\??\.env|import\.meta\.env|Bun\.env|os\.environb?|environ|ENV|\$_ENV)\)?[!?]?$"
)
# What is called so by convention: names in capitals count.
_CALLED_ENV = re.compile(
    r"(?:^|[.)])_{0,2}(?:[a-z]+E|e)nv(?:ironment|Vars?|iron)?_?[!?]?$|(?:^|\.)_ENV_$|(?:^|\.)c\.env$"
)
_MEMBERS = re.compile(rf"{_ENVIRONMENT.pattern}|{_CALLED_ENV.pattern}")
_CALLS = re.compile(
    r"(?:^|[.:\\])(?:environb?\.(?:get|pop|setdefault)|getenvb?|ENV\.(?:fetch|key\?|has_key\?|include\?|member\?|dig|delete|"
    r"values_at|slice)|env\.(?:get|has|toObject)|(?:Lookup|Get)env|LookupEnv|(?:env::)var(?:_os)?|(?:option_)?env!|"
    r"GetEnvironmentVariable|System\.(?:get_env|fetch_env!?|getenv))$"
)
# Helpers whose names do not say it: configuration objects that fall back to the environment.
_CONFIGURATION = re.compile(
    r"(?:^|[.:>_])(?:config|Csv)$|(?:^|[._])[cC]onfig(?:_?[sS]ervice)?(?:\.|->)(?:get|getOrThrow|has)$|"
    r"GlobalConfig(?:Service)?\.(?:load|get|get_value)$|InstallationConfig\.(?:find_by|where|get)$|BindEnv$"
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ENV_WORDS = words("env environ getenv envvar envvars envs environment env_var")
_SETS = words("stub mock set with delete unset put add remove push export monkeypatch override assert expect fake")
# What a web server puts beside a request, under the same word.
_REQUEST = re.compile(r"(?:^|\.)(?:req(?:uest)?|scope|response|rack|app|ctx\.req)(?:\(\))?\.(?:env|environ)$")
_REQUEST_NAME = re.compile(
    r"HTTP_\w+|REQUEST_\w+|PATH_INFO|QUERY_STRING|REMOTE_(?:ADDR|USER)|CONTENT_(?:TYPE|LENGTH)"
)
_MAY_BE_REQUEST = re.compile(r"(?:^|(?<!os)(?<!process)(?<!meta)\.)env(?:iron)?(?:\.\w+)?$")
# Where the environment itself is asked, only what a server of CGI puts there; `HTTP_PROXY` is a setting.
_HEADER = re.compile(
    r"HTTP_(?:ACCEPT\w*|AUTHORIZATION|CF_\w+|CONNECTION|COOKIE|FORWARDED|HOST|IF_\w+|ORIGIN|REFERER|USER_AGENT|X_\w+)|"
    r"REQUEST_(?:METHOD|URI)|PATH_INFO|QUERY_STRING|REMOTE_(?:ADDR|USER)|CONTENT_(?:TYPE|LENGTH)"
)
_BARE = re.compile(r"environ(?:\.(?:get|pop|setdefault))?")
_SPRING = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?::[^}]*)?\}")


def facts(side: Side) -> list[Fact] | None:
    """The variables that code reads or declares; None if it could not be parsed."""
    source = code(side)
    if source is None:
        return None
    found = list(declared(side.path, source))
    members = (use for use in source.members(_MEMBERS) if not use.written and not _is_of_request(use))
    found += (_fact(source, use) for use in members if _member_counts(use))
    helpers = wrappers(source)
    for use in source.uses:
        if use.written or _is_of_request(use):
            continue
        if use.form == "call":
            found += _called(source, use, helpers)
        elif _ENVIRONMENT.search(use.of) or (_is_called_env(source, use) and is_shouted(use.name)):
            found.append(_fact(source, use))
    if b"import environ" not in source.tree.data:
        # A bare `environ` is what WSGI says of a request.
        found = [fact for fact in found if not _BARE.fullmatch(fact.how)]
    return found


def _is_of_request(use: Use) -> bool:
    """Whether a name is what a server says of a request; `env('HTTP_TIMEOUT')` asks a helper for a variable."""
    helper = use.form == "call" and use.of.endswith("env")
    names = _REQUEST_NAME if _MAY_BE_REQUEST.search(use.of) and not helper else _HEADER
    return names.fullmatch(use.name) is not None


def _is_called_env(source: Code, use: Use) -> bool:
    # In Ruby `env` is what Rack says of a request.
    return _CALLED_ENV.search(use.of) is not None and source.grammar != "ruby" and not _REQUEST.search(use.of)


def _member_counts(use: Use) -> bool:
    if use.of.endswith("import.meta.env"):
        return not is_bundlers(use.name)
    if _ENVIRONMENT.search(use.of):
        # `ENV.fetch` and `os.environ.get` are no variables.
        return "process" in use.of or "Bun" in use.of
    return is_shouted(use.name) and not is_stage(use.name) and not _REQUEST.search(use.of)


def _called(source: Code, use: Use, helpers: frozenset[tuple[str, int]]) -> Iterator[Fact]:
    method = re.split(r"[.:>\\]", use.of)[-1]
    if _CALLS.search(use.of):
        if (use.position == 0 or use.of.endswith(("values_at", "slice"))) and not use.keyword:
            yield _fact(source, use)
    elif use.of == "@Value":
        for match in _SPRING.finditer(use.name):
            yield Fact(name=match[1], role="read", line=use.line, how="@Value")
    elif not is_shouted(use.name) or is_stage(use.name):
        return
    elif (method, use.position) in helpers or _is_helper(source, use):
        yield _fact(source, use)


def _is_helper(source: Code, use: Use) -> bool:
    if _CONFIGURATION.search(use.of):
        # GlobalConfig.get takes several names; a second argument of the others is a default.
        return use.position == 0 or "GlobalConfig.get" in use.of
    if use.keyword or use.position > (1 if source.grammar == "python" else 0):
        return False
    parts = [part for part in re.split(r"[.:>\\?!-]+", use.of) if part][-2:]
    said = [word.lower() for part in parts for word in _WORD.findall(part)]
    return not _ENV_WORDS.isdisjoint(said) and _SETS.isdisjoint(said)


# How languages say what holds where a variable is not set.
_OTHERWISE = frozenset(("||", "??", "or"))
_EITHER = frozenset(("binary_expression", "boolean_operator", "binary"))
_BLOCKS = frozenset(("block", "do_block"))
_LITERAL = re.compile(r"""-?[\d_.]+|true|false|True|False|null|None|nil|(["'`])[^"'`\n]{0,60}\1""")
_READS = re.compile(r"(?:\.get|\.fetch|getenv|\.pop|env)$", re.IGNORECASE)


def _fact(source: Code, use: Use) -> Fact:
    return Fact(name=use.name, role="read", line=use.line, value=_default(source, use), how=use.of)


def _of_block(text: str) -> str:
    """What a block of Ruby gives where the variable is not set: a literal, or the words of whatever it computes."""
    inner = " ".join(re.sub(r"^(?:\{|do\b)|(?:\}|\bend)$", "", text).split())
    return inner.strip("\"'`") if _LITERAL.fullmatch(inner) else inner


def _default(source: Code, use: Use) -> str | None:
    """What holds where the variable is not set, if a literal beside the name says so."""
    if use.form == "call":
        reads = use.position == 0 and _READS.search(use.of)
        given = source.arguments(use)[1:2] if reads else []
        if given and _LITERAL.fullmatch(given[0]):
            return given[0].strip("\"'`")
        block = next((child for child in use.place.children if child.type in _BLOCKS), None) if reads else None
        if block is not None:
            return _of_block(source.tree.text(block))
    parent = use.place.parent
    if (
        parent is None
        or parent.type not in _EITHER
        or parent.child_count != 3
        or parent.children[0].id != use.place.id
    ):
        return None
    text = source.tree.text(parent.children[2])
    known = source.tree.text(parent.children[1]) in _OTHERWISE and _LITERAL.fullmatch(text)
    return text.strip("\"'`") if known else None
