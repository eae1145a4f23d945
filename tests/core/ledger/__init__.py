"""The ledger: chained, private, found damaged, rebuilt."""
