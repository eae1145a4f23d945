"""Turns a tool's declaration into what the MCP SDK serves, and its errors into answers."""

import inspect
import json
import time
from typing import Annotated, Any

import anyio.from_thread
from mcp.server.mcpserver import Context, Elicit, ElicitationResult, Resolve
from mcp.server.mcpserver.resolve import build_resolver_plans, find_resolved_parameters
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata, func_metadata
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field, ValidationError

from ..core.errors import RefusedError, SafeRollbackError
from ..core.text import clean
from ..tools.desk import Desk, Progress
from ..tools.results import Result
from ..tools.spec import ToolSpec
from ..tools.triggered import respond
from .host import Host
from .schema import compact

_ALWAYS_LOADED = frozenset({"start_session", "run_git", "plan_rollback"})


class GuardedTool(Tool):
    """A tool that answers bad arguments in words a model can act on, and takes no unknown ones.

    An ignored argument is worse than an error: `path` for `paths` would restore everything.
    """

    async def run(self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False) -> Any:
        """Run the tool; see the SDK's `Tool.run`."""
        try:
            self.fn_metadata.validate_arguments(arguments)
        except ValidationError as error:
            return _invalid(self.name, error, list(self.parameters.get("properties", {})))
        return await super().run(arguments, context, convert_result)


def _invalid(name: str, error: ValidationError, known: list[str]) -> CallToolResult:
    problems = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
    message = f"{name} cannot take these arguments: {'; '.join(problems)}."
    hint = f"It takes {', '.join(known)}." if known else "It takes none."
    data = {"refused": False, "error": "invalid_input", "message": message, "hint": hint}
    text = f"invalid_input: {message} {hint}"
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=data, is_error=True)


class Consent(BaseModel):
    """What a human is asked for."""

    agree: bool = Field(description="Yes, do it")


class NotAsked(BaseModel):
    """Nobody had to be asked, or nobody could be."""


def to_tool(spec: ToolSpec, host: Host) -> Tool:
    """The SDK's tool for a declaration.

    The schemas are shortened; results are validated by their own models, not a second time.
    """
    metadata = func_metadata(spec.run, skip_names=["desk"])
    assert metadata.output_schema is not None
    output = compact(metadata.output_schema, output=True)
    metadata.arg_model.model_config["extra"] = "forbid"
    metadata.arg_model.model_rebuild(force=True)
    run = _asking(spec, host) if spec.question is not None else _plain(spec, host)
    resolved = find_resolved_parameters(run)
    names = {field.alias or name for name, field in metadata.arg_model.model_fields.items()}
    return GuardedTool(
        fn=run,
        name=spec.name,
        title=spec.title,
        description=spec.description,
        parameters=compact(metadata.arg_model.model_json_schema(by_alias=True)),
        fn_metadata=FuncMetadata(arg_model=metadata.arg_model, output_schema=output),
        is_async=False,
        context_kwarg="ctx",
        resolved_params=dict(resolved),
        resolver_plans=build_resolver_plans(resolved, names),
        annotations=ToolAnnotations(
            read_only_hint=spec.reads_only,
            destructive_hint=spec.discards,
            idempotent_hint=spec.repeatable,
            open_world_hint=spec.name == "run_git",
        ),
        meta=_meta(spec),
    )


def _meta(spec: ToolSpec) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    if spec.name in _ALWAYS_LOADED:
        found["anthropic/alwaysLoad"] = True
    if spec.human:
        found["anthropic/requiresUserInteraction"] = True
    return found or None


def _plain(spec: ToolSpec, host: Host) -> Any:
    def run(ctx: Context[Any, Any], **arguments: Any) -> CallToolResult:
        return _call(spec, host, ctx, arguments, None)

    return run


def _asking(spec: ToolSpec, host: Host) -> Any:
    """A tool that may have to ask a human: the question is put by a resolver, before the tool runs."""

    def ask(ctx: Context[Any, Any], **arguments: Any) -> "Elicit[Consent] | NotAsked":
        capabilities = ctx.client_capabilities
        if spec.question is None or capabilities is None or capabilities.elicitation is None:
            return NotAsked()
        try:
            question = spec.question(Desk(host.workspace()), arguments)
        except SafeRollbackError:
            return NotAsked()  # the tool itself says what is wrong
        return NotAsked() if question is None else Elicit(question, Consent)

    # The SDK fills a resolver's parameters by name: it has those of the tool.
    parameters = [one for one in inspect.signature(spec.run).parameters.values() if one.name != "desk"]
    context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Context[Any, Any])
    keywords = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in parameters]
    ask.__signature__ = inspect.Signature([context, *keywords])  # type: ignore[attr-defined]
    ask.__annotations__ = {
        "ctx": Context[Any, Any],
        **{one.name: one.annotation for one in parameters},
        "return": Elicit[Consent] | NotAsked,
    }

    def run(ctx: Context[Any, Any], human: Any, **arguments: Any) -> CallToolResult:
        answer = None
        if not (human.action == "accept" and isinstance(human.data, NotAsked)):
            agreed = human.action == "accept" and human.data.agree
            answer = "accept" if agreed else "decline" if human.action == "accept" else human.action
        return _call(spec, host, ctx, arguments, answer)

    run.__annotations__["human"] = Annotated[ElicitationResult[Consent | NotAsked], Resolve(ask)]
    return run


def _call(
    spec: ToolSpec, host: Host, ctx: Context[Any, Any], arguments: dict[str, Any], answer: str | None
) -> CallToolResult:
    try:
        workspace = host.workspace()
        desk = Desk(workspace, progress=_progress(ctx), answer=answer)
        result = spec.run(desk, **arguments)
        if not spec.reads_only:
            respond(desk)
            host.changed.set()
    except SafeRollbackError as error:
        return _failed(host, error)
    notices = workspace.take_notices()
    return _succeeded(result.model_copy(update={"journal_head": workspace.ledger.head(), "notices": notices}))


def _succeeded(result: Result) -> CallToolResult:
    """The structure, and the same as text: some clients show a model only the one, some only the other."""
    data = _printable(result.model_dump(mode="json"))
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=data)


def _printable(data: Any) -> Any:
    """The same without lone surrogates and controls: a branch may have a name that is not UTF-8, an answer not."""
    if isinstance(data, str):
        return clean(data, limit=len(data))
    if isinstance(data, list):
        return [_printable(one) for one in data]
    if isinstance(data, dict):
        return {name: _printable(one) for name, one in data.items()}
    return data


def _failed(host: Host, error: SafeRollbackError) -> CallToolResult:
    data: dict[str, Any]
    if isinstance(error, RefusedError):
        refusal = error.refusal
        data = {
            "refused": True,
            "rule": refusal.rule,
            "why": refusal.why,
            "evidence": list(refusal.evidence),
            "instead": refusal.instead,
        }
        text = refusal.text()
    else:
        data = {"refused": False, "error": error.code, "message": error.message, "hint": error.hint}
        text = f"{error.code}: {error}"
    data = _printable(data)
    text = _printable(text)
    try:
        data["journal_head"] = host.workspace().ledger.head()
        text += f"\njournal_head: {data['journal_head']}"
    except SafeRollbackError:
        data["journal_head"] = None
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=data, is_error=True)


def _progress(ctx: Context[Any, Any]) -> Progress:
    """Progress from a worker thread, at most five times a second."""
    last = 0.0

    def report(done: float, total: float | None, what: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= 0.2 or done == total:
            last = now
            anyio.from_thread.run(ctx.report_progress, done, total, what)

    return report
