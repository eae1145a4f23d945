"""Tests of core.transition: restore, undo, and what a crash leaves of them."""
