"""dbt: one row for each rule of where `ref`, `source`, macros and properties lead."""

import pytest

from safe_rollback.impact.languages.configuration import YAML
from safe_rollback.impact.languages.everywhere import EVERYWHERE
from safe_rollback.impact.languages.sql import LANGUAGE
from safe_rollback.impact.model import Edge, Facts, Files, Language
from tests.impact.tree import arrows, unresolved

PROJECT = {
    "dbt_project.yml": "name: shop\n",
    "models/a.sql": "select 1 as id",
    "seeds/countries.csv": "code,name\n",
    "macros/money.sql": "{% macro cents(x, scale=2) %}{{ x }}{% endmacro %}\n",
    "models/sources.yml": "sources:\n  - name: raw\n    tables:\n      - name: orders\n",
}


def dbt_arrows(tree: dict[str, str]) -> list[str]:
    """Arrows of a tree whose SQL, YAML and Python files are all read."""
    readers: dict[str, Language] = {".sql": LANGUAGE, ".yml": YAML, ".py": EVERYWHERE}
    facts: dict[str, Facts] = {}
    language: dict[str, Language] = {}
    for path, text in tree.items():
        for suffix, reader in readers.items():
            if path.endswith(suffix):
                facts[path], language[path] = reader.extract(text.encode()), reader
    files = Files(frozenset(tree), lambda path: tree[path].encode(), facts)
    return sorted(
        f"{path}:{one.line} -{one.kind}-> {hit.path}" + ("" if hit.confidence == "sure" else f" {hit.confidence}")
        for path, known in facts.items()
        for one in known.references
        for hit in language[path].resolver(files)(path, one).hits
        if hit.path != path
    )


MODELS = {
    "a ref": ("select * from {{ ref('a') }}", ["1 -reference-> models/a.sql"]),
    "double quotes and blanks": ('select * from {{ref ( "a" )}}', ["1 -reference-> models/a.sql"]),
    "a ref of this package": ("{{ ref('shop', 'a') }}", ["1 -reference-> models/a.sql"]),
    "a ref of an installed package": ("{{ ref('elsewhere', 'a') }}", []),
    "a seed": ("select 1\nfrom {{ ref('countries') }}", ["2 -reference-> seeds/countries.csv"]),
    "a source": ("{{ source('raw', 'orders') }}", ["1 -reference-> models/sources.yml"]),
    "in a comment of SQL it counts, as jinja does not know those": (
        "-- depends_on: {{ ref('a') }}",
        ["1 -reference-> models/a.sql"],
    ),
    "in a comment of jinja": ("{# {{ ref('a') }} #}", []),
    "unrendered": ("{% raw %}{{ ref('a') }}{% endraw %}", []),
    "after something unrendered": (
        "{% raw %}{{ x }}{% endraw %}{{ ref('a') }}",
        ["1 -reference-> models/a.sql"],
    ),
    "outside of jinja it is plain SQL": ("select ref('a')", []),
    "in a statement": ("{% set t = ref('a') %}", ["1 -reference-> models/a.sql"]),
    "over several lines": ("{{ ref(\n  'a'\n) }}", ["1 -reference-> models/a.sql"]),
    "another thing's method": ("{{ adapter.ref('a') }}", []),
    "a configuration names nothing": ("{{ config(alias='a', tags=['a']) }}", []),
    "a macro": ("select {{ cents('x') }}", ["1 -import-> macros/money.sql"]),
    "a macro by its package": ("select {{ shop.cents('x') }}", ["1 -import-> macros/money.sql"]),
    "a macro of an installed package": ("select {{ other.cents('x') }}", []),
    "a macro's name in a string": ("select {{ cents_of('cents(x)') }}", []),
    "a model given to a macro as a string": (
        "{{ cents('a') }}",
        ["1 -import-> macros/money.sql", "1 -reference-> models/a.sql likely"],
    ),
    "a brace that does not close": ("{{ ref('a') }} {{ ref('countries')", ["1 -reference-> models/a.sql"]),
    "carriage returns": ("select 1\r\nfrom {{ ref('a') }}\r\n", ["2 -reference-> models/a.sql"]),
}


@pytest.mark.parametrize(("text", "expected"), MODELS.values(), ids=MODELS.keys())
def test_a_model_leads_to_what_dbt_says(text: str, expected: list[str]) -> None:
    found = dbt_arrows({**PROJECT, "models/m.sql": text})
    assert [one.removeprefix("models/m.sql:") for one in found if one.startswith("models/m.sql")] == expected


TREES = {
    "the project's own folders": (
        {"dbt_project.yml": "name: p\nmodel-paths: [sql]\n", "sql/a.sql": "", "sql/b.sql": "{{ ref('a') }}"},
        ["sql/b.sql:1 -reference-> sql/a.sql"],
    ),
    "the nearest project first": (
        {
            "x/dbt_project.yml": "name: x\n",
            "x/models/a.sql": "",
            "x/models/b.sql": "{{ ref('a') }}",
            "y/dbt_project.yml": "name: y\n",
            "y/models/a.sql": "",
        },
        ["x/models/b.sql:1 -reference-> x/models/a.sql"],
    ),
    "another project of the tree": (
        {
            "x/dbt_project.yml": "name: x\n",
            "x/models/b.sql": "{{ ref('y', 'a') }}",
            "y/dbt_project.yml": "name: y\n",
            "y/models/a.sql": "",
        },
        ["x/models/b.sql:1 -reference-> y/models/a.sql"],
    ),
    "what dbt installed is not looked at": (
        {
            "dbt_project.yml": "name: x\n",
            "models/b.sql": "{{ ref('a') }}",
            "dbt_packages/y/models/a.sql": "",
        },
        [],
    ),
    "a snapshot by the name in it": (
        {
            "dbt_project.yml": "name: x\n",
            "snapshots/file.sql": "{% snapshot orders_seen %}select 1{% endsnapshot %}",
            "models/b.sql": "{{ ref('orders_seen') }}",
        },
        ["models/b.sql:1 -reference-> snapshots/file.sql"],
    ),
    "a version, the latest without one": (
        {
            "dbt_project.yml": "name: x\n",
            "models/m_v1.sql": "",
            "models/m_v2.sql": "",
            "models/m_v10.sql": "",
            "models/b.sql": "{{ ref('m', v=1) }}",
            "models/c.sql": "{{ ref('m') }}",
        },
        ["models/b.sql:1 -reference-> models/m_v1.sql", "models/c.sql:1 -reference-> models/m_v10.sql"],
    ),
    "the version said to be the latest, and its file": (
        {
            "dbt_project.yml": "name: x\n",
            "models/m_v1.sql": "",
            "models/odd.sql": "",
            "models/m_v3.sql": "",
            "models/s.yml": "models:\n- name: m\n  latest_version: 2\n  versions:\n  - v: 2\n    defined_in: odd\n",
            "models/c.sql": "{{ ref('m') }}",
        },
        ["models/c.sql:1 -reference-> models/odd.sql", "models/s.yml:2 -reference-> models/odd.sql"],
    ),
    "a macro that is chosen by the database": (
        {
            "dbt_project.yml": "name: x\n",
            "macros/a.sql": "{% macro star() %}{{ adapter.dispatch('star')() }}{% endmacro %}",
            "macros/b.sql": "{% macro default__star() %}*{% endmacro %}",
        },
        ["macros/a.sql:1 -import-> macros/b.sql likely"],
    ),
    "macros of another project need its name": (
        {
            "x/dbt_project.yml": "name: x\n",
            "x/models/b.sql": "{{ m() }} {{ y.n() }}",
            "y/dbt_project.yml": "name: y\n",
            "y/macros/m.sql": "{% macro m() %}{% endmacro %}",
            "y/macros/n.sql": "{% macro n() %}{% endmacro %}",
        },
        ["x/models/b.sql:1 -import-> y/macros/n.sql"],
    ),
    "a Python model, whatever it calls dbt": (
        {
            **PROJECT,
            "models/p.py": (
                "def model(d, session):\n    return d.ref('a'), d.source('raw', 'orders'), x.ref('countries')\n"
            ),
        },
        ["models/p.py:2 -reference-> models/a.sql", "models/p.py:2 -reference-> models/sources.yml"],
    ),
    "properties describe models, tests name others": (
        {
            **PROJECT,
            "tests/generic/even.sql": "{% test even(model) %}{% endtest %}",
            "models/b.sql": "",
            "models/s.yml": (
                "models:\n  - name: a\n    columns:\n      - name: id\n        tests:\n          - unique\n"
                "          - even\n"
                "          - relationships:\n              to: ref('b')\n"
            ),
        },
        [
            "models/s.yml:2 -reference-> models/a.sql",
            "models/s.yml:7 -reference-> tests/generic/even.sql",
            "models/s.yml:9 -reference-> models/b.sql",
        ],
    ),
    "exposures depend on models": (
        {
            **PROJECT,
            "models/e.yml": "exposures:\n- name: board\n  depends_on:\n  - ref('a')\n  - source('raw', 'orders')\n",
        },
        ["models/e.yml:4 -reference-> models/a.sql", "models/e.yml:5 -reference-> models/sources.yml"],
    ),
    "a table that is read without ref": (
        {**PROJECT, "reports/r.sql": "select * from analytics.a"},
        ["reports/r.sql:1 -read-> models/a.sql likely"],
    ),
    "no project, no dbt": ({"models/a.sql": "", "models/b.sql": "{{ ref('a') }}"}, []),
}


@pytest.mark.parametrize(("tree", "expected"), TREES.values(), ids=TREES.keys())
def test_projects_hold_what_their_settings_say(tree: dict[str, str], expected: list[str]) -> None:
    assert dbt_arrows(tree) == expected


def test_a_model_that_is_gone_is_missed_and_said() -> None:
    tree = {"dbt_project.yml": "name: x\n", "models/b.sql": "{{ ref('a') }} {{ source('s', 't') }}"}
    assert unresolved(tree, LANGUAGE) == [
        ("models/b.sql", "there is no model, seed or snapshot called a in this tree"),
        ("models/b.sql", "no file declares the source table s.t"),
    ]


def test_a_computed_ref_is_a_problem_with_its_line() -> None:
    assert LANGUAGE.extract(b"select 1\n{{ ref(name) }}").problems == ("line 2: ref() of something that is computed",)


def test_a_macro_that_defines_ref_names_nothing() -> None:
    assert LANGUAGE.extract(b"{% macro ref(name) %}{% endmacro %}").problems == ()


def test_two_models_of_one_name_are_both_likely() -> None:
    tree = {"dbt_project.yml": "", "models/x/a.sql": "", "models/y/a.sql": "", "models/b.sql": "{{ ref('a') }}"}
    assert dbt_arrows(tree) == [
        "models/b.sql:1 -reference-> models/x/a.sql likely",
        "models/b.sql:1 -reference-> models/y/a.sql likely",
    ]


def test_macros_are_definitions_with_their_parameters() -> None:
    assert LANGUAGE.definitions is not None
    text = b"\n{% macro cents(x,\n  scale=2) %}{% endmacro %}{% test even(model) %}{% endtest %}"
    found = [(one.name, one.line, one.signature) for one in LANGUAGE.definitions(text)]
    assert found == [("cents", 2, "macro cents(x, scale=2)"), ("test_even", 3, "macro test_even(model)")]


COLUMNS = {
    "the last part, an alias, no alias": ("select o.id, total as sum, a + b c from o", ["id", "sum", "c"]),
    "an expression without a name has none": ("select count(*) from o", []),
    "of a common table expression": (
        "with x as (select id, n from {{ ref('o') }}) select * from x",
        ["id", "n"],
    ),
    "through several": (
        "with x as (select id from o), y as (select x.*, 1 as one from x) select * from y",
        ["id", "one"],
    ),
    "the first part of a union": ("select a from x union all select b from y", ["a"]),
    "of jinja none is known": ("select {{ cents('x') }}, {{ x }} as known from o", ["known"]),
    "all of another model": ("select * from {{ ref('o') }}", ["*"]),
    "all of a joined model": ("select x.id, o.* from x join {{ ref('o') }} o on true", ["id", "*"]),
    "casts and functions": ("select cast(a as int) as b, d::date, f(g, h) as i from o", ["b", "i"]),
    "quoted": ('select "Select" as "From" from o', ["from"]),
}


@pytest.mark.parametrize(("text", "expected"), COLUMNS.values(), ids=COLUMNS.keys())
def test_a_model_defines_the_columns_of_its_final_select(text: str, expected: list[str]) -> None:
    assert LANGUAGE.definitions is not None
    assert [one.name for one in LANGUAGE.definitions(text.encode()) if one.kind == "column"] == expected


def test_columns_that_are_not_known_are_a_problem() -> None:
    assert LANGUAGE.extract(b"select * from {{ ref('o') }}").problems == (
        "the columns of the model are not known: it takes all of another table",
    )
    assert LANGUAGE.extract(b"with x as (select a from {{ ref('o') }}) select * from x").problems == ()


USES = {
    "by its alias": ("select a.id from {{ ref('a') }} a join b on true", [("id", 1, True)]),
    "the only table": ("select id\nfrom {{ ref('a') }}", [("id", 1, True)]),
    "one of two tables": ("select id from {{ ref('a') }} join b on true", [("id", 1, False)]),
    "another table's": ("select b.id from {{ ref('a') }} a join b on true", []),
    "in a condition": ("select 1\nfrom {{ ref('a') }}\nwhere id > 1", [("id", 3, True)]),
    "only as a new name": ("select x as id from {{ ref('a') }}", []),
    "through an import": ("with o as (select * from {{ ref('a') }}) select o.id from o", [("id", 1, True)]),
    "of another scope": ("with o as (select 1 from {{ ref('a') }}) select id from b", []),
    "of a subquery": ("select 1 from (select id from {{ ref('a') }}) q", [("id", 1, True)]),
    "a function of that name": ("select id(1) from {{ ref('a') }}", []),
}


@pytest.mark.parametrize(("text", "expected"), USES.values(), ids=USES.keys())
def test_columns_of_a_model_are_used_where_its_alias_says(text: str, expected: list[tuple[str, int, bool]]) -> None:
    assert LANGUAGE.uses is not None
    edge = Edge("models/m.sql", "models/a.sql", "reference", 1)
    assert [(one.name, one.line, one.sure) for one in LANGUAGE.uses(text.encode(), edge, ["id"])] == expected


def test_macros_and_sources_are_used_by_name() -> None:
    assert LANGUAGE.uses is not None
    text = b"{{ cents('x') }}\n{{ source('raw', 'orders') }}"
    macro = LANGUAGE.uses(text, Edge("m.sql", "macros/money.sql", "import", 1), ["cents", "euros"])
    source = LANGUAGE.uses(text, Edge("m.sql", "models/s.yml", "reference", 2), ["raw.orders", "raw.other"])
    assert [(one.name, one.line) for one in macro] == [("cents", 1)]
    assert [(one.name, one.line) for one in source] == [("raw.orders", 2)]


def test_properties_use_the_columns_they_describe() -> None:
    assert YAML.uses is not None
    text = b"models:\n- name: b\n  columns: [{name: id}]\n- name: a\n  columns:\n  - name: total\n  - name: id\n"
    found = YAML.uses(text, Edge("s.yml", "models/a.sql", "reference", 1), ["id", "gone"])
    assert [(one.name, one.line, one.sure) for one in found] == [("id", 7, True)]


def test_a_file_does_not_lead_to_itself() -> None:
    assert arrows({**PROJECT, "models/r.sql": "{{ ref('r') }}"}, LANGUAGE) == []
