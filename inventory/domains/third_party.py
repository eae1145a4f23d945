"""Third parties: what other people's services were told, or have to be told."""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..changes import Changes, Delta
from ..detector import Domain
from ..model import Change, Item, Step, When
from ..observed.secrets import named
from ..reading.calls import grammar_of
from ..reading.named import Difference, Read, differences, evidence_of, is_told
from ..reading.windows import near
from ..services import cron, infrastructure, providers, queues, redirects, routes, setups, storage
from ..variables.yaml_files import is_ci

_NAME = "third_party"
_RECORDING = "What the provider has is not in git: the value from before has to be known from a recording made then."
_DATA = re.compile(
    r"(?:^|/)(?:locales?|i18n|translations|swagger|openapi|fixtures)/|lock\.(?:ya?ml|json)$|-lock\.json$"
)
_TEXTS = (
    ".yml",
    ".yaml",
    ".json",
    ".toml",
    ".env",
    ".example",
    ".sample",
    ".conf",
    ".erb",
    ".html",
    ".properties",
    ".sh",
)
_ADDRESS = re.compile(r"(?:https?|wss?):\\?/")


def detect(changes: Changes) -> Iterator[Item]:
    """One item for each webhook, schedule, redirect, resource, object and integration."""
    found = list(differences(changes, _readers, "third_party"))
    services = _services(changes, found)
    words = {str(one.fact.details["word"]) for one in services if "word" in one.fact.details}
    return _items(changes, found, services, changes.before.asking(words, _WHERE))


def _items(
    changes: Changes,
    found: Sequence[Difference],
    services: Sequence[Difference],
    asked: Callable[[], Mapping[str, Sequence[str]]],
) -> Iterator[Item]:
    others = (one for one in found if one.fact.kind != "integration")
    yield from (_item(one, changes) for one in (*others, *_net(services, asked())))


def _readers(delta: Delta) -> Sequence[Read]:
    path = delta.path
    if is_ci(path):
        return (providers.of_workflows,) if providers.USES.search(near(delta)) else ()
    if not is_told(path) or _DATA.search(path):
        return ()
    if providers.MANIFESTS.search(path):
        return (providers.facts,)
    found: list[Read] = [infrastructure.facts] if infrastructure.claims(path) else []
    code = grammar_of(path) is not None
    if not code and not path.endswith(_TEXTS) and not cron.FILES.search(path):
        return found
    text = near(delta)
    if routes.claims(path) or (code and routes.hinted(text)):
        found.append(routes.facts)
    if cron.FILES.search(path) or (code and cron.HINT.search(text)):
        found.append(cron.facts)
    if redirects.HINT.search(text):
        found.append(redirects.facts)
    if storage.CLAIMS.search(path):
        found.append(storage.facts)
    if _ADDRESS.search(text) or providers.BARE_HOST.search(text) or providers.REGISTRY.search(path):
        found.append(providers.facts)
    if code and queues.HINT.search(text):
        found.append(queues.facts)
    if code and setups.hinted(text):
        found.append(setups.facts)
    return found


# Which integrations are new, seen over the whole tree


def _services(changes: Changes, found: Sequence[Difference]) -> list[Difference]:
    """The services that files speak of, and those that have folders of their own."""
    services = [one for one in found if one.fact.kind == "integration"]
    # The host of a storage service is told of with it.
    stored = {(one.fact.details.get("keeper"), path) for one in services for path in one.paths}
    services = [one for one in services if not any((one.fact.name, path) in stored for path in one.paths)]
    names = {_letters(one.fact.name) for one in services}
    for change, commit, fact, path in providers.of_folders(changes):
        if _letters(fact.name) not in names:
            names.add(_letters(fact.name))
            where = evidence_of(path, 1, commit, "")
            services.append(Difference(change=change, fact=fact, before="", after="", evidence=[where], paths=[path]))
    return services


def _net(services: Sequence[Difference], mentions: Mapping[str, Sequence[str]]) -> Iterator[Difference]:
    """Those that were not used before, or are used no more."""
    for one in services:
        elsewhere = [
            path
            for path in mentions.get(str(one.fact.details.get("word", "")), ())
            if path not in one.paths and is_told(path)
        ]
        if one.change == "changed" or not elsewhere:
            yield one


def _letters(name: str) -> str:
    """A name as it is compared: `new-relic` is `newrelic`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


_WHERE = (":(exclude)*.md", ":(exclude)*.lock", ":(exclude)*lock.json", ":(exclude)*lock.yaml", ":(exclude)docs/*")


# What is said of each


_AGAIN = Step(text="Undo the revert, and do the same again at the provider.")


@dataclass(frozen=True, kw_only=True)
class _Advice:
    action: Step
    cautions: Sequence[str] = ()
    verify: str = ""
    when: When = "after code"
    destructive: bool = False


def _item(found: Difference, changes: Changes) -> Item:
    fact = found.fact
    advice = _ADVICE.get(fact.kind, _whole)(found)
    return Item(
        domain=_NAME,
        kind=fact.kind,
        name=named(fact.name, changes.hide),
        change=found.change,
        evidence=[replace(one, text=named(one.text, changes.hide)) for one in found.evidence],
        before=named(setups.without_digest(found.before), changes.hide),
        after=named(setups.without_digest(found.after), changes.hide),
        reversible="lossy" if advice.destructive else "yes",
        destructive=advice.destructive,
        action=advice.action,
        inverse=_AGAIN,
        verify=advice.verify,
        cautions=advice.cautions,
        confidence="high" if fact.sure else "medium",
        when=advice.when,
        details={**fact.details, "paths": list(found.paths)},
    )


def _webhook(found: Difference) -> _Advice:
    texts: Mapping[Change, str] = {
        "added": "Remove the endpoint at the provider before the route goes: it would be called in vain until then.",
        "removed": "Register the endpoint at the provider again once the route is back.",
        "changed": "Look whether the provider still sends what the older code expects.",
    }
    return _Advice(
        action=Step(text=texts[found.change]),
        cautions=[
            _RECORDING,
            "A provider switches an endpoint off that fails for long; what it sent meanwhile has to be sent again.",
        ],
        when="before code" if found.change == "added" else "after code",
    )


def _redirect(found: Difference) -> _Advice:
    texts: Mapping[Change, str] = {
        "added": "Take the address out of what the provider accepts, once nothing uses it.",
        "removed": "See that the provider accepts this address before the older code uses it again.",
        "changed": "See that the provider accepts what the older code uses.",
    }
    return _Advice(action=Step(text=texts[found.change]), cautions=[_RECORDING])


def _cron(found: Difference) -> _Advice:
    cautions = ["What runs of it did stays done: look at the last ones."]
    path = found.paths[0] if found.paths else ""
    verify = ""
    if "object" in found.fact.details:
        verify = f"kubectl get cronjob {shlex.quote(found.fact.name)}"
    elif path.endswith(("schedule.yml", "sidekiq.yml", "recurring.yml")):
        cautions.append(
            "Sidekiq keeps jobs of a schedule in Redis until the schedule is loaded anew or they are deleted."
        )
    elif path.endswith("schedule.rb"):
        cautions.append("The crontab keeps the newer lines until `whenever --update-crontab` runs.")
        verify = "crontab -l"
    elif path.endswith(".py"):
        cautions.append("Celery beat with a database for schedules keeps entries that the settings no longer have.")
    text = "The revert brings the schedule back once what reads it has been deployed and restarted."
    return _Advice(action=Step(text=text), cautions=cautions, verify=verify)


def _queue(found: Difference) -> _Advice:
    texts: Mapping[Change, str] = {
        "added": "Let workers finish what the newer code put into it before they go, if nothing else reads it then.",
        "removed": "See that workers of the older code run before it fills the queue.",
        "changed": "See that the older workers understand what is in it.",
    }
    return _Advice(
        action=Step(text=texts[found.change]),
        cautions=["What is in it is data, no cache: never flush the store.", "Repeated jobs stay in the store, too."],
        when="before code" if found.change == "added" else "after code",
    )


def _terraform(found: Difference) -> _Advice:
    directory = str(found.fact.details.get("directory", ""))
    chdir = f" -chdir={shlex.quote(directory)}" if directory else ""
    return _Advice(
        action=Step(text="Revert the file, read the plan, and apply it.", command=f"terraform{chdir} apply"),
        cautions=[
            "Applying the older configuration may destroy what the newer made: what that held is lost.",
            "Terraform has no rollback, and its state is not in git.",
        ],
        verify=f"terraform{chdir} plan -detailed-exitcode -lock=false",
        destructive=True,
    )


def _kubernetes(found: Difference) -> _Advice:
    details = found.fact.details
    path, namespace = shlex.quote(str(details.get("path", ""))), str(details.get("namespace", ""))
    scope = f" -n {shlex.quote(namespace)}" if namespace and "{" not in namespace else ""
    template = "/templates/" in path
    name = shlex.quote(found.fact.name.replace("/", " ", 1)).strip("'")
    if template:
        action = Step(
            text="Revert the chart and upgrade, or roll the release back.", command='helm rollback "${RELEASE:?}"'
        )
    elif found.change == "added":
        action = Step(
            text="Delete the object: applying the older manifests leaves it there.",
            command=f"kubectl delete{scope} {name}",
        )
    else:
        action = Step(text="Apply the older manifest.", command=f"kubectl apply{scope} -f {path}")
    return _Advice(
        action=action,
        cautions=["Objects that are deleted take what they hold with them, volumes among it."]
        if found.change == "added"
        else [],
        verify="" if template else f"kubectl get{scope} {name}",
        destructive=found.change == "added" and not template,
    )


def _integration(found: Difference) -> _Advice:
    texts: Mapping[Change, str] = {
        "added": f"Take back at {found.fact.name} what was set up for it: keys, clients, webhooks.",
        "removed": f"See that the account at {found.fact.name} and its keys still work for the older code.",
        "changed": f"See that {found.fact.name} still answers the version that the older code asks for.",
    }
    text = texts[found.change]
    if found.change == "changed" and setups.SET_UP in (found.before + found.after):
        text = f"See that what the older options name at {found.fact.name} (project, address, keys) is still there."
    return _Advice(action=Step(text=text), cautions=[_RECORDING])


def _dns(found: Difference) -> _Advice:
    return _Advice(
        action=Step(text="Put the records back as they were, where they are served."),
        cautions=["DNS answers are cached until their time to live is over.", _RECORDING],
        verify=f"dig +short {shlex.quote(found.fact.name)}" if "/" not in found.fact.name else "",
    )


def _whole(found: Difference) -> _Advice:
    return _Advice(
        action=Step(text=f"Give the provider the older {found.fact.name} again: reverting the file does not."),
        cautions=[_RECORDING],
    )


_ADVICE: Mapping[str, Callable[[Difference], _Advice]] = {
    "webhook": _webhook,
    "oauth redirect": _redirect,
    "cron": _cron,
    "queue": _queue,
    "terraform resource": _terraform,
    "kubernetes object": _kubernetes,
    "integration": _integration,
    "dns": _dns,
}

THIRD_PARTY = Domain(name=_NAME, detect=detect)
