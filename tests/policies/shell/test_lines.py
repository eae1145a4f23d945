"""Whole shell lines: what the shell would run is found, and what it only says is not."""

import pytest

from safe_rollback.policies.shell.analysis import analyse, analyse_git
from safe_rollback.policies.shell.context import NOWHERE, Context
from tests.policies.shell.near import HERE, effects, verdict
from tests.policies.shell.test_git_worktree import rows

REFUSED = [
    *rows(
        """
git status && git reset --hard
git status; git reset --hard
git status || git reset --hard
git status & git reset --hard
git log | cat; git reset --hard
true && (cd src && git reset --hard)
{ git reset --hard; }
! git reset --hard
if git diff --quiet; then git reset --hard; fi
for f in a b; do git checkout -- $f; done
f() { git reset --hard; }; f
g"i"t re's'et "--ha"rd
git reset $'--hard'
git reset $"--hard"
git reset --{hard,quiet}
git clean -{f,d}
git $'res\\x65t' --hard
git reset $'--h\\141rd'
rm -rf src
find . -exec git checkout -- {} +
python -c "import os; os.system('git reset --hard')"
\\git reset --hard
git reset \\--hard
X=1 git reset --hard
GIT_DIR=.git git reset --hard
GIT_DIR=.git GIT_WORK_TREE=. git checkout -- .
env git reset --hard
env X=1 git reset --hard
env -u HOME X=1 git reset --hard
env -- git reset --hard
sudo -u me git reset --hard
command git reset --hard
exec git reset --hard
nice -n 5 git clean -fdx
nohup git clean -fdx
timeout 10 git reset --hard
timeout -k 5 10s git reset --hard
timeout --signal=KILL 10 git reset --hard
time -p git reset --hard
bash -c 'git reset --hard'
bash -lc "git reset --hard"
sh -euc 'cd src; git clean -fdx'
bash -o pipefail -c 'git reset --hard'
bash -c "bash -c 'git reset --hard'"
bash <<< 'git reset --hard'
eval git reset --hard
eval "git reset --hard"
echo $(git reset --hard)
echo `git reset --hard`
echo "$(git reset --hard)"
echo "$(echo ')' ; git reset --hard)"
echo ${X:-$(git reset --hard)}
cat <(git reset --hard)
git log > >(git reset --hard)
git ls-files -m | xargs git checkout --
git ls-files -o | xargs -n 10 git clean -f
echo x 2>&1 | git reset --hard
git reset --hard > /dev/null 2>&1
git reset --hard &> out.txt
git clean -fdx < -n
git fetch --upload-pack='git reset --hard;' .
git undo
git undo HEAD~1
git deep
git nuke
git -c alias.x='reset --hard' x
git -c alias.x='!git reset --hard' x
git -c alias.a=b -c alias.b='clean -fdx' a
GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=alias.z GIT_CONFIG_VALUE_0='reset --hard' git z
GIT_CONFIG_KEY_0=clean.requireForce GIT_CONFIG_VALUE_0=false git clean -d
echo x > .git/config
: > .git/index
echo x >> sub/.git/HEAD
"""
    ),
    "git status\ngit reset --hard",
    "git \\\n  reset \\\n  --hard",
    "echo \\\\\ngit reset --hard",
    "git log \\\\\ngit reset --hard",
    "git status # careful \\\ngit reset --hard",
    "git log --grep 'a\\\n' ; git reset --hard",
    "cat <<'EOF'\ntext\nEOF\ngit reset --hard",
    "cat <<EOF && git reset --hard\ntext\nEOF\n",
    "cat <<EOF\n$(git reset --hard)\nEOF\n",
    "bash <<'EOF'\ngit reset --hard\nEOF\n",
    "cat <<A <<-B\none\nA\n\ttwo\n\tB\ngit reset --hard",
    "git commit -m \"$(cat <<'EOF'\nDon't (say\nEOF\n)\"; git reset --hard",
]


@pytest.mark.parametrize("command", REFUSED)
def test_destruction_is_found_wherever_the_shell_would_run_it(command: str) -> None:
    answer = verdict(command)
    assert answer.decision == "refuse"
    assert answer.rule == "destructive-command"


TALK = [
    *rows(
        """
git commit -m "git reset --hard"
git commit -m 'never git push --force; git clean -fdx'
git commit -m "say \\"git reset --hard\\" no more"
git log --grep 'git clean -fdx'
git log --grep "reset --hard" --oneline
git tag -a v2 -m 'rm -rf && git reset --hard'
git status # git reset --hard
# git reset --hard
git grep 'git reset --hard' -- '*.md'
git stash push -m "git stash drop"
git add ';git reset --hard'
git log 2> /dev/null
"""
    ),
    "git commit -F - <<'EOF'\ngit reset --hard\n$(git clean -fdx)\nEOF\n",
    "git commit -F - <<-EOF\n\tnever: git reset --hard\n\tEOF\ngit status",
]


@pytest.mark.parametrize("command", TALK)
def test_text_that_only_speaks_of_destruction_is_harmless(command: str) -> None:
    assert verdict(command).decision == "allow"
    assert "unknown" not in effects(command)


def test_the_usual_form_of_a_long_commit_message_is_not_refused() -> None:
    body = "Fix it :)\n\nReverts \"x\" (see 'y').\ngit reset --hard is what we don't do; `git clean -fdx` neither."
    command = f"git commit -m \"$(cat <<'EOF'\n{body}\nEOF\n)\" && git push -u origin feature"
    assert verdict(command).decision == "allow"
    assert {"commit", "remote.update"} <= effects(command)


UNKNOWN = [
    *rows(
        """
git $CMD
git reset $FLAG
git reset ${FLAG}
git reset --har*
git clean -[f]dx
git checkout $BRANCH
git lfs prune
git frobnicate --hard
git loop
git spin
git wrong
git -c core.pager='git reset --hard' log
git -c core.editor=x commit
git -c diff.external=x diff
git -c include.path=evil status
git --exec-path=/tmp/evil status
git grep -O'vi' pattern
git daemon --export-all
git gui
git citool
git instaweb
git gitk
gitk --all
git shell
git http-backend
git cvsserver
git web--browse https://example.org
git help -w reset
git help --web reset
git bisect visualize
git difftool
git mergetool
git send-email
git credential fill
git credential approve
git maintenance start
git maintenance register
git grep --open-files-in-pager=less pattern
GIT_SSH_COMMAND=x git fetch
GIT_EXEC_PATH=/tmp/evil git status
GIT_DIR=elsewhere git status
env GIT_DIR=elsewhere git status
export GIT_DIR=elsewhere
git fetch --upload-pack=./evil origin
git ls-remote --exec=./evil origin
git bisect run ./check.sh
git submodule foreach ./build.sh
bash script.sh
make clean
"""
    ),
    "git status 'unclosed",
    'git status "unclosed',
    "git commit -F - <<'EOF'\nno end",
]


@pytest.mark.parametrize("command", UNKNOWN)
def test_what_cannot_be_known_is_said_to_be_unknown(command: str) -> None:
    assert "unknown" in effects(command)


@pytest.mark.parametrize(
    "command", ['echo "git reset --hard', "rg 'rm -rf src", "git status 'unclosed", "git reset --help 'unclosed"]
)
def test_a_line_with_an_open_quote_is_judged_as_it_was_meant(command: str) -> None:
    assert verdict(command).decision == "allow"
    assert "unknown" in effects(command)


@pytest.mark.parametrize(
    "command",
    [
        "git reset --hard 'unclosed",
        'ls; rm -rf src "x',
        "x='$(git reset --hard'; git \"$(x)",
        "git status `x` 'unclosed",
    ],
)
def test_a_line_with_an_open_quote_that_destroys_is_refused(command: str) -> None:
    assert verdict(command).decision == "refuse"


def test_without_a_repository_a_bare_word_may_be_a_path() -> None:
    assert effects("git checkout notes.txt", NOWHERE) == {"head.move", "unknown"}


def test_a_branch_that_only_a_remote_has_is_a_branch_and_a_path_is_a_path() -> None:
    assert effects("git checkout elsewhere") == {"head.move"}
    assert effects("git checkout elsewhere2") == {"worktree.discard"}


@pytest.mark.parametrize(
    ("setting", "effect"),
    [
        ("false", "commit"),
        ("true", "history.rewrite"),
        ("interactive", "history.rewrite"),
        ("merges", "history.rewrite"),
    ],
)
def test_a_configured_rebase_counts(setting: str, effect: str) -> None:
    assert effects("git pull", HERE.having([("pull.rebase", setting)])) == {effect}
    assert effects("git pull", HERE.having([("branch.feature.rebase", setting), ("pull.rebase", "true")])) == {effect}


def test_redirections_name_the_files_they_write() -> None:
    found = analyse("git log >a 2>b >>c <d &>e 3<>f >|g >&h 2>&1 <&- >/dev/null", HERE)
    assert [one.targets for one in found if one.effect == "file.write"] == [[name] for name in "abcefgh"]
    assert effects("git log > out.txt") == {"state.read", "file.write"}
    assert effects("git log > /dev/null") == {"state.read"}


def test_an_argument_list_is_not_read_as_shell_text() -> None:
    found = analyse_git(["commit", "-m", "$(git reset --hard); git clean -fdx"], HERE)
    assert {one.effect for one in found} == {"commit"}


def test_every_effect_says_which_words_and_why() -> None:
    for command in [*REFUSED, *UNKNOWN]:
        for one in analyse(command, HERE):
            assert one.why
            assert one.span
            assert "\0" not in one.span + one.why


@pytest.mark.parametrize(
    "command",
    [
        "$(" * 60_000,
        "`" * 100_001,
        "(" * 100_000,
        "a" * 131_000,
        "'" + "b" * 131_000,
        '"' + "\\b" * 65_000,
        "<<a " * 30_000,
        "{a," * 40_000,
        "x=" * 60_000 + " git status",
        "git " * 30_000,
        "git status;" * 11_000,
        "bash -c 'bash -c \"" * 3_000,
        "a" * 200_000,
    ],
    ids=lambda text: f"{text[:8]!r}x{len(text)}",
)
def test_long_and_deep_lines_are_answered(command: str) -> None:
    assert analyse(command, HERE)


def test_aliases_that_multiply_come_to_an_end() -> None:
    many = {f"a{number}": "!" + f"git a{number + 1};" * 30 for number in range(8)}
    found = analyse("git a0", Context(aliases=many))
    assert "it runs too many commands" in {one.why for one in found}


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "# only a comment", "X=1", "f() { git reset --hard; }"])
def test_a_line_that_runs_nothing_reads(text: str) -> None:
    assert {one.effect for one in analyse(text, HERE)} == {"state.read"}
