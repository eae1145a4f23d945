"""Caches: keys, stores, workers and rules that commits change."""

import pytest

from safe_rollback.inventory.domains.caches import CACHES
from tests.inventory.kit import Story, names, only


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("app/a.rb", "Rails.cache.fetch(\"stats:#{id}\", expires_in: 1.day) { 1 }\n",
         ["cache key stats:#{id} added"]),
        ("app/a.rb", "Rails.cache.delete_matched('stats_*')\n", ["cache key stats_* added"]),
        ("app/a.rb", "Rails.cache.delete_multi(ids.map { |id| [\"ab:#{id}\", \"cd:#{id}\"] })\n",
         ["cache key ab:#{id} added", "cache key cd:#{id} added"]),
        ("app/a.rb", "Rails.cache.read(['relation', a, b])\n", ["cache key relation/{a}/{b} added"]),
        ("app/a.rb", "def cache_key\n  \"google::#{email}\"\nend\nRedis::Alfred.setex(cache_key, 1)\n",
         ["cache key google::#{email} added"]),
        ("app/a.rb", "with_redis { |redis| redis.sadd(\"batch:#{id}\", 1) }\n", ["cache key batch:#{id} added"]),
        ("app/a.rb", "with_redis_lock(\"lock:#{id}\") { 1 }\n", ["cache key lock:#{id} added"]),
        ("app/a.rb", "redis.publish('timeline', 1)\n", []),
        ("app/a.rb", "params.fetch(:cache)\nENV.fetch('REDIS_URL')\n", []),
        ("app/views/a.html.erb", "<% cache 'sidebar' do %>x<% end %>\n", ["cache key sidebar added"]),
        ("lib/redis/redis_keys.rb", "module Redis::RedisKeys\n  LOCK = 'LOCK::%<id>d'.freeze\nend\n",
         ["cache key LOCK::%<id>d added"]),
        ("app/a.rb", "CACHE_VERSION = 2\nCACHE_TTL = 1.hour\n",
         ["cache expiry CACHE_TTL added", "cache version CACHE_VERSION added"]),
        ("app/a.ts", "const hashedKey = Buffer.from(sha256(cacheKey)).toString('hex');\ncache.get(hashedKey);\n", []),
        ("config/environments/production.rb", "config.action_controller.page_cache_directory = 'x'\n",
         ["cache store page_cache_directory added"]),
        ("app/a.rb", "class Setting < Base\n  cache_prefix { 'v1' }\nend\n", ["cache version cache_prefix added"]),
        ("app/a.py", "cache.get(f'user:{id}')\n", ["cache key user:{id} added"]),
        ("app/a.py", "cache.set('user:%s' % id, 1, timeout=60)\n", ["cache key user:%s added"]),
        ("app/a.py", "redis_client.hset('users', 'a', 1)\n", ["cache key users added"]),
        ("app/a.py", "requests.get('https://x')\n# cache\n", []),
        ("app/a.html", "{% load cache %}\n{% cache 500 sidebar user %}\n", ["cache key sidebar added"]),
        ("app/settings.py", "CACHES = {'default': {'BACKEND': 'x'}}\n", ['cache store CACHES["default"] added']),
        ("src/a.ts", "await redis.get(`user:${id}`);\n", ["cache key user:${id} added"]),
        ("src/a.ts", "cache.withCache(load, createCacheKey.custom('github', 'latest'), 5);\n",
         ["cache key github:latest added"]),
        ("src/a.ts", "const f = unstable_cache(load, [`surveys-${id}`], { tags: ['surveys'] });\n",
         ["cache key surveys added", "cache key surveys-${id} added"]),
        ("src/a.ts", "revalidateTag(`survey-${id}`);\n", ["cache key survey-${id} added"]),
        ("src/survey/cache.ts",
         ("export const surveyCache = { tag: { byId(id: string) { return `surveys-${id}`; } "
          "} };\n"),
         ["cache key surveys-${id} added"]),
        ("src/a.ts", "this.names = memoizee(load, { maxAge: 10 });\n", ["memoized value names added"]),
        ("src/a.ts", "const cache = new Map(); cache.get(id);\n", []),
        ("src/a.go", "package a\nfunc f() { rdb.Set(ctx, fmt.Sprintf(\"user:%d\", id), v, 0) }\n",
         ["cache key user:%d added"]),
        ("src/A.php", "<?php Cache::remember('users', 60, fn() => 1);\n", ["cache key users added"]),
        ("src/A.java", "class A { @Cacheable(\"users\") void f() {} }\n", ["cache key users added"]),
        ("src/A.cs", "class A { void F() { _cache.GetOrCreateAsync(\"users\", x); } }\n", ["cache key users added"]),
        ("lib/a.ex", "Cachex.get(:my_cache, \"users\")\n", ["cache key users added"]),
        ("config/environments/production.rb",
         ("Rails.application.configure do\n"
          "  config.cache_store = :redis_cache_store\nend\n"),
         ["cache store cache_store added"]),
        ("public/sw.js", "self.addEventListener('install', () => {});\n", ["service worker public/sw.js added"]),
        ("app/controllers/statuses_controller.rb",
         ("class A\n  def show\n    expires_in 3.minutes, "
          "public: true\n  end\nend\n"),
         ["http cache statuses#show added"]),
        ("vercel.json",
         ('{"headers": [{"source": "/a/(.*)", '
          '"headers": [{"key": "Cache-Control", "value": "max-age=1"}]}]}\n'),
         ["http cache /a/(.*) added"]),
        ("netlify.toml", '[[headers]]\nfor = "/*"\n[headers.values]\nCache-Control = "no-store"\n',
         ["http cache /* added"]),
        ("nginx.conf", "location /static {\n  expires 30d;\n}\n", ["http cache /static added"]),
        ("public/_headers", "/assets/*\n  Cache-Control: max-age=1\n", ["http cache /assets/* added"]),
        ("next.config.js",
         ("module.exports = { headers: async () => [{ source: '/x', "
          "headers: [{ key: 'Cache-Control', value: 'a' }] }] };\n"),
         ["http cache /x added"]),
        ("app/x/route.ts", "export const revalidate = 60;\n", ["http cache app/x/route.ts added"]),
        ("src/a.ts", "res.set('Cache-Control', 'no-cache');\n", ["http cache src/a.ts added"]),
        ("app/views.py", "@cache_page(60)\ndef home(request):\n    pass\n", ["http cache app/views.py:home added"]),
        ("spec/a_spec.rb", "Rails.cache.fetch('x') { 1 }\n", []),
        ("docs/a.py", "cache.get('x')\n", []),
        ("node_modules/a/b.js", "redis.get('x')\n", []),
    ],
)  # fmt: skip
def test_what_is_found(story: Story, path: str, text: str, found: list[str]) -> None:
    changes = story.changes({}, {path: text})
    assert names(CACHES.detect(changes)) == found
    gone = story.changes({path: text}, {path: None})
    assert names(CACHES.detect(gone)) == [name.replace(" added", " removed") for name in found]


def test_a_line_that_moved_is_nothing(story: Story) -> None:
    text = "Rails.cache.read('abc')\n"
    assert names(CACHES.detect(story.changes({"app/a.rb": text}, {"app/a.rb": f"# x\n\n{text}"}))) == []
    assert names(CACHES.detect(story.changes({"app/c.rb": text}, {"app/c.rb": None, "app/d.rb": text}))) == []


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        (
            "Rails.cache.write('abc', 1)",
            "Rails.cache.write('abc', 1, expires_in: 2)",
            "value 1",
            "expires_in 2, value 1",
        ),
        ("Rails.cache.write('abc', x)", "Rails.cache.write('abc', x.to_json)", "value x", "value x.to_json"),
        ("CACHE_VERSION = 1", "CACHE_VERSION = 2", "1", "2"),
    ],
)
def test_what_is_kept_for_longer_or_otherwise_is_changed(
    story: Story, old: str, new: str, before: str, after: str
) -> None:
    item = only(CACHES.detect(story.changes({"app/a.rb": f"{old}\n"}, {"app/a.rb": f"{new}\n"})))
    assert (item.change, item.before, item.after) == ("changed", before, after)


def test_a_block_that_makes_another_value_is_told(story: Story) -> None:
    text = "Rails.cache.fetch('abc') { %s }\n"
    item = only(CACHES.detect(story.changes({"app/a.rb": text % "x"}, {"app/a.rb": text % "y"})))
    assert item.change == "changed"
    assert any("unreadable" in caution for caution in item.cautions)


@pytest.mark.parametrize("quoted", [("'a'", '"a"'), ("b: 1", "b:  1")])
def test_how_it_is_written_is_no_change(story: Story, quoted: tuple[str, str]) -> None:
    texts = [f"Rails.cache.write('k', {one})\n" for one in quoted]
    assert names(CACHES.detect(story.changes({"app/a.rb": texts[0]}, {"app/a.rb": texts[1]}))) == []


def test_another_name_for_a_placeholder_is_no_other_key(story: Story) -> None:
    texts = ['redis.get("abc:#{id}")\n', 'redis.get("abc:#{@user.id}")\n']
    assert names(CACHES.detect(story.changes({"app/a.rb": texts[0]}, {"app/a.rb": texts[1]}))) == []


def test_a_constant_of_another_file_is_resolved(story: Story) -> None:
    keys = "module Redis::RedisKeys\n  LOCK_KEY = 'LOCK::%<id>d'.freeze\nend\n"
    use = "Redis::Alfred.get(format(Redis::RedisKeys::LOCK_KEY, id: 1))\n"
    changes = story.changes({"lib/redis/redis_keys.rb": keys}, {"app/a.rb": use})
    assert names(CACHES.detect(changes)) == ["cache key LOCK::%<id>d added"]


def test_a_prefix_of_another_file_is_resolved(story: Story) -> None:
    changes = story.changes(
        {"app/const.py": 'CACHE_USER_KEY = "user_"\n'},
        {"app/a.py": "from .const import CACHE_USER_KEY\ncache.get(CACHE_USER_KEY + str(id))\n"},
    )
    assert names(CACHES.detect(changes)) == ["cache key user_{str(id)} added"]


def test_a_key_that_nobody_can_know_is_named_by_its_file(story: Story) -> None:
    item = only(CACHES.detect(story.changes({}, {"app/a.py": "cache.get(token.key)\n"})))
    assert (item.name, item.confidence) == ("app/a.py", "medium")


def test_a_rule_in_a_function_that_moved_is_nothing(story: Story) -> None:
    text = "class A {\n  getAll(res) {\n    res.set('Cache-Control', 'no-cache');\n  }\n}\n"
    before = {"src/proxy-controller.ts": text}
    moved = {"src/proxy-controller.ts": None, "src/api/front-controller.ts": text.replace("getAll", "getEach")}
    assert names(CACHES.detect(story.changes(before, moved))) == []
    other = {"src/api/front-controller.ts": None, "src/other-controller.ts": text.replace("no-cache", "max-age=1")}
    assert len(names(CACHES.detect(story.changes({}, other)))) == 2


def test_keys_and_rules_of_files_that_stay_have_not_moved(story: Story) -> None:
    key = {"src/a.ts": "cache.get('app.users:v1');\n"}
    assert names(CACHES.detect(story.changes(key, {"src/a.ts": "cache.get('app.users:v2');\n"}))) == [
        "cache key app.users:v1 removed",
        "cache key app.users:v2 added",
    ]
    rule = "function list(res) {\n  res.set('Cache-Control', 'public');\n}\n"
    before = {"src/b.ts": rule, "src/c.ts": "function secret(res) {\n}\n"}
    after = {"src/b.ts": "function list(res) {\n}\n", "src/c.ts": rule.replace("list", "secret")}
    assert len(names(CACHES.detect(story.changes(before, after)))) == 2


def test_advice_never_says_to_flush_and_looks_without_writing(story: Story) -> None:
    item = only(CACHES.detect(story.changes({}, {"app/a.rb": 'Rails.cache.read("abc:#{id}")\n'})))
    assert item.verify == "redis-cli --scan --pattern 'abc:*' | head"
    assert any("never flush" in caution for caution in item.cautions)
    assert (item.reversible, item.evidence[0].line) == ("no", 1)


def test_passwords_of_stores_are_hidden(story: Story) -> None:
    text = "CACHE_URL = 'redis://:hunter2@cache:6379/1'\n"
    item = only(CACHES.detect(story.changes({}, {"app/settings.py": text})))
    assert "hunter2" not in repr(item.to_data())


@pytest.mark.parametrize(
    "text", ["", "Rails.cache.fetch(", "redis.get(`", "\0cache", "cache\r\nredis.get('a'\r", "cache " + "x" * 200_000]
)
@pytest.mark.parametrize("path", ["a.rb", "a.py", "a.ts", "vercel.json", "netlify.toml", "nginx.conf", "a.html.erb"])
def test_odd_text_raises_nothing(story: Story, path: str, text: str) -> None:
    list(CACHES.detect(story.changes({}, {path: text})))
