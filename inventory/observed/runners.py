"""Programs that start another one behind words of their own."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Runner:
    """How a program that starts another one is called.

    Attributes:
        words: its own words before it, `compose exec`.
        operands: how many words it takes before it: a container, a host.
        values: its options that take the next word.
        assigns: whether `name=value` may stand before it.
        line: whether one word, or the words joined, is a shell line.
        line_options: its options whose value is a shell line.
        known: whether it is looked through only for programs of the catalogue that come from npm: what else
            follows its name is a word of its own, or a script of the project.
        asks: its options that only ask, so that nothing is started: `command -v x`.
        versions: whether the program's name may have `@version` behind it.
    """

    words: Sequence[str] = ()
    operands: int = 0
    values: Collection[str] = ()
    assigns: bool = False
    line: bool = False
    line_options: Collection[str] = ()
    known: bool = False
    asks: Collection[str] = ()
    versions: bool = False


_COMPOSE = ("-f", "--file", "-p", "--project-name", "--profile", "--env-file", "--project-directory", "-u", "--user",
            "-e", "--env", "-w", "--workdir", "--index", "--name", "--entrypoint", "-v", "--volume", "--publish",
            "-l", "--label")  # fmt: skip
_CONTAINER = ("-u", "--user", "-e", "--env", "-w", "--workdir", "--env-file", "-v", "--volume", "--name", "--network",
              "-p", "--publish", "--mount", "--platform", "--entrypoint", "--detach-keys", "-H",
              "--context")  # fmt: skip
_KUBE = ("-n", "--namespace", "-c", "--container", "--context", "--kubeconfig", "--cluster", "--user")
_PNPM = ("-C", "--dir", "--filter", "-F", "--package")
_PYTHON_ENV = ("--with", "--extra", "-p", "--python", "--env-file", "--group", "--package", "--directory",
               "--project", "--from", "--with-requirements", "-P", "-C", "-m")  # fmt: skip
_COMPOSED = tuple(Runner(words=(word,), operands=1, values=_COMPOSE) for word in ("exec", "run"))
_DOCKER = (
    *(Runner(words=("compose", word), operands=1, values=_COMPOSE) for word in ("exec", "run")),
    Runner(words=("container", "exec"), operands=1, values=_CONTAINER),
    *(Runner(words=(word,), operands=1, values=_CONTAINER) for word in ("exec", "run")),
)
_KUBECTL = (Runner(words=("exec",), operands=1, values=_KUBE),)
_FLY = (
    Runner(words=("ssh", "console"), values=("-a", "--app", "-u", "--user", "-s"), line_options=("-C", "--command")),
)
_EXEC = (Runner(words=("exec",)),)
_RUN = (Runner(words=("run",)),)
_SWITCH_USER = (Runner(operands=1, values=("-s", "--shell", "-g", "--group"), line_options=("-c", "--command")),)
_SSH = (
    Runner(
        operands=1, line=True,
        values=("-b", "-c", "-D", "-E", "-e", "-F", "-I", "-i", "-J", "-L", "-l", "-m", "-O", "-o", "-p", "-R", "-S",
                "-W", "-w"),
    ),
)  # fmt: skip

RUNNERS: Mapping[str, Sequence[Runner]] = {
    "asdf": _EXEC,
    "aws-vault": (Runner(words=("exec",), operands=1, values=("-d", "--duration", "--region")),),
    "bun": (Runner(words=("x",), versions=True), Runner(known=True)),
    "bunx": (Runner(versions=True, values=("-p", "--package")),),
    "bundle": _EXEC,
    "caffeinate": (Runner(values=("-t", "-w")),),
    "chamber": (Runner(words=("exec",), operands=1),),
    "command": (Runner(asks=("-v", "-V")),),
    "corepack": (Runner(),),
    "cross-env": (Runner(assigns=True),),
    "devbox": (Runner(words=("run",), values=("-c", "--config")),),
    "direnv": (Runner(words=("exec",), operands=1),),
    "doas": (Runner(values=("-u", "-C"), assigns=True),),
    "docker": _DOCKER,
    "docker-compose": _COMPOSED,
    "doppler": (Runner(words=("run",), values=("-p", "--project", "-c", "--config", "-t", "--token"),
                       line_options=("--command",)),),
    "dotenv": (Runner(words=("run",), values=("-f", "--file")), Runner(values=("-e", "-v", "-c", "-p", "-f"))),
    "dotenvx": (Runner(words=("run",), values=("-f", "-e", "--env-file")),),
    "env": (Runner(values=("-u", "--unset", "-C", "--chdir"), assigns=True),),
    "exec": (Runner(values=("-a",)),),
    "fly": _FLY,
    "flyctl": _FLY,
    "heroku": (Runner(words=("run",), line=True, values=("-a", "--app", "-s", "--size", "-r", "--remote", "-e",
                                                           "--env", "--type")),),
    "hatch": _RUN,
    "infisical": (Runner(words=("run",), values=("--env", "--path", "--projectId"), line_options=("--command",)),),
    "ionice": (Runner(values=("-c", "-n")),),
    "kubectl": _KUBECTL,
    "k": _KUBECTL,
    "mise": (*_EXEC, Runner(words=("x",))),
    "nice": (Runner(values=("-n", "--adjustment")),),
    "nohup": (Runner(),),
    "npm": tuple(Runner(words=(word,), versions=True, values=("-p", "--package", "-w", "--workspace"),
                        line_options=("-c", "--call")) for word in ("exec", "x")),
    "npx": (Runner(versions=True, values=("-p", "--package"), line_options=("-c", "--call")),),
    "oc": _KUBECTL,
    "op": (Runner(words=("run",), values=("--env-file",)),),
    "pdm": _RUN,
    "pipenv": _RUN,
    "pnpm": (Runner(words=("exec",), values=_PNPM), Runner(words=("dlx",), versions=True, values=_PNPM),
             Runner(known=True, values=_PNPM)),
    "pnpx": (Runner(versions=True),),
    "podman": _DOCKER,
    "podman-compose": _COMPOSED,
    "poetry": (Runner(words=("run",), values=("-C", "--directory", "-P")),),
    "railway": (Runner(words=("run",), values=("-s", "--service", "-e", "--environment", "-p")),),
    "runuser": _SWITCH_USER,
    "rye": _RUN,
    "sail": (Runner(),),
    "setsid": (Runner(),),
    "spring": (Runner(),),
    "ssh": _SSH,
    "stdbuf": (Runner(values=("-i", "-o", "-e")),),
    "su": _SWITCH_USER,
    "sudo": (Runner(values=("-u", "-g", "-h", "-p", "-C", "-U", "--user", "--group", "-D", "--chdir"),
                    assigns=True, asks=("-l", "--list", "-v", "--validate")),),
    "time": (Runner(values=("-f", "-o")),),
    "timeout": (Runner(operands=1, values=("-k", "-s", "--signal", "--kill-after")),),
    "uv": (Runner(words=("run",), values=_PYTHON_ENV), Runner(words=("tool", "run"), values=_PYTHON_ENV)),
    "uvx": (Runner(values=_PYTHON_ENV),),
    "vagrant": (Runner(words=("ssh",), line_options=("-c", "--command")),),
    "watch": (Runner(values=("-n", "--interval"), line=True),),
    "xargs": (Runner(values=("-I", "-n", "-P", "-L", "-d", "-a", "-s", "-E")),),
    "yarn": (Runner(words=("exec",)), Runner(words=("dlx",), versions=True, values=("-p", "--package")),
             Runner(words=("run",), known=True), Runner(words=("workspace",), operands=1, known=True),
             Runner(known=True)),
}  # fmt: skip
