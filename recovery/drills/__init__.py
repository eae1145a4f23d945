"""A rollback played in a disposable copy, and timed."""
