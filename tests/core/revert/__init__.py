"""Tests of core/revert."""
