"""The one commit a session becomes on another branch."""

from .errors import InvalidInputError
from .gate.config import identity
from .gate.objects import IDENTITY
from .gate.refs import RefUpdate, check_branch_name, list_refs, read_head
from .history import History
from .ids import Oid
from .session import TRAILER, Session
from .snapshot.capture import exclude_file, main_site
from .text import clean, plural
from .transition.draft import Draft, Note
from .transition.heads import checked_out_elsewhere
from .transition.merge import Labels, merge_trees
from .workspace import Workspace


def plan_squash(workspace: Workspace, session: Session, branch: str, summary: str, seconds: int) -> Draft:
    """The session's branch as one commit on top of another branch; the session's branch stays.

    Args:
        workspace: the worktree, on the session's branch.
        session: the session.
        branch: where the commit goes, short.
        summary: the message.
        seconds: the commit's date.

    Raises:
        InvalidInputError: if there is no such branch, or nothing to squash.
    """
    repository = workspace.repository
    name = check_branch_name(repository, branch)
    head = read_head(repository)
    target = next((ref.oid for ref in list_refs(repository, name) if ref.name == name), None)
    if target is None:
        raise InvalidInputError(f"There is no branch {branch}.", hint="Create it, or leave squash_into out.")
    if head.oid is None or name == head.branch:
        raise InvalidInputError(f"{branch} is the session's own branch.", hint="Name the branch it was made from.")
    main_site(workspace).prepare(workspace.configuration, exclude_file(workspace))
    base = repository.git.out("merge-base", target, head.oid, ok=(0, 1))
    base_tree = Oid(repository.git.out("rev-parse", f"{base}^{{tree}}")) if base else repository.empty_tree
    tree, head_tree = (Oid(repository.git.out("rev-parse", f"{one}^{{tree}}")) for one in (target, head.oid))
    merged = merge_trees(workspace, base_tree, tree, head_tree, Labels(ours=branch, theirs=head.short or "HEAD"))
    if merged.conflicts:
        return Draft(head_before=head, conflicts=merged.conflicts)
    if merged.tree == tree:
        raise InvalidInputError(f"{branch} has everything of this session already.", hint="Leave squash_into out.")
    who = identity(workspace.configuration) or IDENTITY
    message = _message(workspace, session, Oid(base) if base else None, head.oid, summary, who)
    commit = workspace.writer.commit(merged.tree, [target], message, seconds=seconds, author=who, committer=who)
    other = checked_out_elsewhere(repository, name)
    blocked = [Note(path=name, why=f"is checked out in {other}")] if other else []
    return Draft(head_before=head, refs=[RefUpdate(name=name, new=commit, old=target)], blocked=blocked)


def _message(workspace: Workspace, session: Session, base: Oid | None, tip: Oid, summary: str, who: str) -> str:
    with History(workspace) as history:
        commits = history.between(base, tip)
    lines = [clean(summary.strip(), limit=5000), "", f"Squashed from {plural(len(commits), 'commit')}:"]
    lines += [f"- {one.short} {one.subject}" for one in commits[:50]]
    authors = dict.fromkeys(
        [one.author for one in commits]
        + [value for one in commits for key, value in one.trailers if key == "co-authored-by"]
    )
    trailers = [f"{TRAILER}: {session.id}"]
    trailers += [f"Co-authored-by: {author}" for author in authors if author != who]
    return "\n".join([*lines, "", *trailers])
