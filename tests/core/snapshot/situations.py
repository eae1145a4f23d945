"""Situations a worktree can be in; each builds one, and may move on to another worktree."""

import os
import stat
from collections.abc import Callable

from tests.harness.repo import Repo

Situation = Callable[[Repo], Repo | None]
FILES: list[Situation] = []
INDEX: list[Situation] = []
HEAD: list[Situation] = []
CONVERSION: list[Situation] = []
LAYOUT: list[Situation] = []


def settle(repo: Repo) -> None:
    """Make git sure that nothing changed since it last looked: old file times, fresh in its index."""
    for name in repo.files():
        if not name.endswith(b"/"):
            os.utime(repo.path(name), (1_600_000_000, 1_600_000_000), follow_symlinks=False)
    repo.git("update-index", "--refresh", ok=(0, 1))


def long_settled(repo: Repo) -> None:
    """The same, and not just now: the index is newer than any change."""
    settle(repo)
    later = os.stat(os.path.join(repo.git_dir(), "index")).st_mtime + 5
    os.utime(os.path.join(repo.git_dir(), "index"), (later, later))


def _in(group: list[Situation]) -> Callable[[Situation], Situation]:
    def register(build: Situation) -> Situation:
        group.append(build)
        return build

    return register


@_in(FILES)
def clean(repo: Repo) -> None:
    del repo


@_in(FILES)
def edited_staged_untracked_and_deleted(repo: Repo) -> None:
    repo.write("src/app.py", "edited, not staged\n")
    repo.write("README.md", "staged\n")
    repo.git("add", "README.md")
    repo.write("README.md", "then edited again\n")
    repo.write("notes/new.txt", "untracked")
    repo.write("empty-file", "")
    repo.remove("src/util.py")
    repo.git("rm", "-q", "--cached", "bin/run.sh")


@_in(FILES)
def a_deletion_staged_and_the_file_back_as_untracked(repo: Repo) -> None:
    repo.git("rm", "-q", "src/util.py")
    repo.write("src/util.py", "another one\n")


@_in(FILES)
def binary_files_and_large_ones(repo: Repo) -> None:
    repo.write("bytes.bin", bytes(range(256)) * 20)
    repo.write("streamed.bin", os.urandom((1 << 20) + 17))
    repo.write("nul\\backslash.txt", b"\0\r\n\r\n\n")


@_in(FILES)
def links(repo: Repo) -> None:
    os.symlink("../README.md", repo.path("src/link"))
    os.symlink("nowhere/at all", repo.path("dangling"))
    os.symlink("src", repo.path("to-a-directory"))
    os.symlink("/", repo.path("to-the-outside"))
    os.symlink(b"\xff\xfe", repo.path("target-not-utf8"))
    repo.remove("README.md")
    os.symlink("src/app.py", repo.path("README.md"))


@_in(FILES)
def a_tracked_directory_replaced_by_a_link_to_its_copy(repo: Repo) -> None:
    os.rename(repo.path("src"), repo.path("moved"))
    os.symlink("moved", repo.path("src"))


@_in(FILES)
def file_and_directory_in_each_others_place(repo: Repo) -> None:
    repo.remove("README.md")
    repo.write("README.md/inner", "a directory now\n")
    for name in ("app.py", "util.py"):
        repo.remove(f"src/{name}")
    os.rmdir(repo.path("src"))
    repo.write("src", "a file now\n")


@_in(FILES)
def a_link_of_the_index_replaced_by_a_file(repo: Repo) -> None:
    os.symlink("README.md", repo.path("alias"))
    repo.commit("Add a link", {"src/more.py": "more\n"})
    repo.git("add", "alias")
    repo.git("commit", "-qm", "The link")
    repo.remove("alias")
    repo.write("alias", "README.md")


@_in(FILES)
def permission_bits(repo: Repo) -> None:
    os.chmod(repo.path("bin/run.sh"), 0o755)
    os.chmod(repo.path("README.md"), 0o600)
    repo.write("secret", "x", 0o400)
    repo.write("tool", "#!/bin/sh\n", 0o750)
    repo.write("odd", "only others may run it\n", 0o645)
    repo.write("sticky", "s\n", 0o4711)


@_in(FILES)
def permission_bits_that_git_is_told_to_ignore(repo: Repo) -> None:
    repo.git("config", "core.fileMode", "false")
    os.chmod(repo.path("bin/run.sh"), 0o755)


@_in(FILES)
def empty_directories(repo: Repo) -> None:
    os.makedirs(repo.path("empty/deep/er"))
    os.makedirs(repo.path("src/hollow"))
    os.makedirs(repo.path(b"hollow-\xff"))


@_in(FILES)
def hard_names(repo: Repo) -> None:
    for number, name in enumerate(HARD_NAMES):
        repo.write(name, f"content {number}\n")
    repo.git("add", "--", "-dash.txt", " leading and trailing ")


HARD_NAMES: tuple[bytes, ...] = (
    b"caf\xe9.txt", b"\xff\xfe/\x80", b"line\nbreak.txt", b"tab\tand\rreturn", b"-dash.txt", b"--output=x",
    b"--/-rf", b":(top)magic", b":!not", b"*", b"[a-z]", b"a\\b", b'quo"te', b" leading and trailing ",
    b"\x01\x1b[31m", b"~", b"#comment", b"!bang", "ümlaut/日本語.txt".encode(), b"a" * 200, b"x/.gitx",
    b"refs/heads/main", b"HEAD", b"dir.d/f", b"dir/f", b"dir-d/f", b"dir0",
)  # fmt: skip


@_in(FILES)
def many_changes_at_once(repo: Repo) -> None:
    for number in range(300):
        repo.write(f"many/{number % 7}/{number}.txt", f"{number}\n")
    repo.write("src/app.py", "edited\n")
    repo.remove("README.md")


@_in(FILES)
def ignored_files_stay_where_they_are(repo: Repo) -> None:
    repo.write("build/out.o", "object")
    repo.write("debug.log", "log")
    os.makedirs(repo.path("build/hollow"))
    os.makedirs(repo.path("hollow.log"))


@_in(FILES)
def ignored_files_that_were_added_by_force(repo: Repo) -> None:
    repo.write("build/kept.txt", "tracked all the same\n")
    repo.write("trace.log", "tracked too\n")
    repo.git("add", "-f", "build/kept.txt", "trace.log")
    repo.git("commit", "-qm", "Keep them")
    repo.write("build/kept.txt", "edited\n")
    repo.write("build/not-kept.txt", "ignored\n")
    repo.write("later.log", "staged by force\n")
    repo.git("add", "-f", "later.log")
    repo.write("later.log", "and edited\n")


@_in(FILES)
def ignore_rules_behind_a_link(repo: Repo) -> None:
    """git does not follow it: then nothing is ignored."""
    os.rename(repo.path(".gitignore"), repo.path("rules"))
    os.symlink("rules", repo.path(".gitignore"))
    repo.write("trace.log", "not ignored\n")


@_in(FILES)
def a_folder_that_ignores_itself(repo: Repo) -> None:
    repo.write(".cache/.gitignore", "*\n")
    repo.write(".cache/data", "cached")
    repo.write("kept/.gitignore", "*\n!.gitignore\n!yes\n")
    repo.write("kept/yes", "yes")
    repo.write("kept/no", "no")


@_in(INDEX)
def intent_to_add(repo: Repo) -> None:
    repo.write("planned.txt", "to be added\n")
    repo.git("add", "-N", "planned.txt")


@_in(INDEX)
def conflict_stages(repo: Repo) -> None:
    repo.git("checkout", "-qb", "other")
    repo.commit("Theirs", {"README.md": "theirs\n", "src/util.py": None, "both.txt": "theirs\n"})
    repo.git("checkout", "-q", "main")
    repo.commit("Ours", {"README.md": "ours\n", "src/util.py": "ours\n", "both.txt": "ours\n"})
    repo.git("merge", "-q", "other", ok=(1,))
    repo.write("README.md", "half resolved\n<<<<<<<\n")
    repo.write("aside.txt", "untracked during the merge\n")


@_in(INDEX)
def a_conflict_in_an_ignored_file(repo: Repo) -> None:
    repo.write("trace.log", "base\n")
    repo.git("add", "-f", "trace.log")
    repo.git("commit", "-qm", "A log")
    repo.git("checkout", "-qb", "other")
    repo.write("trace.log", "theirs\n")
    repo.git("commit", "-qam", "Theirs")
    repo.git("checkout", "-q", "main")
    repo.write("trace.log", "ours\n")
    repo.git("commit", "-qam", "Ours")
    repo.git("merge", "-q", "other", ok=(1,))
    repo.write("trace.log", "resolved by hand, not added\n")


@_in(INDEX)
def assume_unchanged_and_skip_worktree_with_edits(repo: Repo) -> None:
    repo.git("update-index", "--assume-unchanged", "README.md")
    repo.git("update-index", "--skip-worktree", "src/app.py", "src/util.py")
    repo.write("README.md", "hidden edit\n")
    repo.write("src/app.py", "another hidden edit\n")
    repo.remove("src/util.py")


@_in(INDEX)
def a_split_index(repo: Repo) -> None:
    repo.git("update-index", "--split-index")
    repo.write("README.md", "staged on top of the base file\n")
    repo.git("add", "README.md")
    repo.write("src/app.py", "not staged\n")


@_in(INDEX)
def index_version_4(repo: Repo) -> None:
    repo.git("update-index", "--index-version", "4")
    repo.write("src/app.py", "edited\n")


@_in(INDEX)
def an_untracked_cache(repo: Repo) -> None:
    repo.git("config", "core.untrackedCache", "true")
    repo.git("update-index", "--force-untracked-cache")
    repo.git("status")
    repo.write("src/new.py", "untracked\n")


@_in(INDEX)
def a_file_monitor_that_hides_every_change(repo: Repo) -> None:
    repo.write(".git/monitor", "#!/bin/sh\nprintf 'token\\0'\n", 0o755)
    repo.git("config", "core.fsmonitor", ".git/monitor")
    repo.git("update-index", "--fsmonitor")
    repo.git("status")
    repo.write("src/app.py", "unseen by the monitor\n")
    repo.write("src/new.py", "unseen too\n")


@_in(INDEX)
def no_index_file(repo: Repo) -> None:
    os.unlink(os.path.join(repo.git_dir(), "index"))


@_in(HEAD)
def unborn(repo: Repo) -> None:
    repo.git("checkout", "-q", "--orphan", "fresh")
    repo.write("README.md", "first\n")


@_in(HEAD)
def unborn_without_an_index(repo: Repo) -> Repo:
    other = Repo(repo.root + "-new")
    os.makedirs(other.root)
    other.git("init", "-q", "-b", "main")
    other.write("first.txt", "first\n")
    return other


@_in(HEAD)
def detached(repo: Repo) -> None:
    repo.git("checkout", "-q", "--detach", "HEAD~1")
    repo.write("README.md", "looking around\n")


def _two_sides(repo: Repo) -> None:
    repo.git("checkout", "-qb", "other")
    repo.commit("Theirs", {"README.md": "theirs\n"})
    repo.commit("Theirs again", {"src/util.py": "theirs\n"})
    repo.git("checkout", "-q", "main")
    repo.commit("Ours", {"README.md": "ours\n"})


@_in(HEAD)
def a_rebase(repo: Repo) -> None:
    _two_sides(repo)
    repo.git("rebase", "other", ok=(1,))


@_in(HEAD)
def an_interactive_rebase_that_stopped_to_edit(repo: Repo) -> None:
    repo.git("rebase", "-i", "HEAD~2", env={"GIT_SEQUENCE_EDITOR": "sed -i s/^pick/edit/"})
    repo.write("src/app.py", "amending\n")


@_in(HEAD)
def a_cherry_pick_of_several(repo: Repo) -> None:
    _two_sides(repo)
    repo.git("cherry-pick", "main..other", ok=(1,))


@_in(HEAD)
def a_revert(repo: Repo) -> None:
    repo.commit("One", {"README.md": "one\n"})
    repo.commit("Two", {"README.md": "two\n"})
    repo.git("revert", "HEAD~1", ok=(1,))


@_in(HEAD)
def an_am(repo: Repo) -> None:
    _two_sides(repo)
    patch = repo.git("format-patch", "--stdout", "-1", "other~1")
    repo.git("am", stdin=patch.encode() + b"\n", ok=(128,))


@_in(HEAD)
def a_bisect(repo: Repo) -> None:
    for number in range(6):
        repo.commit(f"Step {number}", {"step.txt": f"{number}\n"})
    repo.git("bisect", "start", "HEAD", "HEAD~6")


@_in(HEAD)
def stashes(repo: Repo) -> None:
    for number in range(3):
        repo.write("README.md", f"put aside {number}\n")
        repo.git("stash", "push", "-q")
    repo.write("README.md", "going on\n")


@_in(CONVERSION)
def autocrlf(repo: Repo) -> None:
    repo.git("config", "core.autocrlf", "true")
    repo.write("README.md", "# Project\r\n\r\nOne line.\r\n")
    repo.write("mixed.txt", "one\r\ntwo\n")
    repo.git("add", "README.md", "mixed.txt")


@_in(CONVERSION)
def line_ends_without_any_setting(repo: Repo) -> None:
    repo.write("dos.txt", "one\r\ntwo\r\n")
    repo.commit("As it is", {"dos.txt": "one\r\ntwo\r\n"})
    repo.write("src/app.py", "a\r\nb\r\n")


@_in(CONVERSION)
def autocrlf_that_was_on_when_the_files_were_added(repo: Repo) -> None:
    repo.git("config", "core.autocrlf", "true")
    repo.write("dos.txt", "one\r\ntwo\r\n")
    repo.commit("Stored with line feeds", {"dos.txt": "one\r\ntwo\r\n"})
    long_settled(repo)
    repo.git("config", "--unset", "core.autocrlf")


@_in(CONVERSION)
def eol_attributes(repo: Repo) -> None:
    repo.commit("Rules", {".gitattributes": "*.txt text eol=crlf\n*.bat text eol=lf\n*.py -text\n"})
    repo.commit("Files", {"a.txt": "one\r\ntwo\r\n", "b.bat": "x\r\n", "c.py": "p\r\n"})
    long_settled(repo)
    repo.write("a.txt", "mixed\r\nends\n")


@_in(CONVERSION)
def attributes_deleted_since_the_files_were_added(repo: Repo) -> None:
    repo.commit("Rules", {".gitattributes": "*.txt text eol=crlf\n", "a.txt": "one\r\ntwo\r\n"})
    long_settled(repo)
    repo.remove(".gitattributes")


@_in(CONVERSION)
def attributes_in_the_git_directory(repo: Repo) -> None:
    repo.write(".git/info/attributes", "*.txt text eol=crlf\n")
    repo.commit("A file", {"a.txt": "one\r\ntwo\r\n"})
    long_settled(repo)


@_in(CONVERSION)
def another_encoding_and_ident(repo: Repo) -> None:
    repo.commit("Rules", {".gitattributes": "*.utf16 working-tree-encoding=UTF-16LE\n*.id ident\n"})
    repo.commit("Files", {"a.utf16": "hällo\n".encode("utf-16-le"), "b.id": "$Id$\n"})
    repo.remove("b.id")
    repo.git("checkout", "b.id")
    assert b"$Id: " in repo.read("b.id")


@_in(CONVERSION)
def filters_that_change_what_they_read(repo: Repo) -> None:
    """Both sides leave a mark when they run, outside of the worktree."""
    for side, command in (("clean", "tr a-z n-za-m"), ("smudge", "tr n-za-m a-z")):
        repo.git("config", f"filter.rot.{side}", f"touch '{repo.root}.ran'; {command}")
    repo.git("config", "filter.rot.required", "true")
    repo.commit("Rules", {".gitattributes": "*.rot filter=rot\n"})
    repo.commit("Filtered", {"a.rot": "plain text\n", "b.rot": "another\n"})
    long_settled(repo)
    repo.write("b.rot", "edited\n")
    repo.write("c.rot", "untracked\n")
    os.unlink(f"{repo.root}.ran")


@_in(CONVERSION)
def a_link_in_the_place_of_a_directory_where_line_ends_convert(repo: Repo) -> None:
    repo.commit("Rules", {".gitattributes": "* text=auto\n"})
    a_tracked_directory_replaced_by_a_link_to_its_copy(repo)


@_in(LAYOUT)
def sparse_cone(repo: Repo) -> None:
    repo.commit("Elsewhere", {"docs/a.md": "a\n", "docs/deep/b.md": "b\n"})
    repo.git("sparse-checkout", "set", "--cone", "src")
    repo.write("src/app.py", "edited\n")
    repo.write("docs/new.md", "untracked outside of the cone\n")


@_in(LAYOUT)
def sparse_cone_with_a_sparse_index(repo: Repo) -> None:
    repo.commit("Elsewhere", {"docs/a.md": "a\n", "docs/deep/b.md": "b\n"})
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "src")
    repo.write("src/app.py", "edited\n")


@_in(LAYOUT)
def sparse_patterns_with_edits_outside_of_them(repo: Repo) -> None:
    repo.git("sparse-checkout", "set", "--no-cone", "/src/app.py", "/README.md")
    repo.write("src/util.py", "written although it is left out\n")
    repo.remove("README.md")


@_in(LAYOUT)
def sparse_patterns_with_edits_that_git_was_told_to_overlook(repo: Repo) -> None:
    repo.git("config", "sparse.expectFilesOutsideOfPatterns", "true")
    sparse_patterns_with_edits_outside_of_them(repo)


@_in(LAYOUT)
def sparse_where_line_ends_convert(repo: Repo) -> None:
    repo.commit("Rules", {".gitattributes": "* text=auto\n", "docs/a.md": "a\n"})
    repo.git("sparse-checkout", "set", "--cone", "src")
    repo.write("src/app.py", "a\r\n")


@_in(LAYOUT)
def a_linked_worktree(repo: Repo) -> Repo:
    repo.write("README.md", "of the main worktree\n")
    repo.git("worktree", "add", "-q", "-b", "side", f"{repo.root}-side")
    other = Repo(f"{repo.root}-side")
    other.write("README.md", "of the linked worktree\n")
    other.write("new.txt", "untracked\n")
    return other


@_in(LAYOUT)
def repositories_inside(repo: Repo) -> None:
    for name in ("vendor/lib", "vendor/begun"):
        inner = Repo(os.path.join(repo.root, name))
        os.makedirs(inner.root)
        inner.git("init", "-q", "-b", "main")
    lib = Repo(os.path.join(repo.root, "vendor/lib"))
    lib.commit("Inner", {"a.txt": "a\n", ".gitignore": "*.tmp\n"})
    lib.write("a.txt", "edited inside\n")
    lib.write("b.txt", "untracked inside\r\n", 0o755)
    repo.write("vendor/begun/c.txt", "in a repository without commits\n")
    repo.write("vendor/plain.txt", "beside them\n")


@_in(LAYOUT)
def a_repository_in_a_repository_inside(repo: Repo) -> None:
    for name in ("one", "one/two"):
        inner = Repo(os.path.join(repo.root, name))
        os.makedirs(inner.root)
        inner.git("init", "-q", "-b", "main")
        inner.commit("Inner", {"a.txt": f"{name}\n"})
    repo.write("one/two/a.txt", "edited\n")


def _submodule(repo: Repo) -> None:
    source = Repo(f"{repo.root}-library")
    os.makedirs(source.root)
    source.git("init", "-q", "-b", "main")
    source.commit("Library", {"lib.txt": "lib\n", "deep/more.txt": "more\n"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", source.root, "lib")
    repo.git("commit", "-qm", "Add the library")


@_in(LAYOUT)
def a_submodule_with_edits(repo: Repo) -> None:
    _submodule(repo)
    repo.write("lib/lib.txt", "edited in the submodule\n")
    repo.write("lib/new.txt", "untracked in the submodule\n")


@_in(LAYOUT)
def a_submodule_that_was_never_initialised(repo: Repo) -> None:
    _submodule(repo)
    repo.git("submodule", "--quiet", "deinit", "-f", "lib")
    repo.write("src/app.py", "edited\n")


@_in(LAYOUT)
def a_submodule_where_line_ends_convert(repo: Repo) -> None:
    repo.commit("Rules", {".gitattributes": "* text=auto\n"})
    _submodule(repo)
    repo.write("lib/lib.txt", "edited\r\n")


@_in(LAYOUT)
def sockets_and_pipes(repo: Repo) -> None:
    os.mkfifo(repo.path("src/pipe"))
    os.mkfifo(repo.path(".env"))
    os.mknod(repo.path("socket"), stat.S_IFSOCK | 0o600)


@_in(LAYOUT)
def shallow(repo: Repo) -> Repo:
    other = Repo(f"{repo.root}-shallow")
    repo.git("clone", "-q", "--depth=1", f"file://{repo.root}", other.root)
    other.write("README.md", "edited\n")
    return other


@_in(LAYOUT)
def partial(repo: Repo) -> Repo:
    repo.git("config", "uploadpack.allowFilter", "true")
    other = Repo(f"{repo.root}-partial")
    repo.git("clone", "-q", "--filter=blob:none", f"file://{repo.root}", other.root)
    other.write("README.md", "edited\n")
    return other


@_in(LAYOUT)
def sha256(repo: Repo) -> Repo:
    other = Repo(f"{repo.root}-sha256")
    os.makedirs(other.root)
    other.git("init", "-q", "-b", "main", "--object-format=sha256")
    other.commit("First", {"a/b.txt": "b\n", "c.txt": "c\n"})
    other.write("c.txt", "edited\n")
    other.write("d.txt", "untracked\n")
    other.git("add", "d.txt")
    return other


@_in(LAYOUT)
def housekeeping_that_wants_to_run_all_the_time(repo: Repo) -> None:
    repo.git("config", "gc.auto", "1")
    repo.git("config", "gc.pruneExpire", "now")
    repo.git("config", "gc.autoDetach", "false")
    repo.write("README.md", "edited\n")


@_in(LAYOUT)
def reflogs_for_every_ref(repo: Repo) -> None:
    repo.git("config", "core.logAllRefUpdates", "always")
    repo.write("README.md", "edited\n")


SITUATIONS = (*FILES, *INDEX, *HEAD, *CONVERSION, *LAYOUT)
