"""The plain sentences people write under three headings of their CLAUDE.md.

A sentence is enforced only if it says exactly what a rule can hold; one with an exception
("except tests") is not, for holding the rule without its exception would refuse wrongly.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...core.late import late
from ...core.records import dataclass
from .markdown import Block, read_markdown
from .units import seconds

SECTIONS = ("scope_management", "on_session_start", "on_session_end")
_MAX_LENGTH = 500
_BULLET = late(r"^\s*(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?")
_EXCEPTION = late(
    r"\b(except|excluding|excludes|unless|not counting|other than|apart from|without|if|until|when|manually"
    r"|by hand)\b",
    re.IGNORECASE,
)
# Bold marks around words; not the stars of a path pattern.
_EMPHASIS = late(r"(?:(?<=\s)|^)(?:\*\*|__)(?=[\w`])|(?<=[\w`.:)])(?:\*\*|__)(?=\W|$)")
_WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_NUMBERS = {word: number for number, word in enumerate(_WORDS, start=1)} | {"a single": 1, "single": 1, "a": 1}
_NUMBER = r"(?P<n>\d{1,6}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")"
_VERB = r"(?:touch|change|modify|edit|update)"
_LIMIT = (
    r"(?:max(?:imum)?\.?(?: of)?|at most|no more than|not more than|up to|only|stay within|"
    rf"limit(?:ed)?(?: yourself| changes| each session| every session)? to|"
    rf"(?:only )?{_VERB}(?: only| at most| up to| no more than| a maximum of)?|"
    rf"(?:never|do not|don't) {_VERB} more than)"
)
_FILES = r"(?:source |changed )?files?(?: (?:changed|modified|touched|edited))?"
_PER = r"(?: (?:per|a|each|every|in (?:a|one|any)) session| at a time)"
_CODE = late(r"`([^`]+)`")
_NO = r"(?:never|do not|don't|must not|no)"
_LIST = r"(?:(?:,|\band\b|\bor\b|/)+\s*)"
_PLACE = r"(?:any |the |all |existing )?(?:files? |anything |code |directory |directories |folders? |paths? )?"
_WHERE = rf"(?:{_PLACE}(?:in |under |inside |below |of )?(?:the )?)"
_PATHS = rf"{_WHERE}`[^`]+`(?:\s*{_LIST}{_WHERE}`[^`]+`)*(?: (?:files?|director(?:y|ies)|folders?|paths?))?"
_NOT_A_BRANCH = frozenset({"it", "them", "this", "that", "these", "those", "weekends", "fridays", "other", "others"})
_NOT_A_COMMAND = frozenset(
    {"the", "all", "your", "every", "any", "a", "an", "full", "some", "these", "tests", "checks"}
)

Found = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One line under one of the headings: where it stands and what it sets, if anything."""

    section: str
    line: int
    text: str
    sets: Found


def read_sentences(text: str) -> list[Sentence]:
    """Every line under the headings, with what it sets."""
    return [
        Sentence(section=section, line=line, text=sentence, sets=_understand(section, sentence))
        for section, line, sentence in _joined(_lines(text))
    ]


def _lines(text: str) -> Iterator[tuple[str, int, str]]:
    section, level = "", 0
    for number, line in read_markdown(text):
        if isinstance(line, Block):
            continue
        depth, title = _heading(line)
        if depth:
            name = re.sub(r"[\s-]+", "_", title.strip("`*:# ").lower())
            if name in SECTIONS:
                section, level = name, depth
            elif depth <= level:
                section = ""
        elif section:
            yield section, number, line


def _heading(line: str) -> tuple[int, str]:
    """Depth and title of a heading; depth 0 if it is none."""
    depth = len(line) - len(line.lstrip("#"))
    if not 1 <= depth <= 6 or line[depth : depth + 1] not in (" ", "\t"):
        return 0, ""
    return depth, line[depth:].strip().rstrip("#").strip()


def _joined(lines: Iterator[tuple[str, int, str]]) -> Iterator[tuple[str, int, str]]:
    """Sentences; a line that goes on with a bullet's text, or holds only the exception, belongs to the one before."""
    held: tuple[str, int, str] | None = None
    bullet = False
    for section, number, line in lines:
        text = _BULLET.sub("", line, count=1).strip()
        starts_bullet = _BULLET.match(line) is not None
        exception = text[:1].islower() and _EXCEPTION.match(text) is not None
        goes_on = not starts_bullet and ((bullet and line[:1] in (" ", "\t")) or exception)
        if held is not None and text and goes_on:
            held = (held[0], held[1], f"{held[2]} {text}")
            continue
        if held is not None:
            yield held
        held = (section, number, text) if text else None
        bullet = starts_bullet
    if held is not None:
        yield held


def _understand(section: str, sentence: str) -> Found:
    if len(sentence) > _MAX_LENGTH or _EXCEPTION.search(_CODE.sub("", sentence)):
        return {}
    plain = "".join(
        part if part.startswith("`") else _EMPHASIS.sub("", part) for part in re.split(r"(`[^`]*`)", sentence)
    )
    # A full stop ends a sentence; " ." is an argument.
    plain = re.sub(r"(?<=[\w`)/*])\.$", "", plain.strip())
    if (found := _run(section, plain)) or (section == "on_session_end" and _is_run(plain)):
        return found
    plain = re.sub(r"\s+", " ", plain)
    for understand in _PATTERNS:
        if found := understand(section, plain):
            return found
    return {}


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS[word.lower()]


def _limit(text: str, *patterns: str) -> int | None:
    """The number in a sentence that is nothing but a limit; none for zero."""
    for pattern in patterns:
        if match := re.fullmatch(pattern, text, re.IGNORECASE):
            return _number(match["n"]) or None
    return None


def _files(section: str, text: str) -> Found:
    if section == "on_session_end":
        return {}
    limit = _limit(
        text,
        rf"{_LIMIT} {_NUMBER} {_FILES}{_PER}?",
        rf"{_NUMBER} {_FILES}(?: max(?:imum)?| at most){_PER}?",
        rf"{_NUMBER} {_FILES}{_PER} (?:max(?:imum)?|at most)",
        rf"max(?:imum)?[ _](?:number of )?files(?:[ _]per[ _]session)?\s*[:=]\s*{_NUMBER}",
    )
    return {} if limit is None else {"max_files": limit}


def _layers(section: str, text: str) -> Found:
    if section == "on_session_end":
        return {}
    limit = _limit(
        text,
        rf"(?:{_LIMIT} )?(?:work on |stay in )?(?:only )?{_NUMBER} (?:\w+ )?layers?{_PER}",
        rf"max(?:imum)?[ _]layers(?:[ _]per[ _]session)?\s*[:=]\s*{_NUMBER}",
    )
    return {} if limit is None else {"max_layers": limit}


def _no_branch(section: str, text: str) -> Found:
    del section
    verbs = r"(?:commit|push|merge|work|commits?|pushes)(?:ting|ing)?(?: or (?:commit|push|merge))?"
    match = re.fullmatch(rf"{_NO} {verbs}(?: directly| straight)? (?:to|on|into) (.+)", text, re.IGNORECASE)
    if match is None:
        return {}
    names = [word.strip("`'\" ") for word in re.split(r",|\bor\b|\band\b", match[1]) if word.strip()]
    names = [re.sub(r"^the\s+|\s+branch(es)?$", "", name).strip("`'\" ") for name in names]
    known = all(re.fullmatch(r"[A-Za-z0-9._/*-]+", name) and name.lower() not in _NOT_A_BRANCH for name in names)
    return {"branches": tuple(names)} if names and known else {}


def _no_paths(section: str, text: str) -> Found:
    del section
    verbs = rf"(?:{_VERB}|write to|delete|make changes (?:to|in))(?:,? or (?:{_VERB}|delete))?"
    match = re.fullmatch(rf"{_NO} {verbs} {_PATHS}", text, re.IGNORECASE)
    return {"paths": tuple(_CODE.findall(text))} if match else {}


def _ask_paths(section: str, text: str) -> Found:
    del section
    asks = r"(?:always )?(?:ask|check with|confirm with|ask for (?:approval|permission|confirmation))"
    whom = r"(?: (?:me|us|first|a human|the user|the team|a maintainer|the maintainers))*"
    verbs = r"(?:you )?(?:touch|chang|edit|modify|updat)(?:ing|e)?"
    match = re.fullmatch(rf"{asks}{whom} before {verbs} {_PATHS}", text, re.IGNORECASE)
    return {"sensitive": tuple(_CODE.findall(text))} if match else {}


def _branch(section: str, text: str) -> Found:
    if section != "on_session_start":
        return {}
    match = re.fullmatch(
        r"(?:always )?(?:create|make|use|start(?: on)?|work on) (?:a |the |an? own )?(?:new )?(?:feature |session )?"
        r"branch(?: (?:for|per) (?:each|every|the|this) session| per session| named| called| like)?:?(.*)",
        text,
        re.IGNORECASE,
    )
    if match is None:
        return {}
    rest = match[1].strip()
    named = re.fullmatch(r"`([^`]+)`", rest) or re.fullmatch(r"((?:[\w.-]+/)*[\w.{}<>:-]+)", rest)
    if named is None:
        return {} if rest else {"require_branch": True}
    template = re.sub(r"<date>|\{YYYY-MM-DD\}|YYYY-MM-DD", "{date}", named[1])
    template = re.sub(r"<n+>|<NNN>|\{NNN\}|\bNNN\b", "{n:03}", template)
    return {"branch": template, "require_branch": True} if "{n" in template else {}


def _every(section: str, text: str) -> Found:
    del section
    match = re.fullmatch(
        r"(?:take |make |create )?(?:a )?(?:checkpoint|snapshot|save)s? every (\d+) ?(m|min|minutes?|h|hours?)",
        text,
        re.IGNORECASE,
    )
    return _duration("checkpoint_every", match)


def _keep(section: str, text: str) -> Found:
    del section
    match = re.fullmatch(
        r"keep (?:all )?(?:checkpoints|snapshots) (?:for )?(\d+) ?(days?|weeks?)", text, re.IGNORECASE
    )
    return _duration("keep", match)


def _duration(field: str, match: re.Match[str] | None) -> Found:
    if match is None:
        return {}
    try:
        return {field: seconds(f"{match[1]}{match[2][0].lower()}")}
    except ValueError:
        return {}  # none, or more than anybody means


def _is_run(text: str) -> bool:
    return re.match(r"run\b", text, re.IGNORECASE) is not None


def _run(section: str, text: str) -> Found:
    """`Run: pytest -x` and "Run `a` and `b`" name commands; "Run the tests" names none."""
    if section != "on_session_end":
        return {}
    if re.fullmatch(rf"run:?\s+`[^`]+`(?:\s*{_LIST}(?:then )?(?:run )?`[^`]+`)*", text, re.IGNORECASE):
        return {"gates": tuple(one.strip() for one in _CODE.findall(text))}
    match = re.fullmatch(r"run:\s+([^`]+)", text, re.IGNORECASE)
    if match is None or match[1].split()[0].lower() in _NOT_A_COMMAND:
        return {}
    return {"gates": (match[1].strip(),)}


_PATTERNS: tuple[Callable[[str, str], Found], ...] = (
    _files,
    _layers,
    _no_branch,
    _no_paths,
    _ask_paths,
    _branch,
    _every,
    _keep,
)
