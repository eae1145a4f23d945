"""Which request a command sends."""

import pytest

from safe_rollback.inventory.observed.request import endpoint, matched, request_of


@pytest.mark.parametrize(
    ("command", "request_"),
    [
        ("curl https://h/p", "GET h/p"),
        ("curl -X POST https://h/p/?a=b", "POST h/p"),
        ("curl -XDELETE h.example.com/p", "DELETE h.example.com/p"),
        ("curl -sX PUT https://h/p", "PUT h/p"),
        ("curl -d a=b https://h/p", "POST h/p"),
        ("curl -G -d a=b https://h/p", "GET h/p"),
        ("curl -T f https://h/p", "PUT h/p"),
        ("curl -I https://h/p", "HEAD h/p"),
        ("curl --url https://u:p@h:8080/p --json {}", "POST h/p"),
        ("curl -H Accept:x -o f -d @b https://h/p", "POST h/p"),
        ("curl -X POST $API/api/x", "POST $API/api/x"),
        ("http POST https://h/p a=b", "POST h/p"),
        ("http https://h/p a=b", "POST h/p"),
        ("http https://h/p a==b", "GET h/p"),
        ("http :4242/p", "GET /p"),
        ("wget --post-data=a https://h/p", "POST h/p"),
        ("wget --method=DELETE https://h/p", "DELETE h/p"),
        ("gh api repos/a/b/hooks", "GET api.github.com/repos/a/b/hooks"),
        ("gh api /repos/a/b/hooks -f a=b", "POST api.github.com/repos/a/b/hooks"),
        ("gh api -X DELETE repos/a/b/hooks/1", "DELETE api.github.com/repos/a/b/hooks/1"),
    ],
)
def test_requests(command: str, request_: str) -> None:
    program, *words = command.split()
    found = request_of(program, words)
    assert found is not None
    assert f"{found.method} {found.target}" == request_


@pytest.mark.parametrize(
    "command", ["curl", "gh pr list", "gh api graphql -f query=x", "ls x", "curl http://[", "http"]
)
def test_no_request(command: str) -> None:
    program, *words = command.split()
    assert request_of(program, words) is None


def test_a_capture_ends_at_a_slash() -> None:
    one = endpoint("POST|PUT h/v*/{a}[/{b}]")
    found = [request_of("curl", ["-X", method, f"https://h/{path}"]) for method, path in
             (("POST", "v2/x"), ("PUT", "v2/x/y"), ("PUT", "v2/x/y/z"), ("DELETE", "v2/x"))]  # fmt: skip
    assert [matched(one, request) for request in found if request] == [
        {"a": "x"}, {"a": "x", "b": "y"}, {"a": "y", "b": "z"}, None,
    ]  # fmt: skip


def test_what_is_no_endpoint_is_an_error() -> None:
    with pytest.raises(ValueError, match="no method"):
        endpoint("api.example.com/x")
