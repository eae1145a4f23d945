"""Command line tools that say what they were told, and remember how they were started."""

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_SCRIPT = """#!/bin/sh
dir={dir}
{{ printf '%s\\n' "$0" "$@"; }} > "$dir/argv"
pwd > "$dir/cwd"
/usr/bin/env > "$dir/env"
if read -r line; then echo "asked" > "$dir/stdin"; fi
{sleep}
cat "$dir/err" >&2
cat "$dir/out"
exit {code}
"""


class Tools:
    """A directory of programs.

    Args:
        folder: where they are, and what they remember.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir(parents=True)
        self.environ: Mapping[str, str] = {"PATH": f"{folder / 'bin'}:/usr/bin:/bin", "HOME": str(folder)}

    def add(self, name: str, out: Any = "", *, err: str = "", code: int = 0, seconds: float = 0) -> None:
        """A program that prints a text, or JSON."""
        memory = self.folder / name
        memory.mkdir(exist_ok=True)
        (memory / "out").write_text(out if isinstance(out, str) else json.dumps(out))
        (memory / "err").write_text(err)
        sleep = f"sleep {seconds}" if seconds else ""
        program = self.folder / "bin" / name
        program.write_text(_SCRIPT.format(dir=memory, code=code, sleep=sleep))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def argv(self, name: str) -> list[str]:
        """How a program was started last, without its own path."""
        return (self.folder / name / "argv").read_text().splitlines()[1:]

    def cwd(self, name: str) -> str:
        """Where it was."""
        return (self.folder / name / "cwd").read_text().strip()

    def env(self, name: str) -> dict[str, str]:
        """Its environment."""
        lines = (self.folder / name / "env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def was_fed(self, name: str) -> bool:
        """Whether it could read anything."""
        return os.path.exists(self.folder / name / "stdin")

    def ran(self, name: str) -> bool:
        """Whether it ran."""
        return os.path.exists(self.folder / name / "argv")
