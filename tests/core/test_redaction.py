"""Secrets are hidden wherever they stand, once and for all, in time that grows with the text alone."""

import base64
import os
import stat
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from safe_rollback.core.dotenv import Variable
from safe_rollback.core.redaction import Redactor, hashed, is_hidden, salt_of, shown
from safe_rollback.core.secretforms import is_secret_name

SALT = b"x" * 32
PLAIN = Redactor(SALT)


def known(*pairs: tuple[str, str]) -> Redactor:
    return Redactor(SALT, [Variable(name=name, value=value) for name, value in pairs])


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("psql postgres://joe:hunter2@db.example.com/shop", "hunter2"),
        ("redis://:hunter2@cache:6379/0", "hunter2"),
        ("mongodb+srv://u:p%40ss@h/", "p%40ss"),
        ("git clone https://ab12cd34ef56gh78ij90kl@host.example/x.git", "ab12cd34ef56gh78ij90kl"),
        ("DB_PASSWORD=hunter2 npm start", "hunter2"),
        ("export API_KEY='a b c'; run", "a b c"),
        ('export API_KEY="a \\" b"', 'a \\" b'),
        ("SECRET_KEY_BASE=abc", "abc"),
        ("PGPASSWORD=x1 psql", "x1"),
        ("STRIPE_KEY=abcdef", "abcdef"),
        ("curl https://h/x?api_key=abcdef&page=2", "abcdef"),
        ("deploy --token abcdef", "abcdef"),
        ("deploy --auth-token=abcdef", "abcdef"),
        ("deploy --client-secret 'a b'", "a b"),
        ("curl -H 'Authorization: Bearer abc.def'", "abc.def"),
        ("Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("X-Api-Key: abc", "abc"),
        ("Cookie: sid=abcdef; other=ghi", "abcdef; other=ghi"),
        ("curl -u joe:hunter2 https://h", "hunter2"),
        ("mysql -u root -phunter2 shop", "hunter2"),
        ("redis-cli -a hunter2 ping", "hunter2"),
        ("sshpass -p hunter2 ssh h", "hunter2"),
        ('{"password": "hunter2", "user": "joe"}', "hunter2"),
        ("'clientSecret' => 'hunter2'", "hunter2"),
        ("  password: correct-horse\n", "correct-horse"),
        ("password: hunter2", "hunter2"),
        ("token=ab#cd", "ab#cd"),
        ("ghp_" + "a1B2" * 9, "ghp_" + "a1B2" * 9),
        ("x sk_live_" + "4eC39HqLyjWDarjtT1", "sk_live_4eC39HqLyjWDarjtT1"),
        ("xoxb-123456789012-abcdef", "xoxb-123456789012-abcdef"),
        ("AKIAIOSFODNN7ABCDEFG", "AKIAIOSFODNN7ABCDEFG"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"),
        ("https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/cccccccccccccccccccccccc", "cccccccccccccccccccccccc"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIB\nxyz=\n-----END RSA PRIVATE KEY-----", "MIIB\nxyz="),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk", "b3BlbnNzaC1rZXk"),
        ("KEY=-----BEGIN PRIVATE KEY-----\\nMIIB\\n-----END PRIVATE KEY-----\\n", "MIIB"),
    ],
)
def test_what_has_the_form_of_a_secret_is_hidden(text: str, secret: str) -> None:
    hidden = PLAIN.redact(f"before\n{text}\n(after)")
    assert secret not in hidden and "<hidden" in hidden
    assert hidden.startswith("before") and hidden.endswith("(after)")
    assert PLAIN.redact(hidden) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "git commit -m 'Add a password reset'", "TOKEN=$TOKEN run", 'PASSWORD="${DB_PASSWORD}"', "TOKEN=$(cat token)",
        "password: str", "password: string;", "token: SecretStr", "api_key = os.environ['API_KEY']",
        "const token = process.env.TOKEN", "token = next(tokens)", "PWD=/home/joe", "primary_key=True",
        "max_tokens=4096",
        "cache_key=users/1", "public_key=ssh-ed25519", "password_reset_url=/reset", "https://example.com:8080/a@b",
        "Bearer authentication is used", "pass=12 fail=3", "password: <your password>", "password=***", "token: xxx",
        "mkdir -p hunter2", "docker run -p 80:80 x", "TOKEN_TTL=3600", "git push origin main", "monkey=banana",
        "see https://user@host/x", "keyword: value1234", "compass=north",
    ],
)  # fmt: skip
def test_what_is_no_secret_is_shown(text: str) -> None:
    assert PLAIN.redact(text) == text


def test_known_values_are_hidden_by_name_in_every_form() -> None:
    redactor = known(("STRIPE", 'canary/va"lue 1'), ("DATABASE_URL", "postgres://u:pw@h/db"))
    raw = 'canary/va"lue 1'
    for form in (raw, quote(raw, safe=""), raw.replace('"', '\\"'), base64.b64encode(raw.encode()).decode()):
        hidden = redactor.redact(f"x {form} y")
        assert hidden.startswith("x <hidden STRIPE #") and hidden.endswith("> y")
    assert redactor.redact("psql postgres://u:pw@h/db").startswith("psql <hidden DATABASE_URL #")


def test_a_value_of_several_lines_is_hidden_line_by_line() -> None:
    lines = ["first line of a long value", "second line of a long value"]
    hidden = known(("CERT", "\n".join(lines))).redact(f"1: {lines[0]}\n2: {lines[1]}\n")
    assert "long value" not in hidden and hidden.count("<hidden CERT #") == 2


def test_a_value_within_another_hides_the_whole() -> None:
    redactor = known(("A", "abcdefgh"), ("B", "abcdefghijkl"))
    assert redactor.redact("abcdefghijkl").startswith("<hidden B #")
    overlapping = known(("A", "secret-part-one"), ("B", "one-part-two"))
    assert "two" not in known(("A", "xx-secret-yy"), ("B", "yy-more-zz")).redact("TOKEN=xx-secret-yy-more-zz")
    assert "secret" not in overlapping.redact("x secret-part-one-part-two")


@pytest.mark.parametrize(
    ("name", "value", "hidden"),
    [
        ("MY_VALUE", "supersecretvalue", True), ("FOO", "correct horse battery", True),
        ("DB_PASSWORD", "chatwoot", True),
        ("SENTRY", "https://abc123def@o0.ingest.example/1", True), ("DATABASE_URL", "postgres://u:p@h/db", True),
        ("WEBHOOK", "https://hooks.example.com/services/T0/B0/x9", True), ("API_KEY", "true", False),
        ("DEBUG", "true", False), ("NODE_ENV", "development", False), ("PORT", "300000", False),
        ("X", "12345", False),
        ("DB_HOST", "localhost", False), ("DB_HOST", "db.example.com", False), ("APP_NAME", "chatwoot", False),
        ("APP_URL", "http://localhost:3000", False), ("ANY", "http://localhost:3000", False),
        ("LOG_LEVEL", "warning", False),
        ("MAIL_FROM", "joe@example.com", False), ("DB_PASSWORD", "postgres", False), ("TIMEOUT", "3000ms", False),
        ("STORAGE_DIR", "./var/storage", False), ("OTHER", "${API_KEY}", False), ("APP_NAME", "k3x9Zq81LmPw", True),
        ("SOME_URL", "https://example.com/hook/k3x9Zq81LmPw", True), ("SHORT", "abc12", False),
    ],
)  # fmt: skip
def test_which_values_of_dotenv_files_are_secrets(name: str, value: str, hidden: bool) -> None:
    assert is_hidden(name, value) is hidden
    assert (known((name, value)).redact(f"a {value} b") != f"a {value} b") is hidden or value.startswith(
        ("http", "post")
    )


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("API_KEY", True), ("apiKey", True), ("clientSecret", True), ("DB_PASS", True), ("password", True),
        ("AUTH", True),
        ("GITHUB_PAT", True), ("SENTRY_DSN", True), ("accessToken", True), ("API_TOKENS", True), ("PWD", False),
        ("OLDPWD", False), ("DB_PWD", True), ("key", False), ("monkey", False), ("compass", False),
        ("TOKEN_URL", False),
        ("SECRET_NAME", False), ("max_tokens", False), ("passport", False), ("bypass", False), ("path", False),
    ],
)  # fmt: skip
def test_names_that_say_secret(name: str, secret: bool) -> None:
    assert is_secret_name(name) is secret


@given(st.text(), st.lists(st.text(min_size=6), max_size=4))
@example("password=hidden <hidden x #00000000>", ["hidden"])
@example("token=a://b:c@d", ["//b:c@"])
@example("a=b://:p<hidden #12345678>@h", [])
@example("\ud800 token=\udcff", ["\udc80\udc80\udc80\udc80\udc80\udc80"])
def test_hiding_twice_is_hiding_once_and_never_fails(text: str, values: list[str]) -> None:
    redactor = known(*((f"V{number}", value) for number, value in enumerate(values)))
    hidden = redactor.redact(text)
    assert redactor.redact(hidden) == hidden


SHAPED = st.lists(
    st.sampled_from(
        ["password", "token", "=", ": ", "--", "'", '"', "://", "u:", "p@", "@", " ", "\n", "<hidden", " #",
         "12ab34cd", ">",
         "secret-value", "Bearer ", "Authorization", "eyJ", ".", "-----BEGIN PRIVATE KEY-----", "-----END ",
         "\\", "&", "$"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@given(SHAPED)
def test_hiding_twice_is_hiding_once_in_what_looks_like_secrets(text: str) -> None:
    redactor = known(("A", "secret-value"))
    hidden = redactor.redact(text)
    assert redactor.redact(hidden) == hidden and "secret-value" not in hidden


@pytest.mark.parametrize(
    "piece",
    ["a=a", "token=a[", "token:", "a.a.", "mysql ", "://a", "-----BEGIN PRIVATE KEY-----", "eyJaaaaaaaa.", "token=\"",
     "Bearer ", "Authorization: a; ", "xoxb-", "sk-", "://aaaaaaaaaaaaaaaaaaaaa", "-", "\n", " ",
     "curl -u ", "<hidden ",
     "password=\\", "Cookie: a=", "secret"],
)  # fmt: skip
def test_time_grows_with_the_text_alone(piece: str) -> None:
    redactor = known(*((f"V{number}", f"value-number-{number}") for number in range(100)))

    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        started = time.perf_counter()
        redactor.redact(text)
        return time.perf_counter() - started

    # 16 times the text: a quadratic search would take 256 times as long.
    seconds(10_000)
    assert min(seconds(160_000), seconds(160_000)) < 80 * max(min(seconds(10_000), seconds(10_000)), 0.003)


def test_a_mark_that_a_text_imitates_hides_nothing() -> None:
    redactor = known(("A", "secret-value"))
    assert "secret-value" not in redactor.redact("<hidden secret-value #12345678>")
    assert redactor.redact("<hidden OTHER #12345678>") == "<hidden OTHER #12345678>"


def test_a_hash_tells_values_apart_and_nothing_else() -> None:
    assert len(hashed("value", SALT)) == 8 and hashed("value", SALT) == hashed("value", SALT)
    assert hashed("value", SALT) != hashed("value", b"y" * 32) and hashed("value", SALT) != hashed("valuf", SALT)
    assert shown("a value", SALT) == f"7 characters, #{hashed('a value', SALT)}"
    assert hashed("\udcff", SALT)
    assert f"#{hashed('hunter2', SALT)}>" in PLAIN.redact("DB_PASSWORD=hunter2")


def test_a_salt_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "deep"
    salt = salt_of(str(folder))
    assert len(salt) == 32 and salt_of(str(folder)) == salt
    assert stat.S_IMODE((folder / "salt").stat().st_mode) == 0o600 and os.listdir(folder) == ["salt"]
    (folder / "salt").chmod(0o644)
    assert salt_of(str(folder)) == salt and stat.S_IMODE((folder / "salt").stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 33])
def test_a_damaged_salt_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "salt").write_bytes(damage)
    salt = salt_of(str(tmp_path))
    assert len(salt) == 32 and salt_of(str(tmp_path)) == salt


def test_where_no_salt_can_be_kept_it_is_new_each_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    first, second = salt_of(str(tmp_path / "file")), salt_of(str(tmp_path / "file"))
    assert len(first) == len(second) == 32 and first != second
