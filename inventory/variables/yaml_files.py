"""Variables in YAML and JSON that somebody deploys: compose files, manifests, Helm charts, platforms' own files."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..reading.yaml import Reading, Scalar, read
from .facts import Fact, Role, is_shouted, words

_COMPOSE = re.compile(r"(?:^|/)(?:docker-)?compose[\w.-]*\.ya?ml$|(?:^|/)docker-compose[\w.-]*\.ya?ml$")
_CI = re.compile(
    r"(?:^|/)(?:\.github|\.gitlab|\.circleci|\.buildkite|\.woodpecker|\.azure-pipelines)/|"
    r"(?:^|/)(?:\.gitlab-ci|\.travis|\.drone|appveyor|azure-pipelines|bitbucket-pipelines|cloudbuild|codecov|"
    r"\.pre-commit-config)[\w.-]*\.ya?ml$"
)
_NOT_DEPLOYED = re.compile(
    r"(?:^|/)(?:locales?|i18n|translations|fixtures|cassettes|__snapshots__|openapi|swagger)/|lock\.ya?ml$"
)
_JSON = re.compile(r"(?:^|/)(?:app|vercel|turbo|now|wrangler|[\w.-]*task[-_]?def[\w-]*)\.jsonc?$")
_SETTINGS = re.compile(r"(?:^|/)installation_config\.ya?ml$")
_PLATFORMS = {"app.json": "heroku", "vercel.json": "vercel", "now.json": "vercel"}
_MAPS = words(
    "env environment envVars env_variables environment_variables variables Variables extraEnv extraEnvs extraEnvVars"
    " envs containerEnv environmentVariables vars clear args"
)
# Kamal lists the names of what it takes from the machine it is started on.
_KAMAL = re.compile(r"(?:^|/)config/deploy[\w.-]*\.ya?ml$")
_KAMAL_KEYS = words("secret secrets password username")
_LISTS = words("globalEnv globalPassThroughEnv env passThroughEnv")
_VALUE_KEYS = ("value", "default", "Value", "valueFrom", "defaultValue")
_CONFIG_MAPS = frozenset(("ConfigMap", "Secret"))
_PAIR = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:=(.*))?", re.DOTALL)
_SUBSTITUTED = re.compile(r"(?<!\$)\$\{([A-Z_][A-Z0-9_]*)(?:[:?+=-][^}]*)?\}")
_RUBY = re.compile(r"\bENV(?:(?:\.fetch)?\s*[\[(]\s*|\.fetch\s+)['\"]([A-Za-z_][A-Za-z0-9_]*)['\"]")
# What follows the name where the variable is not set: a second argument, a block, or an alternative.
_OTHERWISE = re.compile(
    r"\s{0,20}(?:,\s{0,20}|[\])]?\s{0,20}(?:\{\s{0,20}|\|\|\s{0,20}))(?:\"([^\"\n]{0,60})\"|'([^'\n]{0,60})'|(-?[\d_.]+|true|false))(?=\s{0,20}[})%])"
)
_GIVEN = re.compile(r"\s{0,20}(?:,|\)?\s{0,20}(?:\{|do\b))")
_DBT = re.compile(r"\benv_var\(\s*['\"]([A-Z_][A-Z0-9_]*)['\"]")
_COMMENT = re.compile(r"^[ \t]*//.*$", re.MULTILINE)


def is_ci(path: str) -> bool:
    """Whether a file tells continuous integration what to do: its variables are that domain's."""
    return _CI.search(path) is not None and not _COMPOSE.search(path)


def is_compose(path: str) -> bool:
    """Whether a file starts containers, each with an environment of its own."""
    return _COMPOSE.search(path) is not None


def claims(path: str) -> bool:
    """Whether a file may set or name variables."""
    if path.endswith((".yml", ".yaml", ".yml.erb", ".yaml.erb", ".yml.example", ".yaml.gotmpl")):
        return not _NOT_DEPLOYED.search(path) and not is_ci(path)
    if path.endswith(".tpl"):
        return "templates/" in path
    return _JSON.search(path) is not None


def facts(path: str, text: str) -> tuple[list[Fact], str]:
    """The variables of a file, and why it was read line by line, if it was."""
    name = path.rpartition("/")[2]
    if name.endswith((".json", ".jsonc")):
        text = _COMMENT.sub("", text)
    found = [
        Fact(
            name=match[1],
            role="read",
            line=text.count("\n", 0, match.start()) + 1,
            value=_otherwise(text, match.end()),
            how="ENV",
        )
        for pattern in (_RUBY, _DBT)
        for match in pattern.finditer(text)
        if not _is_comment(text, match)
    ]
    if not _may_set(path, text):
        return found, ""
    reading = read(text)
    file = _File(path, reading, "sets", _PLATFORMS.get(name, ""))
    if _SETTINGS.search(path):
        return [*found, *file.named_settings()], reading.why
    found += file.variables()
    if _COMPOSE.search(path):
        found += file.substituted()
    return found, reading.why


def _is_comment(text: str, match: re.Match[str]) -> bool:
    """Whether a variable is read in a comment of the template, or in one of YAML, where it need not be set.

    What stands in a comment of YAML is computed all the same: `fetch` fails there if there is nothing to fetch.
    """
    place = match.start()
    line = text[text.rfind("\n", 0, place) + 1 : place]
    if line.rfind("<%#") > line.rfind("%>"):
        return True
    needed = "fetch" in match[0] and _GIVEN.match(text, match.end()) is None
    return line.lstrip().startswith("#") and not needed


def _otherwise(text: str, end: int) -> str | None:
    """What holds where a variable is not set, if a literal behind its name says so."""
    match = _OTHERWISE.match(text, end)
    return next((one for one in match.groups() if one is not None), None) if match else None


_KEYS = re.compile(
    r"(?:^|[{,])[ \t'\"-]*(?:envs?|environment|envVars|env_variables|environment_variables|[vV]ariables|vars|args|"
    r"extraEnv\w*|"
    r"containerEnv|environmentVariables|globalEnv|globalPassThroughEnv|passThroughEnv|clear|secret)['\"]?[ \t]*:|"
    r"\bkind:[ \t]*['\"]?(?:ConfigMap|Secret)\b",
    re.MULTILINE,
)


def _may_set(path: str, text: str) -> bool:
    return (
        _KEYS.search(text) is not None
        or (bool(_COMPOSE.search(path)) and "${" in text)
        or bool(_SETTINGS.search(path) or _KAMAL.search(path))
    )


@dataclass(frozen=True)
class _File:
    """A file's scalars, and what they mean there."""

    path: str
    reading: Reading
    role: Role
    platform: str

    def variables(self) -> Iterator[Fact]:
        """Whatever stands below a key for variables."""
        scalars = self.reading.scalars
        values = {(one.document, one.path): one.value for one in scalars}
        kinds = {one.document: one.value for one in scalars if one.path == ("kind",)}
        for one in scalars:
            place = next((at for at, name in enumerate(one.path) if name in _MAPS or name in _LISTS), None)
            if place is not None:
                yield from self._below(one, one.path[place], one.path[place + 1 :], values)
            elif _KAMAL.search(self.path) and len(one.path) > 1 and is_shouted(one.value):
                if isinstance(one.path[-1], int) and one.path[-2] in _KAMAL_KEYS:
                    yield self._fact(one.value, one.line, None, "read")
            elif (
                len(one.path) == 2
                and one.path[0] in ("data", "stringData")
                and kinds.get(one.document) in _CONFIG_MAPS
                and is_shouted(one.key)
            ):
                yield self._fact(one.key, one.line, one.value, "sets")

    def _below(
        self,
        one: Scalar,
        key: str | int,
        rest: Sequence[str | int],
        values: dict[tuple[int, tuple[str | int, ...]], str],
    ) -> Iterator[Fact]:
        compose = _COMPOSE.search(self.path) is not None
        role: Role = "build" if key == "args" else self.role
        while len(rest) > 1 and rest[0] in (
            "Variables",
            "variables",
            "clear",
            "vars",
            "secret",
            "environment",
            "args",
        ):
            rest = rest[1:]
        match rest:
            case (str(name),) if (compose and key != "variables") or is_shouted(name):
                yield self._fact(name, one.line, one.value, role)
            case (int(),) if (pair := _PAIR.fullmatch(one.value)) and (compose or is_shouted(pair[1])):
                listed: Role = "read" if key in _LISTS and not compose else role
                yield self._fact(pair[1], one.line, pair[2], listed)
            case (int(), "name" | "key" | "Name" | "Key" | "variable") if is_shouted(one.value):
                told = (values.get((one.document, (*one.path[:-1], name))) for name in _VALUE_KEYS)
                yield self._fact(one.value, one.line, next((value for value in told if value), ""), role)
            case (str(name), str(what), *_) if is_shouted(name) and not isinstance(key, int):
                yield self._fact(name, one.line, one.value if what in _VALUE_KEYS else None, role)

    def substituted(self) -> Iterator[Fact]:
        """What compose takes from the environment it is started in."""
        for one in self.reading.scalars:
            for match in _SUBSTITUTED.finditer(one.value):
                yield Fact(name=match[1], role="read", line=one.line, how="compose ${…}")

    def named_settings(self) -> Iterator[Fact]:
        """A list of settings, each with a name; their values are kept in the database once they were seeded."""
        for one in self.reading.scalars:
            if len(one.path) == 2 and one.key == "name" and is_shouted(one.value):
                yield self._fact(one.value, one.line, None, "read")

    def _fact(self, name: str, line: int, value: str | None, role: Role) -> Fact:
        how = self.path.rpartition("/")[2]
        return Fact(name=name, role=role, line=line, value=value, how=how, platform=self.platform)
