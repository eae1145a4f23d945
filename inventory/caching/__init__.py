"""Caches: keys, prefixes, headers and where they are set up."""
