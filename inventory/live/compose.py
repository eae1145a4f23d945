"""Docker Compose: the variables that services get, as its own reading of the files says.

Source: https://docs.docker.com/reference/cli/docker/compose/config/
"""

from .commands import run_json
from .probe import Connection, ProbeError
from .variables import Listed, variables_probe


def _read(connection: Connection) -> Listed:
    said = run_json(connection, ["docker", "compose", "config", "--format", "json"])
    services = said.get("services") if isinstance(said, dict) else None
    if not isinstance(services, dict):
        raise ProbeError("`docker compose config` gave no services")
    chosen = connection.option("service")
    if chosen and chosen not in services:
        raise ProbeError(f"there is no service {chosen}")
    values: dict[str, str | None] = {}
    for name, service in services.items():
        if chosen in ("", name):
            given = service.get("environment") if isinstance(service, dict) else None
            if not isinstance(given or {}, dict):
                raise ProbeError(f"the service {name} has variables of a form that is not known")
            for variable, value in (given or {}).items():
                values.setdefault(str(variable), None if value is None else str(value))
    return Listed(values=values)


COMPOSE = variables_probe("compose", _read)
