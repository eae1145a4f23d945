"""The tables of JavaScript, Perl, Ruby and PHP for `scripts`."""

from ...core.late import late
from .scanner import Syntax
from .scripts import Action, Language, deletes, like, opaque, opens, overwrites, replaces, runs, unfollowed, writes

_C_COMMENTS = r"//[^\n]*|/\*.*?\*/"


def _js_calls() -> dict[str, Action]:
    found: dict[str, Action] = {
        **dict.fromkeys(("execSync", "spawn", "spawnSync", "execFile", "execFileSync", "execa", "execaSync"), runs),
        **dict.fromkeys(("execaCommand", "execaCommandSync", "child_process.exec", "cp.exec", "Bun.spawn"), runs),
        **dict.fromkeys(("Bun.spawnSync", "shell.exec"), runs),
        **dict.fromkeys(("unlink", "Deno.removeSync", "Deno.remove"), deletes(recursive=False)),
        **dict.fromkeys(("fs.rm", "promises.rm", "fsp.rm", "rmdir", "?.rm"), deletes(recursive=False)),
        **dict.fromkeys(("emptyDir", "fs.remove", "fse.remove", "rimraf", "rimrafSync"), deletes(recursive=True)),
        **dict.fromkeys(("writeFile", "createWriteStream", "outputFile", "Bun.write"), replaces),
        **dict.fromkeys(("Deno.writeTextFile", "Deno.writeTextFileSync", "Deno.writeFile"), replaces),
        **dict.fromkeys(("appendFile", "mkdir"), writes),
        **dict.fromkeys(("truncate",), overwrites),
        **dict.fromkeys(("fs.open", "promises.open", "openSync"), opens),
        **dict.fromkeys(("chmod", "chown", "utimes", "DatabaseSync", "Database", "createConnection"), opaque),
        **dict.fromkeys(("chmodSync", "chownSync", "utimesSync", "net.connect"), opaque),
        **dict.fromkeys(("symlink", "symlinkSync", "linkSync"), opaque),
        **dict.fromkeys(("fs.rename", "promises.rename", "Deno.rename"), like("mv", "-T")),
        **dict.fromkeys(("fs.cp", "promises.cp", "fs.copy", "Deno.copyFile"), like("cp", "-rT")),
        "copyFile": like("cp", "-T"),
        **dict.fromkeys(("eval", "Function", "runInNewContext", "runInThisContext"), unfollowed),
    }
    for name in ("unlink", "rm", "rmdir", "writeFile", "appendFile", "truncate", "rename", "cp", "copyFile", "mkdir"):
        found[f"{name}Sync"] = found.get(name) or found[f"fs.{name}"]
    return found


_NODE_MODULES = late(
    r"(?:node:)?(?:assert|buffer|child_process|cluster|console|constants|crypto|dns|events|fs|fs/promises|http|http2"
    r"|https|module|net|os|path|perf_hooks|process|querystring|readline|stream|string_decoder|timers|timers/promises"
    r"|tls|tty|url|util|v8|vm|worker_threads|zlib|test)"
)
JAVASCRIPT = Language(
    syntax=Syntax(comments=_C_COMMENTS, quotes="'\"`", computes="`", interpolation=r"\$\{[^{}]*\}"),
    calls=_js_calls(),
    owners=None,
    loads=frozenset({"require", "import", "from"}),
    known_modules=_NODE_MODULES,
)
_PLAIN_EXEC: dict[str, Action] = {"exec": runs}
JAVASCRIPT_WITH_PROCESSES = Language(
    syntax=JAVASCRIPT.syntax,
    calls={**JAVASCRIPT.calls, **_PLAIN_EXEC},
    owners=None,
    loads=JAVASCRIPT.loads,
    known_modules=_NODE_MODULES,
)
"""The same where `child_process` is loaded: elsewhere `exec` is a regular expression's."""

_PERL_NAME = r"[$@%]?[A-Za-z_]\w*(?:::\w+)*"
PERL = Language(
    syntax=Syntax(
        comments=r"(?<![$\w])#[^\n]*|^=\w+.*?^=cut[^\n]*",
        quotes="'\"`",
        computes='"`',
        interpolation=r"[$@](?:\{[^}]*\}|\w+(?:(?:->)?[\[{][^\]}]*[\]}])*)",
        name=_PERL_NAME,
        operators=r"\b(?:qx|qq|qw|qr|q|m|s|tr|y)\b",
    ),
    calls={
        **dict.fromkeys(("system", "exec", "readpipe", "IPC.run"), runs),
        **dict.fromkeys(("unlink",), deletes(recursive=False)),
        **dict.fromkeys(("rmtree", "remove_tree", "File::Path::rmtree", "pathrmdir"), deletes(recursive=True)),
        "rmdir": writes,
        "truncate": overwrites,
        **dict.fromkeys(("DBI.connect",), opaque),
        "open": opens,
        "sysopen": writes,
        "rename": like("mv", "-T"),
        "move": like("mv"),
        "copy": like("cp"),
        "eval": lambda call: unfollowed(call) if "\0" in "".join(call.texts) else [],
    },
    commands=frozenset({"`", "qx"}),
    owners=frozenset({"CORE", "GLOBAL"}),
    bare=True,
)
RUBY = Language(
    syntax=Syntax(
        comments=r"#[^\n{][^\n]*|^=begin.*?^=end[^\n]*",
        quotes="'\"`",
        computes='"`',
        interpolation=r"#\{[^{}]*\}",
        name=r"[@$]*[A-Za-z_]\w*[?!]?",
        operators=r"%[xqQwWiI]",
    ),
    calls={
        **dict.fromkeys(("system", "exec", "spawn", "IO.popen", "PTY.spawn", "Process.spawn"), runs),
        **dict.fromkeys(("Open3.capture2", "Open3.capture2e", "Open3.capture3", "Open3.popen3", "Open3.popen2"),
        runs),
        **dict.fromkeys(("File.delete", "File.unlink", "FileUtils.rm", "FileUtils.rm_f"), deletes(recursive=False)),
        **dict.fromkeys(("FileUtils.rm_rf", "FileUtils.rm_r", "FileUtils.rmtree"), deletes(recursive=True)),
        **dict.fromkeys(("FileUtils.remove_dir", "FileUtils.remove_entry", "FileUtils.remove_entry_secure",
                         "FileUtils.remove", "rm_rf", "rm_r"), deletes(recursive=True)),
        **dict.fromkeys(("Dir.delete", "Dir.rmdir", "Dir.unlink", "Dir.mkdir", "FileUtils.mkdir_p"), writes),
        **dict.fromkeys(("File.write", "IO.write", "File.binwrite"), replaces),
        "FileUtils.touch": writes,
        **dict.fromkeys(("File.truncate",), overwrites),
        **dict.fromkeys(("Database.new", "File.chmod", "FileUtils.chmod", "UNIXSocket.new"), opaque),
        **dict.fromkeys(("File.open", "open", "File.new"), opens),
        **dict.fromkeys(("File.rename", "FileUtils.mv", "FileUtils.move"), like("mv")),
        **dict.fromkeys(("FileUtils.cp", "FileUtils.copy", "FileUtils.cp_r"), like("cp", "-r")),
        **dict.fromkeys(("eval", "instance_eval", "class_eval"), unfollowed),
    },
    commands=frozenset({"`", "%x"}),
    owners=frozenset({"Kernel", "self", "Process"}),
    bare=True,
    loads=frozenset({"require", "require_relative", "load"}),
    known_modules=late(
        r"json|yaml|set|date|time|csv|uri|net/http|open3|fileutils|pathname|tempfile|tmpdir|digest|digest/\w+|erb"
        r"|optparse|securerandom|shellwords|stringio|strscan|zlib|bigdecimal|benchmark|English|pp|logger|find|etc|base64"
    ),
)  # fmt: skip
PHP = Language(
    syntax=Syntax(
        comments=rf"{_C_COMMENTS}|#[^\n]*",
        quotes="'\"`",
        computes='"`',
        interpolation=r"\{?\$\w+(?:->\w+|\[[^\]]*\])*\}?",
        slashes=False,
    ),
    calls={
        **dict.fromkeys(("exec", "shell_exec", "system", "passthru", "popen", "proc_open", "pcntl_exec"), runs),
        **dict.fromkeys(("unlink",), deletes(recursive=False)),
        **dict.fromkeys(("rmdir", "touch", "mkdir"), writes),
        "file_put_contents": replaces,
        "fopen": opens,
        **dict.fromkeys(("SQLite3", "PDO", "chmod", "symlink", "link"), opaque),
        "rename": like("mv", "-T"),
        "copy": like("cp", "-T"),
        **dict.fromkeys(("eval", "assert", "create_function", "include", "require"), unfollowed),
    },
    commands=frozenset({"`"}),
    owners=frozenset(),
    applies=frozenset({"array_map", "array_walk", "call_user_func", "call_user_func_array"}),
)
