"""Tests with real clients, where they are installed."""
