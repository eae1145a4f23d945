"""A bundle from a stranger: what is forged or broken is refused whole, and nothing of it is run."""

import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from safe_rollback.core.errors import ConflictError, DamagedError, InvalidInputError
from safe_rollback.core.gate.objects import MODE_FILE, MODE_TREE, Entry
from safe_rollback.core.ids import Oid
from safe_rollback.core.ledger.events import SessionStarted
from safe_rollback.core.snapshot.chain import tree_of
from safe_rollback.core.snapshot.checkpoint import SESSIONS, Checkpoint
from safe_rollback.core.workspace import Workspace
from safe_rollback.policies.protocol.model import Protocol
from safe_rollback.recovery.backup.bring import bring_in
from safe_rollback.recovery.backup.into import make_from
from tests.core.gate.traps import Traps
from tests.core.snapshot.support import keep, opened
from tests.harness.repo import Repo
from tests.recovery.backup.kit import bundled, everything_of_git

REF = SESSIONS + "at-main"
Change = Callable[[dict[str, Any], "Forge"], None]


class Forge:
    """Writes a checkpoint anew, with something else in it."""

    def __init__(self, repo: Repo, workspace: Workspace, checkpoint: Checkpoint) -> None:
        self.repo, self.workspace, self.checkpoint = repo, workspace, checkpoint
        reader = workspace.reader
        self.top = dict(reader.tree(tree_of(reader, checkpoint.commit)))
        self.meta = dict(reader.tree(self.top["meta"].oid))

    def blob(self, text: str | bytes) -> Oid:
        return self.workspace.writer.blob(text.encode() if isinstance(text, str) else text)

    def tree(self, *rows: tuple[str, str, Oid]) -> Oid:
        """A tree with names that no tree should have."""
        raw = b"".join(f"{mode} {name}".encode() + b"\0" + bytes.fromhex(oid) for mode, name, oid in rows)
        return self.workspace.writer.write("tree", raw)

    def publish(self, change: Change, folder: Path) -> str:
        """The bundle with the forged checkpoint."""
        values = json.loads(self.workspace.reader.read(self.meta["checkpoint.json"].oid).data)
        change(values, self)
        writer = self.workspace.writer
        self.meta["checkpoint.json"] = Entry(mode=MODE_FILE, oid=self.blob(json.dumps(values)))
        self.top["meta"] = Entry(mode=MODE_TREE, oid=writer.tree(self.meta))
        commit = writer.commit(
            writer.tree(self.top), [Oid(self.repo.head())], "forged", seconds=1_700_000_000
        )  # fmt: skip
        self.repo.git("update-ref", REF, commit)
        return stock_bundle(self.repo, folder)


def stock_bundle(repo: Repo, folder: Path, *names: str) -> str:
    """A bundle that plain git makes, which looks at nothing."""
    path = str(folder / "forged.bundle")
    repo.git("bundle", "create", "-q", path, *(names or ("--all",)))
    return path


def _state(path: str) -> Change:
    def change(values: dict[str, Any], forge: Forge) -> None:
        blob = forge.blob("[core]\n\tfsmonitor = touch /tmp/pwned\n")
        values["state"] = {path: blob}
        folders = path.split("/")
        entry = Entry(mode=MODE_FILE, oid=blob)
        for name in reversed(folders):
            entry = Entry(mode=MODE_TREE, oid=forge.tree((entry.mode, name, entry.oid)))
        forge.meta["state"] = entry

    return change


def _undeclared_state(values: dict[str, Any], forge: Forge) -> None:
    values["state"] = {"config": forge.blob("[core]\n")}


def _field(name: str, value: Any) -> Change:
    return lambda values, forge: values.update({name: value})


def _sidecar(text: str) -> Change:
    def change(values: dict[str, Any], forge: Forge) -> None:
        values["sidecar"] = forge.blob(text)
        forge.meta["sidecar.json"] = Entry(mode=MODE_FILE, oid=values["sidecar"])

    return change


def _worktree(*names: str) -> Change:
    def change(values: dict[str, Any], forge: Forge) -> None:
        inner = forge.tree(("100644", "config", forge.blob("x")))
        rows = [("40000" if name == ".git" else "100644", name, inner if name == ".git" else forge.blob("x"))
                for name in names]  # fmt: skip
        values["worktree"] = forge.tree(*rows)
        forge.top["worktree"] = Entry(mode=MODE_TREE, oid=values["worktree"])

    return change


def _index(values: dict[str, Any], forge: Forge) -> None:
    """An entry that a `git checkout .` would write into the git directory; stock git does not take it."""
    raw = forge.workspace.reader.read(Oid(values["index_raw"])).data
    assert raw.count(b"README.md") == 1 and b".git/hook" not in raw
    body = raw[: raw.index(b"README.md")] + b".git/hook" + raw[raw.index(b"README.md") + 9 : -20]
    values["index_raw"] = forge.blob(body + hashlib.sha1(body).digest())
    forge.meta["index"] = Entry(mode=MODE_FILE, oid=values["index_raw"])


def _nested(values: dict[str, Any], forge: Forge) -> None:
    values["nested"] = [{"path": "../outside", "tree": values["worktree"], "head": None, "branch": None}]
    forge.top["nested"] = Entry(mode=MODE_TREE, oid=forge.tree(("40000", "0", Oid(values["worktree"]))))


def _shared(values: dict[str, Any], forge: Forge) -> None:
    blob = forge.blob("x")
    values["shared"] = {"config.worktree": blob}
    forge.meta["config.worktree"] = Entry(mode=MODE_FILE, oid=blob)


def _protocol(values: dict[str, Any], forge: Forge) -> None:
    with forge.workspace.repository_lock("test"):
        record = forge.workspace.ledger.append(
            SessionStarted(
                session="2026-03-04-001", worktree="main", task="t", base_commit=None, branch=None,
                created_branch=False, paths=(), layers=(), max_files=None, digest="d",
                protocol={**Protocol().to_data(), "layers": 7},
            )
        )  # fmt: skip
    forge.meta["events.jsonl"] = Entry(mode=MODE_FILE, oid=forge.blob(record.line() + "\n"))


FORGED: dict[str, tuple[Change, str]] = {
    "a configuration": (_state("config"), "config is no file of an operation"),
    "a hook": (_state("hooks/post-checkout"), "is no file of an operation"),
    "a state it does not hold": (_undeclared_state, "operation in progress is not what"),
    "another chain": (_field("chain", "at-other"), "another chain"),
    "an id that is a path": (_field("id", "../../x.1"), "another chain"),
    "a time that is none": (_field("created", "yesterday"), "its time"),
    "a worktree that is a path": (_field("worktree_id", "../main"), "its worktree"),
    "an index tree it does not hold": (_field("index_tree", "4b825dc642cb6eb9a060e54bf8d69288fbee4904"), "its index"),
    "a branch that is no branch": (_field("head", {"branch": "refs/remotes/x", "oid": None}), "its branch"),
    "a HEAD of elsewhere": (_field("head", {"branch": "refs/heads/main", "oid": "1" * 40}), "its HEAD"),
    "fields of wrong kinds": (_field("stages", 7), "its conflicts"),
    "no mapping": (_field("state", [1]), "does not read"),
    "permissions outside": (_sidecar('{"empty": [], "modes": {"../x": 511}}'), "outside of the worktree"),
    "a directory in .git": (_sidecar('{"empty": [".git/x"], "modes": {}}'), "outside of the worktree"),
    "no sidecar": (_sidecar("[]"), "permissions do not read"),
    "a .git in its tree": (_worktree(".git", "a"), "hasDotgit"),
    "a path upwards": (_worktree("..", "a"), "hasDotdot"),
    "a path with a slash": (_worktree("a/../../b"), "fullPathname"),
    "an index entry in .git": (_index, "entries outside of the worktree"),
    "a repository outside": (_nested, "inner repository lies outside"),
    "a configuration as base of the index": (_shared, "base of its index"),
    "a protocol that is none": (_protocol, "holds no protocol"),
}


def test_a_forged_checkpoint_is_refused_and_leaves_no_trace(repo: Repo, workspace: Workspace, tmp_path: Path) -> None:
    kept = keep(workspace)
    for name, (change, why) in FORGED.items():
        bundle = Forge(repo, workspace, kept).publish(change, tmp_path)
        with pytest.raises(DamagedError) as caught:
            make_from(bundle, str(tmp_path / "new"))
        assert why in str(caught.value), name
        assert sorted(os.listdir(tmp_path)) == ["forged.bundle"], name


def test_the_forge_itself_is_no_reason_to_refuse(repo: Repo, workspace: Workspace, tmp_path: Path) -> None:
    """Otherwise the test above could not fail."""
    bundle = Forge(repo, workspace, keep(workspace)).publish(lambda values, forge: None, tmp_path)
    assert make_from(bundle, str(tmp_path / "new")).brought.checkpoints


def _flip(data: bytes) -> bytes:
    place = len(data) - 200
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "text": lambda data: b"# a text\n\n" + data,
    "a bit flipped": _flip,
    "cut": lambda data: data[: len(data) // 2],
    "a tip that is not there": lambda data: data.replace(b"\n", b"\n" + b"1" * 40 + b" refs/heads/x\n", 1),
    "a tip that is no name": lambda data: data.replace(b"\n", b"\nxyz refs/heads/x\n", 1),
    "a ref name upwards": lambda data: data.replace(REF.encode(), SESSIONS.encode() + b"../../heads/x", 1),
    "a filter": lambda data: data.replace(b"# v2 git bundle\n", b"# v3 git bundle\n@filter=blob:none\n", 1),
    "something it builds on": lambda data: data.replace(b"\n", b"\n-" + b"1" * 40 + b" base\n", 1),
}


def test_a_broken_bundle_is_refused_and_leaves_no_trace(repo: Repo, workspace: Workspace, tmp_path: Path) -> None:
    keep(workspace)
    path = bundled(workspace, tmp_path)
    with open(path, "rb") as file:
        data = file.read()
    repo.git("clone", "-q", repo.root, str(tmp_path / "clone"))
    clone = Repo(str(tmp_path / "clone"))
    before = everything_of_git(clone.root)
    for name, change in BROKEN.items():
        with open(path, "wb") as file:
            file.write(change(data))
        with opened(clone) as there, pytest.raises((InvalidInputError, DamagedError)) as caught:
            bring_in(there, path)
        assert caught.value.hint, name
        assert everything_of_git(clone.root) == before, name
        assert os.listdir(os.path.join(clone.root, ".git", "safe-rollback")) == [], name


def test_refs_that_are_not_ours_stay_out_of_a_clone(repo: Repo, workspace: Workspace, tmp_path: Path) -> None:
    keep(workspace)
    head = repo.head()
    for name in ("refs/heads/evil", "refs/remotes/origin/main", "refs/notes/evil", "refs/safe-rollback/evil"):
        repo.git("update-ref", name, head)
    bundle = stock_bundle(repo, tmp_path)
    subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path / "clone")], check=True)
    clone = Repo(str(tmp_path / "clone"))
    clone.commit("Something else", {"a.txt": "a\n"})
    with opened(clone) as there:
        brought = bring_in(there, bundle)
    assert brought.left_out == 3  # the branch is known, and left too
    assert clone.git("for-each-ref", "--format=%(refname)").split("\n") == ["refs/heads/main", REF]


def test_a_repository_with_checkpoints_of_its_own_is_left_as_it_is(
    repo: Repo, workspace: Workspace, tmp_path: Path
) -> None:
    keep(workspace)
    bundle = bundled(workspace, tmp_path)
    repo.git("clone", "-q", repo.root, str(tmp_path / "clone"))
    clone = Repo(str(tmp_path / "clone"))
    with opened(clone) as there:
        keep(there)
        records, before = there.ledger.records(), everything_of_git(clone.root)
        with pytest.raises(ConflictError, match="--into"):
            bring_in(there, bundle)
        tip = clone.git("rev-parse", REF)
        clone.git("update-ref", "-d", REF)
        with pytest.raises(ConflictError, match="--into"):  # the record alone is another one
            bring_in(there, bundle)
        clone.git("update-ref", "-m", "back", REF, tip)
        assert there.ledger.records() == records and everything_of_git(clone.root) == before


def test_nothing_is_run(repo: Repo, workspace: Workspace, tmp_path: Path) -> None:
    """Neither the programs of the repository that takes it, nor what the bundle's files would have git run."""
    repo.commit("attributes", {".gitattributes": "*.txt filter=canary diff=canary\n", "a.txt": "a\n"})
    kept = keep(workspace)
    bundle = bundled(workspace, tmp_path)
    repo.git("clone", "-q", repo.root, str(tmp_path / "clone"))
    clone = Repo(str(tmp_path / "clone"))
    traps = Traps(clone, str(tmp_path / "traps"))
    traps.arm()
    traps.hush()
    with opened(clone) as there:
        assert bring_in(there, bundle).checkpoints[-1].id == kept.id
        bundled(there, tmp_path)
    assert traps.sung() == set()


def test_a_directory_that_is_not_empty_is_no_place(repo: Repo, workspace: Workspace, tmp_path: Path) -> None:
    bundle = bundled(workspace, tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for name in ("full", "file", "missing/deep"):
        with pytest.raises(InvalidInputError):
            make_from(bundle, str(tmp_path / name))
    (tmp_path / "empty").mkdir(mode=0o750)
    made = make_from(bundle, str(tmp_path / "empty"))
    assert os.stat(made.root).st_mode & 0o777 == 0o750
    assert sorted(os.listdir(tmp_path)) == ["backup.bundle", "empty", "file", "full"]
    assert made.root == str(tmp_path / "empty")
