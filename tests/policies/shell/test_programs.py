"""The families of programs: each file is asked, and no name is in two."""

import os
import subprocess
import sys
from importlib import import_module

from safe_rollback.policies import shell
from safe_rollback.policies.shell.programs import FAMILIES, find_program


def test_each_file_with_programs_is_a_family_and_no_program_is_in_two() -> None:
    owners: dict[str, str] = {}
    folder = os.path.dirname(shell.__file__)
    for name in sorted(one.removesuffix(".py") for one in os.listdir(folder) if one.endswith(".py")):
        programs = getattr(import_module(f"{shell.__name__}.{name}"), "PROGRAMS", None)
        assert (programs is not None) == (name in FAMILIES) or name == "narrowing", name
        if name in FAMILIES:
            for program, does in programs.items():
                assert owners.setdefault(program, name) == name
                assert find_program(program) is does
    assert len(owners) > 600
    assert find_program("no-such-program") is None


def test_threads_that_judge_the_first_lines_at_once_agree() -> None:
    program = (
        "import threading\n"
        "from safe_rollback.policies.shell.analysis import analyse\n"
        "from safe_rollback.policies.shell.context import NOWHERE\n"
        "gate, found = threading.Barrier(8), []\n"
        "def judge():\n"
        "    gate.wait()\n"
        "    found.append([one.effect for one in analyse('git reset --hard && psql -c x', NOWHERE)])\n"
        "threads = [threading.Thread(target=judge) for _ in range(8)]\n"
        "[one.start() for one in threads]; [one.join() for one in threads]\n"
        "print(len(found), len(set(map(str, found))))\n"
    )
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert (done.stdout, done.stderr) == ("8 1\n", "")
