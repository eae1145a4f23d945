"""Builds the wheel, compares it with the repository, installs it into a fresh environment, runs it there."""

import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOMS = ("core", "impact", "inventory", "policies", "recovery", "server", "tools")


def run(*argv: str, cwd: str = ROOT) -> str:
    """Run a program; its output, or the end of this script with what it said."""
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(argv)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def expected() -> set[str]:
    """What the wheel has to hold: every tracked file of the rooms and of the package itself."""
    found = set()
    for path in run("git", "ls-files", *ROOMS, "src").splitlines():
        if os.path.islink(os.path.join(ROOT, path)):
            continue
        room, _, rest = path.partition("/")
        found.add({"src": rest}.get(room, f"safe_rollback/{path}"))
    return found


def main() -> None:
    """Build, compare, install, run."""
    # What an earlier build left there would be packed again.
    shutil.rmtree(os.path.join(ROOT, "build"), ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
        (wheel,) = (os.path.join(folder, name) for name in os.listdir(folder))
        with zipfile.ZipFile(wheel) as archive:
            inside = {name for name in archive.namelist() if ".dist-info/" not in name}
            # Where a wheel has the programs that are no entry points of Python's.
            inside = {f"bin/{name.partition('.data/scripts/')[2]}" if ".data/" in name else name for name in inside}
        if inside != expected():
            missing, extra = sorted(expected() - inside), sorted(inside - expected())
            sys.exit(f"The wheel differs from the repository. Missing: {missing}. Too much: {extra}.")
        home = os.path.join(folder, "env")
        venv.create(home, with_pip=True)
        python = os.path.join(home, "bin", "python")
        constraints = os.path.join(ROOT, "constraints.txt")
        install = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", constraints)
        run(*install, wheel)
        command = os.path.join(home, "bin", "safe-rollback")
        version = run(command, "--version", cwd=folder).strip()
        run(command, "demo", cwd=folder)
        # The README's way: from the source, with a build environment of pip's own.
        run(*install, "--force-reinstall", "--no-deps", ".")
        shutil.rmtree(os.path.join(ROOT, "build"), ignore_errors=True)
        run(command, "--help", cwd=folder)
        print(f"{version}: wheel complete ({len(inside)} files), installs, and its demo passes.")


if __name__ == "__main__":
    main()
