"""Every place that sets, shows, declares or reads a variable, as a table of files."""

from collections import defaultdict

import pytest

from safe_rollback.inventory.domains.environment import detect
from tests.inventory.kit import Files, Story

SETTING: dict[str, tuple[str, list[str]]] = {
    ".env.example": ("# About A\nENV_A=1\n# ENV_B=2\nexport ENV_C='x'\n", ["ENV_A", "ENV_B", "ENV_C"]),
    "apps/web/.env": ("ENV_D=1\n", ["ENV_D"]),
    "dev/environment": ("DEV_A=1\nlower=2\n", ["DEV_A"]),
    "common.env": ("COMMON_A=1\n", ["COMMON_A"]),
    "Dockerfile": (
        (
            'ARG NODE_VERSION=20\nARG BUILD_A\nENV DOCKER_A=1 \\\n  # why\n  DOCKER_B="x y"\nENV DOCKER_C c\n'
            "RUN echo ENV_X=1\n"
        ),
        ["NODE_VERSION", "BUILD_A", "DOCKER_A", "DOCKER_B", "DOCKER_C"],
    ),
    "docker-compose.yml": (
        (
            "x-env: &env\n  COMPOSE_A: 1\nservices:\n  web:\n    environment:\n      <<: *env\n"
            "      COMPOSE_B: ${COMPOSE_C:-x}\n"
            "  db:\n    environment:\n      - COMPOSE_D=1\n      - COMPOSE_E\n    build:\n      args:\n"
            "        COMPOSE_F: 1\n"
        ),
        ["COMPOSE_A", "COMPOSE_B", "COMPOSE_C", "COMPOSE_D", "COMPOSE_E", "COMPOSE_F"],
    ),
    "render.yaml": (
        (
            "services:\n  - type: web\n    envVars:\n      - key: RENDER_A\n        value: 1\nenvVarGroups:\n"
            "  - envVars:\n"
            "      - key: RENDER_B\n        generateValue: true\n"
        ),
        ["RENDER_A", "RENDER_B"],
    ),
    "fly.toml": ("app = 'x'\n[env]\nFLY_A = '1'\n", ["FLY_A"]),
    "netlify.toml": (
        "[build.environment]\nNETLIFY_A = '1'\n[context.x.environment]\nNETLIFY_B = '2'\n",
        ["NETLIFY_A", "NETLIFY_B"],
    ),
    "supabase/config.toml": ("[auth]\n", []),
    "app.json": ('{"env": {"HEROKU_A": {"value": "1"}, "HEROKU_B": "2"}, "name": "x"}', ["HEROKU_A", "HEROKU_B"]),
    "vercel.json": ('{"env": {"VERCEL_A": "1"}, "build": {"env": {"VERCEL_B": "2"}}}', ["VERCEL_A", "VERCEL_B"]),
    "turbo.json": (
        (
            "{\n  // comment\n"
            '  "globalEnv": ["TURBO_A"], "tasks": {"build": {"env": ["TURBO_B", "!TURBO_NO", "NEXT_*"]}}}'
        ),
        ["TURBO_A", "TURBO_B"],
    ),
    "chart/templates/app.yaml": (
        (
            "{{- if .Values.on }}\nkind: Deployment\nspec:\n  containers:\n    - env:\n        - name: HELM_A\n"
            "          value: {{ .Values.a | quote }}\n{{- end }}\n"
        ),
        ["HELM_A"],
    ),
    "chart/values.yaml": ("web:\n  env:\n    HELM_B: 1\n    lower: 2\n", ["HELM_B"]),
    "k8s/config.yaml": (
        "kind: ConfigMap\ndata:\n  K8S_A: x\n  file.txt: y\n---\nkind: Other\ndata:\n  K8S_NO: 1\n",
        ["K8S_A"],
    ),
    "config/deploy.yml": ("env:\n  clear:\n    KAMAL_A: 1\n  secret:\n    - KAMAL_B\n", ["KAMAL_A", "KAMAL_B"]),
    "Procfile": ("web: PROC_A=1 PROC_B=2 bin/server\nworker: bin/work X_NO=1\n", ["PROC_A", "PROC_B"]),
    "config/installation_config.yml": ("- name: INSTALL_A\n  value: x\n  locked: false\n", ["INSTALL_A"]),
    "config/database.yml": (
        "test:\n  url: <%= ENV.fetch('RAILS_DB_A') { 'x' } %>\n  x: <%= ENV['RAILS_DB_B'] %>\n",
        ["RAILS_DB_A", "RAILS_DB_B"],
    ),
    # What only speaks of variables, or belongs to others.
    "README.md": ("`process.env.DOC_A` and ENV['DOC_B']\nDOC_C=1\n", []),
    ".github/workflows/ci.yml": ("env:\n  CI_A: 1\njobs:\n  x:\n    env:\n      CI_B: 2\n", []),
    "config/locales/en.yml": ("en:\n  env:\n    LOCALE_A: x\n", []),
    "node_modules/x/index.js": ("process.env.VENDORED_A\n", []),
}

READING: dict[str, tuple[str, list[str]]] = {
    "a.ts": (
        (
            "process.env.TS_A; process.env['TS_B']; const { TS_C, TS_D: d = 1 } = process.env; "
            "'TS_E' in process.env;\n"
            "import.meta.env.VITE_A; import.meta.env.DEV; Deno.env.get('DENO_A'); process.env.TS_SET = '1'; "
            "process.env.NODE_ENV2;\n"
        ),
        ["TS_A", "TS_B", "TS_C", "TS_D", "TS_E", "VITE_A", "DENO_A", "NODE_ENV2"],
    ),
    "env.mjs": (
        (
            "export const env = createEnv({ server: { T3_A: z.string() }, client: { NEXT_PUBLIC_T3_B: z.string() },\n"
            "  runtimeEnv: { T3_A: process.env.T3_A } })\n"
        ),
        ["T3_A", "NEXT_PUBLIC_T3_B"],
    ),
    "src/config/env.ts": ("const schema = z.object({ ZOD_A: z.string(), lower: z.string() })\n", ["ZOD_A"]),
    "src/validate.ts": ("cleanEnv(process.env, { VALID_A: str() }); other({ NOT_ENV_A: 1 })\n", ["VALID_A"]),
    "types.d.ts": (
        "declare namespace NodeJS { interface ProcessEnv { DECLARED_A: string; lower?: string } }\n",
        ["DECLARED_A"],
    ),
    "server/env.ts": (
        "class Environment { public CLASS_A = this.x; private lower = 1 }\nenvironment.MEMBER_A ?? ''\n",
        ["CLASS_A", "MEMBER_A"],
    ),
    "src/use.ts": (
        (
            "getEnv('HELPER_A'); env('HELPER_B', true); configService.get<string>('NEST_A'); "
            "vi.stubEnv('STUB_NO', '1');\n"
            "c.env.WORKER_A; parseEnvVarBoolean(process.env.PARSED_A, false); req.env.HTTP_NO; "
            "setEnvironment('PRODUCTION')\n"
        ),
        ["HELPER_A", "HELPER_B", "NEST_A", "WORKER_A", "PARSED_A"],
    ),
    "wrapper.ts": ("const need = (name: string) => process.env[name] ?? ''\nneed('WRAPPED_A')\n", ["WRAPPED_A"]),
    "a.vue": ("<script>\nimport.meta.env.VUE_A\n</script>\n", ["VUE_A"]),
    "a.py": (
        (
            "import os\nfrom os import environ\n"
            "os.environ['PY_A']; os.environ.get('PY_B', 'PY_NO'); os.getenv('PY_C')\n"
            "environ['PY_D']; 'PY_E' in os.environ; os.environ['PY_SET'] = '1'\n"
            "env('PY_F'); env.bool('PY_G', default=False); config('PY_H', default='x')\n"
            "get_bool_from_env('PY_I', False); str_to_bool(get_from_env('PY_J', 'x')); "
            "monkeypatch.setenv('PY_NO', '1')\n"
        ),
        [f"PY_{letter}" for letter in "ABCDEFGHIJ"],
    ),
    "wsgi.py": ("def app(environ, start):\n    environ['WSGI_NO']; environ.get('HTTP_NO')\n", []),
    "settings.py": (
        (
            "env = environ.Env(DJANGO_A=(bool, False))\n"
            "class Settings(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='APP_')\n"
            "    token: str\n"
            "    url: str = Field(alias='SETTINGS_URL')\n    def f(self): ...\n"
        ),
        ["DJANGO_A", "APP_TOKEN", "SETTINGS_URL"],
    ),
    "warehouse.py": (
        (
            "def maybe_set(settings, name, envvar, coercer=None):\n    if envvar in os.environ:\n"
            "        settings[name] = os.environ[envvar]\n"
            "maybe_set(settings, 'a.b', 'MAYBE_A')\n"
        ),
        ["MAYBE_A"],
    ),
    "a.rb": (
        (
            "ENV['RB_A']; ENV.fetch('RB_B', 'RB_NO'); ENV.key?('RB_C'); ENV['RB_D'] ||= 'x'; ENV['RB_SET'] = '1'\n"
            "GlobalConfigService.load('RB_E', ''); GlobalConfig.get('RB_F', 'RB_G'); request.env['HTTP_NO']; "
            "ENV.values_at('RB_H', 'RB_I')\n"
        ),
        [f"RB_{letter}" for letter in "ABCDEFGHI"],
    ),
    "lib/engine.rb": ("@host = GlobalConfigService.load('CHAT_A', '')\n", ["CHAT_A"]),
    "decoupled.py": ("DEBUG = config('DECOUPLED_A', cast=bool)\n", ["DECOUPLED_A"]),
    "app/a.html.erb": ("<% if ENV['ERB_A'] %>x<% end %>\n", ["ERB_A"]),
    "a.go": (
        (
            'package a\nvar a = os.Getenv("GO_A")\nvar b, ok = os.LookupEnv("GO_B")\n'
            'type C struct { A string `env:"GO_C,required"`; B string `envconfig:"GO_D"` }\n'
        ),
        ["GO_A", "GO_B", "GO_C", "GO_D"],
    ),
    "a.rs": (
        'fn a() { std::env::var("RS_A"); env!("RS_B"); }\nstruct A { #[arg(long, env = "RS_C")] a: String }\n',
        ["RS_A", "RS_B", "RS_C"],
    ),
    "A.java": ('class A { @Value("${JAVA_A:x}") String a = System.getenv("JAVA_B"); }\n', ["JAVA_A", "JAVA_B"]),
    "a.php": ("<?php env('PHP_A'); getenv('PHP_B'); $_ENV['PHP_C'];\n", ["PHP_A", "PHP_B", "PHP_C"]),
    "a.cs": ('class A { string a = Environment.GetEnvironmentVariable("CS_A"); }\n', ["CS_A"]),
    "a.exs": ('System.get_env("EX_A")\nSystem.fetch_env!("EX_B")\n', ["EX_A", "EX_B"]),
    "a.test.ts": ("process.env.TESTED_NO\n", []),
    "spec/a_spec.rb": ("ENV['TESTED_NO2']\n", []),
    "constants.ts": ("export const NOT_READ = 'OTHER'; const x = Environment.PRODUCTION_X\n", []),
}


@pytest.mark.parametrize("table", [SETTING, READING], ids=["setting", "reading"])
def test_each_file_names_its_variables(story: Story, table: dict[str, tuple[str, list[str]]]) -> None:
    files: Files = {path: text for path, (text, _) in table.items()}
    changes = story.changes({"x": "x\n"}, files)
    found: dict[str, set[str]] = defaultdict(set)
    for item in detect(changes):
        assert (item.kind, item.change) == ("variable", "added")
        for evidence in item.evidence:
            found[evidence.path].add(item.name)
    assert {path: sorted(found[path]) for path in table} == {
        path: sorted(names) for path, (_, names) in table.items()
    }
    assert changes.unknowns == []


ODD: Files = {
    "broken.ts": "process.env.ODD_A; const {{{ (",
    "broken.py": "os.environ['ODD_B'](((\n",
    "broken.rb": "ENV['ODD_C' if\nENV['ODD_D']\n",
    "docker-compose.yml": "services:\n  a: b: c\n    environment:\n      ODD_E: 1\n",
    "fly.toml": "[env\nODD_F = 1\n",
    "turbo.json": '{"globalEnv": ["ODD_G"',
    ".env": "\0\0\0",
    ".env.local": "",
    "crlf.env": "ODD_H=1\r\nODD_I=2\r\n",
    "long.ts": "process.env.ODD_J;" + "x" * 400_000,
    "deep.py": "(" * 50_000 + "os.environ['ODD_K']",
    "Dockerfile": "ENV\nENV ODD_L=1 \\\n",
}


def test_odd_files_are_read_as_far_as_they_go(story: Story) -> None:
    changes = story.changes({"x": "x\n"}, ODD)
    found = {item.name for item in detect(changes)}
    assert {"ODD_A", "ODD_B", "ODD_D", "ODD_E", "ODD_G", "ODD_H", "ODD_I", "ODD_L"} <= found
    # Both are said to be not read, or not read as what they are.
    assert {"docker-compose.yml", "fly.toml"} <= {unknown.subject for unknown in changes.unknowns}
