"""Objects we write are git's to the bit, whoever writes them at once; objects we read are whole or an error."""

import os
import stat
import threading
import zlib
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safe_rollback.core.errors import NotFoundError
from safe_rollback.core.gate.objects import MODE_TREE, Entry, ObjectWriter, unique
from safe_rollback.core.gate.reader import ObjectReader
from safe_rollback.core.gate.repository import open_repository
from safe_rollback.core.gate.trees import diff_trees, list_files
from safe_rollback.core.ids import Oid
from safe_rollback.core.workspace import Workspace
from tests.harness.repo import Repo
from tests.harness.sample import examples

_MODES = ["100644", "100755", "120000", "160000", MODE_TREE]
_NAMES = st.one_of(
    st.sampled_from(["a", "a.b", "a-b", "a0", "ab", "A", "a b", "é", "\udcff", "lib", "lib.c", "lib-x"]),
    st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1, max_size=6),
).filter(lambda name: name not in (".", "..") and name.lower().strip(" .") not in ("", "git"))


@pytest.fixture(scope="module", params=["sha1", "sha256"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Repo:
    repo = Repo(str(tmp_path_factory.mktemp("objects")))
    repo.git("init", "-q", f"--object-format={request.param}")
    return repo


def writer_of(repo: Repo) -> ObjectWriter:
    return ObjectWriter(
        directory=os.path.join(repo.root, ".git", "objects"),
        object_format=repo.git("rev-parse", "--show-object-format"),
    )


@examples(25)
@given(data=st.binary(max_size=300), level=st.sampled_from([0, 1, 9]))
def test_a_blob_has_gits_name_and_reads_back(place: Repo, data: bytes, level: int) -> None:
    name = writer_of(place).blob(data, level=level)
    assert name == place.git("hash-object", "--stdin", stdin=data) == writer_of(place).name("blob", data)
    assert place.git("cat-file", "-s", name) == str(len(data))


@examples(25)
@given(
    names=st.dictionaries(_NAMES, st.sampled_from(["100644", "100755", "120000", "160000", MODE_TREE]), max_size=12)
)
def test_a_tree_is_the_one_mktree_makes(place: Repo, names: dict[str, str]) -> None:
    writer = writer_of(place)
    blob, tree = writer.blob(b"x"), writer.tree({})
    kinds = {MODE_TREE: ("tree", tree), "160000": ("commit", Oid("1" * len(tree)))}
    rows, entries = b"", {}
    for name, mode in names.items():
        kind, oid = kinds.get(mode, ("blob", blob))
        rows += f"{mode.zfill(6)} {kind} {oid}\t".encode() + os.fsencode(name) + b"\0"
        entries[name] = Entry(mode=mode, oid=oid)
    assert writer.tree(entries) == place.git("mktree", "-z", "--missing", stdin=rows)


@examples(25)
@given(paths=st.lists(st.lists(_NAMES, min_size=1, max_size=4).map("/".join), max_size=10))
def test_nested_trees_are_those_of_an_index(place: Repo, paths: list[str]) -> None:
    files: list[str] = []
    for path in paths:
        taken = any(path == one or path.startswith(one + "/") or one.startswith(path + "/") for one in files)
        files += [] if taken else [path]
    writer = writer_of(place)
    blob = writer.blob(b"y")
    index = {"GIT_INDEX_FILE": os.path.join(place.root, "index-of-test")}
    rows = b"".join(f"100644 {blob}\t".encode() + os.fsencode(path) + b"\0" for path in files)
    place.git("read-tree", "--empty", env=index)
    place.git("-c", "core.protectHFS=false", "update-index", "-z", "--index-info", stdin=rows, env=index)
    expected = place.git("write-tree", env=index)
    assert writer.tree_of({path: Entry(mode="100644", oid=blob) for path in files}) == expected


def test_a_commit_is_the_one_commit_tree_makes(place: Repo) -> None:
    writer = writer_of(place)
    tree = writer.tree({})
    who = "José Müller <j@example.com>"
    env = {
        "GIT_AUTHOR_NAME": "José Müller",
        "GIT_AUTHOR_EMAIL": "j@example.com",
        "GIT_AUTHOR_DATE": "1700000000 +0000",
    }
    env |= {key.replace("AUTHOR", "COMMITTER"): value for key, value in env.items()}
    first = writer.commit(tree, [], "Subject\n\nBody é\n\n", seconds=1700000000, author=who, committer=who)
    assert first == place.git("commit-tree", tree, "-m", "Subject\n\nBody é", env=env)
    both = writer.commit(tree, [first, first], "x", seconds=1700000000, author=who, committer=who)
    assert place.git("rev-list", "--parents", "-1", both).split() == [both, first, first]
    place.git("fsck", "--strict")


def test_a_tag_is_the_one_mktag_makes(place: Repo) -> None:
    writer = writer_of(place)
    commit = writer.commit(writer.tree({}), [], "x", seconds=5)
    text = f"object {commit}\ntype commit\ntag t\ntagger A <a@b> 5 +0000\n\nmessage\n".encode()
    assert writer.write("tag", text) == place.git("mktag", stdin=text)


def test_objects_are_read_only_files_without_leftovers(place: Repo) -> None:
    writer = writer_of(place)
    name = writer.blob(os.urandom(40))
    path = os.path.join(writer.directory, name[:2], name[2:])
    assert stat.S_IMODE(os.stat(path).st_mode) & 0o333 == 0
    assert not [one for _, _, names in os.walk(writer.directory) for one in names if one.startswith("tmp_")]


def test_an_object_that_stands_is_made_young_again_and_not_rewritten(place: Repo) -> None:
    writer = writer_of(place)
    name = writer.blob(b"old but wanted")
    path = os.path.join(writer.directory, name[:2], name[2:])
    os.utime(path, (1, 1))
    before = os.stat(path)
    assert writer.blob(b"old but wanted") == name
    after = os.stat(path)
    assert after.st_ino == before.st_ino and after.st_mtime > 10**9


def test_a_failed_write_leaves_nothing(place: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = writer_of(place)
    data = os.urandom(40)
    name = writer.name("blob", data)
    monkeypatch.setattr("safe_rollback.core.gate.objects.zlib.compress", _full)
    with pytest.raises(OSError, match="No space"):
        writer.blob(data)
    folder = os.path.join(writer.directory, name[:2])
    assert not [one for one in os.listdir(folder) if one.startswith("tmp_") or one == name[2:]]


def _full(*_: object) -> bytes:
    raise OSError(28, "No space left on device")


def test_writers_at_once_make_one_whole_object_each(place: Repo) -> None:
    writer = writer_of(place)
    blobs = [os.urandom(2000) for _ in range(20)]
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for data in blobs:
                writer.blob(data)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=write) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failures == []
    for data in blobs:
        name = writer.name("blob", data)
        with open(os.path.join(writer.directory, name[:2], name[2:]), "rb") as file:
            assert zlib.decompress(file.read()).endswith(data)
    place.git("fsck", "--full")


def test_the_reader_gives_back_any_object_and_names_what_is_missing(repo: Repo, workspace: Workspace) -> None:
    data = os.urandom(300_000)
    large = workspace.writer.blob(data)
    tree = Oid(repo.git("rev-parse", "HEAD^{tree}"))
    for _ in range(2):
        assert workspace.reader.read(large).data == data
        assert b"".join(workspace.reader.stream(large, 1000)) == data
        with pytest.raises(NotFoundError, match="is missing"):
            workspace.reader.read(Oid("1" * 40))
        rows = [row.split(None, 3) for row in repo.git("ls-tree", tree).splitlines()]
        expected = {name: (mode.lstrip("0"), oid) for mode, _, oid, name in rows}
        assert {name: (one.mode, one.oid) for name, one in workspace.reader.tree(tree).items()} == expected
        workspace.reader.close()


def test_the_reader_survives_a_killed_process_a_broken_object_and_a_stream_given_up(workspace: Workspace) -> None:
    small, large = workspace.writer.blob(b"small"), workspace.writer.blob(os.urandom(300_000))
    broken = workspace.writer.blob(os.urandom(5000))
    path = os.path.join(workspace.writer.directory, broken[:2], broken[2:])
    os.chmod(path, 0o600)
    os.truncate(path, 2000)
    reader = workspace.reader
    with pytest.raises(NotFoundError):
        reader.read(broken)
    assert reader.read(small).data == b"small"
    stream = reader.stream(large, 100)
    next(stream)
    stream.close()
    assert reader.read(small).data == b"small"
    process = reader._process
    assert process is not None
    process.kill()
    process.wait()
    assert reader.read(small).data == b"small"


def test_the_reader_sees_objects_written_and_packed_since(repo: Repo, workspace: Workspace) -> None:
    workspace.reader.read(Oid(repo.head()))
    new = repo.commit("new", {"n.txt": "n"})
    repo.git("repack", "-adq")
    assert workspace.reader.read(Oid(new)).kind == "commit"


def test_trees_are_compared_and_listed_with_every_kind_of_path(repo: Repo) -> None:
    old = repo.commit("old", {"a\nb": "1", "x": "2", ":(glob)*": "3"})
    repo.write(b"\xff", "4")
    repo.git("add", "-A")
    new = repo.commit("new", {"x": None, "a\nb": "5"})
    git = open_repository(repo.root).git
    changed = {row.path: (row.old is not None, row.new is not None) for row in diff_trees(git, old, new)}
    assert changed == {"a\nb": (True, True), "x": (True, False), "\udcff": (False, True)}
    assert [row.path for row in diff_trees(git, old, new, ["x"])] == ["x"]
    assert list(list_files(git, new, [":(glob)*"])) == [":(glob)*"]
    assert len(list_files(git, new)) == len(repo.git("ls-tree", "-r", "--name-only", "-z", new).split("\0")) - 1
    assert diff_trees(git, old, old) == []


def test_unique_keeps_order_and_drops_none() -> None:
    assert unique([Oid("b"), None, Oid("a"), Oid("b")]) == ["b", "a"]


def test_a_closed_reader_can_be_closed_again(repo: Repo) -> None:
    with closing(ObjectReader(open_repository(repo.root).git)) as reader:
        reader.close()
