"""Words that several languages share, and lists of words that read as a sentence."""


def words(text: str) -> frozenset[str]:
    """The words of a text, once each."""
    return frozenset(text.split())


BY_CALLING = frozenset({"__init__", "__new__", "__call__"})
"""Members that are used without being named: by calling their class, or what it makes."""
