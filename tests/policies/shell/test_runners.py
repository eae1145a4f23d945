"""Programs that start another: what they start is judged, unless it runs elsewhere."""

import pytest

from tests.policies.shell.near import judged
from tests.policies.shell.test_git_worktree import rows

HERE_TOO = rows(
    """
tool sh -c 'git reset --hard'
tool --all bash -lc 'rm -rf src'
cross-env A=1 git reset --hard
npx cross-env A=1 rm -rf src
npx concurrently 'npm:dev' 'git reset --hard'
mise exec -- git reset --hard
mise exec node@20 -- git reset --hard
mise x -- git reset --hard
asdf exec git reset --hard
direnv exec . git reset --hard
dotenv -e .env -- git reset --hard
doppler run -- rm -rf src
op run -- git reset --hard
aws-vault exec me -- git reset --hard
nix develop -c git reset --hard
nix develop --command git reset --hard
nix-shell -p git --run 'git reset --hard'
hyperfine -w 3 'git reset --hard'
hyperfine --prepare 'git clean -fd' 'make'
watchexec -e py -- git reset --hard
nodemon --exec 'git reset --hard'
entr git reset --hard
entr -s 'git reset --hard'
tmux new-session -d -s me 'git reset --hard'
tmux split-window -h git reset --hard
screen -dm bash -c 'git reset --hard'
chronic git reset --hard
ts git reset --hard
gosu me git reset --hard
tool git reset --hard
tool rm -rf src
tool -- rm -rf src
retry -n 3 git reset --hard
retry 3 rm -rf src
with-env -v -- find src -delete
echo 'git reset --hard' | at now
at now + 1 hour <<< 'rm -rf src'
batch <<< 'git clean -fd'
"$SHELL" -c 'git reset --hard'
${SHELL} -c 'git reset --hard'
"""
)


@pytest.mark.parametrize("command", HERE_TOO)
def test_what_a_program_starts_here_is_judged(command: str) -> None:
    assert judged(command).decision == "refuse"


ELSEWHERE = rows(
    """
docker run --rm image sh -c 'rm -rf /data'
docker exec web bash -c 'git reset --hard'
podman run image bash -lc 'rm -rf /data'
kubectl exec pod -- sh -c 'rm -rf /tmp/x'
ssh host 'git reset --hard'
vagrant ssh -c 'rm -rf /tmp/x'
lxc exec box -- bash -c 'rm -rf /x'
adb shell sh -c 'rm -rf /sdcard/x'
heroku run bash -c 'rm -rf x'
ansible all -m shell -a 'rm -rf x'
mise exec -- npm test
direnv exec . make
hyperfine 'make test'
tmux new -d -s me 'npm run dev'
tmux send-keys -t me 'npm test' Enter
concurrently 'npm:dev' 'npm:css'
tool -c 'git reset --hard'
tool sh
tool run git
asdf plugin add git
tool git status
tool rm -r bucket
retry 3 npm test
at now <<< 'npm test'
A-B=2 git reset --hard
=2 git reset --hard
"""
)


@pytest.mark.parametrize("command", ELSEWHERE)
def test_what_runs_elsewhere_or_not_at_all_is_not(command: str) -> None:
    assert judged(command).decision == "allow"
