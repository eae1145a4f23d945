"""Parsing in several threads at once: a server does that, and a shared parser would end the process."""

import subprocess
import sys

PROGRAM = """
import threading
from safe_rollback.core.grammar import parse
from safe_rollback.impact.languages.javascript_tree import parse as parse_script
from safe_rollback.policies.shell.parser import parse as parse_shell

code = b"def name(one, two):\\n    return one(two)[0]\\n\\n" * 800
script = b"export const name = (one) => { return one + 1; };\\n" * 800
shell = b"echo one | grep two && rm -rf three\\n" * 400

def work():
    for _ in range(8):
        assert parse("python", code).root.child_count == 800
        assert parse_script(script).child_count == 800
        assert parse_shell(shell).child_count > 300

threads = [threading.Thread(target=work) for _ in range(4)]
for one in threads:
    one.start()
for one in threads:
    one.join()
print("whole")
"""


def test_threads_do_not_share_a_parser() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "whole"), done.stderr[-2000:]
