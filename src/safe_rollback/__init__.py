"""safe-rollback: makes whatever an AI coding agent does undoable."""

__version__ = "0.1.0"
