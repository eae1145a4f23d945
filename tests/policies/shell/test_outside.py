"""What lies outside of files and git is classified, so that rules and the inventory can speak of it."""

import pytest

from tests.policies.shell.near import effects, verdict
from tests.policies.shell.test_git_worktree import rows

KNOWN = """
psql -c 'SELECT 1' : db.read
psql mydb -c 'DROP TABLE users' : db.drop
psql -c "INSERT INTO log VALUES ('drop table x')" : db.write
psql --command='truncate users' : db.drop
mysql -e 'DELETE FROM users' : db.drop
mysql -u root -e 'DELETE FROM users WHERE id = 1' : db.write
sqlite3 app.db 'UPDATE x SET y = 1' : db.write
sqlite3 app.db '.tables' : db.read
psql -f schema.sql : unknown
redis-cli FLUSHALL : cache.purge
redis-cli get x : db.read
dropdb mydb : db.drop
alembic upgrade head : db.migrate
alembic downgrade -1 : db.migrate
alembic revision -m x : file.write
prisma migrate reset : db.drop
npx prisma migrate deploy : db.migrate
rails db:drop : db.drop
bundle exec rails db:migrate : db.migrate
vercel : deploy.run
vercel env add SECRET : env.set
vercel env rm SECRET : env.unset
fly secrets unset X : env.unset
heroku config:set A=b : env.set
kubectl get pods : state.read
kubectl -n prod delete deployment x : deploy.delete
kubectl delete secret x : env.unset
terraform plan : state.read
terraform apply -auto-approve : deploy.run
terraform destroy : deploy.delete
docker push x/y : publish.release
docker ps : state.read
docker volume rm data : db.drop
docker exec web rm -rf / : unknown
aws s3 ls : state.read
aws s3 rm s3://bucket/x : deploy.delete
aws cloudfront create-invalidation --distribution-id x : cache.purge
aws secretsmanager delete-secret --secret-id x : env.unset
gh release create v1 : publish.release
gh release delete v1 : publish.delete
gh secret set X : env.set
gh pr view 3 : state.read
gh pr create --body 'git reset --hard' : service.change
gh api repos/x/y : state.read
ldcli flags update x : flag.set
ldcli flags delete x : flag.delete
systemctl status x : state.read
systemctl restart x : service.change
npm publish : publish.release
npm unpublish x : publish.delete
npm install left-pad : package.install
pip install -e . : package.install
uv pip install x : package.install
cargo yank x : publish.delete
go get x : package.install
npm run build : unknown
npm test : unknown
npm ls : state.read
uv run pytest -q : unknown
ssh host rm -rf / : unknown
ruff check . : file.write
mypy . : state.read
"""


@pytest.mark.parametrize("row", rows(KNOWN))
def test_effects_outside_are_named(row: str) -> None:
    command, _, expected = row.rpartition(" : ")
    assert effects(command) == {expected}
    assert verdict(command).decision == "allow"


STARTED = """
npx rimraf /home/me
uv run python -c 'import shutil; shutil.rmtree("/home/me")'
poetry run git reset --hard
npm exec -- git reset --hard
npx -c 'git reset --hard'
pnpm dlx rimraf /home/me
bundle exec ruby -e 'system("git reset --hard")'
"""


@pytest.mark.parametrize("command", rows(STARTED))
def test_what_a_package_manager_starts_is_followed(command: str) -> None:
    assert verdict(command).decision == "refuse"
