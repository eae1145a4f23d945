"""Ruby files: one row for each rule of the language."""

import pytest

from safe_rollback.impact.languages.ruby import LANGUAGE
from safe_rollback.impact.model import Edge, Name
from tests.impact.languages.hostile import TEXTS, readings
from tests.impact.tree import arrows, edges, unresolved

LIB = {"lib/a.rb": "", "lib/a/b.rb": "", "c.rb": "", "d.txt": ""}

REQUIRES = {
    "relative": ("require_relative 'lib/a'", ["1 -import-> lib/a.rb"]),
    "relative with an ending": ('require_relative("./lib/a.rb")', ["1 -import-> lib/a.rb"]),
    "along the load path": ("require 'a/b'", ["1 -import-> lib/a/b.rb"]),
    "loaded": ("load 'c.rb'", ["1 -load-> c.rb"]),
    "left to autoload": ("autoload :B, 'a/b'", ["1 -lazy-> lib/a/b.rb"]),
    "left to autoload of a module": ("X.autoload(:B, 'a/b')", []),
    "expanded from the file": ("require File.expand_path('../lib/a', __FILE__)", ["1 -import-> lib/a.rb"]),
    "expanded from the folder": ("require File.expand_path('lib/a', __dir__)", ["1 -import-> lib/a.rb"]),
    "joined": ("require File.join(__dir__, 'lib/a')", ["1 -import-> lib/a.rb"]),
    "on a condition": ("require 'a' if x", ["1 -import-> lib/a.rb"]),
    "two lines": ("require 'a'\nrequire 'a/b'", ["1 -import-> lib/a.rb", "2 -import-> lib/a/b.rb"]),
    "installed": ("require 'json'", []),
    "in a comment": ("# require 'a'", []),
    "in a document": ("x = <<~END\nrequire 'a'\nEND", []),
    "in a comment of lines": ("=begin\nrequire 'a'\n=end", []),
    "after the end": ("__END__\nrequire 'a'", []),
    "a method of that name": ("params.require 'a'", []),
    "after a comment sign in a pattern": ("x = /#'/\nrequire 'a'", ["2 -import-> lib/a.rb"]),
    "carriage returns": ("require 'a'\r\n", ["1 -import-> lib/a.rb"]),
    "a syntax error elsewhere": ("def ((\nrequire 'a'", ["2 -import-> lib/a.rb"]),
}


@pytest.mark.parametrize("row", REQUIRES)
def test_required_files_are_found_by_path(row: str) -> None:
    text, expected = REQUIRES[row]
    assert arrows({**LIB, "x.rb": text}, LANGUAGE) == [f"x.rb:{one}" for one in expected]


CONSTANTS = {
    "a constant": ("Foo.new", ["app/models/foo.rb (Foo)"]),
    "a parent": ("class X < Foo\nend", ["app/models/foo.rb (Foo)"]),
    "with a module": ("Admin::User.find", ["app/models/admin/user.rb (Admin::User)"]),
    "within the module": (
        "module Admin\n  class X\n    User\n  end\nend",
        ["app/models/admin/user.rb (Admin::User)"],
    ),
    "from the root": ("module Admin\n  ::User\nend", ["app/models/user.rb (User)"]),
    "inside out": ("class X\n  User\nend", ["app/models/user.rb (User)"]),
    "after the module ended": ("module Admin\nend\nUser", ["app/models/user.rb (User)"]),
    "what a class holds": ("Foo::LIMIT", ["app/models/foo.rb (Foo::LIMIT)"]),
    "in a hole of a string": ('"a #{Foo.x} b"', ["app/models/foo.rb (Foo)"]),
    "an acronym in the path": ("HTMLThing", ["lib/html_thing.rb (HTMLThing)"]),
    "a concern": ("include Taggable", ["app/models/concerns/taggable.rb (Taggable)"]),
    "in a string": ("'Foo'", []),
    "a symbol": (":Foo", []),
    "a key": ("{ Foo: 1 }", []),
    "a method": ("x.Foo", []),
    "a constant of Ruby": ("String", []),
    "its own": ("class Foo\nend\nFoo", []),
    "a space alone": ("Admin", []),
}
APP = {
    "app/models/foo.rb": "class Foo\n  LIMIT = 1\nend",
    "app/models/user.rb": "class User; end",
    "app/models/admin/user.rb": "module Admin\n  class User\n    def x; end\n  end\nend",
    "app/models/concerns/taggable.rb": "module Taggable\n  def tag; end\nend",
    "lib/html_thing.rb": "HTMLThing = Class.new",
}


@pytest.mark.parametrize("row", CONSTANTS)
def test_constants_lead_to_the_files_that_declare_them(row: str) -> None:
    text, expected = CONSTANTS[row]
    found = [one.partition("-> ")[2] for one in arrows({**APP, "x.rb": text}, LANGUAGE) if one.startswith("x.rb")]
    assert found == expected


def test_constants_leave_a_choice() -> None:
    assert {one.confidence for one in edges({**APP, "x.rb": "Foo"}, LANGUAGE)} == {"likely"}


def test_of_files_that_open_a_class_the_one_with_its_path_is_meant() -> None:
    tree = {**APP, "lib/ext.rb": "class Foo\n  def more; end\nend", "x.rb": "Foo"}
    assert [one.target for one in edges(tree, LANGUAGE) if one.source == "x.rb"] == ["app/models/foo.rb"]


def test_a_module_that_only_holds_others_is_nobodys() -> None:
    facts = LANGUAGE.extract(b"module A\n  module B\n    class C < D\n    end\n  end\nend")
    assert facts.provides == ("ruby:A::B::C", "ruby:A::", "ruby:A::B::")


TESTS = {
    "a description": "RSpec.describe Foo do\nend",
    "a description within": "module X\n  describe Foo, type: :model do\n  end\nend",
    "a class": "class FooTest < Minitest::Test\nend",
}


@pytest.mark.parametrize("row", TESTS)
def test_tests_name_what_they_test(row: str) -> None:
    tree = {**APP, "spec/foo_spec.rb": TESTS[row]}
    kinds = [(one.kind, one.target) for one in edges(tree, LANGUAGE) if one.source.startswith("spec")]
    assert ("test", "app/models/foo.rb") in kinds


LOST = {
    "relative": ("require_relative 'gone'", ["requires ./gone, which is not there"]),
    "below a folder of the load path": ("require 'a/gone'", ["requires a/gone, which is not there"]),
    "computed": ("require path", ["requires a computed path"]),
    "installed": ("require 'gone'", []),
    "opened everywhere": ("Many", ["Many is opened in 6 files"]),
}


@pytest.mark.parametrize("row", LOST)
def test_what_should_be_inside_and_is_not_there_says_so(row: str) -> None:
    text, expected = LOST[row]
    many = {f"many{number}.rb": "module Many\n  def x; end\nend" for number in range(6)}
    assert [why for _, why in unresolved({**LIB, **many, "x.rb": text}, LANGUAGE)] == expected


def test_files_that_require_each_other_are_no_trouble() -> None:
    tree = {"a.rb": "require_relative 'b'", "b.rb": "require_relative 'a'"}
    assert arrows(tree, LANGUAGE) == ["a.rb:1 -import-> b.rb", "b.rb:1 -import-> a.rb"]


DEFINITIONS = {
    "def f(a, b: 1)\nend": [("f", "def f(a, b: 1)", "method")],
    "class A < B\n  def f = 1\n  def self.g(x); end\nend": [
        ("A", "class A < B", "class"),
        ("A.f", "def f()", "method"),
        ("A.g", "def self.g(x)", "method"),
    ],
    "module M\n  class A\n    X = 1\n  end\nend": [
        ("M", "module M", "module"),
        ("M::A", "class A", "class"),
        ("M::A::X", "X", "constant"),
    ],
    "class A\n  private\n  def f; end\n  public\n  def g; end\nend": [
        ("A", "class A", "class"),
        ("A.g", "def g()", "method"),
    ],
    "class A\n  attr_reader :x, :y\n  scope :z, -> { where(a: :b) }\nend": [
        ("A", "class A", "class"),
        ("A.x", "attr_reader :x", "method"),
        ("A.y", "attr_reader :y", "method"),
        ("A.z", "scope :z", "method"),
    ],
    "class A\n  class << self\n    def f; end\n  end\nend": [("A", "class A", "class"), ("A.f", "def f()", "method")],
}


@pytest.mark.parametrize("text", DEFINITIONS)
def test_definitions_have_their_headers(text: str) -> None:
    assert LANGUAGE.definitions is not None
    found = LANGUAGE.definitions(text.encode())
    assert [(one.name, one.signature, one.kind) for one in found] == DEFINITIONS[text]


USES = {
    "a constant": ((Name("A::B", "B"),), "A::B", "B.new\nCB", [(1, True)]),
    "a method after its class": ((Name("A::B", "B"),), "A::B.f", "B.f", [(1, True)]),
    "a method after anything": ((Name("A::B", "B"),), "A::B.f", "x.f\nx.ff", [(1, False)]),
    "a method alone": ((Name("A::B", "B"),), "A::B.f", "f 1", [(1, False)]),
    "in a string": ((Name("A::B", "B"),), "A::B", "'B'", []),
}


@pytest.mark.parametrize("row", USES)
def test_uses_are_found_through_the_edge(row: str) -> None:
    names, name, text, expected = USES[row]
    assert LANGUAGE.uses is not None
    found = LANGUAGE.uses(text.encode(), Edge("a", "b", "import", 1, names), [name])
    assert [(one.line, one.sure) for one in found] == expected


@pytest.mark.parametrize("row", TEXTS)
def test_no_text_is_too_strange(row: str) -> None:
    readings(LANGUAGE, TEXTS[row])
