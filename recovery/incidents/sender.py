"""Sends one message to several addresses; a program of its own, which its caller stops when time is up.

It takes JSON on standard input (urls, title, body, seconds) and writes a line of JSON for each address as soon
as its answer is there: index, ok, detail. It imports nothing of this package: Apprise, which takes a while to
load, is loaded in no other process.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, TextIO

_AT_ONCE = 8


def main() -> None:
    """Send what standard input says."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # A service that prints must not end up among the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    asked = json.load(sys.stdin)
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        jobs = {pool.submit(_send, url, asked): index for index, url in enumerate(asked["urls"])}
        for job in as_completed(jobs):
            error = job.exception()
            ok, detail = job.result() if error is None else (False, type(error).__name__)
            _answer(answers, jobs[job], ok, detail)
    answers.close()
    # A call that Apprise gave up on must not keep this process.
    os._exit(0)


def _answer(answers: TextIO, index: int, ok: bool, detail: str) -> None:
    answers.write(json.dumps({"index": index, "ok": ok, "detail": detail}) + "\n")
    answers.flush()


def _send(url: str, asked: dict[str, Any]) -> tuple[bool, str]:
    from apprise import Apprise, AppriseAsset

    asset = AppriseAsset(
        app_id="safe-rollback",
        app_desc="safe-rollback",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        # A redirect would take the message to an address that nobody configured.
        http_redirects=False,
        interpret_emojis=False,
        storage_mode="memory",
        pgp_autogen=False,
        pem_autogen=False,
        allow_templates=False,
        timezone="UTC",
        service_timeout=asked["seconds"],
    )
    service = Apprise.instantiate(url, asset=asset)
    if service is None:
        return False, "Apprise does not take this address"
    sender = Apprise(asset=asset)
    sender.add(service)
    done = sender.notify(
        title=asked["title"], body=asked["body"], body_format="text", timeout=asked["seconds"], log_level=30
    )
    said = [entry.message for result in done.results for entry in result.logs()]
    return bool(done), said[-1] if said and not done else done.status.name.lower().replace("_", " ")


if __name__ == "__main__":
    main()
