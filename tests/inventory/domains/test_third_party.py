"""Third parties: webhooks, schedules, redirects, infrastructure and services that commits change."""

import pytest

from safe_rollback.inventory.domains.third_party import THIRD_PARTY
from safe_rollback.inventory.services.providers import host_provider, provider_of
from safe_rollback.inventory.services.table import PROVIDERS
from tests.inventory.kit import Story, names, only

ROUTES = """
Rails.application.routes.draw do
  namespace :api do
    resources :accounts do
      resources :webhooks, only: [:create]
      member do
        post :retry_webhook
      end
    end
  end
  scope path: 'hooks' do
    post 'stripe', to: 'billing#process'
  end
  post 'webhooks/line/:id', to: 'webhooks/line#process_payload'
  get '/auth/:provider/callback', to: 'sessions#create'
  post 'plain', to: 'plain#create'
end
"""
MANIFEST = """apiVersion: batch/v1
kind: CronJob
metadata:
  name: nightly
spec:
  schedule: "0 3 * * *"
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
"""


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("config/routes.rb", ROUTES, [
            "oauth redirect /auth/:provider/callback added", "webhook /api/accounts/:account_id/webhooks added",
            "webhook /api/accounts/:id/retry_webhook added", "webhook /hooks/stripe added",
            "webhook /webhooks/line/:id added"]),
        ("shop/urls.py",
         ("urlpatterns = [path('webhooks/stripe/', views.stripe), "
          "re_path(r'^hooks/(?P<id>x)/$', v), path('x/', v)]\n"),
         ["webhook /hooks/(?P<id>x) added", "webhook /webhooks/stripe added"]),
        ("app.py",
         ("@app.route('/webhook', methods=['POST'])\ndef hook(): pass\n"
          "@router.post('/oauth/callback')\ndef back(): pass\n"),
         ["oauth redirect /oauth/callback added", "webhook /webhook added"]),
        ("views.py", "def includeme(config):\n    config.add_route('github', '/_/github/webhook')\n",
         ["webhook /_/github/webhook added"]),
        ("src/app.ts", "app.post('/api/webhook', handler);\naxios.post('/api/webhook/x');\n",
         ["webhook /api/webhook added"]),
        ("src/a.controller.ts", "@Controller('webhooks')\nclass A { @Post('stripe') go() {} }\n",
         ["webhook /webhooks/stripe added"]),
        ("src/a.ts", "this.route({ method: 'post', path: '/webhook', handler: this.go });\n",
         ["webhook /webhook added"]),
        ("apps/web/app/(ee)/api/stripe/webhook/route.ts", "export async function POST() {}\n",
         ["webhook /api/stripe/webhook added"]),
        ("src/pages/api/webhook.ts", "export default x;\n", ["webhook /api/webhook added"]),
        ("app/api/cron/ping/route.ts", "export async function POST() {}\n", ["cron /api/cron/ping added"]),
        ("app/api/webhook/lib/util.ts", "export const x = 1;\n", []),
        ("main.go", "package main\nfunc main() { r.POST(\"/webhook\", h) }\n", ["webhook /webhook added"]),
        ("routes/api.php", "<?php Route::post('webhook', 'A@b');\n", ["webhook /webhook added"]),
        ("A.java", "class A { @PostMapping(\"/webhook\") void f() {} }\n", ["webhook /webhook added"]),
        ("src/a.ts", "cache.get('webhooks');\n", []),
        ("config/schedule.yml", "clean_job:\n  cron: '0 3 * * *'\n  class: 'CleanJob'\n", ["cron clean_job added"]),
        ("config/sidekiq.yml", ":scheduler:\n  :schedule:\n    clean_job:\n      every: '6h'\n      class: Clean\n",
         ["cron clean_job added"]),
        ("config/recurring.yml", "production:\n  clean:\n    class: Clean\n    schedule: every hour\n",
         ["cron clean added"]),
        ("config/schedule.rb", "every 1.day, at: '4am' do\n  rake 'clean'\n  runner 'Clean.run'\nend\n",
         ["cron rake clean added", "cron runner Clean.run added"]),
        ("shop/settings.py", "CELERY_BEAT_SCHEDULE = {'clean': {'task': 'a.b', 'schedule': crontab(hour=3)}}\n",
         ["cron clean added"]),
        ("shop/celery.py", "app.conf.beat_schedule['clean'] = {'schedule': 60}\n", ["cron clean added"]),
        ("shop/tasks.py", "sender.add_periodic_task(crontab(hour=3), clean.s(), name='clean')\n",
         ["cron clean added"]),
        ("src/a.ts", "const id = 'x';\nqueue.upsertJobScheduler(job.id, { pattern: job.cron }, { name: job.id });\n",
         ["cron job.id added"]),
        ("src/a.ts", "import { Queue, Worker } from 'bullmq';\nconst N = 'mails';\nnew Queue(N); new Worker(N);\n",
         ["queue mails added"]),
        ("src/a.ts", "import { BullModule } from '@nestjs/bullmq';\nBullModule.registerQueue({ name: 'mails' });\n",
         ["queue mails added"]),
        ("src/a.ts", "import { Queue } from './queue';\nnew Queue('mails');\n", []),
        ("app/a.py", "from rq import Queue\nq = Queue('mails', connection=c)\n", ["queue mails added"]),
        ("extras/a.rb", "s.fetch(\"https://archive.is/#{url}\")\n", ["integration archive added"]),
        ("src/a.ts", "const { data } = await axios.post<Answer>('https://thing.dev/submit', x);\n",
         ["integration thing added"]),
        ("src/a.tsx", "<a href='https://thing.dev/submit'>fetch it</a>\n", []),
        ("app/a.rb", "@client = Stripe::StripeClient.new(key, stripe_version: 'x')\n", ["integration stripe added"]),
        ("script/clean-cron", "#!/bin/sh\nexec clean\n", ["cron clean-cron added"]),
        ("script/cron", "no script\n", []),
        ("etc/cron.d/clean", "0 3 * * * root clean\n", ["cron clean added"]),
        ("config/storage.yml",
         "l:\n  service: Disk\nr:\n  service: S3\n  endpoint: https://<%= A %>.r2.cloudflarestorage.com\n",
         ["integration cloudflare (storage service r) added"]),
        ("config/storage.yml", "files:\n  service: S3\n  bucket: <%= ENV['B'] %>\n",
         ["integration aws (storage service files) added"]),
        ("config/storage.yml", "hooks:\n  url: https://hooks.slack.com/x\n", ["integration slack added"]),
        ("config/storage.yml", "a:\n  service: S3\n  endpoint: https://u:top.secret@minio.dev/\n",
         ["integration minio (storage service a) added"]),
        ("etc/cron.d/clean", "0 3 * * * root curl -H 'Authorization: Token hunter2secret' https://x.y\n",
         ["cron curl -H … https://x.y added"]),
        ("config/schedule.rb", "#!/usr/bin/env ruby\nevery 3.hours do\n  rake 'clean'\nend\n",
         ["cron rake clean added"]),
        ("src/a.ts", "const job = { name: 'clean' };\nqueue.upsertJobScheduler(job.name, { every: 5 });\n",
         ["cron clean added"]),
        ("src/a.ts", "import { Queue } from 'bullmq';\nnew Queue<Job>('mails');\n", ["queue mails added"]),
        ("src/a.ts", "throw new Error('expected, but got https://thing.dev/x');\n", []),
        ("src/a.ts", "const url = 'http://users.default.svc/api/v1';\n", []),
        ("src/a.ts", "const url = 'https://api.pandadoc.com/public/v1';\n", ["integration pandadoc added"]),
        ("bin/cron" + "_a" * 60 + ".rb", "#!/usr/bin/env ruby\n", []),
        ("src/a.ts", "const a = `https://${me}.r2.cloudflarestorage.com`;\n", ["integration cloudflare added"]),
        ("src/a.ts", "fetch(`https://${shop}.myshopify.com/admin/api/x`);\n", ["integration shopify added"]),
        ("shop/tasks.py", "scheduler.add_job(clean, 'cron', id='clean', hour=3)\n", ["cron clean added"]),
        ("shop/tasks.py", "@scheduler.scheduled_job('cron', id='clean', hour=3)\ndef f(): pass\n",
         ["cron clean added"]),
        ("src/jobs.ts", "schedulerService.schedule(service.clean.bind(service), hoursToMilliseconds(1), 'clean');\n",
         ["cron clean added"]),
        ("src/jobs.ts", "queue.upsertJobScheduler('clean', { pattern: '0 3 * * *' });\n", ["cron clean added"]),
        ("src/jobs.ts", "cron.schedule('0 3 * * *', clean);\n", ["cron clean added"]),
        ("src/jobs.ts", "class A { @Cron('0 3 * * *', { name: 'clean' }) go() {} }\n", ["cron clean added"]),
        ("src/jobs.ts", "export const job = { id: 'clean', trigger: { name: 'clean', cron: '0 3 * * *' } };\n",
         ["cron clean added"]),
        ("vercel.json", '{"crons": [{"path": "/api/clean", "schedule": "0 3 * * *"}]}\n', ["cron /api/clean added"]),
        ("wrangler.toml", '[triggers]\ncrons = ["0 3 * * *"]\n', ["cron 0 3 * * * added"]),
        ("deploy/crontab", "# x\n0 3 * * * /srv/clean\n", ["cron /srv/clean added"]),
        ("k8s/a.yaml", MANIFEST,
         ["cron nightly added", "kubernetes object CronJob/nightly added", "kubernetes object Deployment/web added"]),
        ("chart/templates/web.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ include \"x\" . }}\n",
         ["kubernetes object Service/web added"]),
        ("infra/a.tf",
         ('resource "aws_s3_bucket" "media" {\n  bucket = "x"\n}\n'
          'module "net" {\n  source = "./n"\n}\ndata "a" "b" {}\n'),
         ["terraform resource aws_s3_bucket.media added", "terraform resource module.net added"]),
        ("public/CNAME", "shop.example.com\n", ["dns shop.example.com added"]),
        ("firestore.rules", "rules_version = '2';\n", ["security rules firestore.rules added"]),
        ("shopify.app.toml", '[auth]\nredirect_urls = ["https://a.example.com/auth/callback"]\n',
         ["app configuration shopify.app.toml added", "oauth redirect https://a.example.com/auth/callback added"]),
        ("app/a.rb", "client.auth_code.authorize_url(redirect_uri: \"#{base_url}/linear/callback\")\n",
         ["oauth redirect #{base_url}/linear/callback added"]),
        ("src/auth.ts", "passport.use(new S({ callbackURL: '/auth/github/callback' }));\n",
         ["oauth redirect /auth/github/callback added"]),
        ("package.json", '{"dependencies": {"stripe": "^1", "left-pad": "1"}}\n', ["integration stripe added"]),
        ("Gemfile", "gem 'twilio-ruby'\ngem 'rails'\n", ["integration twilio added"]),
        ("requirements.txt", "sentry-sdk[django]==2.0\nrequests\n", ["integration sentry added"]),
        ("pyproject.toml", '[project]\ndependencies = [\n  "openai>=1",\n  "flask",\n]\n',
         ["integration openai added"]),
        ("go.mod", "require (\n\tgithub.com/slack-go/slack v0.12.0\n)\n", ["integration slack added"]),
        ("app/a.rb", "URL = 'https://api.stripe.com/v1/charges'\n", ["integration stripe added"]),
        ("app/a.rb", "URL = 'https://api.unheard-of.com/v2/x'\n", ["integration unheard-of added"]),
        ("app/a.rb",
         ("URL = 'https://stripe.com/docs'\n"
          "SCHEMA = 'https://json-schema.org/draft-07/schema'\n# https://api.github.com/x\n"),
         []),
        ("config/integration/apps.yml", "linear:\n  id: linear\n", ["integration linear added"]),
        ("lib/integrations/linear/processor.rb", "class A; end\n", ["integration linear added"]),
        ("lib/integrations/utils/processor.rb", "class A; end\n", []),
        (".github/workflows/a.yml", "on:\n  schedule:\n    - cron: '0 3 * * *'\n", []),
        (".github/workflows/a.yml",
         "steps:\n  - uses: codecov/codecov-action@v3\n  # - uses: snyk/actions@v1\n  - uses: actions/checkout@v4\n",
         ["integration codecov added"]),
        (".github/workflows/a.yml", "steps:\n  - uses: docker/login-action@v3\n    with:\n      username: x\n",
         ["integration docker hub added"]),
        (".github/workflows/a.yml",
         "steps:\n  - uses: docker/login-action@v3\n    with:\n      registry: ghcr.io\n  - run: x\n",
         ["integration github container registry added"]),
        (".github/workflows/a.yml",
         "steps:\n  - uses: docker/login-action@v3\n    with:\n      registry: ${{ env.REGISTRY }}\n",
         ["integration container registry added"]),
        (".github/workflows/a.yml", "steps:\n  # - uses: docker/login-action@v3\n", []),
        ("emails/index.ts", "const smtp = { host: 'smtp.postmarkapp.com', port: 587 };\n// 'api.stripe.com'\n",
         ["integration postmark added"]),
        ("emails/index.ts", "const smtp = { host: 'smtp.mycompany.example' };\n", []),
        ("src/a.ts", "Sentry.init({ dsn: process.env.DSN, debug: false });\n", ["integration sentry added"]),
        ("a.py", "sentry_sdk.init(dsn=DSN)\n", ["integration sentry added"]),
        ("app/a.rb", "CLIENT = Twilio::REST::Client.new(a, b)\nx = Gitlab::Checks::Change.new(c)\n",
         ["integration twilio added"]),
        ("next.config.js", "module.exports = withSentryConfig(config, { org: 'x' });\n",
         ["integration sentry added"]),
        ("src/a.ts", "stripe.charges.create({ amount }); new Line(a, b); segment.init(x);\n", []),
        ("app/a.rb", "LIST = 'https://raw.githubusercontent.com/a/b/list.txt'\n", ["integration github added"]),
        ("app/a.rb", "FACE = 'https://avatars.githubusercontent.com/u/1'\n", []),
        ("spec/a_spec.rb", "post '/webhook'\nURL = 'https://api.stripe.com/v1'\n", []),
    ],
)  # fmt: skip
def test_what_is_found(story: Story, path: str, text: str, found: list[str]) -> None:
    changes = story.changes({}, {path: text})
    assert names(THIRD_PARTY.detect(changes)) == found
    gone = story.changes({path: text}, {path: None})
    assert names(THIRD_PARTY.detect(gone)) == [name.replace(" added", " removed") for name in found]


@pytest.mark.parametrize(
    ("path", "old", "new", "found"),
    [
        ("config/schedule.yml", "a:\n  cron: '0 3 * * *'\n", "a:\n  cron: '0 4 * * *'\n",
         ("cron 0 3 * * *", "cron 0 4 * * *")),
        ("app/a.rb", "U = 'https://graph.facebook.com/v17.0/x'\n", "U = 'https://graph.facebook.com/v18.0/x'\n",
         ("v17.0", "v18.0")),
    ],
)  # fmt: skip
def test_what_is_said_otherwise_is_changed(
    story: Story, path: str, old: str, new: str, found: tuple[str, str]
) -> None:
    item = only(THIRD_PARTY.detect(story.changes({path: old}, {path: new})))
    assert (item.change, item.before, item.after) == ("changed", *found)


def test_a_service_that_is_set_up_otherwise_has_changed(story: Story) -> None:
    text = "Sentry.init({ dsn: 'https://hunter2@x.ingest.sentry.io/1', %s });\n"
    item = only(THIRD_PARTY.detect(story.changes({"a.ts": text % "debug: false"}, {"a.ts": text % "release: 'v1'"})))
    assert (item.kind, item.name, item.change) == ("integration", "sentry", "changed")
    assert (item.before, item.after) == ("set up with dsn, debug", "set up with dsn, release")
    assert item.evidence[0].text == "Sentry.init(…)" and "hunter2" not in repr(item.to_data())
    assert "older options" in item.action.text
    options = ", ".join(f"anOptionWithALongName{n}: {n}" for n in range(12))
    many = f"Sentry.init({{ {options}, release: '%s' }});\n"
    item = only(THIRD_PARTY.detect(story.changes({"a.ts": many % "v1"}, {"a.ts": many % "v2"})))
    assert item.change == "changed" and "(" not in item.before + item.after
    assert names(THIRD_PARTY.detect(story.changes({"a.ts": text % "a: 1"}, {"a.ts": f"\n{text % ' a : 1'}"}))) == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.ts", 'const s = new Stripe("c2tfbGl2ZV9hYmNkZWZnaGlq=");'),
        ("a.py", 'client = sendgrid.Client("apiuser:hunter2pass", key="Zm9vYmFyYmF6cXV4eg=")'),
        ("a.ts", 'const t = new Twilio("ACfoo", "MyAuthTokenXYZ12");'),
    ],
)
def test_no_argument_of_a_set_up_is_shown(story: Story, path: str, line: str) -> None:
    item = only(THIRD_PARTY.detect(story.changes({}, {path: line + "\n"})))
    shown = str(item.to_data())
    assert not any(word in shown for word in ("c2tf", "hunter2", "apiuser", "Zm9v", "MyAuth", "ACfoo")), shown


def test_a_second_set_up_of_a_service_is_no_new_service(story: Story) -> None:
    text = "Sentry.init({ dsn: process.env.DSN });\n"
    assert names(THIRD_PARTY.detect(story.changes({"a.ts": text}, {"edge.ts": text}))) == []
    assert names(THIRD_PARTY.detect(story.changes({"a.ts": text, "b.ts": text}, {"b.ts": None}))) == []


def test_a_service_that_was_used_before_is_not_new(story: Story) -> None:
    url = "URL = 'https://api.stripe.com/v1/charges'\n"
    assert names(THIRD_PARTY.detect(story.changes({"app/a.rb": url}, {"app/b.rb": url}))) == []


def test_the_storage_service_whose_options_changed_is_named(story: Story) -> None:
    def stored(bucket: str) -> dict[str, str]:
        names = "".join(f"s{number}:\n  service: S3\n  bucket: b{number}\n" for number in range(4))
        return {"config/storage.yml": f"{names}s4:\n  service: GCS\n  bucket: {bucket}\n"}

    item = only(THIRD_PARTY.detect(story.changes(stored("hunter2"), stored("hunter3"))))
    assert (item.name, item.change) == ("google (storage service s4)", "changed")
    assert item.before == item.after == "set up with service, bucket"
    assert "hunter" not in repr(item.to_data())


def test_a_secret_in_a_crontab_changes_and_is_not_shown(story: Story) -> None:
    def table(secret: str) -> dict[str, str]:
        return {"etc/cron.d/clean": f"0 3 * * * root curl -u me:{secret} https://x.y\n5 * * * * root\n"}

    item = only(THIRD_PARTY.detect(story.changes(table("hunter2"), table("hunter3"))))
    assert (item.kind, item.name, item.change) == ("cron", "curl -u … https://x.y", "changed")
    assert item.before == item.after == "0 3 * * *"
    assert "hunter" not in repr(item.to_data())


def test_a_link_to_what_is_asked_is_no_use_of_it(story: Story) -> None:
    link = {
        "app/views/a.html.erb": "<a href='https://archive.is/1'>x</a>\n",
        "app/b.rb": "URL = 'https://archive.is'\n",
    }
    ask = {"app/a.rb": 's.fetch("https://archive.is/#{url}")\n'}
    assert names(THIRD_PARTY.detect(story.changes(link, ask))) == ["integration archive added"]
    assert names(THIRD_PARTY.detect(story.changes({}, {"app/a.rb": None, "app/c.rb": ask["app/a.rb"]}))) == []


def test_a_service_that_is_used_still_is_not_gone(story: Story) -> None:
    url = "URL = 'https://api.stripe.com/v1/charges'\n"
    changes = story.changes({"app/a.rb": url, "app/b.rb": url}, {"app/b.rb": None})
    assert names(THIRD_PARTY.detect(changes)) == []


def test_a_folder_that_moved_is_nothing(story: Story) -> None:
    changes = story.changes(
        {"src/extensions/plugins/avatax/a.py": "x = 1\n"},
        {"src/extensions/plugins/avatax/a.py": None, "src/plugins/avatax/a.py": "x = 1\n"},
    )
    assert names(THIRD_PARTY.detect(changes)) == []


def test_a_resource_that_only_moved_is_nothing(story: Story) -> None:
    text = 'resource "a" "b" {\n  c = 1\n}\n'
    assert names(THIRD_PARTY.detect(story.changes({"a.tf": text}, {"a.tf": f"# x\n{text}"}))) == []


def test_terraform_has_a_plan_and_no_rollback(story: Story) -> None:
    item = only(THIRD_PARTY.detect(story.changes({}, {"infra/a.tf": 'resource "a" "b" {}\n'})))
    assert (item.action.command, item.verify, item.destructive) == (
        "terraform -chdir=infra apply", "terraform -chdir=infra plan -detailed-exitcode -lock=false", True,
    )  # fmt: skip


def test_an_object_that_was_added_is_deleted_by_hand(story: Story) -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: shop\n"
    added = only(THIRD_PARTY.detect(story.changes({}, {"k8s/a.yaml": text})))
    assert added.action.command == "kubectl delete -n shop Service web"
    changed = only(THIRD_PARTY.detect(story.changes({"k8s/a.yaml": text}, {"k8s/a.yaml": text + "spec: 1\n"})))
    assert changed.action.command == "kubectl apply -n shop -f k8s/a.yaml"


def test_a_new_endpoint_is_taken_out_at_the_provider_before_its_route_goes(story: Story) -> None:
    item = only(THIRD_PARTY.detect(story.changes({}, {"src/app.ts": "app.post('/webhook', go);\n"})))
    assert item.when == "before code"
    assert any("recording" in caution for caution in item.cautions)
    assert item.evidence[0].text == "app.post('/webhook', go);"


def test_no_password_is_shown(story: Story) -> None:
    text = "URL = 'https://user:hunter2@api.stripe.com/v1/x'\n"
    item = only(THIRD_PARTY.detect(story.changes({}, {"app/a.rb": text})))
    assert "hunter2" not in repr(item.to_data())


@pytest.mark.parametrize(
    ("package", "name"),
    [("stripe", "stripe"), ("@sentry/nextjs", "sentry"), ("@aws-sdk/client-s3", "aws"), ("sentry-rails", "sentry"),
     ("Twilio", "twilio"), ("omniauth-37signals", "37signals"), ("passport-google-oauth20", "google"),
     ("omniauth-rails_csrf_protection", None), ("passport-local", None), ("left-pad", None), ("@types/stripe", None)],
)  # fmt: skip
def test_packages(package: str, name: str | None) -> None:
    assert provider_of(package) == name


@pytest.mark.parametrize(
    ("host", "path", "name"),
    [
        ("api.stripe.com", "v1", ("stripe", True)),
        ("graph.facebook.com", "v18.0", ("facebook", True)),
        ("bucket.s3.eu-west-1.amazonaws.com", "", ("aws", True)),
        ("api.new-thing.io", "", ("new-thing", False)),
        ("www.stripe.com", "", None),
        ("www.new-thing.io", "api/x", ("new-thing", False)),
        ("www.new-thing.io", "about", None),
        ("docs.new-thing.io", "api/x", None),
        ("api.example.com", "", None),
        ("localhost.local", "api", None),
    ],
)
def test_hosts(host: str, path: str, name: tuple[str, bool] | None) -> None:
    assert host_provider(host, path) == name


def test_the_table_has_no_package_or_host_twice() -> None:
    for column in (0, 1):
        every = [word for row in PROVIDERS.values() for word in row[column]]
        assert sorted(every) == sorted(set(every))


@pytest.mark.parametrize(
    "text", ["", "webhook(", "a: [", "\0webhook", "cron\r\nschedule: '", "https://", "webhook " + "x" * 200_000]
)
@pytest.mark.parametrize(
    "path",
    ["config/routes.rb", "a.py", "a.ts", "vercel.json", "wrangler.toml", "a.tf", "k8s/a.yaml", "config/schedule.yml",
     "package.json"],
)  # fmt: skip
def test_odd_text_raises_nothing(story: Story, path: str, text: str) -> None:
    list(THIRD_PARTY.detect(story.changes({}, {path: text})))
