"""How files of each language are read: one file each, one tuple of all.

The first language that matches a path reads it, so particular ones stand before general ones.
"""

from functools import lru_cache

from ..model import Language
from . import (
    configuration,
    csharp,
    csv_header,
    docker,
    environment,
    go,
    java,
    javascript,
    markdown,
    php,
    python,
    ruby,
    rust,
    scripts,
    sql,
    templates,
)

LANGUAGES: tuple[Language, ...] = (
    templates.LANGUAGE,
    sql.LANGUAGE,
    docker.LANGUAGE,
    environment.LANGUAGE,
    configuration.YAML,
    configuration.TOML,
    configuration.JSON,
    python.LANGUAGE,
    javascript.LANGUAGE,
    go.LANGUAGE,
    rust.LANGUAGE,
    java.LANGUAGE,
    ruby.LANGUAGE,
    php.LANGUAGE,
    csharp.LANGUAGE,
    scripts.LANGUAGE,
    markdown.LANGUAGE,
    csv_header.LANGUAGE,
)
"""Every language."""


@lru_cache(maxsize=1 << 16)
def language_of(path: str) -> Language | None:
    """Who reads a file; None if nobody does."""
    return next((one for one in LANGUAGES if one.matches(path)), None)
