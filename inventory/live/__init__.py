"""Live probes: read-only questions to running systems, off unless configured; one file each, one tuple of all."""

from .artifacts import ARTIFACTS
from .cloudflare import CLOUDFLARE
from .compose import COMPOSE
from .docker import DOCKER
from .flagd import FLAGD
from .flagsmith import FLAGSMITH
from .fly import FLY
from .growthbook import GROWTHBOOK
from .heroku import HEROKU
from .kubernetes import KUBERNETES
from .launchdarkly import LAUNCHDARKLY
from .mysql import MYSQL
from .netlify import NETLIFY
from .postgres import POSTGRES
from .posthog import POSTHOG
from .probe import Probe
from .redis import REDIS
from .registries import CRATES, NPM, PYPI, RUBYGEMS
from .sqlite import SQLITE
from .stripe import STRIPE
from .terraform import TERRAFORM
from .unleash import UNLEASH
from .vercel import VERCEL

PROBES: tuple[Probe, ...] = (
    POSTGRES,
    MYSQL,
    SQLITE,
    REDIS,
    VERCEL,
    NETLIFY,
    FLY,
    HEROKU,
    COMPOSE,
    KUBERNETES,
    UNLEASH,
    POSTHOG,
    LAUNCHDARKLY,
    FLAGSMITH,
    GROWTHBOOK,
    FLAGD,
    STRIPE,
    CLOUDFLARE,
    TERRAFORM,
    ARTIFACTS,
    DOCKER,
    NPM,
    PYPI,
    CRATES,
    RUBYGEMS,
)
