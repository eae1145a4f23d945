"""Shell lines in languages that are not read, double parentheses, committed versions over edits, lines not judged."""

import pytest

from safe_rollback.policies.shell import analysis
from safe_rollback.policies.shell.walk import Walk
from tests.policies.shell.near import effects, judged, verdict
from tests.policies.shell.test_git_worktree import rows

LOSING = rows(
    r"""
lua -e 'os.execute("rm -rf src")'
luajit -e "os.execute('git reset --hard')"
julia -e 'run(`rm -rf src`)'
Rscript -e 'system("git clean -fd")'
osascript -e 'do shell script "rm -rf src"'
tclsh <<< 'exec rm -rf src'
expect -c 'spawn rm -rf src'
groovy -e '"git reset --hard".execute()'
elixir -e 'System.shell("rm -rf src")'
xonsh -c 'rm -rf src'
nu -c 'rm -r src'
vim -es -c '!rm -rf src' -c q
vim -c ':!git reset --hard' x
ed -s x <<< '!rm -rf src'
gdb -batch -ex 'shell rm -rf src'
sqlite3 x.db '.shell rm -rf src'
sqlite3 x.db <<< '.system git reset --hard'
psql -c '\! rm -rf src'
pwsh -c 'Remove-Item -Recurse -Force src'
pwsh -Command 'git reset --hard'
powershell -Command "rm -r -fo src"
pwsh <<< 'ri -Recurse src'
((rm -rf src))
(( rm -rf / root ))
sh -c '(( git reset --hard ))'
git show HEAD:src/app.py > src/app.py
git show HEAD~1:./src/app.py >| src/app.py
git cat-file -p HEAD:src/app.py > src/app.py
git --no-pager show main:README.md > README.md
"""
)


@pytest.mark.parametrize("command", LOSING)
def test_what_they_would_run_is_judged(command: str) -> None:
    assert judged(command).decision == "refuse"


EVERYDAY = rows(
    r"""
lua -e 'print("git")'
lua -e 'os.execute("git status")'
julia -e 'println("rm")'
Rscript -e 'install.packages("find")'
osascript -e 'tell app "Finder" to activate'
osascript -e 'display notification "rm done"'
vim -c ':%s/rm/mv/' -c wq x
gdb -batch -ex run ./a.out
sqlite3 x.db 'select * from t'
psql -c "select 'rm -rf src'"
psql -c "delete from jobs where name = 'git reset --hard'"
pwsh -c 'Get-ChildItem'
Remove-Item $target -Recurse -Force
(( count += 1 ))
((git = 3))
if (( find > 3 )); then echo y; fi
for ((i = 0; i < 3; i++)); do echo $i; done
git show HEAD:src/app.py > /tmp/app.py
git show HEAD:src/app.py > new.py
git show HEAD:src/app.py | head
git show HEAD:src/app.py >> notes2.md
git show HEAD > /tmp/last.patch
git diff HEAD > changes.patch
"""
)


@pytest.mark.parametrize("command", EVERYDAY)
def test_what_only_speaks_of_it_is_free(command: str) -> None:
    assert judged(command).decision == "allow"


@pytest.mark.parametrize("error", [TypeError("x"), KeyError("x"), RecursionError()])
def test_a_line_on_which_the_analysis_fails_is_refused_with_a_way_on(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Walk, "line", fail)
    answer = verdict("ls -la")
    assert answer.decision == "refuse"
    assert type(error).__name__ in answer.why
    assert "parts one by one" in answer.instead and "grant" in answer.instead
    assert "restore_checkpoint" not in answer.instead


@pytest.mark.parametrize(
    "command", ["if rm src", "git status )", "for i in {1..9}; do " * 6 + "rm x; " + "done; " * 6, "rm " + "((" * 90]
)
def test_a_line_that_cannot_be_read_to_its_end_is_to_be_taken_apart(command: str) -> None:
    answer = verdict(command)
    assert answer.decision == "refuse"
    assert "parts one by one" in answer.instead


def test_a_failure_stays_in_the_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Walk, "line", lambda *_: 1 / 0)
    assert effects("ls") == {"worktree.discard"}
    assert analysis.analyse("ls")[0].stake is None
