"""What an agent was seen to do outside of git: a catalogue of commands with their inverses."""

from .lines import split
from .observe import observed

__all__ = ["observed", "split"]
