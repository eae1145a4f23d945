"""Programs that only look, and the options by which some of them write, send or run something."""

import re

from ..effects import Effect
from . import places
from .command import Command, Program
from .options import Takes
from .outcome import always, arguments, operands, outcome, reads

_ONLY_LOOK: tuple[str, ...] = (
    # files
    "ls", "dir", "vdir", "exa", "eza", "lsd", "cat", "bat", "batcat", "tac", "head", "tail", "grep", "egrep", "fgrep",
    "zgrep", "rg", "ag", "ack", "wc", "diff", "colordiff", "delta", "sdiff", "diff3", "cmp", "file", "stat", "du",
    "df", "tree", "less", "more", "most", "zcat", "bzcat", "xzcat", "zless", "basename", "dirname", "realpath",
    "readlink", "pathchk", "lsof", "locate", "fzf", "cloc", "tokei", "scc",
    # text
    "echo", "printf", "cut", "tr", "comm", "join", "paste", "nl", "od", "hexdump", "hd", "strings", "column", "fold",
    "fmt", "expand", "unexpand", "rev", "pr", "seq", "yes", "jot", "shuf", "tsort", "iconv", "jq", "gron", "base32",
    "base64", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "shasum", "md5sum", "md5", "b2sum",
    "cksum", "sum", "numfmt", "expr", "bc", "dc", "factor", "cal", "figlet", "hexyl",
    # the machine
    "pwd", "which", "whereis", "whatis", "apropos", "man", "info", "tldr", "type", "hash", "test", "[", "[[", "true",
    "false", ":", "sleep", "uname", "arch", "printenv", "id", "whoami", "who", "w", "groups", "users", "hostname",
    "uptime", "nproc", "getconf", "locale", "tty", "ps", "pgrep", "pidof", "top", "htop", "free", "vmstat", "iostat",
    "lscpu", "lsblk", "lsusb", "lspci", "dmesg", "last", "ulimit", "umask", "sw_vers", "system_profiler", "getent",
    "ping", "dig", "host", "nslookup", "traceroute", "ifconfig", "ss", "netstat", "whois", "sync", "clear", "reset",
    "tput", "stty", "ssh-add", "ldd", "nm", "objdump", "readelf", "size", "otool", "open", "xdg-open", "pbpaste",
    # builtins that change the shell alone
    "set", "unset", "shopt", "setopt", "unsetopt", "wait", "jobs", "fg", "bg", "disown", "exit", "return", "break",
    "continue", "shift", "local", "export", "declare", "typeset", "readonly", "let", "read", "mapfile", "readarray",
    "getopts", "history", "fc", "dirs", "logout", "times", "complete", "compgen", "bind", "alias", "unalias", "help",
    "cd", "pushd", "popd", "pbcopy", "xclip",
)  # fmt: skip

# Builds and tests run what the project says; nothing here can see that.
_PROJECT_CODE: tuple[str, ...] = (
    "pytest", "py.test", "tox", "nox", "make", "gmake", "cmake", "ninja", "meson", "bazel", "buck", "gradle",
    "gradlew",
    "mvn", "mvnw", "ant", "sbt", "jest", "vitest", "mocha", "ava", "cypress", "playwright", "karma", "vite",
    "webpack",
    "rollup", "esbuild", "turbo", "nx", "lerna", "next", "nuxt", "ng", "gulp", "grunt", "just", "task", "rake",
    "rspec",
    "phpunit", "mix", "rebar3", "stack", "cabal", "dune", "swift", "xcodebuild", "storybook", "pre-commit",
    "lefthook",
    "husky", "coverage", "ansible-playbook", "uvicorn", "gunicorn", "flask", "streamlit", "jupyter",
)  # fmt: skip
_FORMATTERS: tuple[str, ...] = (
    "ruff", "black", "isort", "autopep8", "yapf", "prettier", "eslint", "biome", "gofmt", "goimports", "rustfmt",
    "clang-format", "shfmt", "stylelint", "autoflake", "pyupgrade", "docformatter", "markdownlint", "standard",
    "rubocop", "php-cs-fixer", "ktlint", "scalafmt", "taplo", "dprint", "oxlint", "golangci-lint", "tsc", "swc",
    "sass",
)  # fmt: skip
_CHECKERS: tuple[str, ...] = (
    "mypy", "pyright", "flake8", "pylint", "bandit", "shellcheck", "hadolint", "yamllint", "actionlint", "vulture",
    "lint-imports", "pydocstyle", "codespell", "typos", "semgrep", "gitleaks", "trivy", "depcheck", "knip",
)  # fmt: skip


def _date(command: Command) -> list[Effect]:
    if arguments(command, Takes(short="drfI")).on("-s", "--set"):
        return outcome(command, "service.change", "it sets the clock")
    return reads(command)


def _yq(command: Command) -> list[Effect]:
    parsed = arguments(command, Takes(short="poI", attached="i"))
    if parsed.on("-i", "--inplace", "--in-place"):
        return places.written(operands(parsed)[1:], command.context, span=command.span, why="it edits in place")
    return reads(command)


_CURL_TAKES = Takes(
    short="oXdFHuAbceKmrTtUxYyzCDEPQw",
    long=(
        "output", "request", "data", "data-raw", "data-binary", "data-urlencode", "json", "form", "header", "user",
        "user-agent", "cookie", "cookie-jar", "max-time", "connect-timeout", "upload-file", "url", "output-dir",
        "write-out", "retry", "config", "proxy", "referer", "cacert", "cert", "key", "dump-header", "resolve",
    ),
)  # fmt: skip
_SENDS = ("-d", "-F", "-T", "--data", "--json", "--form", "--upload-file")


def _curl(command: Command) -> list[Effect]:
    parsed = arguments(command, _CURL_TAKES)
    outputs = parsed.all_values("-o", "--output", "-D", "--dump-header", "-c", "--cookie-jar")
    judge = places.written if parsed.on("-C", "--continue-at") else places.replaced
    found = judge(outputs, command.context, span=command.span, why="it writes what it receives")
    if parsed.on("-O", "--remote-name", "-J", "--remote-name-all"):
        found += outcome(command, "file.write", "it writes what it receives")
    method = (parsed.value("-X", "--request") or "").upper()
    sends = parsed.on(*_SENDS) and not parsed.on("-G", "--get")
    if method not in ("", "GET", "HEAD", "OPTIONS") or (sends and method != "GET"):
        found += outcome(command, "unknown", "it talks to a service, and what that does is not known")
    return found or reads(command, "it asks a service")


def _wget(command: Command) -> list[Effect]:
    parsed = arguments(command, Takes(short="OPoaUTtQe", long=("output-document", "directory-prefix", "header")))
    if parsed.on("--post-data", "--post-file", "--method", "--body-data"):
        return outcome(command, "unknown", "it talks to a service, and what that does is not known")
    outputs = parsed.all_values("-O", "--output-document", "-o", "-a", "-P", "--directory-prefix")
    if outputs:
        judge = places.written if parsed.on("-c", "--continue", "-a") else places.replaced
        found = judge(outputs, command.context, span=command.span, why="it writes what it receives")
        return found or reads(command, "it asks a service")
    return outcome(command, "file.write", "it writes what it receives")


def _http(command: Command) -> list[Effect]:
    if re.search(r"\b(POST|PUT|PATCH|DELETE)\b", " ".join(command.words[1:4])):
        return outcome(command, "unknown", "it talks to a service, and what that does is not known")
    return reads(command, "it asks a service")


def _awk(command: Command) -> list[Effect]:
    # Few commands need it; what a hook loads for each counts.
    from .awk import awk

    return awk(command)


def _trap(command: Command) -> list[Effect]:
    words = operands(arguments(command))
    # `trap 'line' EXIT` runs the line; `trap - EXIT` takes it back.
    return command.line(words[0], command.context) if len(words) > 1 and words[0] != "-" else reads(command)


PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(_ONLY_LOOK, reads),
    **dict.fromkeys(_CHECKERS, always("state.read", "it checks")),
    **dict.fromkeys(_FORMATTERS, always("file.write", "it checks or formats files")),
    **dict.fromkeys(_PROJECT_CODE, always("unknown", "it runs code of the project, which is not followed")),
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk"), _awk),
    "curl": _curl,
    "date": _date,
    "http": _http,
    "https": _http,
    "trap": _trap,
    "wget": _wget,
    "yq": _yq,
}
"""Programs by name."""
