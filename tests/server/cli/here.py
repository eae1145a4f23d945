"""The command line in this process."""

from dataclasses import dataclass

import pytest

from safe_rollback.server.cli.app import main


@dataclass(frozen=True, kw_only=True)
class Ran:
    """Exit code, standard output, standard error."""

    code: int
    out: str
    err: str


class Cli:
    """Runs commands about a repository."""

    def __init__(self, root: str, capture: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capture = capture

    def __call__(self, *arguments: str) -> Ran:
        """Run `safe-rollback <arguments> --root <root>`."""
        return self.plain(*arguments, "--root", self.root)

    def plain(self, *arguments: str) -> Ran:
        """Run `safe-rollback <arguments>`; anything but an exit is a traceback, and fails the test."""
        self._capture.readouterr()
        with pytest.raises(SystemExit) as caught:
            main(list(arguments))
        said = self._capture.readouterr()
        code = caught.value.code
        return Ran(code=code if isinstance(code, int) else 0, out=said.out, err=said.err)
