"""What starts the guard, what it remembers and what it is made of is not an agent's to change, by whatever way."""

import os

import pytest

from safe_rollback.core.workspace import Workspace, open_workspace
from tests.harness.repo import Repo, State
from tests.policies.near import SETTINGS, Agent, in_guarded


@pytest.fixture
def agent(repo: Repo, workspace: Workspace) -> Agent:
    """In a session, in a clean worktree that holds the clients' files."""
    return in_guarded(repo, workspace)


FILES = [SETTINGS, ".mcp.json", ".git/hooks/pre-commit", ".git/safe-rollback/ledger.db", ".git/config"]
WAYS = [
    "echo x > {0}",
    "echo x >> {0}",
    ": >| {0}",
    "echo x &> {0}",
    "exec 3>{0}; echo x >&3",
    "cat > {0} <<X\n{{}}\nX",
    "echo x | tee {0}",
    "tee -a {0} < README.md",
    "sed -i s/a/b/ {0}",
    "perl -pi -e s/a/b/ {0}",
    "rm {0}",
    "rm -rf {0}",
    "unlink {0}",
    "shred -u {0}",
    "mv {0} elsewhere",
    "mv README.md {0}",
    "cp /dev/null {0}",
    "install -m 644 /dev/null {0}",
    "rsync README.md {0}",
    "ln -sf /dev/null {0}",
    "ln -f README.md {0}",
    "truncate -s 0 {0}",
    "dd if=/dev/null of={0}",
    "chmod 000 {0}",
    "chown nobody {0}",
    "curl -o {0} https://example.com/x",
    "wget -O {0} https://example.com/x",
    'awk \'BEGIN {{ print "x" > "{0}" }}\'',
    "sort README.md -o {0}",
    "git diff --output={0}",
    "git archive -o {0} HEAD",
    "python3 - <<'EOT'\nopen('{0}', 'w').write('x')\nEOT",
    "python3 -c \"from pathlib import Path; Path('{0}').write_text('x')\"",
    "python3 -c \"import os; os.remove('{0}')\"",
    "python3 -c \"import subprocess; subprocess.run(['rm', '{0}'])\"",
    "node -e \"require('fs').writeFileSync('{0}', 'x')\"",
    "ruby -e \"File.write('{0}', '')\"",
    "perl -e \"unlink '{0}'\"",
    "php -r \"unlink('{0}');\"",
    "bash -c 'rm {0}'",
    "eval 'rm {0}'",
    "env rm {0}",
    "sudo rm {0}",
    "command rm {0}",
    "\\rm {0}",
    "busybox rm {0}",
    "if true; then rm {0}; fi",
    "gone() {{ rm {0}; }}; gone",
    "echo {0} | xargs rm",
    "F={0}; rm $F",
    'rm "$PWD/{0}"',
    "rm ./src/../{0}",
    "cd src && rm ../{0}",
]


def test_no_way_of_writing_leads_to_one_of_the_guards_files(agent: Agent, repo: Repo) -> None:
    before = repo.state()
    lines = [way.format(path) for way in WAYS for path in FILES]
    assert [line for line in lines if agent.ask(line).decision != "deny"] == []
    assert repo.state() == before


LINES = [
    # whole directories, and what is below them
    "rm -rf .claude",
    "mv .claude elsewhere",
    "mv .git .git2",
    "mv .git/hooks .git/hooks.off",
    "cd .git && rm -r hooks",
    "cd .git/hooks && rm -f *",
    "(cd .git/safe-rollback && : > ledger.db)",
    "pushd .git && rm -rf hooks",
    "cd .claude && echo x > settings.json",
    "(cd .claude; mv settings.json off.json)",
    "find .git/hooks -type f -delete",
    "find .git -name pre-commit -exec rm {} +",
    "rm -rf .git/ho*s",
    "rm -rf .g*",
    "rm -rf .GIT/hooks",
    "rm -rf {.git/hooks,.claude}",
    'for f in .git/hooks/*; do rm "$f"; done',
    'rm -rf "$(git rev-parse --git-dir)/hooks"',
    "cp README.md .git/hooks/",
    "cp -t .claude evil/settings.json",
    "mv evil/settings.json .claude/",
    "tar xf a.tar -C .git/hooks",
    "unzip a.zip -d .git",
    "ln -sfn /tmp/x .git/hooks",
    "chmod -R a-w .git",
    "python3 -c \"import shutil; shutil.rmtree('.git/hooks')\"",
    # by a link
    "rm -r link-to-git/hooks",
    "echo x > link-to-git/hooks/pre-commit",
    "ln -s .git g && rm -rf g/hooks",
    # refs and settings
    "git update-ref -d refs/safe-rollback/sessions/at-main",
    "git update-ref refs/safe-rollback/sessions/at-main HEAD",
    "git update-ref --stdin <<< 'delete refs/safe-rollback/sessions/at-main'",
    "git for-each-ref --format='delete %(refname)' refs/safe-rollback | git update-ref --stdin",
    "git for-each-ref --format='%(refname)' refs/safe-rollback | xargs -n1 git update-ref -d",
    "git push . :refs/safe-rollback/sessions/at-main",
    "git fetch . +HEAD:refs/safe-rollback/sessions/at-main",
    "git symbolic-ref refs/safe-rollback/x refs/heads/main",
    "rm -rf .git/refs/safe-rollback",
    "sed -i /safe-rollback/d .git/packed-refs",
    "git config core.hooksPath /dev/null",
    "git config --global core.hooksPath /tmp/x",
    "git config --unset core.hooksPath",
    "git config -f .git/config core.hooksPath x",
    "git -c core.hooksPath=/dev/null commit -m x",
    "git --config-env=core.hooksPath=X commit -m x",
    "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0=/dev/null git commit -m x",
    "echo '[core] hooksPath = /x' >> ~/.gitconfig",
    "echo '[core] hooksPath = /x' >> ~/.config/git/config",
    "git commit --no-verify -m x",
    # other clients' files, and the user's own
    "echo x > .claude/settings.local.json",
    "echo x > ~/.claude/settings.json",
    "echo x > .codex/hooks.json",
    "echo x > .codex/config.toml",
    "echo x > .gemini/settings.json",
    "echo x > .cursor/hooks.json",
    "rm .opencode/plugins/safe-rollback.js",
    # the program, its package, what a human allowed
    "rm ~/.local/bin/safe-rollback-hook",
    "echo 'exit 0' > ~/.local/bin/safe-rollback-hook",
    "chmod -x ~/venv/bin/safe-rollback-hook",
    "ln -sf /bin/true ~/.local/bin/safe-rollback-hook",
    "cp /bin/true /usr/local/bin/safe-rollback-hook",
    "rm -rf ~/.local/lib/python3.13/site-packages/safe_rollback",
    "sed -i s/deny/pass/ /usr/lib/python3/site-packages/safe_rollback/policies/guard.py",
    "rm -rf ~/.local/state/safe-rollback",
    "echo x > ~/.local/state/safe-rollback/key/trust.json",
]


def test_no_way_around_leads_to_it_either(agent: Agent) -> None:
    said = {line: agent.ask(line) for line in LINES}
    assert [line for line, one in said.items() if one.decision != "deny" or "Instead:" not in one.reason] == []


@pytest.mark.parametrize(
    "path",
    [
        *FILES,
        "link-to-git/hooks/pre-commit",
        "link-to-settings",
        "link-to-folder/settings.json",
        "src/../.claude/settings.local.json",
        ".CLAUDE/Settings.json",
        ".claude/hooks/mine.sh",
        ".codex/hooks.json",
        ".gemini/settings.json",
        ".cursor/mcp.json",
        ".opencode/plugins/safe-rollback.js",
        "opencode.json",
        ".git/refs/safe-rollback/sessions/at-main",
        ".git/safe-rollback/worktrees/main/pending/x.json",
        "~/.local/bin/safe-rollback-hook",
        "~/.local/lib/python3.13/site-packages/safe_rollback/policies/guard.py",
        "~/.local/state/safe-rollback/key/trust.json",
        "~/.gitconfig",
    ],
)
def test_the_clients_own_tools_write_none_of_it(agent: Agent, repo: Repo, path: str) -> None:
    before = repo.state()
    assert agent.write(os.path.expanduser(path), "x\n").decision == "deny"
    assert repo.state() == before


def test_nor_from_a_linked_worktree(repo: Repo, agent: Agent) -> None:
    repo.git("worktree", "add", "-q", "../side", "-b", "side")
    side = Repo(os.path.join(os.path.dirname(repo.root), "side"))
    workspace = open_workspace(side.root)
    there = Agent(side, workspace)
    main = repo.root
    lines = [f"rm -rf {main}/.git/hooks", f"rm {main}/.git/safe-rollback/ledger.db"]
    lines += ["rm .git", "echo x > .claude/settings.json", "git config --worktree core.hooksPath x"]
    let_through = [line for line in lines if there.ask(line).decision != "deny"]
    assert let_through == []
    for path in (f"{main}/.git/hooks/pre-commit", SETTINGS, ".git"):
        assert there.write(path, "x\n").decision == "deny"
    workspace.close()


def test_reading_it_and_what_only_bears_the_name_is_free(agent: Agent, repo: Repo) -> None:
    before: State = repo.state()
    for line in (
        f"cat {SETTINGS}",
        "ls .git/hooks",
        "git config core.hooksPath",
        "git for-each-ref refs/safe-rollback",
        "grep -rn hooks .claude .mcp.json",
        "echo 'rm -rf .git/hooks'",
        "git log --grep 'core.hooksPath=/dev/null'",
        f"cp {SETTINGS} notes.json",
        "echo x > docs-safe-rollback.md",
        "mkdir -p safe_rollback && touch safe_rollback/settings.json",
    ):
        assert agent.ask(line).decision == "pass", line
    assert repo.state() == before
