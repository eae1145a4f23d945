"""State changes of ours: planned, journalled, applied file by file, finished or undone after a crash."""
