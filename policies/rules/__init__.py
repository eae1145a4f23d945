"""The rules, one file each."""

from .branch_required import BranchRequired
from .declared_paths import DeclaredPaths
from .files_per_session import FilesPerSession
from .layers_per_session import LayersPerSession
from .protected_paths import ProtectedPaths
from .rule import Rule, Situation, Violation
from .sensitive_paths import SensitivePaths

RULES: tuple[Rule, ...] = (
    BranchRequired(),
    FilesPerSession(),
    LayersPerSession(),
    DeclaredPaths(),
    ProtectedPaths(),
    SensitivePaths(),
)
"""Every rule about what a session changes, in the order they are reported."""

__all__ = ["RULES", "Rule", "Situation", "Violation"]
