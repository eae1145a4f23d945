"""Tests of the search for a breaking commit."""
