"""What the families of programs share: arguments taken apart, and effects that carry their command."""

from collections.abc import Mapping, Sequence

from ...core.late import late
from ..effects import Effect, Stake
from .command import Command, Program
from .options import NOTHING, Parsed, Takes, parse


def outcome(
    command: Command,
    effect: str,
    why: str,
    targets: Sequence[str] = (),
    *,
    instead: str = "",
    stake: Stake | None = None,
) -> list[Effect]:
    """One effect of a command."""
    shown = [one.replace("\0", "…") for one in targets]
    return [Effect(effect=effect, targets=shown, span=command.span, why=why, instead=instead, stake=stake)]


def unfollowed(command: Command, why: str, *, computed: bool) -> list[Effect]:
    """Code that cannot be followed; refused if it is `computed` and a stream supplies it."""
    fed = computed and command.context.fed
    return [Effect(effect="unknown", span=command.span, why=why, computed=fed)]


def reads(command: Command, why: str = "it only looks") -> list[Effect]:
    """The effect of a command that changes nothing."""
    return outcome(command, "state.read", why)


def always(effect: str, why: str) -> Program:
    """A program that always does the same."""

    def program(command: Command) -> list[Effect]:
        return outcome(command, effect, why)

    return program


def arguments(command: Command, takes: Takes = NOTHING) -> Parsed:
    """The arguments taken apart, as GNU programs do."""
    return parse(command.words[1:], takes)


def operands(parsed: Parsed) -> list[str]:
    """What is no option."""
    return [*parsed.words, *parsed.paths]


def patterns(command: Command) -> frozenset[str]:
    """The words that the shell expands."""
    return frozenset(command.words[position] for position in command.patterns if position < len(command.words))


_QUOTED = late(r"'([^'\n]*\0[^'\n]*)'")


def with_variables(line: str) -> str:
    """A shell line in which what is computed stands as a variable that nobody knows."""
    return _QUOTED.sub(r'"\1"', line).replace("\0", "${_COMPUTED}")


Verbs = Mapping[str, tuple[str, str]]
"""Leading words of a command to its effect and why; of several that fit the longest counts."""


def by_verb(verbs: Verbs, *, values: Sequence[str] = (), otherwise: tuple[str, str] | None = None) -> Program:
    """A program whose first words say what it does.

    Args:
        verbs: the table. Words in a key stand one after the other among the command's first words.
        values: options that take the next word.
        otherwise: effect and why of any other verb; `unknown` if not given.
    """
    longest = max(len(key.split()) for key in verbs)

    def program(command: Command) -> list[Effect]:
        words = plain_words(command.words[1:], values)
        asks = {"--help", "-h", "--version", "help", "version", "--dry-run"} & set(command.words[1:3])
        if asks and "--dry-run" not in asks:
            return reads(command, "it shows help")
        for count in range(min(longest, len(words)), -1, -1):
            known = verbs.get(" ".join(words[:count]).lower())
            if known is not None:
                return outcome(command, *known, words[count : count + 1])
        if otherwise is not None:
            return outcome(command, *otherwise, words[:1])
        name = command.words[0].rpartition("/")[2]
        return outcome(
            command, "unknown", f"what {name} {' '.join(words[:1])} does is not analysed".replace("\0", "…")
        )

    return program


def plain_words(words: Sequence[str], values: Sequence[str] = ()) -> list[str]:
    """Words that are neither options nor their values."""
    found: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in values:
            next(rest, None)
        elif not word.startswith("-"):
            found.append(word)
    return found
