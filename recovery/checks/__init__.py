"""The project's checks: run with limits, several at once, their tests counted."""
