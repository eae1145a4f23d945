"""Where people are told: addresses by tag, which a human configured on a terminal.

They stand beside trust and grants in the user's own state directory. A protocol names only tags, so a
repository can neither read an address nor add one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...core.errors import InvalidInputError, NotFoundError
from ...core.redaction import hashed, salt_of
from ...core.text import clean
from ...core.workspace import Workspace
from ...policies.userstate import load, locked_for, save

_FILE = "notify.json"
_TAG = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,40})://\S{1,2000}")
# Of these the place behind the scheme is a server; of others it may be a token.
_HOSTED = frozenset({"form", "forms", "json", "jsons", "ntfy", "ntfys", "xml", "xmls"})
_HOST = re.compile(r"://(?:[^/?#]*@)?(?P<host>\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+)(?P<port>:\d{1,5})?(?=[/?#]|$)")
_MAX_TAGS = 50
_MAX_URLS = 10


@dataclass(frozen=True, kw_only=True)
class Target:
    """One address.

    Attributes:
        tag: what protocols call it.
        url: as Apprise takes it; holds secrets.
    """

    tag: str
    url: str


def targets(workspace: Workspace) -> list[Target]:
    """Every target of this user for this repository, by tag."""
    found = load(workspace, _FILE).get("targets")
    rows = found if isinstance(found, dict) else {}
    return [
        Target(tag=tag, url=url)
        for tag, urls in sorted(rows.items())
        if isinstance(urls, list)
        for url in urls
        if isinstance(url, str)
    ]


def add_target(workspace: Workspace, tag: str, url: str) -> Target:
    """Keep an address under a tag, which may have several. Only a human on a terminal may ask for it.

    Raises:
        InvalidInputError: if the tag or the address cannot be used, or there are too many.
    """
    if not _TAG.fullmatch(tag):
        raise InvalidInputError(
            f"{clean(tag, limit=80)!r} is no tag.", hint="Use lower-case letters, digits, - and _, such as team."
        )
    if not _URL.fullmatch(url):
        raise InvalidInputError(
            "That is no address of a notification service.",
            hint="Give an Apprise URL, such as mailto://, slack:// or jsons://host/path.",
        )
    with locked_for(workspace, "notify"):
        known = _by_tag(workspace)
        urls = known.setdefault(tag, [])
        if url not in urls:
            urls.append(url)
        if len(known) > _MAX_TAGS or len(urls) > _MAX_URLS:
            raise InvalidInputError(
                f"There may be {_MAX_TAGS} tags with {_MAX_URLS} addresses each.",
                hint="Take one out: `safe-rollback notify remove TAG`.",
            )
        save(workspace, _FILE, {"targets": known})
    return Target(tag=tag, url=url)


def remove_target(workspace: Workspace, tag: str) -> int:
    """Forget every address of a tag; how many there were.

    Raises:
        NotFoundError: if it has none.
    """
    with locked_for(workspace, "notify"):
        known = _by_tag(workspace)
        gone = known.pop(tag, [])
        if not gone:
            raise NotFoundError(
                f"No target has the tag {clean(tag, limit=80)}.", hint="`safe-rollback notify list` shows them."
            )
        save(workspace, _FILE, {"targets": known})
    return len(gone)


def _by_tag(workspace: Workspace) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in targets(workspace):
        found.setdefault(one.tag, []).append(one.url)
    return found


def masked(workspace: Workspace, url: str) -> str:
    """An address without anything that lets somebody use it: `jsons://example.com/… #ab12cd34`."""
    scheme = url.partition("://")[0].lower()
    host = _HOST.search(url) if scheme in _HOSTED else None
    where = f"{host['host']}{host['port'] or ''}/" if host else ""
    return f"{scheme}://{where}… #{hashed(url, salt_of(workspace.state_dir))}"


def secrets_of(url: str) -> Sequence[str]:
    """The parts of an address that must not be repeated, longest first."""
    parts = {part for part in re.split(r"[:/?#&=@,;\s]+", url.partition("://")[2]) if len(part) >= 4}
    return [url, *sorted(parts, key=len, reverse=True)]
