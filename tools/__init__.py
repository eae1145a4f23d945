"""What an agent may ask for: one file a tool, one tuple of all."""

from . import (
    blast_radius,
    check_command,
    checkpoint,
    close_item,
    end_session,
    find_breaking_commit,
    incident,
    list_checkpoints,
    plan_rollback,
    rehearse_rollback,
    restore_checkpoint,
    rollback_inventory,
    run_git,
    safe_revert,
    scope_check,
    session_report,
    start_session,
    undo,
    verify,
    write_postmortem,
)
from .spec import ToolSpec

TOOLS: tuple[ToolSpec, ...] = (
    start_session.SPEC,
    checkpoint.SPEC,
    list_checkpoints.SPEC,
    restore_checkpoint.SPEC,
    scope_check.SPEC,
    blast_radius.SPEC,
    rollback_inventory.SPEC,
    plan_rollback.SPEC,
    safe_revert.SPEC,
    close_item.SPEC,
    undo.SPEC,
    verify.SPEC,
    find_breaking_commit.SPEC,
    rehearse_rollback.SPEC,
    incident.SPEC,
    write_postmortem.SPEC,
    end_session.SPEC,
    session_report.SPEC,
    run_git.SPEC,
    check_command.SPEC,
)
"""Every tool, in the order clients list them."""
