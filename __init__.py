"""Marks the repository root as the parent of the rooms for type checkers; not shipped."""
