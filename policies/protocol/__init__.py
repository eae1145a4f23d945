"""The session rules a project writes into its CLAUDE.md: read, checked, pinned, only ever tightened."""
