"""Regular expressions that are compiled when they are first used.

Compiling the hundred patterns of what the hook program loads takes longer than judging a command does, which needs a
handful of them.
"""

TYPE_CHECKING = False  # the module `typing` is not loaded for this
if TYPE_CHECKING:
    from re import compile as late
else:
    import re

    class late:  # noqa: N801 - it is called as `re.compile` is
        """A pattern; see `re.compile`."""

        def __init__(self, pattern, flags=0):
            self._said = (pattern, flags)

        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)  # what copies and pickles ask for
            found = getattr(re.compile(*self._said), name)
            setattr(self, name, found)  # asked for once: what follows finds it without us
            return found


__all__ = ["late"]
