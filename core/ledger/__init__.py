"""The append-only, hash-chained record: a closed set of events, an SQLite index, a rebuild from refs."""
