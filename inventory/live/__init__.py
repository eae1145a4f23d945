"""Live probes: read-only questions to running systems, off unless configured."""
