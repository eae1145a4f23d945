"""What everything stands on: the git gate, snapshots, transitions, the ledger, sessions, the errors."""
