"""What happened, who was told, what was learnt."""
