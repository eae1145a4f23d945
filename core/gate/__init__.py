"""The one place that starts git: environment, arguments, limits, errors, objects and refs."""
