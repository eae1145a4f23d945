"""Texts that no language's reader may stumble over."""

from safe_rollback.impact.model import Edge, Language, Name

TEXTS = {
    "nothing": b"",
    "NUL bytes": b"\0\0import a;\0use b;\0",
    "not UTF-8": b"// caf\xe9\nclass Caf\xe9 { }\n\xff\xfe",
    "carriage returns alone": b"class A\r  def b\r  end\rend\r",
    "an open string": b'x = "never closed\nclass A {}\n',
    "an open comment": b"/* never closed\nclass A {}\n",
    "an open bracket": b"class A { func f( {\n",
    "closing brackets alone": b"}}}} )))) ]]]]\nclass A {}\n",
    "deep brackets": b"{" * 5_000 + b"}" * 5_000,
    "deep parentheses": b"x = " + b"(" * 5_000 + b")" * 5_000,
    "one long line": b"a.B(c,'d',\"e\");" * 2_000,
    "one long word": b"A" * 300_000,
    "many quotes": b"\"'`" * 4_000,
    "many blanks": b"import " + b" " * 100_000 + b"\nuse" + b"\n" * 100_000,
    "many colons": b"a::" * 5_000,
    "many backslashes": b"\\" * 100_000,
}


def readings(language: Language, data: bytes) -> tuple[int, int, int]:
    """How much a language makes of a text by each of its readers; none may raise."""
    facts = language.extract(data)
    edge = Edge("a", "b", "import", 1, (Name("A", "A"),), "a")
    assert language.definitions is not None
    assert language.uses is not None
    definitions = language.definitions(data)
    uses = language.uses(data, edge, ["A", "A.b"])
    return len(facts.references), len(definitions), len(uses)
