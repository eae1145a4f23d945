"""What of a branch's history needs what: line by line, proven by trial reverts that write nothing."""
