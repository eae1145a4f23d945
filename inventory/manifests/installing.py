"""How each package manager installs exactly what its lock file says, and how it tells what is installed."""

import posixpath
import shlex
from collections.abc import Container
from dataclasses import dataclass

from .asking import home


@dataclass(frozen=True, kw_only=True)
class Installer:
    """A package manager.

    Attributes:
        ecosystem: whose packages.
        lock: its lock file; empty for one that has none.
        install: installs what the lock file says, and changes nothing in it.
        check: a read-only command about one package, `{}` in the place of its name.
        check_all: the same about all packages.
        marker: a file beside the lock file that tells two versions of a manager apart.
        caution: what to know before.
    """

    ecosystem: str
    install: str
    check: str = ""
    check_all: str = ""
    lock: str = ""
    marker: str = ""
    caution: str = ""


_SCRIPTS = "Installing runs install scripts of packages; --ignore-scripts leaves them out."
_LEFTOVERS = "pip leaves packages installed that the file no longer names: uninstall those that were added."
_YARN_CHECK = "yarn why {}"

# The first whose lock file, and marker, stands there is taken; one without a lock file if there is none.
INSTALLERS: tuple[Installer, ...] = (
    Installer(
        ecosystem="npm",
        lock="pnpm-lock.yaml",
        install="pnpm install --frozen-lockfile",
        check="pnpm ls -r --depth 0 {}",
        check_all="pnpm ls -r --depth 0",
        caution=_SCRIPTS,
    ),
    Installer(
        ecosystem="npm",
        lock="yarn.lock",
        marker=".yarnrc.yml",
        install="yarn install --immutable",
        check=_YARN_CHECK,
        caution=_SCRIPTS,
    ),
    Installer(
        ecosystem="npm",
        lock="yarn.lock",
        install="yarn install --frozen-lockfile",
        check=_YARN_CHECK,
        check_all="yarn check --integrity",
        caution=_SCRIPTS,
    ),
    Installer(
        ecosystem="npm",
        lock="bun.lock",
        install="bun install --frozen-lockfile",
        check="bun pm ls",
        check_all="bun pm ls",
    ),
    Installer(
        ecosystem="npm",
        lock="bun.lockb",
        install="bun install --frozen-lockfile",
        check="bun pm ls",
        check_all="bun pm ls",
    ),
    *(
        Installer(
            ecosystem="npm",
            lock=lock,
            install="npm ci",
            check="npm ls {}",
            check_all="npm ls",
            caution=f"npm ci deletes node_modules first. {_SCRIPTS}",
        )
        for lock in ("package-lock.json", "npm-shrinkwrap.json")
    ),
    Installer(ecosystem="npm", install="npm install --no-package-lock", check="npm ls {}", caution=_SCRIPTS),
    Installer(
        ecosystem="pypi", lock="uv.lock", install="uv sync --frozen", check="uv pip show {}", check_all="uv pip check"
    ),
    Installer(
        ecosystem="pypi",
        lock="poetry.lock",
        install="poetry sync",
        check="poetry show {}",
        check_all="poetry check --lock",
        caution="Before Poetry 2 it is poetry install --sync.",
    ),
    Installer(
        ecosystem="pypi",
        lock="pdm.lock",
        install="pdm sync --clean",
        check="pdm show {}",
        check_all="pdm lock --check",
    ),
    Installer(ecosystem="pypi", lock="Pipfile.lock", install="pipenv sync", check="pipenv run pip show {}"),
    Installer(ecosystem="pypi", install="python -m pip install .", check="python -m pip show {}", caution=_LEFTOVERS),
    Installer(
        ecosystem="rubygems",
        install="BUNDLE_FROZEN=true bundle install",
        check="bundle info {}",
        check_all="bundle check",
        caution="Native extensions are compiled again.",
    ),
    Installer(
        ecosystem="go", install="go mod download", check="go list -mod=readonly -m {}", check_all="go mod verify"
    ),
    Installer(
        ecosystem="cargo",
        install="cargo fetch --locked",
        check="cargo tree --locked --offline --workspace -i {}",
        check_all="cargo metadata --locked --offline --format-version 1",
    ),
    Installer(
        ecosystem="packagist",
        install="composer install --no-interaction",
        check="composer show {}",
        check_all="composer install --dry-run",
        caution="Installing runs the scripts that composer.json names.",
    ),
    Installer(
        ecosystem="nuget",
        lock="packages.lock.json",
        install="dotnet restore --locked-mode",
        check="dotnet list package",
    ),
    Installer(ecosystem="nuget", install="dotnet restore", check="dotnet list package"),
    Installer(ecosystem="helm", install="helm dependency build", check="helm dependency list"),
    Installer(ecosystem="hex", install="mix deps.get --check-locked", check="mix deps", check_all="mix deps"),
    Installer(
        ecosystem="pub", install="dart pub get --enforce-lockfile", check="dart pub deps", check_all="dart pub deps"
    ),
)


def installer(ecosystem: str, path: str, files: Container[str]) -> tuple[Installer | None, str]:
    """Who installs for a manifest or lock file, and in which directory.

    Args:
        ecosystem: whose packages.
        path: of the manifest.
        files: of the tree that is to be there in the end.
    """
    name = path.rpartition("/")[2]
    if ecosystem == "pypi" and name.endswith((".txt", ".in", ".pip")):
        return _requirements_file(name), posixpath.dirname(path)
    if ecosystem == "maven":
        return (MAVEN if name.endswith((".xml", ".pom")) else GRADLE), posixpath.dirname(path)
    if ecosystem == "conda":
        return _conda(name), posixpath.dirname(path)
    folder = home(path, ecosystem, files)
    inside = posixpath.dirname(path) if folder is None else folder
    for one in INSTALLERS:
        here = [posixpath.join(inside, name) for name in (one.lock, one.marker) if name]
        if one.ecosystem == ecosystem and all(name in files for name in here):
            return one, inside
    return None, inside


MAVEN = Installer(ecosystem="maven", install="mvn dependency:resolve", check="mvn -o dependency:tree -Dincludes={}")
GRADLE = Installer(
    ecosystem="maven", install="./gradlew assemble", check="./gradlew -q dependencyInsight --offline --dependency {}"
)


def _requirements_file(name: str) -> Installer:
    source = shlex.quote(name)
    return Installer(
        ecosystem="pypi",
        install=f"python -m pip install -r {source}",
        check="python -m pip show {}",
        check_all="python -m pip check",
        caution=_LEFTOVERS,
    )


def _conda(name: str) -> Installer:
    return Installer(
        ecosystem="conda", install=f"conda env update --prune -f {shlex.quote(name)}", check="conda list {}"
    )


def within(folder: str, command: str) -> str:
    """A command to be run in a directory, from the root."""
    return f"cd {shlex.quote(folder)} && {command}" if folder and command else command
