"""Calls that take the key of a cache, by language: what they are called on, and what they are called."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..reading.expressions import Call


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_REDIS = _words(
    "get set setex setnx psetex mget mset getset getdel append incr incrby incrbyfloat decr decrby del delete unlink "
    "exists exists? expire expireat pexpire persist ttl pttl rename type strlen "
    "hget hset hsetnx hmset hmget hgetall hdel hexists hincrby hincrbyfloat hkeys hvals hlen hscan hscan_each "
    "lpush rpush lpop rpop lrange lrem ltrim llen lindex linsert blpop brpop rpoplpush lmove "
    "sadd sadd? srem srem? smembers sismember scard spop srandmember sscan sscan_each "
    "sunion sinter sdiff smove sunionstore "
    "zadd zrem zrange zrevrange zrangebyscore zrevrangebyscore zremrangebyscore zremrangebyrank zscore zmscore zcard "
    "zcount zincrby zrank zrevrank zunionstore zinterstore zscan zscan_each "
    "xadd xread xreadgroup xgroup xlen pfadd pfcount setbit getbit bitcount geoadd scan_each scan keys "
    "hGet hSet hGetAll hDel hIncrBy sAdd sRem sMembers sIsMember zAdd zRem zRange zRangeByScore lPush "
    "rPush lPop rPop "
    "lRange setEx setNX incrBy expireAt lock tryLock "
)
_CACHE = _words(
    "fetch read write delete exist? increment decrement fetch_multi read_multi write_multi delete_multi "
    "delete_matched read_entry write_entry get set add get_or_set incr decr touch get_many set_many delete_many "
    "delete_pattern has_key has del clear wrap withCache withCacheNullable getOrSet getOrCreate remember "
    "rememberForever put forget forever pull many missing tags mget mset getset tryLock invalidate invalidateTag "
    "getOrSetAsync hget hset setex expire keys ttl"
)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Calls that take a key.

    Attributes:
        receiver: what they are called on; None for functions.
        methods: their last names.
        position: which argument the key is.
        weak: whether the receiver is a name for anything: it counts where the file speaks of redis.
    """

    receiver: re.Pattern[str] | None
    methods: frozenset[str] | re.Pattern[str]
    position: int = 0
    weak: bool = False

    def fits(self, call: Call) -> bool:
        method = call.method
        named = method in self.methods if isinstance(self.methods, frozenset) else self.methods.fullmatch(method)
        if not named:
            return False
        receiver = call.receiver
        return not receiver if self.receiver is None else self.receiver.search(receiver) is not None


_ANY_CACHE = re.compile(r"(?:^|[.:@$_(])(?:\w*[cC]ache\w*|CACHE\w*|caches\[[^\]]*\])(?:\(\))?$")
ANY_REDIS = re.compile(r"(?:redis|alfred|velma|valkey|kredis)\w*(?:\.current|\(\))?$", re.IGNORECASE)
_WEAK = re.compile(
    r"^(?:r|c|conn|connection|pipeline|pipe|p|multi|transaction|rdb|client|tx|this\.client|self\.client|kv|store)$"
)
_RUBY = (
    Rule(receiver=_ANY_CACHE, methods=_CACHE),
    Rule(receiver=ANY_REDIS, methods=_REDIS),
    Rule(receiver=_WEAK, methods=_REDIS, weak=True),
    Rule(receiver=None, methods=re.compile(r"with_redis_lock|redis_lock|with_distributed_lock|with_lock")),
    Rule(
        receiver=re.compile(r"DistributedMutex$|RedisLock$|DistributedMemoizer$"),
        methods=re.compile(r"synchronize|acquire|memoize|new"),
    ),
    Rule(receiver=re.compile(r"DistributedCache$|Kredis$|ActiveSupport::Cache$"), methods=re.compile(r"new|\w+")),
    Rule(receiver=re.compile(r"^json$"), methods=re.compile(r"cache!|cache_if!")),
)
_PYTHON = (
    Rule(receiver=_ANY_CACHE, methods=_CACHE | _REDIS),
    Rule(receiver=ANY_REDIS, methods=_REDIS),
    Rule(receiver=_WEAK, methods=_REDIS - _words("get set delete type keys scan rename append add"), weak=True),
    Rule(receiver=None, methods=re.compile(r"make_template_fragment_key|cache_key|get_cache_key")),
)
_ECMASCRIPT = (
    Rule(receiver=_ANY_CACHE, methods=_words("withCache withCacheNullable"), position=1),
    Rule(receiver=_ANY_CACHE, methods=_CACHE - _words("fetch read write add clear many put")),
    Rule(receiver=ANY_REDIS, methods=_REDIS),
    Rule(
        receiver=re.compile(r"^(?:kv|pipeline|multi|client|this\.client|env\.[A-Z_]*(?:KV|CACHE)[A-Z_]*)$"),
        methods=_REDIS,
        weak=True,
    ),
    Rule(receiver=None, methods=re.compile(r"revalidateTag|cacheTag|updateTag|expireTag|unstable_cacheTag|cacheKey")),
    Rule(
        receiver=None, methods=re.compile(r"unstable_cache|nextCache|cache|cached|unstable_cacheWrapper"), position=1
    ),
)
_GO = (
    Rule(receiver=re.compile(r"(?i:redis|cache|rdb)\w*(?:\(\))?$"), methods=re.compile(r"[A-Z]\w*"), position=1),
    Rule(receiver=re.compile(r"(?i:cache|memcache)\w*$"), methods=re.compile(r"Get|Set|Delete|Add|Remember\w*")),
)
_PHP = (
    Rule(receiver=re.compile(r"(?:Cache|Redis|RateLimiter)$"), methods=_CACHE | _REDIS | _words("lock attempt hit")),
    Rule(
        receiver=re.compile(r"(?:cache|redis)(?:\(\))?$", re.IGNORECASE), methods=_CACHE | _REDIS | _words("getItem")
    ),
    Rule(receiver=None, methods=re.compile(r"cache")),
)
_JAVA = (
    Rule(receiver=None, methods=re.compile(r"Cacheable|CacheEvict|CachePut|Cached|CacheResult|CacheInvalidate")),
    Rule(receiver=re.compile(r"(?i:redis|cache)\w*(?:\(\))?$|opsFor\w+\(\)$"), methods=_CACHE | _REDIS),
)
_CSHARP = (
    Rule(
        receiver=re.compile(r"(?i:cache|redis|db)\w*$"),
        methods=re.compile(
            r"(?:Get|Set|TryGet|Remove|Create|GetOrCreate|Refresh|String(?:Get|Set|Increment)|Key(?:Delete|Expire|Exists)|"
            r"Hash(?:Get|Set|Delete))\w*"
        ),
    ),
)
_ELIXIR = (
    Rule(receiver=re.compile(r"Cachex$|ConCache$|Nebulex\w*|\w*Cache$"), methods=re.compile(r"\w+!?"), position=1),
    Rule(receiver=re.compile(r"\w*Cache$"), methods=re.compile(r"get|put|delete|fetch|get_and_update|take|incr")),
)
RULES: Mapping[str, Sequence[Rule]] = {
    "ruby": _RUBY,
    "python": _PYTHON,
    "javascript": _ECMASCRIPT,
    "typescript": _ECMASCRIPT,
    "tsx": _ECMASCRIPT,
    "go": _GO,
    "php": _PHP,
    "java": _JAVA,
    "csharp": _CSHARP,
    "elixir": _ELIXIR,
}
