"""Programs that write, move and delete files: what they would do, judged by what they would hit."""

from dataclasses import replace

import pytest

from safe_rollback.policies.effects import Effect
from safe_rollback.policies.shell.analysis import analyse
from tests.policies.shell.near import HERE, judged
from tests.policies.shell.test_git_worktree import rows

CONTEXT = replace(
    HERE,
    is_directory=lambda path: path in ("/repo", "/repo/src"),
    exists=lambda path: path in ("README.md", "src", "src/app.py", "."),
    variables={"HOME": "/home/me", "TMPDIR": "/tmp"},
    internals=("/repo/.git",),
)


def done(command: str) -> list[Effect]:
    return [one for one in analyse(command, CONTEXT) if one.effect != "state.read"]


NAMED = """
rm README.md
rm -f src/app.py
rm -- -odd-name
rm new.txt other.txt
unlink README.md
mv README.md DOC.md
mv src lib
cp README.md copy.md
cp README.md src
cp -n src/app.py README.md
cp --no-clobber src/app.py README.md
mv -n src/app.py README.md
install -d build
mkdir -p a/b
touch README.md
chmod -R 755 .
chmod +x src/app.py
ln -s src/app.py link
tee README.md
sed -i s/a/b/ README.md src/app.py
sed -i.bak -e s/a/b/ README.md
sed -i '' s/.git/x/ README.md
sort -o README.md README.md
truncate -s +10 README.md
rm -rf /tmp/build
rm -rf /var/tmp/x /tmp/y
rm -rf /tmp/clone/.git
find /tmp/x -delete
find /tmp/x -name a -exec rm -rf {} +
dd if=/dev/zero of=disk.img
gzip README.md
cp x /dev/null README2.md
rsync -a src/ lib/
tar xf a.tar -C /tmp/x
"""


@pytest.mark.parametrize("command", rows(NAMED))
def test_named_files_and_ordinary_writing_and_temporary_places_are_ordinary(command: str) -> None:
    assert {one.effect for one in done(command)} == {"file.write"}


STAKES = """
rm -rf src : worktree.delete src
rm -r ./src/ : worktree.delete src
rm -rf -- src lib : worktree.delete src lib
rm -fR /repo/src : worktree.delete src
rm *.md : worktree.delete *.md /*.md
rm -rf src/* : worktree.delete src/* /src/*
rimraf src : worktree.delete src
mv src /tmp/away : worktree.delete src
mv src ../away : worktree.delete src
mv a README.md : worktree.discard README.md
mv -f a b src/ : worktree.discard
cp a README.md : worktree.discard README.md
cp app.py src : worktree.discard src/app.py
cp /dev/null README.md : worktree.discard README.md
cp -t src app.py : worktree.discard src/app.py
ln -sf x README.md : worktree.discard README.md
install x README.md : worktree.discard README.md
truncate -s 0 README.md : worktree.discard README.md
truncate --size=0 README.md : worktree.discard README.md
dd if=/dev/zero of=README.md : worktree.discard README.md
shred README.md : worktree.discard README.md
shred -u README.md : worktree.discard README.md
rsync -a --delete a/ src/ : worktree.delete src
tar cf README.md src : worktree.discard README.md
tar cf new.tar --remove-files src : worktree.delete src
patch -R -p1 -i x.patch : worktree.discard .
patch --reverse README.md x.patch : worktree.discard README.md
find . -name '*.pyc' -delete : worktree.delete /**/*.pyc
find src -name '*.pyc' -type f -delete : worktree.delete /src/**/*.pyc
find src -delete : worktree.delete src
find src -type f -exec rm {} + : worktree.delete src
find . -name node_modules -exec rm -rf {} + : worktree.delete /**/node_modules
find . -not -path './.git/*' -type f -delete : worktree.delete .
find src -name '*.a' -o -mtime +7 -delete : worktree.delete src
fd -e pyc . src -x rm : worktree.delete src
"""


@pytest.mark.parametrize("row", rows(STAKES))
def test_blind_deletion_and_overwriting_say_what_is_at_stake(row: str) -> None:
    command, _, expected = row.rpartition(" : ")
    effect, *at = expected.split()
    found = [one for one in done(command) if one.effect in ("worktree.delete", "worktree.discard")]
    stakes = [one.stake for one in found if one.stake is not None]
    reached = [path for stake in stakes for path in (*stake.paths, *stake.patterns)]
    if at:
        assert {one.effect for one in found} == {effect}
        assert reached == at
    else:
        assert {one.effect for one in done(command)} == {"file.write"}


REFUSED = """
rm -rf . : guard.tamper
rm -rf ./ : guard.tamper
rm -rf /repo : guard.tamper
rm -rf src/.. : guard.tamper
rm -rf .git : guard.tamper
rm .git/index : guard.tamper
rm -rf .* : guard.tamper
rm -rf .g* : guard.tamper
rm -rf .claude : guard.tamper
rm .claude/settings.json : guard.tamper
mv .git /tmp/x : guard.tamper
mv x .git/hooks/pre-commit : guard.tamper
cp x .git/config : guard.tamper
ln -s .git/hooks hooks : guard.tamper
chmod -x .git/hooks/pre-commit : guard.tamper
tee .git/HEAD : guard.tamper
sed -i s/a/b/ .mcp.json : guard.tamper
touch ~/.gitconfig : guard.tamper
rm ~/.local/state/safe-rollback/x : guard.tamper
find . -delete : guard.tamper
find . -type f -delete : guard.tamper
find . -name config -delete : guard.tamper
find . -type f -exec rm -f {} + : guard.tamper
rm -rf / : guard.tamper
rm -rf ~ : outside.delete
rm -rf ~/projects : outside.delete
rm -rf .. : guard.tamper
rm -rf ../* : outside.delete
rm -rf /etc : outside.delete
rm -rf /tmp : outside.delete
rm -rf /tmp/../etc : outside.delete
rm -r /some/path : outside.delete
find / -name x -delete : guard.tamper
find /tmp -delete : outside.delete
dd if=/dev/zero of=/dev/sda : outside.delete
mkfs.ext4 /dev/sda1 : outside.delete
shred /dev/sda : outside.delete
tee /dev/sda : outside.delete
rsync -a --delete src/ host:/srv : outside.delete
"""


@pytest.mark.parametrize("row", rows(REFUSED))
def test_gits_own_the_guards_own_and_what_lies_outside_are_told_from_the_rest(row: str) -> None:
    command, _, expected = row.rpartition(" : ")
    found = [one for one in done(command) if one.effect == expected]
    assert found
    assert all(one.stake is None for one in found)


LOOKS = """
ls -la
cat .git/config
grep -r 'rm -rf' .
head -5 README.md
echo rm -rf /
printf '%s' 'git reset --hard'
find . -name '*.py'
find . -name -delete -print
find . -exec echo -delete +
fd pattern
awk '/rm -rf/ {print}' log.txt
awk '$1 > 5 { print $2 }' data
awk 'BEGIN { print "system(rm)" }'
sed -n 1,20p README.md
sed 's/w x/y/' README.md
tar tf a.tar
unzip -l a.zip
curl -s https://example.org
rsync -an --delete a/ src/
rm --help
patch --dry-run -R -i x.patch
diff README.md .git/config
xxd README.md
"""


@pytest.mark.parametrize("command", rows(LOOKS))
def test_what_only_looks_does_nothing(command: str) -> None:
    assert done(command) == []


RUNS = """
awk 'BEGIN { system("rm -rf /etc") }' : outside.delete
awk 'BEGIN { system("rm\\x20-rf\\x20/etc") }' : outside.delete
awk 'BEGIN { "rm -rf /etc" | getline }' : outside.delete
awk '{ print | "git reset --hard" }' : worktree.discard
awk '{ system($0) }' : unknown
awk '{ print > ".git/config" }' : guard.tamper
find . -exec git reset --hard + : worktree.discard
find . -execdir rm -rf /etc + : outside.delete
fd x -x git reset --hard : worktree.discard
sed '1e git reset --hard' README.md : worktree.discard
sed 'w .git/config' README.md : guard.tamper
tar cf a.tar --checkpoint-action=exec='git reset --hard' src : worktree.discard
curl -o .git/hooks/pre-commit https://example.org : guard.tamper
wget -O .git/config https://example.org : guard.tamper
curl -X POST https://example.org : unknown
"""


@pytest.mark.parametrize("row", rows(RUNS))
def test_what_a_program_runs_or_writes_on_the_side_counts(row: str) -> None:
    command, _, expected = row.rpartition(" : ")
    assert expected in {one.effect for one in done(command)}


@pytest.mark.parametrize(
    "command",
    [
        "find src -type f | xargs rm",
        "find . -name '*.py' -print0 | sort -z | xargs -0 rm -f",
        "find . -name '*.py' | xargs -I{} rm {}",
        "find . -name '*.py' | xargs truncate -s 0",
        "find . -name '*.py' -exec truncate -s0 {} +",
        "git ls-files | xargs rm",
        "git ls-files src | xargs -n1 rm -f",
        "git ls-files -o --exclude-standard | xargs rm -rf",
    ],
)
def test_what_is_found_goes_wherever_the_deletion_stands(command: str) -> None:
    assert judged(command).rule == "uncommitted-work"


@pytest.mark.parametrize(
    "command",
    [
        "find . -name '*.pyc' | xargs rm -f",
        "find . -name '*.py' | xargs wc -l",
        "find docs -type f | xargs rm",
        "git ls-files '*.pyc' | xargs rm -f",
        "find . -name '*.py'; ls *.pyc | xargs rm",
    ],
)
def test_what_is_found_and_nobodys_work_may_go(command: str) -> None:
    assert judged(command).decision == "allow"
