"""Files of encrypted secrets: that one changed is seen, what changed in it is not."""

import re
import shlex
from collections.abc import Iterator

from ..changes import Changes, Delta, Side
from ..model import Change, Evidence, Item, Step

_ENCRYPTED = re.compile(
    r"(?:^|/)config/(?:credentials(?:/[\w-]+)?|secrets)\.yml\.enc$|(?:^|/)\.env[\w.-]*\.(?:enc|encrypted|vault|gpg)$|"
    r"(?:^|/)\.env\.vault$|(?:^|/)secrets?[\w./-]*\.(?:enc|gpg|age|asc)(?:\.\w+)?$|\.enc\.(?:ya?ml|json|env)$"
)
_MAY = re.compile(
    r"\.(?:ya?ml|json|env|ini|enc|gpg|age|key|pem|txt|properties)$|(?:^|/)\.env|(?:^|/)(?:vault|secrets?)[\w.-]*$"
)
_HEADS = {b"$ANSIBLE_VAULT;": "ansible-vault", b"\0GITCRYPT\0": "git-crypt", b"age-encryption.org/": "age"}
_SOPS = re.compile(rb"^[ \t\"]*sops\"?:", re.MULTILINE)
_SEALED = re.compile(rb"^kind:[ \t]*SealedSecret\b", re.MULTILINE)
_SHOW = {
    "rails": "bin/rails credentials:diff",
    "sops": "sops decrypt",
    "ansible-vault": "ansible-vault view",
    "dotenvx": "",
}


def credentials(changes: Changes) -> Iterator[Item]:
    """One item for each change of a file of encrypted secrets."""
    for delta in changes.deltas:
        tool = next((found for side in delta.sides if (found := _tool(side))), "")
        if tool:
            yield _item(changes, delta, tool)


def _tool(side: Side) -> str:
    """What encrypted a file; empty if nothing did."""
    if _ENCRYPTED.search(side.path):
        return "rails" if "/credentials" in f"/{side.path}" or side.path.endswith("secrets.yml.enc") else "encryption"
    if not _MAY.search(side.path) or not side.data:
        return ""
    head = next((tool for start, tool in _HEADS.items() if side.data.startswith(start)), "")
    if head:
        return head
    if b"ENC[AES256_GCM" in side.data and _SOPS.search(side.data):
        return "sops"
    # Lock files are long: a search for a word is far quicker than one for the beginnings of lines.
    return "sealed-secrets" if b"SealedSecret" in side.data and _SEALED.search(side.data) else ""


def _item(changes: Changes, delta: Delta, tool: str) -> Item:
    change: Change = "changed" if delta.old and delta.new else "added" if delta.new else "removed"
    path = delta.path
    return Item(
        domain="environment",
        kind="credentials file",
        name=path,
        change=change,
        evidence=[Evidence(path=path, commit=delta.commit)],
        before=_hidden(changes, delta.old),
        after=_hidden(changes, delta.new),
        reversible="yes" if delta.old else "unknown",
        action=Step(
            text=f"The revert brings the earlier {path} back; deploy it with the code, and the key that opens it.",
            command=_SHOW.get(tool, "") and f"{_SHOW[tool]} {shlex.quote(path)}",
        ),
        inverse=Step(text=f"Restore {path} as it was after the change and deploy it."),
        cautions=[
            f"Encrypted by {tool}: which secrets changed cannot be read here.",
            "A secret that was rotated outside stays rotated: the earlier file may hold one that no longer works.",
        ],
        confidence="high",
        when="with code",
        details={"tool": tool},
    )


def _hidden(changes: Changes, side: Side | None) -> str:
    return "" if side is None else changes.hide(side.entry.oid)
