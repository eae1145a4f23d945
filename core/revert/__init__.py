"""Reverts: what a target means, the tree without it, and the way there that keeps everything else."""
