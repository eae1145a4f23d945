"""Code that a stream or an unknown value supplies is refused; data from one is not."""

import pytest

from safe_rollback.policies.shell.context import NOWHERE
from tests.policies.shell.near import effects, verdict
from tests.policies.shell.test_git_worktree import rows

SUPPLIED = rows(
    r"""
xargs sh -c
cat cmds | xargs -0 sh -c
xargs bash
xargs bash -c
xargs -n1 zsh -ec
xargs -I{} sh -c {}
xargs -I% bash -c '%'
xargs -J TOKEN sh -c TOKEN
xargs -I{} sh -c 'cd src && {}'
xargs -I{} bash -{} 'printf safe'
xargs -I{} bash {} 'printf safe'
xargs -I{} bash -Oextglob {}
xargs sh -c '"$1"' _
xargs sh -c '"${1}"' _
xargs sh -c '"$@"' _
xargs sh -c 'exec "$@"' _
xargs sh -c 'command "$1"' _
xargs sh -c 'env "$1"' _
xargs sh -c 'eval "$1"' _
xargs sh -c 'eval "prefix${1:-true}"' _
xargs sh -c 'eval "${10}"' _
xargs sh -c 'eval "${!1}"' _
xargs sh -c 'sh -c "${*}"' _
xargs sh -c 'source "${@}"' _
xargs sh -c '. "$FILE"'
xargs sh -c 'echo "$("$1")"' _
xargs sh -c 'cmd=$1; "$cmd"' _
xargs sh -c "$COMMAND"
xargs eval "$COMMAND"
xargs bash "$FILE"
xargs "$CMD"
xargs -I{} env CMD={} sh -c 'eval "$CMD"'
xargs -I{} ./{}
xargs -I{} run-{}
xargs env
xargs env --
xargs sudo --
xargs nohup
xargs timeout 5
xargs python
xargs python3 -c
xargs -I{} python3 -c {}
xargs -I{} python3 {} 'print(1)'
xargs -I{} python3 -m {}
xargs node
xargs -I{} node {}
xargs -I{} node --{} app.js
xargs -I{} node --ev{} 'console.log(1)'
xargs -I{} node --require {} -e 1
xargs -I{} node --import={} -e 1
xargs ruby
xargs -I{} ruby -r{} -e 1
xargs perl
xargs -I{} perl -M{} -e 1
xargs -I{} php -r {}
xargs awk
xargs -I{} awk {}
xargs -I{} awk -f {}
xargs -I{} gawk --file={}
xargs -I{} gawk -{} 'BEGIN { print }'
xargs awk '{ system($0) }'
xargs -I{} awk 'BEGIN { system("{}") }'
xargs -I{} awk 'BEGIN { {} | getline }'
cat cmds | awk '{ system($0) }'
awk '{ system($2 " --all") }' cmds
xargs git
xargs git -C src
xargs -I{} git {}
xargs -I{} git {} --hard
xargs -I{} git reset {}
xargs git reset
xargs -I{} git reset --ha{}
xargs -I{} git -c {} status
xargs -I{} git --config-env={} status
xargs -I{} git clean -d{}
xargs -I{} git checkout {}
xargs -I{} git stash {}
xargs -I{} git worktree {}
xargs -I{} git reflog --{}
xargs -I{} git rm -{} src
xargs -I{} git fetch --upload-pack {} origin
xargs git push
xargs find . -exec
xargs -I{} find . -exec sh -c {} ';'
xargs -I{} find . -execdir eval {} ';'
parallel
cat cmds | parallel -j4
parallel :::: cmds
parallel -a cmds
parallel {} arg
parallel eval {}
parallel bash -c {}
parallel env FOO={} sh -c '$FOO'
parallel awk 'BEGIN{system("{}")}'
parallel git -c {} status
parallel sh -c "$COMMAND" ::: ok
parallel bash -c 'source "$FILE"' ::: ok
find . -exec {} \;
find . -exec sudo {} \;
find . -exec sh -c {} \;
find . -exec sh -c "$COMMAND" \;
find . -exec bash "$FILE" \;
find . -execdir eval "$COMMAND" \;
find . -ok python3 -c "$CODE" \;
fd -x {}
git --config-env alias.x=NAME x
git --config-env=alias.x=NAME x
git -c alias.x="$COMMAND" x
git -c alias.x="!$COMMAND" x
"""
)


@pytest.mark.parametrize("command", SUPPLIED)
def test_code_from_a_stream_is_refused(command: str) -> None:
    answer = verdict(command)
    assert (answer.decision, answer.rule) == ("refuse", "computed-code")
    assert answer.why and answer.evidence
    assert "file" in answer.instead


@pytest.mark.parametrize("command", SUPPLIED)
def test_code_from_a_stream_stays_in_the_vocabulary(command: str) -> None:
    assert "unknown" in effects(command, NOWHERE)


FED = rows(
    r"""
xargs -n1 python script.py
xargs node build.js
xargs -I{} node --title {} app.js
xargs -I{} python -W {} script.py
xargs -I{} python3 -m json.tool {}
xargs python -m pytest
xargs ruby -e 'puts 1'
xargs perl -Mstrict -e 'print 1' --
xargs awk '{ print }'
xargs awk -f safe.awk
xargs sh -c 'wc -l "$1"' _
xargs bash -n
xargs bash script.sh
xargs -I{} sh -c 'echo {}; sed -n 1,20p {}'
xargs -I{} sh -c 'cd {} && ./gradlew test'
xargs -I{} {}/bin/tool --version
xargs -I{} ./scripts/{}
xargs -I{} python {}/setup.py test
xargs -I{} node {}/index.js
xargs -I{} bash {}/run.sh
xargs -n1 git tag
xargs git merge --no-ff
xargs -n1 git push --tags
xargs -I{} env FILE={} sh -c 'wc -l "$FILE"'
xargs find . -name x
xargs -I{} find ./{} -name '*.ts'
xargs -I{} find . -fprintf {} -exec -print
xargs -n 1 git branch -d
xargs -n1 git fetch
xargs git add
xargs git rm
xargs git diff --stat
xargs -I{} git show {}
xargs -I{} git -C {} pull
xargs -I{} git checkout -b {}
xargs -I{} git commit -m {}
xargs git reset -q HEAD --
xargs -I{} git reset -- {}
xargs -I{} git push origin {}
xargs docker stop
xargs kill -9
parallel echo
parallel -j8 convert {} {.}.jpg
parallel git log --format={}
parallel python script.py {}
parallel pytest ::: tests/a tests/b
parallel :::
parallel --version
parallel --dry-run rm -rf {} ::: src
find . -name '*.py' -exec python -m py_compile {} \;
find . -name '*.sh' -exec bash {} \;
find . -name '*.js' -exec node --check {} \;
find . -name package.json -execdir npm ls \;
awk '{ cmd = "date -d " $1; cmd | getline day; print day }' x
awk '{ system("ls " $1) }' x
awk '{ if ($2 > 5) print $1 }' x
$CMD --all
bash "$FILE"
python "$script" --all
sh -c "$COMMAND"
eval "$COMMAND"
ALIAS=status git --config-env alias.x=ALIAS x
git --config-env foo.bar=NAME status
"""
)


@pytest.mark.parametrize("command", FED)
def test_data_from_a_stream_is_no_code(command: str) -> None:
    assert verdict(command).decision == "allow"


@pytest.mark.parametrize(
    "command",
    ["xargs -I{} rm {} /", "xargs -I{} rm {} src", "ALIAS='reset --hard' git --config-env alias.x=ALIAS x",
     "parallel --dry-run echo '{= system(\"rm -rf /\") =}' ::: x", "echo reset | xargs -I{} git {} --hard"],
)  # fmt: skip
def test_what_a_stream_cannot_hide_is_judged(command: str) -> None:
    assert verdict(command).rule == "destructive-command"
