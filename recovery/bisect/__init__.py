"""Which commit broke it: several probes at once, in scratch worktrees."""
