"""What a change touched beyond its code: items with evidence, a way back, and a read-only check."""
