"""What tests stand on: repositories with a byte-exact view of their state, clocks, clients, terminals."""
