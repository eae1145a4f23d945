"""Programs that act on what is outside of this machine: deployments, environments, flags, services."""

from ...core.late import late
from ..effects import Effect
from .command import Command, Program
from .options import Takes
from .outcome import Verbs, always, arguments, by_verb, operands, outcome, plain_words, reads

_LOOK = ("state.read", "it only looks")
_DEPLOY = ("deploy.run", "it changes what runs")
_TAKE_DOWN = ("deploy.delete", "it takes down what runs")
_SET = ("env.set", "it sets an environment variable or secret")
_UNSET = ("env.unset", "it removes an environment variable or secret")
_FLAG = ("flag.set", "it changes a feature flag")
_FLAG_GONE = ("flag.delete", "it deletes a feature flag")
_PUBLISH = ("publish.release", "it publishes")
_WITHDRAW = ("publish.delete", "it withdraws what is published")
_SERVICE = ("service.change", "it changes a service or its settings")
_PURGE = ("cache.purge", "it empties a cache")
_DB = ("db.migrate", "it changes a database's schema")
_DB_GONE = ("db.drop", "it drops a database")
_RUNS = ("unknown", "it runs a command elsewhere, which is not followed")

_VERCEL: Verbs = {
    "": _DEPLOY, "deploy": _DEPLOY, "promote": _DEPLOY, "rollback": _DEPLOY, "redeploy": _DEPLOY, "alias": _DEPLOY,
    "remove": _TAKE_DOWN, "rm": _TAKE_DOWN, "env add": _SET, "env update": _SET, "env rm": _UNSET,
    "env remove": _UNSET, "env ls": _LOOK, "env pull": ("file.write", "it writes variables to a file"),
    "ls": _LOOK, "list": _LOOK, "inspect": _LOOK, "logs": _LOOK, "whoami": _LOOK, "dev": _RUNS, "build": _RUNS,
    "domains": _SERVICE, "dns": _SERVICE, "link": _SERVICE, "login": _SERVICE, "project": _SERVICE,
}  # fmt: skip
_NETLIFY: Verbs = {
    "deploy": _DEPLOY, "env:set": _SET, "env:unset": _UNSET, "env:import": _SET, "env:list": _LOOK, "env:get": _LOOK,
    "sites:delete": _TAKE_DOWN, "sites:create": _DEPLOY, "status": _LOOK, "dev": _RUNS, "build": _RUNS,
}  # fmt: skip
_FLY: Verbs = {
    "deploy": _DEPLOY, "launch": _DEPLOY, "scale": _DEPLOY, "machine": _DEPLOY, "machines": _DEPLOY,
    "apps destroy": _TAKE_DOWN, "destroy": _TAKE_DOWN, "apps list": _LOOK, "secrets set": _SET,
    "secrets import": _SET,
    "secrets unset": _UNSET, "secrets list": _LOOK, "status": _LOOK, "logs": _LOOK, "ssh": _RUNS,
    "volumes destroy": _DB_GONE, "postgres": _SERVICE, "machine destroy": _TAKE_DOWN,
}  # fmt: skip
_HEROKU: Verbs = {
    "config:set": _SET, "config:unset": _UNSET, "config": _LOOK, "config:get": _LOOK, "apps:destroy": _TAKE_DOWN,
    "destroy": _TAKE_DOWN, "ps:scale": _DEPLOY, "ps:restart": _DEPLOY, "releases:rollback": _DEPLOY,
    "rollback": _DEPLOY,
    "pg:reset": _DB_GONE, "pg:info": _LOOK, "pg:psql": ("unknown", "its SQL is not followed"), "run": _RUNS,
    "addons:destroy": _TAKE_DOWN, "addons:create": _DEPLOY, "maintenance:on": _SERVICE, "logs": _LOOK, "ps": _LOOK,
    "features:enable": _FLAG, "features:disable": _FLAG, "container:push": _PUBLISH, "container:release": _DEPLOY,
}  # fmt: skip
_RAILWAY: Verbs = {
    "up": _DEPLOY, "deploy": _DEPLOY, "redeploy": _DEPLOY, "down": _TAKE_DOWN, "delete": _TAKE_DOWN, "run": _RUNS,
    "variables set": _SET, "variables": _SET, "status": _LOOK, "logs": _LOOK,
}  # fmt: skip
_WRANGLER: Verbs = {
    "deploy": _DEPLOY, "publish": _DEPLOY, "rollback": _DEPLOY, "delete": _TAKE_DOWN, "secret put": _SET,
    "secret bulk": _SET, "secret delete": _UNSET, "secret list": _LOOK, "d1 migrations apply": _DB,
    "d1 delete": _DB_GONE, "d1 execute": ("db.write", "it runs SQL"), "kv": _SERVICE, "kv key delete": _PURGE,
    "pages deploy": _DEPLOY, "tail": _LOOK, "dev": _RUNS, "whoami": _LOOK, "types": ("file.write", "it writes types"),
}  # fmt: skip
_SUPABASE: Verbs = {
    "db push": _DB, "db reset": _DB_GONE, "migration up": _DB, "secrets set": _SET, "secrets unset": _UNSET,
    "functions deploy": _DEPLOY, "functions delete": _TAKE_DOWN, "start": _SERVICE, "stop": _SERVICE, "status": _LOOK,
    "migration new": ("file.write", "it writes a migration"), "gen": _LOOK, "migration list": _LOOK,
}  # fmt: skip
_FIREBASE: Verbs = {
    "deploy": _DEPLOY, "hosting:disable": _TAKE_DOWN, "functions:delete": _TAKE_DOWN, "functions:config:set": _SET,
    "functions:config:unset": _UNSET, "firestore:delete": _DB_GONE, "database:remove": _DB_GONE,
    "functions:secrets:set": _SET, "functions:secrets:destroy": _UNSET, "remoteconfig:rollback": _FLAG,
    "database:set": ("db.write", "it changes data"), "projects:list": _LOOK, "emulators:start": _RUNS, "serve": _RUNS,
}  # fmt: skip
_KUBECTL: Verbs = {
    **dict.fromkeys(("get", "describe", "logs", "top", "explain", "diff", "version", "api-resources", "cluster-info",
                     "auth", "config view", "config get-contexts", "config current-context", "rollout status",
                     "rollout history", "wait", "events"), _LOOK),
    **dict.fromkeys(("apply", "create", "scale", "rollout", "set", "patch", "edit", "replace", "autoscale", "expose",
                     "annotate", "label", "run", "cordon", "uncordon", "taint"), _DEPLOY),
    **dict.fromkeys(("delete", "drain"), _TAKE_DOWN),
    **dict.fromkeys(("delete secret", "delete secrets", "delete configmap"), _UNSET),
    **dict.fromkeys(("create secret", "create configmap", "set env"), _SET),
    "exec": _RUNS, "config": _SERVICE, "cp": ("unknown", "it copies from or to elsewhere"),
    "port-forward": _LOOK, "proxy": _LOOK,
}  # fmt: skip
_HELM: Verbs = {
    **dict.fromkeys(("list", "ls", "status", "get", "history", "show", "template", "lint", "search", "repo list"),
    _LOOK),
    **dict.fromkeys(("install", "upgrade", "rollback"), _DEPLOY),
    **dict.fromkeys(("uninstall", "delete"), _TAKE_DOWN),
    "push": _PUBLISH, "repo": _SERVICE, "dependency": ("package.install", "it changes dependencies"),
    "package": ("file.write", "it writes a package"),
}  # fmt: skip
_TERRAFORM: Verbs = {
    **dict.fromkeys(("plan", "show", "output", "validate", "graph", "providers", "state list", "state show",
    "version",
                     "workspace list", "workspace show", "preview", "stack ls", "refresh"), _LOOK),
    **dict.fromkeys(("apply", "import", "taint", "untaint", "up", "state mv", "workspace", "stack"), _DEPLOY),
    **dict.fromkeys(("destroy", "state rm", "workspace delete", "down", "apply -destroy", "stack rm"), _TAKE_DOWN),
    **dict.fromkeys(("fmt", "init", "get"), ("file.write", "it writes files of the project")),
    "config set": _SET, "config rm": _UNSET, "console": _LOOK,
}  # fmt: skip
_DOCKER: Verbs = {
    **dict.fromkeys(("ps", "images", "logs", "inspect", "version", "info", "stats", "top", "diff", "history", "port",
                     "search", "events", "image ls", "volume ls", "network ls", "container ls", "compose ps",
                     "compose logs", "compose config", "compose ls", "context ls", "system df", "image inspect",
                     "volume inspect", "compose images", "compose version"), _LOOK),
    **dict.fromkeys(("push", "image push", "manifest push", "compose push", "buildx imagetools"), _PUBLISH),
    **dict.fromkeys(("run", "exec", "compose run", "compose exec", "container exec", "container run"), _RUNS),
    **dict.fromkeys(("build", "buildx", "pull", "tag", "commit", "save", "load", "compose build", "compose pull",
                     "image", "start", "stop", "restart", "kill", "pause", "unpause", "create", "rename", "update",
                     "compose up", "compose start", "compose stop", "compose restart", "network", "volume create",
                     "login", "logout", "swarm", "context", "cp", "compose", "compose kill", "wait"), _SERVICE),
    **dict.fromkeys(("rm", "compose down", "compose rm", "container rm", "stack rm", "service rm", "network rm"),
    _TAKE_DOWN),
    **dict.fromkeys(("volume rm", "volume prune", "system prune"),
                    ("db.drop", "it deletes volumes, which hold data")),
    **dict.fromkeys(("rmi", "image rm", "image prune", "builder prune", "container prune", "buildx prune"), _PURGE),
    **dict.fromkeys(("stack deploy", "service", "service update", "service create"), _DEPLOY),
}  # fmt: skip
_GH: Verbs = {
    **dict.fromkeys((f"{noun} {verb}" for noun in ("pr", "issue", "repo", "run", "release", "workflow", "gist",
    "label",
                     "secret", "variable", "project", "ruleset", "cache", "search", "status", "auth", "org")
                     for verb in ("view", "list", "status", "diff", "checks", "watch", "download")), _LOOK),
    **dict.fromkeys(("search", "status", "browse", "auth token", "repo clone"), _LOOK),
    **dict.fromkeys(("release create", "release upload", "release edit"), _PUBLISH),
    **dict.fromkeys(("release delete", "release delete-asset"), _WITHDRAW),
    **dict.fromkeys(("secret set", "variable set"), _SET),
    **dict.fromkeys(("secret delete", "secret remove", "variable delete"), _UNSET),
    "cache delete": _PURGE, "repo delete": ("remote.delete", "it deletes a repository"),
    "pr merge": ("remote.update", "it merges and publishes"), "pr checkout": ("head.move", "it switches"),
    "workflow run": _DEPLOY, "run rerun": _DEPLOY, "run cancel": _SERVICE, "repo sync": ("remote.update",
    "it publishes"),
    "api": ("unknown", "it talks to a service, and what that does is not known"), "extension": _RUNS,
    "alias": _SERVICE,
    **dict.fromkeys(("pr", "issue", "repo", "gist", "label", "project", "auth", "workflow", "config"), _SERVICE),
}  # fmt: skip
_FLAGS: Verbs = {
    **dict.fromkeys(("flags list", "flags get", "list", "get", "features list", "feature list"), _LOOK),
    **dict.fromkeys(("flags delete", "flags archive", "delete", "archive", "features delete"), _FLAG_GONE),
    **dict.fromkeys(("flags", "features", "feature", "update", "create", "toggle-on", "toggle-off", "enable",
    "disable",
                     "segments", "environments", "set"), _FLAG),
}  # fmt: skip
_STRIPE: Verbs = {
    **dict.fromkeys(("listen", "logs", "status", "login", "open", "version", "config --list"), _LOOK),
    "get": _LOOK, "": _LOOK,
}  # fmt: skip

_CLOUD_READS = late(r"(?:describe|list|get|ls|show|wait|head|lookup|search|scan|query|tail|batch-get|presign)\b.*")
_CLOUD_DELETES = late(r"(?:delete|remove|rm|rb|terminate|destroy|purge|deregister|batch-delete|uninstall)\b.*")
_SECRETS = late(r"secretsmanager|secrets?|ssm|keyvault|parameter|appsettings|env(?:ironment)?-?var\w*")
_DATA = late(r"rds|dynamodb|sql|spanner|bigtable|firestore|cosmosdb|redshift|docdb|neptune|postgres|mysql")
_CACHES = late(r"create-invalidation|invalidate-cdn-cache|purge|flush|reset-cache\w*")


def _cloud(command: Command) -> list[Effect]:
    """aws, gcloud, az: a service, then a verb somewhere behind it."""
    words = [one.lower() for one in plain_words(command.words[1:], ("--profile", "--region", "--output", "--query"))]
    if not words or "help" in words or "--dryrun" in command.words:
        return reads(command)
    whole = " ".join(words[:4])
    if any(_CACHES.fullmatch(one) for one in words):
        return outcome(command, *_PURGE, words)
    if any(_CLOUD_DELETES.fullmatch(one) for one in words[1:4]):
        if _SECRETS.search(whole):
            return outcome(command, *_UNSET, words)
        return outcome(command, *(_DB_GONE if _DATA.search(whole) else _TAKE_DOWN), words)
    if any(_CLOUD_READS.fullmatch(one) for one in words[1:4]):
        return outcome(command, *_LOOK)
    if _SECRETS.search(whole):
        return outcome(command, *_SET, words)
    if words[0] in ("configure", "config", "auth", "login", "account"):
        return outcome(command, *_SERVICE)
    return outcome(command, *(("db.write", "it changes a database") if _DATA.search(whole) else _DEPLOY), words)


def _gh(command: Command) -> list[Effect]:
    parsed = arguments(
        command, Takes(short="XFfHtq", long=("method", "field", "raw-field", "header", "jq", "template"))
    )
    words = operands(parsed)
    if words[:1] == ["api"]:
        method = (parsed.value("-X", "--method") or "").upper()
        if method in ("", "GET") and not parsed.on("-f", "-F", "--field", "--raw-field", "--input"):
            return outcome(command, *_LOOK)
        if method == "DELETE" and "/git/refs/" in "".join(words[1:2]):
            return outcome(command, "remote.delete", "it deletes a published ref", words[1:2])
    return by_verb(_GH, values=("-R", "--repo", "-B", "-b", "--body", "-t", "--title", "-F"))(command)


def _service(command: Command) -> list[Effect]:
    looks = {
        "status",
        "list-units",
        "list-unit-files",
        "is-active",
        "is-enabled",
        "show",
        "cat",
        "--status-all",
        "list",
    }
    return outcome(command, *(_LOOK if looks & set(command.words[1:]) else _SERVICE))


def _elsewhere(command: Command) -> list[Effect]:
    return outcome(command, *_RUNS)


def _kill(command: Command) -> list[Effect]:
    if {"-l", "-0", "-L"} & set(command.words[1:]):
        return reads(command)
    return outcome(command, "service.change", "it stops a process")


_CLOUD_VALUES = (
    "-n",
    "--namespace",
    "--context",
    "-f",
    "--file",
    "-p",
    "--project-name",
    "-a",
    "--app",
    "-H",
    "--kubeconfig",
)
PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(("vercel", "vc", "now"), by_verb(_VERCEL, values=("--token", "--scope"), otherwise=_DEPLOY)),
    **dict.fromkeys(("netlify", "ntl"), by_verb(_NETLIFY)),
    **dict.fromkeys(("fly", "flyctl"), by_verb(_FLY, values=_CLOUD_VALUES)),
    "heroku": by_verb(_HEROKU, values=_CLOUD_VALUES),
    "railway": by_verb(_RAILWAY),
    "wrangler": by_verb(_WRANGLER, values=("--env", "-e", "--config", "-c")),
    "supabase": by_verb(_SUPABASE),
    "firebase": by_verb(_FIREBASE, values=("--project", "-P", "--only")),
    **dict.fromkeys(("kubectl", "oc", "k"), by_verb(_KUBECTL, values=_CLOUD_VALUES)),
    "helm": by_verb(_HELM, values=_CLOUD_VALUES),
    **dict.fromkeys(("terraform", "tofu", "terragrunt", "pulumi", "cdktf"), by_verb(_TERRAFORM)),
    **dict.fromkeys(("cdk", "sst", "serverless", "sls", "sam", "copilot", "eb"), by_verb(
        {"deploy": _DEPLOY, "destroy": _TAKE_DOWN, "remove": _TAKE_DOWN, "diff": _LOOK, "list": _LOOK, "ls": _LOOK,
         "synth": _RUNS, "build": _RUNS, "dev": _RUNS, "delete": _TAKE_DOWN, "rollback": _DEPLOY, "setenv": _SET}
    )),
    **dict.fromkeys(("docker", "podman", "nerdctl"), by_verb(_DOCKER, values=_CLOUD_VALUES)),
    "docker-compose": by_verb({key.removeprefix("compose "): one for key,
    one in _DOCKER.items() if "compose " in key},
                              values=_CLOUD_VALUES),
    **dict.fromkeys(("aws", "gcloud", "gsutil", "az", "doctl", "linode-cli", "ibmcloud", "oci"), _cloud),
    "gh": _gh,
    "glab": _gh,
    **dict.fromkeys(("ldcli", "unleash", "flagsmith", "flipt", "statsig", "growthbook", "posthog"), by_verb(_FLAGS)),
    "stripe": by_verb(_STRIPE, otherwise=_SERVICE),
    "varnishadm": always(*_PURGE),
    "fastly": by_verb({"purge": _PURGE, "service list": _LOOK}, otherwise=_DEPLOY),
    **dict.fromkeys(("systemctl", "service", "launchctl", "rc-service", "supervisorctl", "pm2", "initctl"), _service),
    **dict.fromkeys(("nginx", "apachectl", "crontab", "iptables", "ufw", "sysctl", "mount", "umount", "useradd",
                     "usermod", "userdel", "passwd", "reboot", "shutdown", "poweroff", "halt"), always(*_SERVICE)),
    **dict.fromkeys(("kill", "pkill", "killall", "xkill", "fuser"), _kill),
    **dict.fromkeys(("ssh", "mosh", "telnet", "nc", "ncat", "socat", "sftp", "ftp", "multipass", "vagrant"),
    _elsewhere),
}  # fmt: skip
"""Programs by name."""
