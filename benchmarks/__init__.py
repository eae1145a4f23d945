"""Measured ratios against named references, never tests: `make bench`."""
