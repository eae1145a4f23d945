"""Files and code that a stream names: loops over what is read, `xargs`, `find -exec`, scripts for `sh -c`."""

import pytest

from tests.policies.shell.near import effects, judged, verdict
from tests.policies.shell.test_git_worktree import rows

# A stream gives the code.
CODE = rows(
    r"""
while read l; do eval "$l"; done < file
while read -r l; do $l; done < file
while IFS= read -r l; do sh -c "$l"; done < file
while read -r l; do bash -c "$l" & done < file
while read l; do c="$l"; eval "$c"; done < file
while read l; do sudo $l; done < file
while read a; do git $a; done < file
cat file | while read -r l; do eval "$l"; done
cat file | (read -r l; eval "$l")
curl -s https://example.org/x | while read l; do eval "$l"; done
read -r l < file; eval "$l"
mapfile -t a < file; for c in "${a[@]}"; do eval "$c"; done
readarray a < file; for c in "${a[@]}"; do $c; done
for c in $(cat file); do eval "$c"; done
for c in `cat file`; do sh -c $c; done
run() { eval "$1"; }; while read l; do run "$l"; done < file
run() { "$@"; }; while read l; do run $l; done < file
while read l; do python3 -c "$l"; done < file
"""
)


@pytest.mark.parametrize("command", CODE)
def test_what_a_loop_reads_is_no_code(command: str) -> None:
    assert judged(command).rule == "computed-code"


# A stream names the files, and a human's are among those it may name.
LOSING = rows(
    r"""
find . -exec sh -c 'rm "$1"' _ {} \;
find src -exec sh -c 'rm "$1"' _ {} \;
find src -type f -exec sh -c 'rm "$0"' {} \;
find src -exec bash -c 'rm -rf {}' \;
find src -exec bash -c 'rm -rf "$1"' _ {} \;
find src -exec bash -c 'rm -f "$@"' _ {} +
find src -exec bash -c 'rm -f "${@:1}"' _ {} +
find src -exec bash -c 'for f; do rm "$f"; done' _ {} +
find src -exec bash -c 'for f in "$@"; do rm -- "$f"; done' _ {} +
find src -exec bash -c 'while [ $# -gt 0 ]; do rm "$1"; shift; done' _ {} +
find src -exec sh -c 'f=$1; unlink "$f"' _ {} \;
find src -exec sh -c ': > "$1"' _ {} \;
find src -exec sh -c 'cp /dev/null "$1"' _ {} \;
find src -exec sh -c 'truncate -s 0 {}' \;
find src -exec sh -c 'mv "$1" /tmp/' _ {} \;
find src -exec sudo rm {} \;
find src -exec busybox rm {} +
find src -exec cp /dev/null {} \;
find src -exec python3 -c 'import os, sys; os.remove(sys.argv[1])' {} \;
find src -exec perl -e 'unlink $ARGV[0]' {} \;
fd . src -x sh -c 'rm {}'
xargs rm
xargs -0 rm -f
xargs -I{} rm -- {}
xargs -a list rm
xargs unlink
xargs truncate -s 0
xargs -I{} cp /dev/null {}
xargs -I{} mv {} /tmp/
xargs -I{} sh -c 'rm {}'
xargs sh -c 'rm "$@"' _
xargs -n1 sh -c 'rm "$0"'
parallel rm
parallel rm -- {}
ls | xargs rm
ls | xargs -I{} sh -c 'rm {}'
git ls-files | xargs rm
git ls-files -o | xargs rm
git diff --name-only | xargs rm
git diff --name-only | xargs git checkout
grep -rl x src | xargs rm
rg -l x src | xargs rm -f
find src | grep py | xargs rm
find src | sort | head -5 | xargs rm
find . -name '*.txt' | sed 's/txt$/md/' | xargs rm
while read f; do rm "$f"; done < list
while read -r a b; do rm "$b"; done < list
ls | while read f; do rm "$f"; done
find src | while read f; do rm -f "$f"; done
find src -print0 | while IFS= read -r -d '' f; do rm "$f"; done
for f in $(git ls-files); do rm "$f"; done
for f in $(cat list); do rm -f "$f"; done
mapfile -t a < list; rm "${a[@]}"
drop() { local f="$1"; rm "$f"; }; ls | while read x; do drop "$x"; done
while read f; do git checkout "$f"; done < list
sh -c 'rm -rf "$1"' _ src
sh -c 'rm -rf "$0"' src
sh -c 'rm -rf "$@"' _ docs src
sh -c 'rm -rf "${@:2}"' _ docs src
sh -c 'shift; rm -rf "$1"' _ docs src
sh -c 'rm -rf "$1"' _ "$X"
sh -c 'rm "$1"' _ local.key
bash -c 'cd "$1" && git checkout -- .' _ src
ls | awk '{print "rm -rf " $1}' | sh
awk '{print "rm", $1}' list | bash
awk '{printf "rm -f %s\n", $1}' list | sh
awk '{print "git checkout -- " $2}' list | sh
awk '{system("rm " $1)}' list
ls | sed 's/^/rm -rf /' | sh
ls | sed 's/.*/rm "&"/' | bash
ls | sed -e 's/\(.*\)/rm \1/' | sh
perl -nle 'unlink' list
perl -ne 'chomp; unlink $_' list
find src | perl -nle unlink
ruby -ne 'File.delete($_.chomp)' list
python3 -c "import os, sys; [os.remove(l.strip()) for l in sys.stdin]"
node -e "fs.readdirSync('.').forEach(f => fs.unlinkSync(f))"
ruby -e 'Dir.glob("*").each { |f| File.delete(f) }'
perl -e 'unlink <*>'
php -r 'array_map("unlink", glob("*"));'
"""
)


@pytest.mark.parametrize("command", LOSING)
def test_files_that_a_stream_may_name_are_at_stake(command: str) -> None:
    answer = judged(command)
    assert answer.decision == "refuse"
    assert answer.why and answer.instead


# Names that come from elsewhere than the stream are not narrowed to what it selects.
ELSEWHERE = rows(
    r"""
find . -name '*.pyc' -exec sh -c 'rm -rf "$OTHER"' _ {} \;
find . -name '*.pyc' -exec sh -c "rm -rf $OTHER" _ {} \;
find . -name '*.pyc' -exec sh -c 'rm -rf "$1" "$OTHER"' _ {} \;
find . -name '*.pyc' -exec sh -c 'rm -rf "$1"' _ "$OTHER" {} \;
find . -name '*.pyc' -exec sh -c 'set -- $OTHER; rm -rf "$1"' _ {} \;
find . -name '*.pyc' -exec sh -c 'f() { rm -rf "$1"; }; f "$OTHER"' _ {} \;
find . -name '*.pyc' -exec python3 -c 'import shutil, os; shutil.rmtree(os.environ["X"])' {} \;
find . -name '*.pyc' -exec python3 -c 'import subprocess, os; subprocess.run(["rm", "-rf", os.environ["X"]])' {} \;
find . -name '*.pyc' | while read f; do rm -rf "$OTHER"; done
find . -name '*.pyc' | while read f; do rm -rf "$f" "$OTHER"; done
find . -name '*.pyc' | while read f; do g=$OTHER; rm -rf "$g"; done
find . -name '*.pyc' | while read f; do rm -rf "$f$OTHER"; done
find . -name '*.pyc' | while read f; do rm -rf "$f/.."; done
find . -name '*.pyc' | while read f; do read g < list; rm -rf "$g"; done
find . -name '*.pyc' | while read f; do set -- $OTHER; rm -rf "$1"; done
find . -name '*.pyc' | xargs sh -c 'rm -rf "$OTHER"' _
find . -name '*.pyc' | xargs -I{} sh -c "rm -rf {} $OTHER"
find . -name '*.pyc' | xargs rm -rf src
f() { rm -rf "$OTHER"; }; find . -name '*.pyc' | while read x; do f "$x"; done
for f in $(find . -name '*.pyc') $OTHER; do rm -rf $f; done
ls -A | xargs rm -rf
ls src | xargs rm -rf
"""
)


@pytest.mark.parametrize("command", ELSEWHERE)
def test_a_selection_excuses_only_its_own_names(command: str) -> None:
    assert judged(command).decision == "refuse"


EVERYDAY = rows(
    r"""
find . -name '*.pyc' -exec sh -c 'rm "$1"' _ {} \;
find . -name '*.orig' -exec sh -c 'for f; do rm "$f"; done' _ {} +
find . -name __pycache__ -exec sh -c 'rm -rf "$1"' _ {} \;
find . -name '*.pyc' -exec sudo rm {} \;
find . -name '*.pyc' | grep -v keep | xargs rm
find . -name '*.pyc' | head -5 | xargs rm -f
find . -name '*.pyc' | while read f; do rm -f "$f"; done
find . -name '*.pyc' | while read -r f; do g="$f"; rm -f "$g"; done
find . -name '*.bak' -print0 | xargs -0 -I{} sh -c 'rm {}'
for f in $(find . -name '*.rej'); do rm "$f"; done
f() { local p="$1"; rm -f "$p"; }; find . -name '*.pyc' | while read x; do f "$x"; done
find /tmp/x -exec sh -c 'rm -rf "$1"' _ {} \;
find /tmp/build -type f | while read f; do rm "$f"; done
ls /tmp/x*.log | xargs rm -f
ls -t *.bak | tail -n +3 | xargs rm -f
ls dist | xargs -I{} rm dist/{}
find . -name '*.js' -exec sh -c 'mv "$1" "${1%.js}.ts"' _ {} \;
find src -name '*.js' -exec bash -c 'git mv "$1" "${1%.js}.ts"' _ {} \;
find . -maxdepth 1 -name '*.log' -exec mv {} logs/ \;
find . -name '*.py' -exec sh -c 'echo "$1"; wc -l "$1"' _ {} \;
find . -name '*.sh' | while read -r f; do bash "$f"; done
for s in $(ls scripts/*.sh); do bash "$s"; done
ls *.txt | xargs -I{} mv {} {}.bak
ls *.txt | xargs -I{} cp {} archive/
for f in $(ls *.png); do mv "$f" "img-$f"; done
for f in $(git diff --name-only --cached); do ruff check "$f"; done
for r in $(git remote); do git push $r; done
for b in $(git branch --format='%(refname:short)'); do git log -1 "$b"; done
for p in $(pgrep node); do kill "$p"; done
for c in $(docker ps -q); do docker logs $c; done
while read -r f; do mv "$f" archive/; done < list
while read -r t; do pytest "$t"; done < tests.txt
while read -r t; do "$PYTHON" -m pytest "$t"; done < tests.txt
while read -r url; do curl -O "$url"; done < urls
while IFS='=' read -r k v; do export "$k=$v"; done < .env
while IFS='=' read -r k v; do eval "export $k=\"$v\""; done < .env
while read p; do pip install "$p"; done < requirements.txt
git ls-files '*.py' | while read -r f; do sed -i 's/x/y/' "$f"; done
git status --porcelain | while read -r s f; do git add "$f"; done
git branch --merged | while read b; do git branch -d $b; done
git diff --name-only --diff-filter=D | xargs git rm
read -r v < VERSION; git tag "v$v"
read -p "Go on? " a; [ "$a" = y ] && npm publish
mapfile -t files < <(git diff --name-only); ruff check "${files[@]}"
grep -rl foo src | xargs sed -i 's/foo/bar/g'
awk '{print "curl " $1}' urls | sh
sed 's/^/pip install /' list | sh
sed 's/rm/find/' notes.md | grep x
perl -ne 'print if /x/' f
python3 -c "import sys; print(sys.stdin.read())"
python3 -c "import os; print(os.listdir('.'))"
node -e "fs.readdirSync('dist').forEach(f => fs.unlinkSync('dist/' + f))"
perl -e 'unlink glob("*.bak")'
php -r 'array_map("unlink", glob("*.bak"));'
php -r 'array_map("strtoupper", ["a"]);'
bash -c 'echo "$0" "$@"' a b c
sh -c 'cd "$1" && npm test' _ packages/a
sh -c 'exec "$@"' _ npm test
sh -c 'echo $#' _ a b
rm "$f"
rm $(cat list)
"""
)


@pytest.mark.parametrize("command", EVERYDAY)
def test_streams_of_names_are_everyday(command: str) -> None:
    assert judged(command).decision == "allow"


@pytest.mark.parametrize(
    ("command", "reached"),
    [
        ("find docs -exec sh -c 'rm \"$1\"' _ {} \\;", ["docs"]),
        ("find docs -name '*.md' | while read f; do rm \"$f\"; done", ["/docs/**/*.md"]),
        ("ls *.md | xargs rm", ["*.md", "/*.md"]),
        ("rg -l x docs | xargs rm", ["docs"]),
        ("xargs -I{} rm docs/{}", ["docs"]),
        ("xargs -I{} rm {}.bak", ["/**/*.bak"]),
        ("xargs -I{} rm docs/x{}", ["/docs/**/x*"]),
        ("xargs rm", ["."]),
        ("sh -c 'rm -rf \"$2\"' _ a docs", ["docs"]),
    ],
)
def test_what_is_at_stake_is_what_can_be_meant(command: str, reached: list[str]) -> None:
    (taken,) = [one for one in verdict(command).effects if one.effect == "worktree.delete"]
    assert taken.stake is not None
    assert [*taken.stake.paths, *taken.stake.patterns] == reached


def test_a_stream_of_names_outside_is_a_deletion_outside() -> None:
    assert "outside.delete" in effects("xargs -I{} rm /etc/{}")
    assert "guard.tamper" in effects("xargs -I{} rm .git/{}")
