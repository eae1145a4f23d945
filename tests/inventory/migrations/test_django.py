"""Django's migrations: operations, their way back, and their ids."""

import textwrap

import pytest

from safe_rollback.inventory.migrations.django import DJANGO
from tests.inventory.kit import Files, Story
from tests.inventory.migrations.told import all_said, migration, touched

HEAD = """
from django.db import migrations, models
import django.contrib.postgres.operations
from django.contrib.postgres.indexes import GinIndex
"""

FIRST = (
    HEAD
    + """
class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.AutoField(primary_key=True)),
                ("number", models.CharField(max_length=10, null=True)),
                ("user", models.ForeignKey("auth.User", null=True, on_delete=models.CASCADE)),
                ("tags", models.ManyToManyField(to="shop.Tag")),
            ],
        ),
        migrations.CreateModel(name="Line", fields=[], options={"db_table": "order_lines"}),
        migrations.CreateModel(name="Was", fields=[], options={"db_table": "kept"}),
        migrations.RenameModel("Was", "Is"),
    ]
"""
)


def source(operations: str, code: str = "", dependencies: str = '("shop", "0001_initial")') -> str:
    return HEAD + textwrap.dedent(code) + (
        "\nclass Migration(migrations.Migration):\n"
        f"    dependencies = [{dependencies}]\n    operations = [\n        {operations}\n    ]\n"
    )  # fmt: skip


BEFORE: Files = {"manage.py": "", "shop/migrations/__init__.py": "", "shop/migrations/0001_initial.py": FIRST}

OPERATIONS: dict[str, tuple[list[str], str, list[str]]] = {
    'migrations.CreateModel("Tag", [("id", models.AutoField(primary_key=True))])': (
        ["additive +table shop_tag"], "works", ["destructive -table shop_tag"],
    ),
    'migrations.CreateModel("Tag", [("a", x.ManyToManyField("b.C")), ("d", x.ManyToManyField("b", through="e"))])': (
        ["additive +table shop_tag +table shop_tag_a"], "works", ["destructive -table shop_tag -table shop_tag_a"],
    ),
    'migrations.CreateModel("Tag", [], options={"managed": False})': (["additive"], "works", []),
    'migrations.CreateModel("Tag", [], {"proxy": True})': (["additive"], "works", []),
    'migrations.DeleteModel("Order")': (["destructive -table shop_order"], "works", ["additive +table shop_order"]),
    'migrations.DeleteModel("Line")': (["destructive -table order_lines"], "works", ["additive +table order_lines"]),
    'migrations.DeleteModel("Is")': (["destructive -table kept"], "works", ["additive +table kept"]),
    'migrations.RenameModel("Order", "Sale")': (
        ["destructive +table shop_sale -table shop_order"], "works",
        ["destructive +table shop_order -table shop_sale"],
    ),
    'migrations.RenameModel("Line", "Row")': (["additive"], "works", []),
    'migrations.AlterModelTable("order", "orders")': (
        ["destructive +table orders -table shop_order"], "works", ["destructive +table shop_order -table orders"],
    ),
    'migrations.AddField("order", "total", models.IntegerField(null=True))': (
        ["additive +column shop_order.total"], "works", ["destructive -column shop_order.total"],
    ),
    'migrations.AddField("order", "total", models.IntegerField(default=0))': (
        ["restrictive +column shop_order.total"], "works", ["destructive -column shop_order.total"],
    ),
    'migrations.AddField("order", "total", models.IntegerField(db_default=0))': (
        ["additive +column shop_order.total"], "works", ["destructive -column shop_order.total"],
    ),
    'migrations.AddField("order", "total", models.IntegerField(default=0)),\n'
    '        migrations.RunSQL("ALTER TABLE shop_order ALTER COLUMN total SET DEFAULT 0;", migrations.RunSQL.noop)': (
        ["additive +column shop_order.total", "additive ~column shop_order.total"],
        "works", ["destructive -column shop_order.total"],
    ),
    'migrations.AddField("line", "order", models.ForeignKey("shop.Order", null=True, on_delete=models.CASCADE))': (
        ["additive +column order_lines.order_id"], "works", ["destructive -column order_lines.order_id"],
    ),
    'migrations.AddField(model_name="order", name="groups", field=models.ManyToManyField("auth.Group"))': (
        ["additive +table shop_order_groups"], "works", ["destructive -table shop_order_groups"],
    ),
    'migrations.AddField("order", "a", models.TextField(null=True, db_column="b"))': (
        ["additive +column shop_order.b"], "works", ["destructive -column shop_order.b"],
    ),
    'migrations.RemoveField("order", "user")': (
        ["destructive -column shop_order.user_id"], "works", ["additive +column shop_order.user_id"],
    ),
    'migrations.RemoveField("order", "tags")': (
        ["destructive -table shop_order_tags"], "works", ["additive +table shop_order_tags"],
    ),
    'migrations.RenameField("order", "user", "buyer")': (
        ["destructive +column shop_order.buyer_id -column shop_order.user_id"], "works",
        ["destructive +column shop_order.user_id -column shop_order.buyer_id"],
    ),
    'migrations.AlterField("order", "number", models.CharField(max_length=20, null=True, help_text="x"))': (
        ["additive ~column shop_order.number"], "works", ["restrictive ~column shop_order.number"],
    ),
    'migrations.AlterField("order", "number", models.CharField(max_length=10))': (
        ["restrictive ~column shop_order.number"], "works", ["additive ~column shop_order.number"],
    ),
    'migrations.AlterField("order", "number", models.IntegerField(null=True))': (
        ["destructive ~column shop_order.number"], "works", ["destructive ~column shop_order.number"],
    ),
    'migrations.AlterField("order", "number", models.TextField(null=True))': (
        ["additive ~column shop_order.number"], "works", ["destructive ~column shop_order.number"],
    ),
    'migrations.RenameField("order", "number", "code"),\n'
    '        migrations.AlterField("order", "code", models.CharField(max_length=10))': (
        ["destructive +column shop_order.code -column shop_order.number", "restrictive ~column shop_order.code"],
        "works",
        ["additive ~column shop_order.code", "destructive +column shop_order.number -column shop_order.code"],
    ),
    'migrations.AlterField("order", "never_seen", models.TextField(null=True))': (
        ["unknown ~column shop_order.never_seen"], "works", ["unknown ~column shop_order.never_seen"],
    ),
    'migrations.AlterUniqueTogether("order", {("a", "b")})': (
        ["restrictive ~table shop_order"], "works", ["additive ~table shop_order"],
    ),
    'migrations.AlterUniqueTogether(name="order", unique_together=set())': (
        ["additive ~table shop_order"], "works", ["additive ~table shop_order"],
    ),
    'migrations.AddIndex("order", models.Index(fields=["a"], name="a_idx"))': (
        ["additive ~table shop_order +index a_idx"], "works", ["additive ~table shop_order -index a_idx"],
    ),
    'django.contrib.postgres.operations.AddIndexConcurrently(model_name="line", index=GinIndex(name="a_idx"))': (
        ["additive ~table order_lines +index a_idx"], "works", ["additive ~table order_lines -index a_idx"],
    ),
    'migrations.RemoveIndex("order", "a_idx")': (
        ["additive ~table shop_order -index a_idx"], "works", ["additive ~table shop_order +index a_idx"],
    ),
    'migrations.RenameIndex("order", new_name="b", old_name="a")': (
        ["additive ~table shop_order +index b -index a"], "works", ["additive ~table shop_order +index a -index b"],
    ),
    'migrations.AddConstraint("order", models.CheckConstraint(check=models.Q(a=1), name="c"))': (
        ["restrictive ~table shop_order +constraint shop_order.c"], "works",
        ["additive ~table shop_order -constraint shop_order.c"],
    ),
    'migrations.AddConstraint("order", models.UniqueConstraint(fields=["a"], condition=models.Q(b=1), name="c"))': (
        ["restrictive ~table shop_order +index c"], "works", ["additive ~table shop_order -index c"],
    ),
    'migrations.RemoveConstraint("order", "c")': (
        ["additive ~table shop_order -constraint shop_order.c"], "works",
        ["additive ~table shop_order +constraint shop_order.c"],
    ),
    'migrations.AlterModelOptions("order", options={"ordering": ("a",)})': (["additive"], "works", []),
    'migrations.AlterOrderWithRespectTo("order", "user")': (
        ["restrictive +column shop_order._order"], "works", ["destructive -column shop_order._order"],
    ),
    'migrations.RunSQL("DROP TABLE a", "CREATE TABLE a (b int)")': (
        ["destructive -table a"], "works", ["additive +table a"],
    ),
    'migrations.RunSQL(sql=["UPDATE a SET b = 1", ("DELETE FROM c WHERE d = %s", [1])], reverse_sql=Own.noop)': (
        ["data ~table a", "destructive ~table c"], "empty", [],
    ),
    'migrations.RunSQL("UPDATE a SET b = 1")': (["data ~table a"], "missing", []),
    "migrations.RunPython(fill, migrations.RunPython.noop)": (["data ~table shop_order"], "empty", []),
    "migrations.RunPython(fill)": (["data ~table shop_order"], "missing", []),
    "migrations.RunPython(fill, reverse_code=wipe)": (
        ["data ~table shop_order"], "works", ["destructive ~table shop_order"],
    ),
    "migrations.RunPython(elsewhere, migrations.RunPython.noop)": (["unknown"], "empty", []),
    "migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop)": (["additive"], "works", []),
    "migrations.RunPython(raw, lambda apps, schema_editor: None)": (["destructive -table a"], "empty", []),
    "migrations.RunPython(later, migrations.RunPython.noop)": (["data"], "empty", []),
    "migrations.RunPython(odd, migrations.RunPython.noop)": (["unknown"], "empty", []),
    'migrations.AddField("order", "a", models.TextField(null=True)), migrations.RunPython(fill, Own.noop)': (
        ["additive +column shop_order.a", "data ~table shop_order"], "works", ["destructive -column shop_order.a"],
    ),
    'migrations.SeparateDatabaseAndState(\n'
    '            database_operations=[migrations.RunSQL("DROP TABLE a", migrations.RunSQL.noop)],\n'
    '            state_operations=[migrations.DeleteModel("Order")])': (["destructive -table a"], "empty", []),
    'migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("Order")])': (
        ["additive"], "works", [],
    ),
    "django.contrib.postgres.operations.TrigramExtension()": (
        ["additive +extension trigram"], "works", ["additive -extension trigram"],
    ),
    "OwnOperation()": (["unknown"], "unknown", ["unknown"]),
    "*computed()": (["unknown"], "unknown", ["unknown"]),
}  # fmt: skip

CODE = """
from elsewhere import elsewhere

def fill(apps, schema_editor):
    Order = apps.get_model("shop", "Order")
    for order in Order.objects.all():
        order.total = 1
        order.save()

def wipe(apps, schema_editor):
    apps.get_model("shop", "Order").objects.filter(total=1).delete()

def raw(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("DROP TABLE a")

def later(apps, schema_editor):
    task.delay()

def odd(apps, schema_editor):
    compute(apps)
"""


def test_operations_and_their_ways_back(story: Story) -> None:
    before: dict[str, str | None] = {}
    added: dict[str, str | None] = {}
    paths = {f"app{number}/migrations/0002_next.py": row for number, row in enumerate(OPERATIONS)}
    for path, row in paths.items():
        place = path.split("/")[0]
        before |= {f"{place}/apps.py": '    label = "shop"\n', f"{place}/migrations/0001_initial.py": FIRST}
        added[path] = source(row, CODE)
    found = {paths[one.migration.path]: one.migration for one in touched(story, DJANGO, before, added)}
    assert {row: (all_said(one.up), one.down, all_said(one.undo)) for row, one in found.items()} == OPERATIONS


def test_the_id_is_the_label_and_the_name_and_the_way_back_is_the_one_before(story: Story) -> None:
    files = {
        "backend/manage.py": "",
        "backend/shop/apps.py": 'class C(AppConfig):\n    name = "shop"\n    label = "store"\n',
        "backend/shop/migrations/0001_initial.py": FIRST,
    }
    text = source("", dependencies='("auth", "0009_x"), ("store", "0001_initial"), ("store", "0001_b")')
    one = migration(story, DJANGO, "backend/shop/migrations/0002_next.py", text, files)
    assert (one.id, one.project) == ("store.0002_next", "backend")
    assert DJANGO.undo(one) == "python manage.py migrate store 0001_initial"
    assert DJANGO.apply(one) == "python manage.py migrate store 0002_next"
    assert one.names is not None and one.names["after"] == "auth.0009_x store.0001_initial store.0001_b"


def test_the_first_goes_back_to_zero(story: Story) -> None:
    one = migration(story, DJANGO, "shop/migrations/0001_initial.py", FIRST)
    assert DJANGO.undo(one) == "django-admin migrate shop zero"
    assert one.up[0].creates == ("table shop_order", "table shop_order_tags")


def test_a_squash_names_what_it_replaces(story: Story) -> None:
    text = FIRST.replace("initial = True", 'replaces = [("shop", "0001_a"), ("shop", "0002_b")]')
    one = migration(story, DJANGO, "shop/migrations/0001_squashed_0002_b.py", text)
    assert one.names is not None and one.names["replaces"] == "shop.0001_a shop.0002_b"


@pytest.mark.parametrize(
    ("old", "new", "edited"),
    [
        ("models.IntegerField(null=True)", "models.BigIntegerField(null=True)", True),
        ("models.IntegerField(null=True)", "models.IntegerField( null = True,  help_text='x'\n)", False),
        ('0001_initial")', '0001_other")', False),
        ("order.total = 1", "order.total = 2", True),
        ("def fill(apps, schema_editor):", "def fill(apps: object, schema_editor: object) -> None:", False),
    ],
)
def test_only_an_edit_of_what_it_does_is_one(story: Story, old: str, new: str, edited: bool) -> None:
    operations = (
        'migrations.AddField("order", "total", models.IntegerField(null=True)),\n        '
        "migrations.RunPython(fill, migrations.RunPython.noop),"
    )
    text = source(operations, CODE)
    path = "shop/migrations/0002_next.py"
    assert old in text
    found = touched(story, DJANGO, {**BEFORE, path: text}, {path: text.replace(old, new)})
    assert [one.change for one in found] == (["changed"] if edited else [])
    assert all(one.edited and one.was is not None for one in found)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop/migrations/__init__.py", FIRST),
        ("shop/migrations/tasks/later.py", FIRST),
        ("shop/migrations/helpers.py", "def helper(): pass\n"),
        ("shop/migrations/0002_next.py", ""),
        ("shop/migrations/0002_south.py", "class Migration(SchemaMigration):\n    def forwards(self, orm): pass\n"),
        ("shop/models.py", FIRST),
    ],
)
def test_what_is_no_migration(story: Story, path: str, text: str) -> None:
    assert touched(story, DJANGO, {"a": ""}, {path: text, "b": ""}) == []


@pytest.mark.parametrize(
    "text", ["class Migration(migrations.Migration):\n    print 'python 2'\n", "class Migration(("]
)
def test_what_does_not_parse_is_one_all_the_same(story: Story, text: str) -> None:
    changes = story.changes({}, {"shop/migrations/0002_next.py": text})
    (one,) = DJANGO.read(changes, changes.deltas)
    assert (one.migration.id, one.migration.effect, one.migration.down) == ("shop.0002_next", "unknown", "unknown")
    assert [unknown.subject for unknown in changes.unknowns] == ["shop/migrations/0002_next.py"]
