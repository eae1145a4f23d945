"""Splits arguments the way git's parse-options does: abbreviations, clusters, `--`."""

from collections.abc import Iterable, Sequence

from ...core.records import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Takes:
    """Options of a subcommand that take a value as the next word.

    Attributes:
        short: letters, such as `mF`.
        attached: letters whose value, if any, is the rest of the same word, such as `u` in `-uno`.
        long: names without dashes.
    """

    short: str = ""
    attached: str = ""
    long: tuple[str, ...] = ()


NOTHING = Takes()


@dataclass
class Parsed:
    """A subcommand's arguments.

    Attributes:
        options: each option word as given, long ones with dashes, clusters taken apart.
        values: option and value, for options that carry one.
        words: positional words before `--`.
        paths: what follows `--`.
        dashes: whether there was a `--`.
    """

    options: list[str] = field(default_factory=list)
    values: list[tuple[str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    dashes: bool = False

    def on(self, *names: str) -> bool:
        """Whether an option is on; the last of `--x` and `--no-x` counts.

        A long name is recognised abbreviated: git accepts any unambiguous prefix, and what is
        ambiguous is an error there, so taking it for the dangerous option refuses nothing that works.
        """
        state = False
        for option in self.options:
            if any(_is(option, name) for name in names):
                state = True
            elif any(name.startswith("--") and _is(option, f"--no-{name[2:]}") for name in names):
                state = False
        return state

    def all_values(self, *names: str) -> list[str]:
        """Every value of an option, in the order given."""
        return [value for option, value in self.values if any(_is(option, name) for name in names)]

    def value(self, *names: str) -> str | None:
        """The value of an option, the last one given."""
        found = self.all_values(*names)
        return found[-1] if found else None


def _is(option: str, name: str) -> bool:
    if not name.startswith("--"):
        return option == name
    return option == name or (len(option) > 2 and option.startswith("--") and name.startswith(option))


def parse(args: Sequence[str], takes: Takes = NOTHING) -> Parsed:
    """Take the arguments after the subcommand apart."""
    parsed = Parsed()
    words = iter(args)
    for word in words:
        if word == "--":
            parsed.dashes = True
            parsed.paths.extend(words)
        elif word.startswith("--"):
            _long(word, words, takes, parsed)
        elif word.startswith("-") and len(word) > 1:
            _cluster(word[1:], words, takes, parsed)
        else:
            parsed.words.append(word)
    return parsed


def _long(word: str, words: Iterable[str], takes: Takes, parsed: Parsed) -> None:
    name, equals, value = word.partition("=")
    parsed.options.append(name)
    if equals:
        parsed.values.append((name, value))
    elif any(_is(name, f"--{one}") for one in takes.long):
        following = next(iter(words), None)
        if following is not None:
            parsed.values.append((name, following))


def _cluster(letters: str, words: Iterable[str], takes: Takes, parsed: Parsed) -> None:
    for position, letter in enumerate(letters):
        option = f"-{letter}"
        parsed.options.append(option)
        if letter in takes.attached:
            parsed.values.append((option, letters[position + 1 :]))
            return
        if letter in takes.short:
            value = letters[position + 1 :] or next(iter(words), None)
            if value is not None:
                parsed.values.append((option, value))
            return
