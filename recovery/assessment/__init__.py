"""How bad it is, how far it reaches, and which way out the figures argue for."""
