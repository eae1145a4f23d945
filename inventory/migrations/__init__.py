"""The migration tools: one file each, one tuple of all. Where two claim a path, the first that reads it has it."""

from .model import Tool

TOOLS: tuple[Tool, ...] = ()
