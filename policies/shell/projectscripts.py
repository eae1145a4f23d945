"""What the scripts of a package.json do that `npm run` and its like start.

The file may change before a script runs, and a script starts programs nobody analyses: so this only ever adds to
`unknown`.
"""

from ...core.packagejson import asked, lines
from ...core.records import replace
from ..effects import Effect
from .command import Command
from .outcome import with_variables


def script_effects(command: Command) -> list[Effect]:
    """What the scripts say that a package manager would start; nothing if it starts none that can be read."""
    context, script = command.context, asked(command.words)
    if script is None or context.scripts is None or context.exists is None:
        return []
    there = context.within(script.directory) if script.directory else context
    inside = there.exists is not None and not there.directory.startswith(("/", ".."))
    found = context.scripts(there.directory) if inside else None
    if found is None:
        return []
    # They run where the file stands.
    there = replace(there, directory=found[0])
    return [
        replace(effect, why=f"in the script {script.name[:40]}, {effect.why}")
        for line in lines(found[1], script)
        for effect in command.line(with_variables(line), there)
    ]
