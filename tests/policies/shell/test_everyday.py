"""What agents type every day: builds, tests, searches, commits; nothing a human left uncommitted is at stake."""

import pytest

from tests.policies.shell.near import judged
from tests.policies.shell.test_git_worktree import rows

EVERYDAY = rows(
    r"""
npm ci && npm run build
npm test -- --watch=false
npm run lint -- --fix
npx tsc --noEmit
npx eslint src --fix
npx prettier --write "src/**/*.ts"
npx --yes create-vite@latest app --template react
pnpm install --frozen-lockfile
pnpm -r build
yarn add -D typescript
yarn && yarn build
bun install && bun test
pip install -e '.[dev]'
python -m pip install --upgrade pip
uv sync --all-extras && uv run pytest -q
uv pip install -r requirements.txt
poetry run pytest tests/ -x -q 2>&1 | tail -20
pytest tests/test_a.py::test_x -vv 2>&1 | head -50
python manage.py migrate
python -c "import json; print(json.load(open('package.json'))['version'])"
node -e "console.log(require('./package.json').version)"
node --test
node --version && npm --version
cargo build --release && cargo test
cargo clippy --all-targets -- -D warnings
cargo fmt --check
go build ./... && go test ./...
go vet ./... && gofmt -l .
go run ./cmd/server
make -j8
make clean && make
cmake -B build -S . && cmake --build build
mvn -q -DskipTests package
./gradlew test --info
./mvnw verify
dotnet build && dotnet test
docker build -t app:dev .
docker compose up -d
docker ps -a --format '{{.Names}}'
docker exec -it web bash -c "rm -rf /tmp/cache"
docker run --rm -v "$PWD":/app -w /app node:20 npm test
kubectl get pods -n prod
kubectl logs deploy/web --tail=50
ssh host 'rm -rf /tmp/x'
curl -s https://example.org/api | jq .
curl -fsSL https://example.org/install.sh | sh
wget -qO- https://example.org/x.tar.gz | tar xz -C /tmp
eval "$(ssh-agent -s)"
eval "$(direnv hook bash)"
eval "$(pyenv init -)"
source .venv/bin/activate && python -V
. ~/.nvm/nvm.sh && nvm use 20
export PATH="$HOME/.local/bin:$PATH"
export NODE_ENV=production PORT=3000
PORT=3000 npm start &
sleep 5 && curl -s localhost:3000/health
lsof -i :3000
kill -9 $(lsof -ti :3000)
lsof -ti:3000 | xargs kill -9
pkill -f "node server.js" || true
ps aux | grep node | grep -v grep | awk '{print $2}' | xargs kill
grep -rn "TODO" src --include=*.py
rg -n "rm -rf" --type sh
rg -l "foo" src | xargs sed -n '1,5p'
grep -rl oldName src | xargs wc -l
git grep -n "checkout --" -- '*.md'
find . -name "*.py" -not -path "./.venv/*" | head -50
find . -type f -name '*.ts' -newer package.json
find src -name '*.py' -exec wc -l {} +
git ls-files '*.py' | xargs wc -l
git diff --name-only | xargs -r npx eslint
git branch --merged | grep -v main | xargs -n1 echo
git status --short && git diff --stat
git log --oneline -20
git show HEAD:src/app.py
git blame -L 10,20 src/app.py
git add -A && git commit -m "Fix the reset --hard docs"
git commit --allow-empty -m "trigger ci"
git fetch origin --prune
git pull --ff-only
git push -u origin feature
git checkout -b feature/y
git switch -c feature/z
git stash
git merge --no-ff feature
git revert --no-edit HEAD
git cherry-pick abc1234
git tag v1.2.3
git remote -v
git rev-parse --abbrev-ref HEAD
git worktree add ../wt feature/y
git reset HEAD src/app.py
git restore --staged src/app.py
git rm --cached secret.txt
git mv src/app.py src/c.py
git clean -n
git config user.email "a@example.org"
git -c core.pager=cat log -3
git --no-pager diff
GIT_PAGER=cat git log -3
GIT_EDITOR=true git merge --continue
GIT_SSH_COMMAND="ssh -i ~/.ssh/id_x -o StrictHostKeyChecking=no" git fetch origin
git submodule update --init --recursive
git bisect start && git bisect bad
git apply --check x.patch
git format-patch -1 HEAD
git shortlog -sn
git describe --tags
git count-objects -vH
git lfs pull
git check-ignore -v node_modules
sed -i 's/foo/bar/g' src/app.py
sed -n '1,80p' src/app.py
perl -pi -e 's/foo/bar/g' src/app.py
awk -F: '{print $1}' /etc/passwd
awk '{ sum += $1 } END { print sum }' numbers.txt
awk '{cmd="date -d " $1; cmd | getline d; print d}' x.txt
echo "git reset --hard" >> notes2.md
echo 'don'"'"'t run git push --force'
mkdir -p src/new && touch src/new/__init__.py
cp src/app.py src/a2.py
cp -r src /tmp/src-copy
mv src/new.py src/newer.py
rm -f /tmp/x.log
rm -rf /tmp/build-xyz
rm nonexistent.txt
find /tmp/x -mtime +7 -delete
tmp=$(mktemp -d); cp x "$tmp"; rm -rf "$tmp"
tar czf /tmp/x.tgz src
tar xzf /tmp/x.tgz -C /tmp
unzip -o x.zip -d /tmp/x
zip -r out.zip src -x '*.pyc'
chmod +x scripts/run.sh && ./scripts/run.sh
bash scripts/build.sh --clean
sh -c 'echo hello'
bash -c 'set -e; npm ci; npm test'
bash -lc 'cd src && ls -la'
time npm run build
timeout 60 npm test
nohup npm start > /tmp/server.log 2>&1 &
watch -n1 git status
env NODE_ENV=test npm test
xargs -a files.txt ls -la
ls *.md | xargs -I{} cp {} /tmp/
ls | xargs -n1 -I{} sh -c 'echo {}; wc -l {}'
cat urls.txt | xargs -n1 curl -sO
seq 1 10 | xargs -I{} curl -s "http://localhost/{}"
seq 5 | parallel echo {}
parallel -j4 pytest ::: tests/a tests/b
ls tests | xargs -n1 python -m pytest
git for-each-ref --format='%(refname:short)' refs/heads | xargs -n1 git log -1 --oneline
docker images -q | xargs -r docker rmi
npm ls --depth=0 --json | jq -r '.dependencies|keys[]' | xargs -n1 npm view
cat requirements.txt | xargs -n1 pip install
pip list --outdated --format=json | jq -r '.[].name' | xargs -n1 pip install -U
for f in src/*.py; do echo "$f"; done
for i in 1 2 3; do curl -s localhost:3000 && break; sleep 1; done
while read -r f; do wc -l "$f"; done < files.txt
while ! nc -z localhost 5432; do sleep 1; done
if [ -f package.json ]; then npm ci; fi
[ -d dist ] || mkdir dist
test -f .env || cp .env.example .env
psql -c 'SELECT count(*) FROM users'
sqlite3 dev.db ".tables"
redis-cli ping
gh pr view 12 --json title
gh issue comment 3 --body "use git push --force-with-lease"
gh run watch
gh api repos/x/y/pulls
jq '.scripts' package.json
jq --arg v "1.0" '.version=$v' package.json > /tmp/p.json
yq e '.a' x.yml
openssl rand -hex 16
base64 -d <<< aGVsbG8=
ls -la && pwd && whoami
which python3 || command -v python
cat src/app.py | head -20
head -c 100 x.bin | xxd
tail -f /tmp/log | grep --line-buffered err
diff -u src/app.py src/b.py
wc -l $(git ls-files '*.py')
du -sh node_modules
df -h
tree -L 2 -I node_modules
touch src/app.py
ln -s ../x link
rsync -av src/ /tmp/backup/
scp x host:/tmp/
terraform plan -out=tfplan
terraform fmt -recursive
aws s3 ls s3://bucket
alembic upgrade head
prisma generate
npx prisma migrate dev --name init
npx playwright test --project=chromium
npx vitest run
npx jest --coverage
tsx scripts/seed.ts
ruff check --fix . && ruff format .
mypy src
black . && isort .
pre-commit run --all-files
flask run --port 5001 &
uvicorn app:app --reload &
conda run -n env python x.py
bundle exec rspec
php artisan migrate
composer install --no-dev
mix test
swift build
xcodebuild -scheme App test
adb shell rm -rf /sdcard/x
flutter pub get
tmux new-session -d -s dev 'npm run dev'
screen -dmS dev bash -c 'npm run dev'
script -qc "npm test" /dev/null
strace -f -o /tmp/t npm test
sudo apt-get update && sudo apt-get install -y jq
brew install jq
$PYTHON script.py
python "$script" --x
"$SHELL" -c 'ls'
$SHELL --version
"${EDITOR:-vi}" x
node --max-old-space-size=4096 build.js
"""
)

DOCUMENTS = [
    "git commit -m \"$(cat <<'EOF'\nfix: never run git reset --hard\n\n- rm -rf / is refused\nEOF\n)\"",
    "git commit -F - <<'EOF'\nfix: git reset --hard\n\nrm -rf /\nEOF",
    "gh pr create --title x --body-file - <<'EOF'\ngit push --force\nEOF",
    "cat > docs/x.md <<'EOF'\n```bash\ngit clean -fdx\nrm -rf *\n```\nEOF",
    "cat > script.sh <<'EOF'\n#!/bin/sh\nrm -rf build\nEOF",
    "tee src/new.ts > /dev/null <<'EOF'\nexport const command = \"git reset --hard\";\nEOF",
    "cat <<'EOF' | tee -a notes.md\nrm -rf /\nEOF",
    "python3 - <<'EOF'\n# git reset --hard would be bad\nprint(\"rm -rf /\")\nEOF",
    "cat <<'EOF' | python3\nprint(1)\nEOF",
]


@pytest.mark.parametrize("command", [*EVERYDAY, *DOCUMENTS])
def test_everyday_work_is_allowed(command: str) -> None:
    assert judged(command).decision == "allow"
