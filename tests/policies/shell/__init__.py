"""Tests of what a shell line would do."""
