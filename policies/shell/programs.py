"""Every program that is understood, by name; anything else is `unknown`."""

from . import archives, databases, files, finding, interpreters, outside, packages, readers
from .command import Program

PROGRAMS: dict[str, Program] = {
    **readers.PROGRAMS,
    **files.PROGRAMS,
    **archives.PROGRAMS,
    **finding.PROGRAMS,
    **interpreters.PROGRAMS,
    **packages.PROGRAMS,
    **databases.PROGRAMS,
    **outside.PROGRAMS,
}
"""By the base name in lower case."""
