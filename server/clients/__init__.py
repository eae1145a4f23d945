"""The clients whose hooks the guard answers: one file each, one tuple of all."""

from . import claude_code, codex, cursor, gemini, opencode
from .client import Client

CLIENTS: tuple[Client, ...] = (
    claude_code.CLIENT,
    codex.CLIENT,
    gemini.CLIENT,
    cursor.CLIENT,
    opencode.CLIENT,
)
"""Every client, in the order `init --help` names them."""
