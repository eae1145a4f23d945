"""Readers of formats that several domains need; each says where in a text a value stands."""
