"""Feature flags: where files declare them, ask for them and turn them on."""
