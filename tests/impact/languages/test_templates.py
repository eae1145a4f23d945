"""Templates, links, and what files of any language name: one row for each way to say it."""

import pytest

from safe_rollback.impact.languages import csv_header, environment, markdown
from safe_rollback.impact.languages.everywhere import EVERYWHERE
from safe_rollback.impact.languages.templates import LANGUAGE
from safe_rollback.impact.model import Edge, Facts, Files
from tests.impact.languages.hostile import TEXTS, readings
from tests.impact.tree import arrows, edges, unresolved

FILES = dict.fromkeys(
    [
        "app/templates/base.html",
        "app/templates/mail/base.html",
        "app/templates/macros.j2",
        "views/_item.html.erb",
        "views/shared/_head.html.erb",
        "views/foot.ejs",
        "views/partials/nav.hbs",
        "static/js/app.js",
        "tpl/side.twig",
        "views/layout/main.blade.php",
    ],
    "",
)

TAGS = {
    "extends": ("a.html", "{% extends 'mail/base.html' %}", ["app/templates/mail/base.html sure"]),
    "include": ("a.html", '\n{%- include "macros.j2" %}', ["app/templates/macros.j2 sure"]),
    "import": ("a.html", "{% import 'macros.j2' as m %}", ["app/templates/macros.j2 sure"]),
    "from": ("a.html", "{% from 'macros.j2' import x %}", ["app/templates/macros.j2 sure"]),
    "the first of several": (
        "a.html",
        "{% include ['none.html', 'macros.j2'] %}",
        ["app/templates/macros.j2 sure"],
    ),
    "several of one name, the nearest": (
        "app/templates/mail/x.html",
        "{% extends 'base.html' %}",
        ["app/templates/mail/base.html sure"],
    ),
    "in a comment": ("a.html", "{# {% include 'macros.j2' %} #}", []),
    "in a comment of HTML": ("a.html", "<!-- {% include 'macros.j2' %} -->", []),
    "in a block of comment": ("a.html", "{% comment %}{% include 'macros.j2' %}{% endcomment %}", []),
    "a name that is computed": ("a.html", "{% include name %}", []),
    "Twig": ("a.twig", "{% embed 'side.twig' %}", ["tpl/side.twig sure"]),
    "Handlebars": ("a.hbs", "{{> nav }}", ["views/partials/nav.hbs sure"]),
    "Handlebars with a folder": ("a.hbs", "{{> partials/nav x=1}}", ["views/partials/nav.hbs sure"]),
    "ERB": ("views/a.html.erb", "<%= render 'item' %>", ["views/_item.html.erb sure"]),
    "ERB with a folder": (
        "views/a.html.erb",
        "<%= render partial: 'shared/head' %>",
        ["views/shared/_head.html.erb sure"],
    ),
    "EJS": ("views/a.ejs", "<%- include('foot') %>", ["views/foot.ejs sure"]),
    "Blade": ("a.blade.php", "@extends('layout.main')", ["views/layout/main.blade.php sure"]),
    "a static file": ("a.html", "{% static 'js/app.js' %}", ["static/js/app.js likely"]),
    "a script of a page": ("a.html", '<script src="/static/js/app.js?v=1"></script>', ["static/js/app.js likely"]),
    "another site's": ("a.html", '<script src="https://x.org/js/app.js"></script>', []),
}  # fmt: skip


@pytest.mark.parametrize(("path", "text", "expected"), TAGS.values(), ids=TAGS.keys())
def test_a_template_leads_to_others(path: str, text: str, expected: list[str]) -> None:
    found = edges({**FILES, path: text}, LANGUAGE)
    assert [f"{one.target} {one.confidence}" for one in found if one.source == path] == expected


def test_a_template_of_go_by_the_name_it_is_given() -> None:
    tree = {"a.tmpl": '{{ define "head" }}x{{ end }}', "b.tmpl": '{{ template "head" . }}'}
    assert arrows(tree, LANGUAGE) == ["b.tmpl:1 -include-> a.tmpl"]


def test_of_two_templates_the_nearer_is_meant() -> None:
    tree = {"x/templates/a.html": "", "y/templates/a.html": "", "y/b.html": "{% include 'a.html' %}"}
    assert [(one.target, one.confidence) for one in edges(tree, LANGUAGE)] == [("y/templates/a.html", "sure")]


def test_two_templates_that_are_as_near_are_likely() -> None:
    tree = {"x/templates/a.html": "", "y/templates/a.html": "", "b.html": "{% include 'a.html' %}"}
    assert [one.confidence for one in edges(tree, LANGUAGE)] == ["likely", "likely"]


def test_a_template_that_is_gone_is_said_if_its_folder_is_of_the_tree() -> None:
    tree = {**FILES, "a.html": "{% include 'mail/none.html' %}{% extends 'admin/base_site.html' %}"}
    assert unresolved(tree, LANGUAGE) == [("a.html", "there is no template mail/none.html in this tree")]


def test_blocks_and_macros_are_definitions_and_words_their_uses() -> None:
    assert LANGUAGE.definitions is not None
    assert LANGUAGE.uses is not None
    found = LANGUAGE.definitions(b"{% block main %}{% endblock %}\n{% macro field(a, b=1) %}{% endmacro %}")
    assert [(one.name, one.line, one.signature) for one in found] == [
        ("main", 1, "block main"),
        ("field", 2, "macro field(a, b=1)"),
    ]
    uses = LANGUAGE.uses(b"x\n{{ m.field(1) }} fields", Edge("a", "b", "include", 1), ["field"])
    assert [(one.name, one.line, one.sure) for one in uses] == [("field", 2, False)]


@pytest.mark.parametrize("data", TEXTS.values(), ids=TEXTS.keys())
def test_no_text_makes_it_stumble(data: bytes) -> None:
    readings(LANGUAGE, data)
    EVERYWHERE.extract(data)
    markdown.LANGUAGE.extract(data)
    csv_header.definitions(data)


LINKS = {
    "a link": ("[x](docs/a.md)", ["docs/a.md"]),
    "with a heading and a title": ('[x](docs/a.md#head "Title")', ["docs/a.md"]),
    "a picture": ("![x](./img/a%20b.png)", ["img/a b.png"]),
    "by reference": ("[x]: docs/a.md", ["docs/a.md"]),
    "of HTML": ('<img src="img/a b.png">', ["img/a b.png"]),
    "another site": ("[x](https://x.org/docs/a.md)", []),
    "a heading": ("[x](#docs/a.md)", []),
}


@pytest.mark.parametrize(("text", "expected"), LINKS.values(), ids=LINKS.keys())
def test_a_link_leads_to_a_file(text: str, expected: list[str]) -> None:
    tree = {"README.md": text, "docs/a.md": "", "img/a b.png": ""}
    assert [one.target for one in edges(tree, markdown.LANGUAGE)] == expected


CALLS = {
    "Django": ("a.py", "render(request, 'mail/base.html')", ["include app/templates/mail/base.html"]),
    "Flask": ("a.py", 'return render_template("mail/base.html", a=1)', ["include app/templates/mail/base.html"]),
    "a template in a setting": ("a.py", "template_name = 'mail/base.html'", ["include app/templates/mail/base.html"]),
    "Rails": ("a.rb", "render partial: 'shared/head'", ["include views/shared/_head.html.erb"]),
    "Express": ("a.js", "res.render('foot')", ["include views/foot.ejs"]),
    "a file that is opened": ("a.py", "open('conf/x.json')", ["path conf/x.json"]),
    "relative to the file": ("conf/a.js", "read('./x.json')", ["path conf/x.json"]),
    "a variable": ("a.py", "os.environ['API_URL']", ["env .env"]),
    "a string that is no path": ("a.py", "x = 'conf/none.json'", []),
    "a word in a sentence": ("a.py", "x = 'see conf/x.json for it'", []),
}


@pytest.mark.parametrize(("path", "text", "expected"), CALLS.values(), ids=CALLS.keys())
def test_code_of_any_language_leads_to_files_it_names(path: str, text: str, expected: list[str]) -> None:
    tree: dict[str, str | bytes] = {**FILES, "conf/x.json": "", ".env": "API_URL=1", path: text}
    found = _everywhere(tree)
    assert [f"{kind} {target}" for source, kind, target, _ in found if source == path] == expected
    assert all(confidence == "likely" for _, kind, _, confidence in found if kind != "env")


def _everywhere(tree: dict[str, str | bytes]) -> list[tuple[str, str, str, str]]:
    facts: dict[str, Facts] = {}
    for path, text in tree.items():
        data = text.encode() if isinstance(text, str) else text
        read = environment.LANGUAGE if path.endswith(".env") else EVERYWHERE
        facts[path] = read.extract(data)
    resolve = EVERYWHERE.resolver(Files(frozenset(tree), lambda path: b"", facts))
    return [
        (path, one.kind, hit.path, hit.confidence)
        for path, known in facts.items()
        for one in known.references
        for hit in resolve(path, one).hits
        if hit.path != path
    ]


def test_a_seed_defines_the_columns_of_its_first_line() -> None:
    assert [one.name for one in csv_header.definitions(b'\xef\xbb\xbfid,"a, b",name\r\n1,2,3\n')] == [
        "id",
        "a, b",
        "name",
    ]
    assert [one.name for one in csv_header.definitions(b"id;n\n1;2\n")] == ["id", "n"]
