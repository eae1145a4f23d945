"""The domains: one file each, one tuple of all."""

from ..detector import Domain

DOMAINS: tuple[Domain, ...] = ()
