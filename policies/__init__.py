"""What is allowed: the protocol from CLAUDE.md, the rules, what a command would do."""
