"""The generated project: Python modules that use each other, and a history of small changes to them."""

import os
import random
import shutil
from dataclasses import dataclass, field

from .repository import HOME, SEED, git

MODULES = 3_000
COMMITS = 600
_PACKAGES = 60
_DATE = 1_767_225_600


def given_or_project(given: list[str]) -> list[str]:
    """The repositories that were named, else the generated project alone."""
    return [os.path.abspath(path) for path in given if path] or [project()]


def project() -> str:
    """The repository, made once and kept in `.bench`."""
    root = os.path.join(HOME, f"project{MODULES}")
    if os.path.exists(os.path.join(root, ".git", "complete")):
        return root
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root)
    print(f"generating {MODULES} modules and {COMMITS} commits in {os.path.relpath(root)} …", flush=True)
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "gc.auto", "0")
    git(root, "fast-import", "--quiet", stdin=_Project().history())
    git(root, "reset", "-q", "--hard")
    with open(os.path.join(root, ".git", "complete"), "w", encoding="ascii"):
        pass
    return root


@dataclass
class _Module:
    """A module while it changes: what it takes from which others, and its functions with their bodies."""

    takes: list[tuple[str, str]] = field(default_factory=list)
    functions: dict[str, tuple[str, list[str]]] = field(default_factory=dict)

    def text(self) -> str:
        """It as a file."""
        imports = [f"from {module} import {name}\n" for module, name in sorted(set(self.takes))]
        written = []
        for name, (parameters, body) in self.functions.items():
            written.append(f"\n\ndef {name}({parameters}):\n" + "".join(f"    {line}\n" for line in body))
        return "import os\nimport re\n" + "".join(imports) + "".join(written)


class _Project:
    """All modules, and the stream for `git fast-import` that tells their history."""

    def __init__(self) -> None:
        self._chance = random.Random(SEED)
        self._stream: list[bytes] = []
        self._modules: dict[str, _Module] = {}
        self._made = 0

    def history(self) -> bytes:
        """The first commit makes everything; each of the others changes a few neighbours."""
        paths: dict[str, str] = {}
        for number in range(MODULES):
            self._modules[self._name(number)] = _Module()
        for package in range(_PACKAGES):
            paths[f"shop/p{package:02}/__init__.py"] = ""
        for number, (name, module) in enumerate(self._modules.items()):
            for _ in range(self._chance.randint(2, 9)):
                self._write_function(name, module)
            paths[_path(name)] = ""
            if number > 20:
                for _ in range(self._chance.randint(1, 6)):
                    self._take(module, self._name(self._chance.randrange(number)))
        paths["shop/__init__.py"] = ""
        self._commit("Everything", {path: self._text(path) for path in paths})
        for number in range(COMMITS):
            self._commit(f"Change {number}", self._change(number))
        return b"".join(self._stream)

    def _name(self, number: int) -> str:
        return f"shop.p{number % _PACKAGES:02}.module_{number:04}"

    def _text(self, path: str) -> str:
        module = self._modules.get(path.removesuffix(".py").replace("/", "."))
        return "" if module is None else module.text()

    def _write_function(self, name: str, module: _Module) -> str:
        self._made += 1
        function = f"compute_{name[-4:]}_{self._made}"
        lines = [f"value_{line} = {self._chance.getrandbits(40)}" for line in range(self._chance.randint(3, 25))]
        module.functions[function] = ("value, *, option=None", [*lines, "return value"])
        return function

    def _take(self, module: _Module, other: str) -> None:
        """Take a function of another module, and call it."""
        functions = list(self._modules[other].functions)
        if functions and module.functions:
            name = self._chance.choice(functions)
            module.takes.append((other, name))
            body = self._chance.choice(list(module.functions.values()))[1]
            body.insert(len(body) - 1, f"value = {name}(value)")

    def _change(self, number: int) -> dict[str, str]:
        """A new function and its first use, a body, or a signature: in one to three modules, often the last ones."""
        near = number * 3 % MODULES
        first, second = (self._name((near + self._chance.randrange(8)) % MODULES) for _ in range(2))
        module = self._modules[first]
        kind = self._chance.random()
        if kind < 0.4:
            self._write_function(first, module)
            self._take(self._modules[second], first)
        elif kind < 0.8:
            body = self._chance.choice(list(module.functions.values()))[1]
            body[self._chance.randrange(len(body) - 1)] = f"changed = {number}"
        else:
            name = self._chance.choice(list(module.functions))
            module.functions[name] = (f"value, *, option=None, added_{number}=0", module.functions[name][1])
        return {_path(name): self._modules[name].text() for name in (first, second)}

    def _commit(self, subject: str, files: dict[str, str]) -> None:
        who = f"Bench <bench@example.com> {_DATE + len(self._stream)} +0000"
        self._stream.append(f"commit refs/heads/main\ncommitter {who}\ndata {len(subject)}\n{subject}\n".encode())
        for path, text in files.items():
            self._stream.append(f"M 100644 inline {path}\ndata {len(text)}\n{text}\n".encode())


def _path(name: str) -> str:
    return name.replace(".", "/") + ".py"
