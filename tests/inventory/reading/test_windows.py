"""Looking at the windows first never says anything else than looking at whole files."""

import dataclasses
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safe_rollback.core.remembered import forget_all
from safe_rollback.inventory.inventory import take
from safe_rollback.inventory.reading import named, once
from safe_rollback.inventory.reading.windows import AROUND, narrowed, near, surrounded
from tests.inventory.kit import Story

FAR = "".join(f"const filler{number} = {number};\n" for number in range(2 * AROUND + 2))
TALL = "".join(f"    step({number});\n" for number in range(2 * AROUND + 2))


def shown(story: Story, before: str, after: str | None, path: str = "src/a.ts") -> str | None:
    """What the windows of a change show; None if the whole is to be read."""
    (delta,) = story.changes({path: before}, {path: after}).deltas
    sides = narrowed(delta)
    if sides is None:
        return None
    texts = [side.text.encode()[first:end].decode() for side in sides for first, end in (side.spans or ())]
    return "".join(texts)


def test_lines_around_a_change_are_shown_and_no_others(story: Story) -> None:
    text = shown(story, f"first();\n{FAR}second();\n{FAR}", f"first();\n{FAR}other();\n{FAR}")
    assert text is not None and "other();" in text and "second();" in text
    assert "first();" not in text
    assert text.count("filler") == 4 * AROUND


def test_lines_that_only_moved_are_no_change(story: Story) -> None:
    assert shown(story, f"one();\n{FAR}two();\n", f"two();\n{FAR}one();\n") == ""


@pytest.mark.parametrize("gone", [True, False])
def test_files_that_come_or_go_are_read_whole(story: Story, gone: bool) -> None:
    files = {"src/a.ts": "one();\n"}
    (delta,) = story.changes(files, {"src/a.ts": None}).deltas if gone else story.changes({}, files).deltas
    assert narrowed(delta) is None and near(delta) == "one();\n"


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.ts", f"const KEY = 'a';\n{FAR}cache.get(KEY);\n", f"const KEY = 'b';\n{FAR}cache.get(KEY);\n"),
        (
            "a.py",
            "KEY = 'a'\n" + "x()\n" * 20 + "cache.get(KEY)\n",
            "KEY = 'b'\n" + "x()\n" * 20 + "cache.get(KEY)\n",
        ),
        (
            "a.ts",
            f"function key(id) {{\n{TALL}    return `a:${{id}}`;\n}}\n{FAR}cache.get(key(1));\n",
            f"function key(id) {{\n{TALL}    return `b:${{id}}`;\n}}\n{FAR}cache.get(key(1));\n",
        ),
        (
            "a.rb",
            "def key(id)\n" + "  step\n" * 20 + '  "a:#{id}"\nend\n' + "# x\n" * 20 + "Rails.cache.read(key(1))\n",
            "def key(id)\n" + "  step\n" * 20 + '  "b:#{id}"\nend\n' + "# x\n" * 20 + "Rails.cache.read(key(1))\n",
        ),
        ("a.ts", f"const K = {{ one: 'a' }};\n{FAR}get(K.one);\n", f"const K = {{ one: 'b' }};\n{FAR}get(K.one);\n"),
        (
            "a.ts",
            f"const K = {{\n  one: 'a',\n}};\n{FAR}get(K.one);\n",
            f"const K = {{\n  one: 'b',\n}};\n{FAR}get(K.one);\n",
        ),
        (
            "a.ts",
            f"@Controller('a')\nclass Hooks {{\n{TALL}  @Post('webhook')\n  hook() {{}}\n}}\n",
            f"@Controller('b')\nclass Hooks {{\n{TALL}  @Post('webhook')\n  hook() {{}}\n}}\n",
        ),
    ],
    ids=["constant", "python constant", "function", "ruby method", "member", "member below", "controller"],
)
def test_what_is_used_elsewhere_makes_the_whole_be_read(story: Story, path: str, before: str, after: str) -> None:
    assert shown(story, before, after, path) is None


def test_a_change_within_a_function_that_others_call_is_looked_at_alone(story: Story) -> None:
    before = f"function work() {{\n{TALL}    one();\n}}\n{FAR}work();\n"
    text = shown(story, before, before.replace("one();", "two();"))
    assert text is not None and "two();" in text and "filler" in text and "function work" not in text


def test_the_lines_that_open_the_blocks_around_a_change_are_told(story: Story) -> None:
    before = f"export const flags = {{\n  group: {{\n{TALL}    one: true,\n  }},\n}};\n"
    (delta,) = story.changes({"a.ts": before}, {"a.ts": before.replace("one: true", "two: true")}).deltas
    assert "export const flags = {" not in near(delta)
    assert b"export const flags = {" in surrounded(delta) and b"group: {" in surrounded(delta)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  x\n" * 60_000, "".join("  y\n" if row % 20 == 0 else "  x\n" for row in range(60_000))),
        ("a;" * 200_000, "A =b;" * 200_000),
        ("x\n", "a" * 900_000),
        ("x\n", "a\t" * 300_000),
        ("x\n", "a(" * 300_000),
    ],
    ids=["indented", "assignments", "word", "spaces", "brackets"],
)
def test_odd_texts_take_little_time(story: Story, before: str, after: str) -> None:
    (delta,) = story.changes({"a.js": f"first\n{before}" + FAR}, {"a.js": f"first\n{after}" + FAR}).deltas
    start = time.process_time()
    narrowed(delta), surrounded(delta)
    assert time.process_time() - start < 5


LINES = (
    "const PREFIX = 'user';", "const PREFIX = 'team';", "const key = (id) => `${PREFIX}:${id}`;",
    "export function makeKey(id) {", "    return `room:${id}`;", "    return `hall:${id}`;", "}",
    "redis.set(key(1), 2);", "redis.get(makeKey(3));", "redis.get('plain');", "cache.wrap(PREFIX, work);",
    "app.post('/webhook/a', handle);", "app.post(PATH, handle);", "const PATH = '/hooks/b';", "const PATH = '/c';",
    "const url = process.env.API_URL;", "const get = (name) => process.env[name];", "get('TOKEN');",
    "if (isEnabled('new-menu')) work();", "const featureFlags = {", "  oldMenu: true,", "  beta: false,", "};",
    "cron.schedule('0 * * * *', work);", "callbackURL: '/auth/callback',", "step();", "step();", "step();",
)  # fmt: skip
TEXT = st.lists(st.sampled_from(LINES), min_size=1, max_size=60)
EDITS = st.lists(st.tuples(st.integers(0, 200), st.sampled_from(LINES), st.booleans()), min_size=1, max_size=3)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=TEXT, edits=EDITS)
def test_the_inventory_is_the_same_without_windows(
    story: Story, lines: list[str], edits: list[tuple[int, str, bool]]
) -> None:
    changed = list(lines)
    for at, line, instead in edits:
        start = at % (len(changed) + 1)
        changed[start : start + instead] = [line]
    changes = story.changes({"src/a.js": "\n".join(lines) + "\n"}, {"src/a.js": "\n".join(changed) + "\n"})

    def items() -> list[dict[str, object]]:
        forget_all()
        return [item.to_data() for item in take(dataclasses.replace(changes, unknowns=[])).items]

    with pytest.MonkeyPatch.context() as patch:
        for module in (named, once):
            patch.setattr(module, "narrowed", lambda _, **__: None)
        whole = items()
    assert items() == whole
