"""The graph after a commit is the one that would come of the new tree alone."""

import random
from collections.abc import Mapping

import pytest

from safe_rollback.core.workspace import Workspace
from safe_rollback.impact.graph import Graph
from safe_rollback.impact.library import Library
from safe_rollback.impact.model import Facts
from tests.harness.repo import Repo

BASE: Mapping[str, str] = {
    "app/__init__.py": "",
    "app/db.py": "def close():\n    pass\n",
    "app/job.py": "from app import db, later\nfrom app.soon import x\nfrom .gone import y\nimport tools.run\n",
    "app/web/views.py": "from ..db import close\n\nrender(request, 'shop/page.html')\nopen('data/rates.csv')\n",
    "tests/test_db.py": "import pytest\n\n\ndef test_it():\n    pass\n",
    "tests/test_soon.py": "def test_it():\n    pass\n",
    "lib/vendored/thing.py": "import helper\n",
    "web/package.json": '{"name": "web", "workspaces": ["packages/*"]}',
    "web/tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
    "web/src/main.ts": "import {a} from '@/a';\nimport b from './b';\nimport {c} from 'parts';\nimport './d.css';\n",
    "web/src/a.ts": "export const a = 1;\n",
    "web/packages/parts/package.json": '{"name": "parts", "main": "index.ts"}',
    "web/packages/parts/index.ts": "export const c = 1;\n",
    "templates/shop/page.html": "{% include 'shop/_part.html' %}\n",
    "go.mod": "module example.com/m\n",
    "main.go": 'package main\n\nimport "example.com/m/pkg"\n\nfunc main() { pkg.Do() }\n',
    "pkg/do.go": "package pkg\n\nfunc Do() {}\n",
    "crate/Cargo.toml": '[package]\nname = "c"\n',
    "crate/src/main.rs": "mod one;\nuse crate::one::two::Three;\n",
    "crate/src/one/mod.rs": "pub mod two;\n",
    "src/A.java": "package x;\n\nimport y.B;\n\nclass A {}\n",
    "src/A.cs": "using Y;\n\nnamespace X;\n\nclass A : B {}\n",
    "lib/a.rb": "require_relative 'b'\nrequire 'c'\n\nThing.new\n",
    "lib/a.php": "<?php\nnamespace App;\nuse App\\\\B;\ninclude 'b.php';\n",
    ".env": "SECRET_KEY=1\n",
    "config.py": "import os\n\nos.environ['SECRET_KEY']\nos.environ['OTHER_KEY']\n",
    "Dockerfile": "FROM python\nCOPY app/ /app/\nCOPY data/rates.csv .\n",
    "sql/orders.sql": "create table orders as select id from raw_orders\n",
    "dbt/dbt_project.yml": "name: shop\nmodel-paths: [models]\n",
    "dbt/models/gold.sql": "select * from {{ ref('silver') }}\n",
    "README.md": "See [the job](app/job.py) and [later](app/later.py).\n",
    "run.sh": "python app/job.py\nsource ./lib/env.sh\n",
}

STEPS: Mapping[str, Mapping[str, str | None]] = {
    "a body": {"app/db.py": "def close():\n    return 1\n"},
    "an import": {"app/db.py": "import config\n\n\ndef close():\n    pass\n"},
    "a module that was missed": {"app/soon.py": "x = 1\n"},
    "a module that a package was asked for": {"app/later.py": ""},
    "a package in a module's place": {"app/db.py": None, "app/db/__init__.py": "def close():\n    pass\n"},
    "a module goes": {"app/db.py": None},
    "a package's file goes": {"app/__init__.py": None},
    "a package at the top": {"tools/run.py": "", "tools/__init__.py": ""},
    "a folder of modules": {"tools/run.py": ""},
    "a project's file": {"lib/vendored/setup.py": "", "lib/vendored/helper.py": ""},
    "a second of the name": {"other/app/__init__.py": "", "other/app/soon.py": "", "other/setup.py": ""},
    "a conftest": {"tests/conftest.py": ""},
    "a test": {"tests/test_job.py": "def test_it():\n    pass\n"},
    "a script": {"web/src/b.ts": "export default 1;\n"},
    "a script's folder": {"web/src/b/index.tsx": "export default 1;\n"},
    "a style": {"web/src/d.css": "a {}\n"},
    "an alias": {"web/tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./other/*"]}}}'},
    "a nearer config": {"web/src/tsconfig.json": "{}"},
    "what a package leads to": {
        "web/packages/parts/package.json": '{"name": "parts", "main": "other.ts"}',
        "web/packages/parts/other.ts": "export const c = 2;\n",
    },
    "a template": {"templates/shop/_part.html": ""},
    "a second template": {"theme/templates/shop/page.html": ""},
    "a data file": {"data/rates.csv": "a,b\n"},
    "a variable": {".env": "SECRET_KEY=1\nOTHER_KEY=2\n"},
    "a second definer": {"prod.env": "SECRET_KEY=2\n"},
    "a file of a Go package": {"pkg/more.go": "package pkg\n\nfunc More() {}\n"},
    "the Go module's name": {"go.mod": "module example.com/n\n"},
    "a Rust module": {"crate/src/one/two.rs": "pub struct Three;\n"},
    "a Rust path": {"crate/src/one/mod.rs": "#[path = 'other.rs']\npub mod two;\n", "crate/src/one/other.rs": ""},
    "a Java class": {"src/B.java": "package y;\n\nclass B {}\n"},
    "a C# class": {"src/B.cs": "namespace Y;\n\nclass B {}\n"},
    "a Ruby file": {"lib/b.rb": "class Thing\nend\n", "lib/c.rb": ""},
    "a PHP file": {"lib/b.php": "<?php\nnamespace App;\nclass B {}\n"},
    "a table": {"sql/raw.sql": "create table raw_orders (id int)\n"},
    "a model": {"dbt/models/silver.sql": "select 1 as id\n"},
    "a script that is sourced": {"lib/env.sh": "export A=1\n"},
    "all of one kind goes": {"web/src/main.ts": None, "web/src/a.ts": None, "web/packages/parts/index.ts": None},
    "settings go": {"web/tsconfig.json": None, "go.mod": None, "dbt/dbt_project.yml": None},
}


def shown(graph: Graph) -> object:
    edges = {path: sorted(found, key=repr) for path, found in graph.edges.items()}
    return edges, dict(graph.unresolved), graph.listed, graph.files.facts, graph.beside


def commit(repo: Repo, files: Mapping[str, str | None]) -> str:
    for path, text in files.items():
        if text is None:
            repo.git("rm", "-q", "-f", "--ignore-unmatch", path)
        else:
            repo.write(path, text)
            repo.git("add", path)
    return repo.git("write-tree")


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_after_a_change_and_its_undoing(repo: Repo, workspace: Workspace, step: Mapping[str, str | None]) -> None:
    library = Library(workspace.repository)
    before = commit(repo, BASE)
    first = shown(library.graph(before))
    after = commit(repo, step)
    library.graph(after)
    library._graphs.pop(before)
    assert shown(library.graph(after)) == shown(Library(workspace.repository).graph(after))
    assert shown(library.graph(before)) == first


@pytest.mark.parametrize("seed", [1, 2])
def test_after_many_changes(repo: Repo, workspace: Workspace, seed: int) -> None:
    chance, library = random.Random(seed), Library(workspace.repository)
    tree = commit(repo, BASE)
    for _ in range(20):
        library.graph(tree)
        for step in chance.sample(list(STEPS.values()), 2):
            tree = commit(repo, step if chance.random() < 0.6 else {path: BASE.get(path) for path in step})
        assert shown(library.graph(tree)) == shown(Library(workspace.repository).graph(tree))


def test_only_what_could_lead_elsewhere_is_resolved(
    repo: Repo, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(workspace.repository)
    library.graph(commit(repo, BASE))
    resolved: list[str] = []
    resolve = Graph.resolve

    def counted(graph: Graph, path: str, facts: Facts, beside: Facts) -> object:
        resolved.append(path)
        return resolve(graph, path, facts, beside)

    monkeypatch.setattr(Graph, "resolve", counted)
    library.graph(commit(repo, STEPS["a body"]))
    assert resolved == ["app/db.py"]
    resolved.clear()
    library.graph(commit(repo, STEPS["a module that was missed"]))
    assert "app/job.py" in resolved and "app/web/views.py" not in resolved
