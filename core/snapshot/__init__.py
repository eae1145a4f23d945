"""Checkpoints: the whole state of a worktree, captured without touching anything of the user's."""
