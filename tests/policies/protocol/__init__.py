"""Tests of the rules in CLAUDE.md."""
