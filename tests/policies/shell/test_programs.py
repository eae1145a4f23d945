"""The families of programs: each file is asked, and no name is in two."""

import os
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
