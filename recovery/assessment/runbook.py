"""What a human does about a secret in the history: written here, run by nobody but them."""

import shlex
from collections.abc import Sequence

from ...core.text import clean

_SHOWN = 20


def leaked_secret(places: Sequence[str]) -> list[str]:
    """The steps to take a secret out of a repository's history.

    Args:
        places: `path:line`, where it was found.
    """
    paths = list(dict.fromkeys(place.rpartition(":")[0] for place in places))[:_SHOWN]
    named = " ".join(f"--path {shlex.quote(clean(path, limit=300))}" for path in paths)
    return [
        (
            "1. Rotate: revoke the secret where it was issued and put the new one where programs read it. Until then "
            "nothing below helps: whoever has a clone has the secret."
        ),
        "2. Revert the commits with safe_revert, so that the current files no longer have it.",
        "3. Tell everybody who has a clone; nobody pushes until step 7.",
        "4. Make a fresh clone, with every ref: git clone --mirror <url> cleanup.git && cd cleanup.git",
        (
            "5. Write the old secret to a file outside of it (old.txt, one line: <the secret>==>REMOVED) and replace "
            "it everywhere: git filter-repo --replace-text ../old.txt"
        ),
        f"   or take the files out altogether: git filter-repo --invert-paths {named}",
        (
            "6. Look: git log --all -S'<the secret>' must print nothing. Then a person who may do so pushes: "
            "git push --force --mirror <url>"
        ),
        (
            "7. Everybody clones anew; old clones are not to be pushed from. Ask the host to drop caches and "
            "pull-request refs, which a push does not replace."
        ),
        (
            "8. Checkpoints of safe-rollback in the old clone hold it too: `safe-rollback prune` there when you no "
            "longer need them, or remove the old clone."
        ),
    ]
