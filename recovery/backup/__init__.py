"""Checkpoints on a remote and in bundles, and back on an empty machine."""
