"""The domains: one file each, one tuple of all."""

from ..detector import Domain
from .artifacts import ARTIFACTS
from .caches import CACHES
from .ci import CI
from .code import CODE
from .database import DATABASE
from .dependencies import DEPENDENCIES
from .environment import ENVIRONMENT
from .feature_flags import FEATURE_FLAGS
from .published import PUBLISHED
from .submodules_lfs import SUBMODULES_LFS
from .third_party import THIRD_PARTY

DOMAINS: tuple[Domain, ...] = (
    CODE,
    ARTIFACTS,
    DATABASE,
    ENVIRONMENT,
    FEATURE_FLAGS,
    THIRD_PARTY,
    CACHES,
    DEPENDENCIES,
    CI,
    SUBMODULES_LFS,
    PUBLISHED,
)
