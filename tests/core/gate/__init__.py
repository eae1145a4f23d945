"""The gate: environment, arguments, limits, objects, refs, and what a hostile repository cannot do."""
