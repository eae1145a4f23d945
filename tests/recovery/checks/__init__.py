"""Tests of running checks."""
