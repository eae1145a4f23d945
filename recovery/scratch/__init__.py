"""Worktrees beside the user's: any tree, quickly, with nothing of the repository's run."""
