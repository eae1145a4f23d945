"""What is said of commands that were run: secrets hidden, commands that can be run, failures told."""

import pytest

from safe_rollback.inventory.fold import fold
from safe_rollback.inventory.model import Item
from safe_rollback.inventory.observed import observed, split
from tests.inventory.kit import only

SECRET = "hunter2SECRET"


def items(command: str, exit_code: int | None = 0) -> list[Item]:
    return [
        item
        for argv in split(command)
        for item in observed(
            argv,
            action="act-1",
            at="2026-01-01T00:00:00Z",
            command=command,
            exit_code=exit_code,
            hide=lambda value: f"({len(value)} characters)",
        )
    ]


@pytest.mark.parametrize(
    "command",
    [
        f"heroku config:set API_KEY={SECRET} -a shop",
        f"echo {SECRET} | vercel env add API_KEY production",
        f"gh secret set FOO --body {SECRET}",
        f"gh secret set FOO -b{SECRET}",
        f"netlify env:set KEY {SECRET}",
        f'psql postgres://app:{SECRET}@db/shop -c "ALTER TABLE users ADD COLUMN email text"',
        f"""psql shop -c "ALTER USER bob PASSWORD '{SECRET}'" """,
        f"psql shop <<'EOF'\nINSERT INTO users VALUES ('{SECRET}');\nEOF\n",
        f"mysql -u root -p{SECRET} shop -e 'DELETE FROM users'",
        f"mysql -u root --password={SECRET} shop < dump.sql",
        f"DATABASE_URL=postgres://app:{SECRET}@db/shop npx prisma migrate deploy",
        f"API_TOKEN={SECRET} vercel --prod --token {SECRET}",
        f"docker run -d -e POSTGRES_PASSWORD={SECRET} --name pg postgres",
        f"kubectl create secret generic db --from-literal=password={SECRET}",
        f"kubectl create secret generic db --from-literal password={SECRET}",
        f"redis-cli -a {SECRET} FLUSHALL",
        f"redis-cli -u redis://:{SECRET}@cache:6379 FLUSHDB",
        f"redis-cli SET session:1 {SECRET}",
        f"curl -X POST https://api.stripe.com/v1/webhook_endpoints -u {SECRET}: -d url=https://x",
        f"curl -XPOST https://app.launchdarkly.com/api/v2/flags/web -H 'Authorization: {SECRET}' -d '{SECRET}'",
        f"curl -X POST 'https://api.render.com/deploy/srv-1?key={SECRET}'",
        f"http POST https://slack.com/api/chat.postMessage 'Authorization:Bearer {SECRET}' text=hi",
        f"gh api repos/me/shop/hooks -f config[secret]={SECRET}",
        f"docker compose exec -e TOKEN={SECRET} web rails db:migrate",
        f"aws ssm put-parameter --name /x --value {SECRET}",
        f'aws secretsmanager create-secret --name x --secret-string \'{{"p":"{SECRET}"}}\'',
        f"vault kv put secret/shop password={SECRET}",
        f"helm upgrade web ./chart --set db.password={SECRET}",
        f"twine upload -u __token__ -p {SECRET} dist/*",
        f"npm publish --otp {SECRET}",
        f"mongosh 'mongodb://u:{SECRET}@h/db' --eval 'db.users.deleteMany({{}})'",
        f"sqlite3 app.db \"UPDATE users SET pw='{SECRET}'\"",
        f"wrangler kv key put --binding C token {SECRET}",
        f"wrangler secret put X <<< {SECRET}",
        f"git push https://x:{SECRET}@github.com/me/shop v1.0.0",
        f"sudo -E env TOKEN={SECRET} systemctl restart web",
        f'ssh deploy@host "SECRET={SECRET} bin/rails db:migrate"',
        f"alembic -x url=postgres://u:{SECRET}@h/db upgrade head",
    ],
)
def test_no_secret_is_shown(command: str) -> None:
    found = items(command)
    assert found
    assert SECRET not in repr([item.to_data() for item in found])


@pytest.mark.parametrize(
    ("command", "action"),
    [
        ("bundle exec rails db:rollback", "bundle exec rails db:migrate"),
        ("RAILS_ENV=production bin/rails db:rollback", "RAILS_ENV=production bin/rails db:migrate"),
        ("DATABASE_URL=postgres://a:b@c/d dbmate up", 'DATABASE_URL="${DATABASE_URL:?}" dbmate rollback'),
        ("docker compose exec -e T=s3 web rake db:rollback", 'docker compose exec -e T="${T:?}" web rake db:migrate'),
        ("fly ssh console -a app -C 'bin/rails db:rollback'", "fly ssh console -a app -C 'bin/rails db:migrate'"),
        ("gh release create 'v1 x'", "gh release delete 'v1 x' --cleanup-tag"),
        ('gh release create "$TAG"', 'gh release delete "$TAG" --cleanup-tag'),
        ("git push https://a:b@h/r v1.0", 'git push "${URL:?}" --delete refs/tags/v1.0'),
    ],
)  # fmt: skip
def test_the_way_back_is_started_as_the_command_was(command: str, action: str) -> None:
    assert only(items(command)).action.command == action


def test_what_is_set_is_shown_hidden_and_a_variables_name_is_not() -> None:
    assert [item.after for item in items("fly secrets set A=s3cret B=$FOO")] == ["(6 characters)", "$FOO"]


def test_each_name_is_an_item_and_the_same_one_again_is_not() -> None:
    found = fold([*items("heroku config:set A=1x B=2x -a s"), *items("heroku config:set A=3x -a s")])
    assert [(item.name, item.scope) for item in found] == [("A", "heroku s"), ("B", "heroku s")]
    assert len(found[0].evidence) == 2


def test_evidence_names_action_and_time() -> None:
    (evidence,) = only(items("vercel --prod")).evidence
    assert (evidence.action, evidence.at, evidence.observed) == ("act-1", "2026-01-01T00:00:00Z", "vercel --prod")


@pytest.mark.parametrize(("code", "confidence"), [(0, "high"), (None, "medium"), (1, "low")])
def test_a_command_that_failed_may_have_done_part_of_it(code: int | None, confidence: str) -> None:
    item = only(items("vercel --prod", code))
    assert item.confidence == confidence
    assert any("part of what it does" in caution for caution in item.cautions) is (code == 1)


def test_of_several_commands_it_is_not_known_which_failed() -> None:
    item = only(items("npm test && vercel --prod", 1))
    assert item.cautions[0].startswith("Its line ended with exit code 1")


def test_a_name_that_is_a_variable_is_less_sure() -> None:
    assert only(items('heroku config:unset "$NAME"')).confidence == "medium"


@pytest.mark.parametrize(
    "command",
    [
        "npm run deploy", "yarn build", "make release", "./deploy.sh", "ls -la", "git status", "vercel env ls",
        "command -v vercel", "which heroku", "echo vercel --prod", "grep 'heroku config:set A=1' x",
        "terraform plan", "kubectl get pods", "python -c 'import os'", "curl https://api.stripe.com/v1/charges",
        "psql -c 'SELECT 1'", "psql -l", "psql shop", "redis-cli GET x", "mongosh --eval 'db.x.find()'",
        "sqlite3 a.db .tables", "sqlite3 a.db 'PRAGMA table_info(x)'", "",
    ],
)  # fmt: skip
def test_what_changes_nothing_outside_is_no_item(command: str) -> None:
    assert items(command) == []


@pytest.mark.parametrize(
    ("command", "found", "undo"),
    [
        ("psql -d shop -c 'CREATE TABLE carts (id int)'", "table carts", "psql -d shop -c 'DROP TABLE carts'"),
        (
            "psql -h db -U app shop -c 'ALTER TABLE carts ADD COLUMN note text'",
            "column carts.note",
            "psql -h db -U app shop -c 'ALTER TABLE carts DROP COLUMN note'",
        ),
        ("mysql shop -e 'CREATE INDEX i ON carts (id)'", "index i", "mysql shop -e 'DROP INDEX i'"),
        ("sqlite3 a.db 'CREATE TABLE t (id int)'", "table t", "sqlite3 a.db 'DROP TABLE t'"),
        ("psql shop -c 'DROP TABLE carts'", "table carts", ""),
        ("psql shop -f fix.sql", "script fix.sql", ""),
        ("mysql shop < fix.sql", "script fix.sql", ""),
        ("pg_dump a | psql b", "script what was piped in", ""),
        ("echo 'DELETE FROM carts' | psql shop", "table carts", ""),
        ("heroku pg:psql -c 'TRUNCATE carts'", "table carts", ""),
        ("mongosh shop --eval 'db.carts.drop()'", "collection carts", ""),
        ("mongosh shop --eval 'db.getCollection(\"carts\").updateMany({}, {})'", "collection carts", ""),
    ],
)
def test_statements(command: str, found: str, undo: str) -> None:
    item = only(items(command))
    assert (f"{item.kind} {item.name}", item.action.command) == (found, undo)
    assert item.domain == "database"


@pytest.mark.parametrize(
    ("command", "reversible", "effect"),
    [
        ("psql s -c 'CREATE TABLE a (id int)'", "lossy", "db.write"),
        ("psql s -c 'DROP TABLE a'", "no", "db.drop"),
        ("psql s -c 'UPDATE a SET b = 1'", "no", "db.write"),
        ("psql s -c 'SELECT f()'", "unknown", "db.write"),
    ],
)
def test_what_a_statement_does_to_data_is_told(command: str, reversible: str, effect: str) -> None:
    found = items(command)
    assert [(item.reversible, item.details["effect"]) for item in found] in ([(reversible, effect)], [])


@pytest.mark.parametrize(
    "argv", [[], ["vercel"], ["|"], ["psql", "<<", ""], ["curl"], ["gh", "api"], ["curl", "-X", "POST", "http://["]]
)
def test_odd_words_raise_nothing(argv: list[str]) -> None:
    observed(argv, action="", at="", command="", exit_code=None, hide=str)
