"""Tests of what depends on what."""
