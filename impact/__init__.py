"""What depends on what: the file graph, what a change breaks, which commits need each other."""
