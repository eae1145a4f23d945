"""What an agent was seen to do outside of git: a catalogue of commands with their inverses."""
