"""The generated repository: 30,000 files of real-looking sizes, about 470 MB, and a history to revert."""

import os
import random
import shutil
import subprocess

HOME = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), ".bench")
SEED = 20260301
RANGE = 50


def git(root: str, *args: str, stdin: bytes | None = None) -> str:
    """Run git as a person would."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    argv = ["git", "-c", "user.name=Bench", "-c", "user.email=bench@example.com", *args]
    done = subprocess.run(argv, cwd=root, input=stdin, env=environment, check=True, capture_output=True)
    return os.fsdecode(done.stdout)


def generate(files: int, megabytes: int) -> str:
    """The repository with so many files, made once and kept in `.bench`.

    Its last `RANGE` commits each change a few lines of three files.
    """
    root = os.path.join(HOME, f"r{files}")
    if os.path.exists(os.path.join(root, ".complete")):
        return root
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root)
    chance = random.Random(SEED)
    print(f"generating {files} files, {megabytes} MB, in {os.path.relpath(root)} …", flush=True)
    average = megabytes * 1_000_000 // files
    names = []
    for number in range(files):
        name = f"p{number % 40:02}/m{number // 40 % 25:02}/file_{number}.py"
        os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
        # Most files are small and a few are large, as in real projects.
        size = min(int(chance.lognormvariate(0, 1) * average * 0.62), 2_000_000)
        lines = [f"value_{line} = {chance.getrandbits(96)}\n" for line in range(max(4, size // 40))]
        with open(os.path.join(root, name), "w", encoding="ascii") as file:
            file.writelines(lines)
        names.append(name)
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "gc.auto", "0")
    with open(os.path.join(root, ".git", "info", "exclude"), "a", encoding="ascii") as file:
        file.write("/.complete\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "All files")
    git(root, "checkout", "-q", "-b", "work")
    for number in range(RANGE):
        chosen = [names[(number * 97 + offset * 31) % files] for offset in range(3)]
        for name in chosen:
            path = os.path.join(root, name)
            with open(path, encoding="ascii") as file:
                lines = file.readlines()
            lines[number % len(lines)] = f"changed_{number} = True\n"
            with open(path, "w", encoding="ascii") as file:
                file.writelines(lines)
        git(root, "commit", "-q", "-m", f"Change {number}", "--", *chosen)
    git(root, "gc", "-q")
    with open(os.path.join(root, ".complete"), "w", encoding="ascii"):
        pass
    return root


def copy(root: str, name: str) -> str:
    """A fresh copy of the repository with its own worktree, without our state."""
    target = os.path.join(HOME, name)
    shutil.rmtree(target, ignore_errors=True)
    git(HOME, "clone", "-q", "--local", "--branch", "work", root, target)
    git(target, "config", "gc.auto", "0")
    git(target, "status")
    # What was just written would otherwise reach the disk while something is measured.
    os.sync()
    return target
