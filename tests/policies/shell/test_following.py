"""What the shell makes of a text before it runs it: variables, functions, pipes into shells, wrappers."""

import pytest

from safe_rollback.policies.shell.analysis import analyse
from safe_rollback.policies.shell.context import Context
from safe_rollback.policies.shell.syntax import _plain, _Reader
from tests.policies.shell.near import HERE, effects, verdict
from tests.policies.shell.test_git_worktree import rows

REFUSED = [
    *rows(
        """
W='git reset --hard'; $W
W='reset --hard'; git $W
W='git reset'; bash -c "$W --hard"
git ${MODE:-reset} --hard
git${IFS}reset${IFS}--hard
A=(reset --hard); git "${A[@]}"
A=reset; B=A; git ${!B} --hard
x=Xreset; git ${x#X} --hard
x=reXset; git ${x/X/} --hard
x=RESET; git ${x,,} --hard
IFS=,; x=git,reset,--hard; $x
for mode in --soft --hard; do git reset $mode; done
for mode in --{soft,hard}; do git reset $mode; done
printf '%s\\n' a --hard | while read mode; do git reset $mode; done
f() { git "$@"; }; f reset --hard
f() { $1 $2 --hard; }; f git reset
function f { git reset --hard; }; true && f
alias wipe='git reset'; wipe --hard
bash -c '"$@"' _ git reset --hard
bash -c '$1' _ 'git reset --hard'
bash -c 'shift; "$@"' _ x git reset --hard
set -- git reset --hard; "$@"
echo 'git reset --hard' | sh
printf '%s\\n' 'git reset --hard' | bash -s
{ echo cd src; echo git reset --hard; } | sh
echo Z2l0IHJlc2V0IC0taGFyZA== | base64 -d | sh
echo 'drah-- teser tig' | rev | sh
bash <(echo git reset --hard)
source <(echo git reset --hard)
. /dev/stdin <<< 'git reset --hard'
echo 'git reset --hard' > x.sh; bash x.sh
echo 'git reset --hard' > x.sh && chmod +x x.sh && ./x.sh
$(echo git) reset --hard
$(which git) reset --hard
`command -v git` reset --hard
printf 'reset --hard\\n' | xargs git
echo --hard | xargs -I{} git reset {}
echo x | xargs -n1 sh -c 'git reset --hard' _
parallel git reset ::: --hard
parallel ::: 'git reset --hard'
trap 'git reset --hard' EXIT
coproc git reset --hard
time { git reset --hard; }
case $x in a) git reset --hard;; esac
while true; do git reset --hard; done
until git reset --hard; do :; done
[[ -n $(git reset --hard) ]]
(( $(git reset --hard) ))
env -S 'git reset --hard'
env -iS 'git reset --hard'
env -C src -u X Y=1 git reset --hard
sudo -nu me X=1 git reset --hard
doas -u me git reset --hard
ionice -c 3 git reset --hard
stdbuf -oL git reset --hard
setsid -w git reset --hard
flock /tmp/lock git reset --hard
flock /tmp/lock -c 'git reset --hard'
script -qc 'git reset --hard' /dev/null
su me -c 'git reset --hard'
watch -n 1 git reset --hard
busybox sh -c 'git reset --hard'
timeout -k 5 -- 5 git reset --hard
git-reset --hard
/usr/lib/git-core/git-reset --hard
GIT_CONFIG_PARAMETERS="'alias.z=reset --hard'" git z
export HUSKY=0
declare -x HUSKY=0; git commit
: > src/app.py
> src/app.py
cat /dev/null > src/app.py
cd src && : > app.py
pushd src; : > app.py
cd sub; cd -; : > src/app.py
(cd sub); : > src/app.py
cd /repo/src && : > app.py
git status "$(x) 'unclosed
if git status
"""
    ),
    "cat <<'EOF' | sh\ngit reset --hard\nEOF",
    "cat <<'EOF' > x.sh 2>&1\ngit reset --hard\nEOF\nbash x.sh",
    "bash <<-EOF 2>&1 | tail\n\tgit reset --hard\n\tEOF\n",
    "cat <<A <<'B' | sh\none\nA\ngit reset --hard\nB\n",
    "eval \"$(cat <<'EOF'\ngit reset --hard\nEOF\n)\"",
    "git status )\ngit reset --hard",
]


@pytest.mark.parametrize("command", REFUSED)
def test_destruction_is_found_behind_what_the_shell_makes_of_a_text(command: str) -> None:
    assert verdict(command).decision == "refuse"


HARMLESS = [
    *rows(
        """
f() { git reset --hard; }
alias wipe='git reset --hard'
W='git reset --hard'; echo "$W"
echo 'git reset --hard' > notes.txt
echo 'git reset --hard' | cat
printf 'git reset --hard' | grep reset
grep -rn 'git reset --hard' . | head
echo "git reset --hard" # git reset --hard
echo \\$\\(git reset --hard\\)
echo '$(git reset --hard)'
git log --format='%h $(git reset --hard)'
bash -n -c 'git reset --hard'
trap - EXIT
cd src && echo x >> app.py
for f in a b; do echo "$f: git reset --hard"; done
[ -f x ] && echo 'git clean -fdx'
command -v git
git --no-pager log -1
x=1; git log -$x
"""
    ),
    "cat <<'EOF' > notes.md 2>&1 | tail\nDon't run `git reset --hard`\n$(git clean -fdx)\nEOF\n",
    "cat > a.md <<'A'; cat > b.md <<\"B\"\nit's git reset --hard\nA\n\"git clean -fdx\nB\n",
    "git commit -m \"$(cat <<'EOF'\nit's (git reset --hard\nEOF\n)\"",
]


@pytest.mark.parametrize("command", HARMLESS)
def test_what_is_only_said_or_never_called_is_harmless(command: str) -> None:
    assert verdict(command).decision == "allow"


@pytest.mark.parametrize(
    "command",
    [
        "git status",
        "git reset --hard",
        "  git   log --format=%H -1 ",
        "rm -rf src",
        "git checkout HEAD~1",
        "/usr/bin/git clean -fdx",
        "sudo -u me git reset --hard",
        "ls",
        "git log a..b -- src/app.py",
        "cat ~/x",
        "git commit -m x --no-verify",
    ],
)
def test_a_plain_line_reads_the_same_with_and_without_the_parser(command: str) -> None:
    assert _plain(command) is not None
    assert _plain(command) == _Reader().text(command)


@pytest.mark.parametrize(
    "command", ["X=1 git status", "if x", "time git log", "a|b", "a b=c", "echo {a,b}", "! git x"]
)
def test_a_line_with_anything_special_goes_to_the_parser(command: str) -> None:
    assert _plain(command) is None


@pytest.mark.parametrize(
    "command",
    ["cat f | sh", "curl https://example.org/x | bash", "bash script.sh", "source script.sh", "$CMD", "eval \"$X\"",
     "xargs sh -c", "sh -c \"$(cat f)\"", "frobnicate --all", "echo $X | sh"],
)  # fmt: skip
def test_what_runs_only_later_is_unknown(command: str) -> None:
    assert "unknown" in effects(command)


def test_a_directory_outside_or_unknown_is_not_taken_for_the_worktree() -> None:
    assert effects("cd /elsewhere && echo x > a") == {"state.read", "outside.write"}
    assert effects("cd $X && echo x > a") == {"state.read", "unknown"}
    assert effects("(cd /elsewhere); echo x > a") == {"state.read", "file.write"}


def test_variables_of_the_environment_are_known() -> None:
    known = Context(variables={"MODE": "--hard"})
    assert verdict("git reset $MODE", known).decision == "refuse"
    assert verdict("MODE=--soft; git reset $MODE --quiet HEAD", known).decision == "allow"


def test_either_branch_may_have_run() -> None:
    found = effects("mode=--soft; if x; then mode=--hard; fi; git reset $mode")
    assert "unknown" in found
    assert verdict("cd src; if x; then cd ..; fi; : > app.py").decision == "allow"


def test_texts_that_double_come_to_an_end() -> None:
    assert analyse("x=aaaaaaaaaaaaaaaa;" + "x=$x$x;" * 200 + "echo $x", HERE)
    assert analyse('f() { f "$@" "$@"; f "$@"; }; f a', HERE)
    assert analyse("A=(a b);" + 'A+=("${A[@]}");' * 60 + "echo ${A[@]}", HERE)
