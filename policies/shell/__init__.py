"""What a command line would do, as effects.

The entry is `analysis.analyse`; each family of commands is a file with a readable table.
"""
