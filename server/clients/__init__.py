"""The clients whose hooks the guard answers: one file each, one tuple of all."""

from importlib import import_module

TYPE_CHECKING = False  # the module `typing` is not loaded for this
if TYPE_CHECKING:
    from .client import Client

    CLIENTS: tuple[Client, ...]
    """Every client, in the order `init --help` names them."""

NAMES = ("claude-code", "codex", "gemini", "cursor", "opencode")
"""Their names; each is that of its file, with `_` for `-`."""


def client_named(name: str) -> "Client | None":
    """A client; its file alone is loaded, for a hook needs no other. None if there is none."""
    if name not in NAMES:
        return None
    found: Client = import_module(f".{name.replace('-', '_')}", __name__).CLIENT
    return found


def __getattr__(name: str) -> "tuple[Client, ...]":
    if name != "CLIENTS":
        raise AttributeError(name)
    return tuple(one for known in NAMES if (one := client_named(known)) is not None)
