"""Interpreters with code on the command line: calls are followed, mentions are not."""

from dataclasses import replace

import pytest

from safe_rollback.policies.shell.analysis import analyse
from tests.policies.shell.near import HERE
from tests.policies.shell.test_git_worktree import rows

CONTEXT = replace(HERE, variables={"HOME": "/home/me"}, is_directory=lambda path: path == "/repo/src")


def done(command: str) -> set[str]:
    return {one.effect for one in analyse(command, CONTEXT)} - {"state.read"}


def python(source: str) -> set[str]:
    return done(f"python3 - <<'EOF'\n{source.strip()}\nEOF")


PYTHON = """
import subprocess; subprocess.run(["git", "reset", "--hard"])
import subprocess as s; s.check_call(["git", "reset", "--hard"])
from subprocess import run as go; go(("git", "reset", "--hard"))
from subprocess import *; run("git reset --hard", shell=True)
import os; os.system("git reset --hard")
import os; os.popen("git reset --hard").read()
__import__("os").system("git reset --hard")
import importlib; importlib.import_module("os").system("git reset --hard")
import os; getattr(os, "system")("git reset --hard")
import os; vars(os)["system"]("git reset --hard")
import os; f = os.system; f("git reset --hard")
import os; os.execvp("git", ["git", "reset", "--hard"])
import os; os.execlp("git", "git", "reset", "--hard")
import os; os.spawnvp(os.P_WAIT, "git", ["git", "reset", "--hard"])
import subprocess; c = ["git", "reset"]; c = c + ["--hard"]; subprocess.run(c)
import subprocess; c = "git"; c += " reset --hard"; subprocess.getoutput(c)
import subprocess; h = "--hard"; subprocess.run(f"git reset {h}", shell=True)
import subprocess; subprocess.run("git %s --hard" % "reset", shell=True)
import subprocess; subprocess.run("git {} --hard".format("reset"), shell=True)
import subprocess; subprocess.run(" ".join(["git", "reset", "--hard"]), shell=True)
import subprocess; subprocess.run("git reset --hard".split())
import subprocess; [subprocess.run(c.split()) for c in ["git status", "git reset --hard"]]
import os; list(map(os.system, ["git reset --hard"]))
import os; os.system("sh -c 'git reset --hard'")
import asyncio; asyncio.run(asyncio.create_subprocess_exec("git", "reset", "--hard"))
exec("import os; os.system('git reset --hard')")
import base64; exec(base64.b64decode("aW1wb3J0IG9zO29zLnN5c3RlbSgiZ2l0IHJlc2V0IC0taGFyZCIp"))
"""


@pytest.mark.parametrize("source", rows(PYTHON))
def test_a_command_that_python_runs_is_judged_as_in_the_shell(source: str) -> None:
    assert "worktree.discard" in python(source)


def test_python_is_followed_through_functions_loops_and_branches() -> None:
    source = """
import subprocess
def sh(*words, cwd=None):
    return subprocess.run(["git", *words], check=True)
def later():
    sh("clean", "-fdx")
cmd = "reset --hard"
if True:
    cmd = "status"
for flags in (cmd.split(), ["log"]):
    sh(*flags)
with open("notes.txt", "w") as f:
    f.write("git reset --hard")
"""
    assert python(source) >= {"worktree.discard", "worktree.delete", "file.write"}


FILES = """
import shutil; shutil.rmtree("src") : worktree.delete
import shutil; shutil.rmtree("/home/me/x") : outside.delete
import shutil; shutil.rmtree(".git") : guard.tamper
import shutil, os; shutil.rmtree(os.path.expanduser("~/x")) : outside.delete
import shutil, tempfile; shutil.rmtree(tempfile.mkdtemp()) : file.write
import shutil, sys; shutil.rmtree(sys.argv[1]) : worktree.delete
import os; os.remove("README.md") : file.write
import os; os.remove(".git/index") : guard.tamper
import os, glob; [os.remove(f) for f in glob.glob("*.md")] : worktree.delete
import os; [os.unlink(os.path.join("src", f)) for f in os.listdir("src")] : worktree.delete
from pathlib import Path; [p.unlink() for p in Path("src").rglob("*.py")] : worktree.delete
from pathlib import Path; Path("README.md").write_text("x") : file.write
from pathlib import Path; (Path(".git") / "config").write_text("x") : guard.tamper
from pathlib import Path; Path("new.md").rename("README.md") : file.write worktree.discard
import shutil; shutil.copy("a", "README.md") : worktree.discard
import os; os.truncate("README.md", 0) : worktree.discard
open(".git/HEAD", "w") : guard.tamper
open("README.md", mode="a") : file.write
import os; os.chdir("src"); os.remove("../.git/index") : guard.tamper
"""


@pytest.mark.parametrize("row", rows(FILES))
def test_files_that_python_touches_are_judged_by_where_they_are(row: str) -> None:
    source, _, expected = row.rpartition(" : ")
    assert python(source) == set(expected.split())


HARMLESS = """
print("git reset --hard")
s = open("README.md").read().replace("rm -rf /", "x"); print(len(s))
import json, sys; print(json.load(sys.stdin)["a"])
# os.system("git reset --hard")
import re; print(re.sub("rm", "", "rm -rf /"))
import subprocess; print(subprocess.run(["git", "status"], capture_output=True).stdout)
"""


@pytest.mark.parametrize("source", rows(HARMLESS))
def test_python_that_only_mentions_or_looks_does_nothing(source: str) -> None:
    assert python(source) == set()


UNKNOWN = """
import os, sys; os.system(sys.argv[1])
exec(input())
import requests; requests.get("https://example.org")
import os; f = getattr(os, input()); f("x")
getattr(__import__("os"), input())("x")
print("unclosed
"""


@pytest.mark.parametrize("source", rows(UNKNOWN))
def test_python_that_cannot_be_followed_is_unknown(source: str) -> None:
    assert python(source) == {"unknown"}


def test_a_script_a_module_and_unread_input_are_unknown_but_known_modules_are_not() -> None:
    assert done("python3 tool.py") == {"unknown"}
    assert done("python3 -m mypackage") == {"unknown"}
    assert done("python3 -m json.tool data.json") == set()
    assert done("python3 -m pip install x") == {"package.install"}
    assert done("python3 --version") == set()
    assert done("python3 manage.py migrate") == {"db.migrate"}


OTHERS = """
node -e 'require("child_process").execSync("git reset --hard")' : worktree.discard
node -e 'const { exec } = require("node:child_process"); exec("git reset --hard")' : worktree.discard
node -pe 'require("child_process").spawnSync("git", ["reset", "--hard"])' : worktree.discard
node --eval='const c = `git reset --hard`; require("child_process").execSync(c)' : worktree.discard
node -e 'require("child_process").execSync(process.argv[1])' : unknown
node -e 'require("fs").rmSync("src", { recursive: true })' : worktree.delete
node -e 'require("fs").rmSync("README.md")' : file.write
node -e 'require("fs").writeFileSync(".git/config", "")' : guard.tamper
node -e 'require("./mine").run()' : unknown
node -e 'console.log("git reset --hard; rm -rf /")' : none
node -e '/* execSync("rm -rf /") */ console.log(1)' : none
node -e 'console.log(/"/.exec("x")[0])' : none
deno eval 'Deno.removeSync("src", { recursive: true })' : worktree.delete
perl -e 'system("git reset --hard")' : worktree.discard
perl -we 'system "git", "reset", "--hard"' : worktree.discard
perl -e 'print `git reset --hard`' : worktree.discard
perl -e 'print qx{git reset --hard}' : worktree.discard
perl -e 'exec qw(git reset --hard)' : worktree.discard
perl -e 'open(F, "|-", "git", "reset", "--hard")' : worktree.discard
perl -e 'open(F, ">", ".git/config")' : guard.tamper
perl -e 'use File::Path; rmtree("src")' : worktree.delete
perl -e 'unlink "README.md"' : file.write
perl -pi -e 's/system/x/g' README.md : file.write
perl -pi -e 's/a/b/' .git/config : guard.tamper
perl -ne 'print if /rm -rf/' log : none
perl -e 'print "system(rm -rf /)"' : none
perl -e 'system($ARGV[0])' : unknown
ruby -e 'system("git reset --hard")' : worktree.discard
ruby -e 'system "git", "reset", "--hard"' : worktree.discard
ruby -e 'puts %x(git reset --hard)' : worktree.discard
ruby -e 'require "fileutils"; FileUtils.rm_rf("src")' : worktree.delete
ruby -e 'File.delete("README.md")' : file.write
ruby -e 'puts "system rm -rf /"' : none
ruby -e 'system("git #{ARGV[0]}")' : unknown
php -r 'shell_exec("git reset --hard");' : worktree.discard
php -r 'unlink(".git/index");' : guard.tamper
php -r 'echo "system(1)";' : none
lua -e 'os.execute("x")' : unknown
"""


@pytest.mark.parametrize("row", rows(OTHERS))
def test_other_languages_are_followed_where_their_arguments_are_literal(row: str) -> None:
    command, _, expected = row.rpartition(" : ")
    assert done(command) == set(expected.split()) - {"none"}
