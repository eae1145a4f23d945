"""Tests of scratch worktrees."""
