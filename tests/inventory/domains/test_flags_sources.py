"""Every place that lists flags or asks for one, as a table of files."""

from collections import defaultdict

import pytest

from safe_rollback.inventory.domains.feature_flags import detect
from tests.inventory.kit import Files, Story

LISTS: dict[str, tuple[str, list[str]]] = {
    "src/types/experimental.ts": (
        """
        export type IFlagKey = | 'keyOne' | 'keyTwo' | keyof Others;
        export type IFlags = Partial<{ [key in IFlagKey]: boolean }>;
        const flags: IFlags = {
            keyTwo: parseEnvVarBoolean(process.env.KEY_TWO, false),
            keyThree: { name: 'key-three', enabled: parse(process.env.KEY_THREE, true) },
        };
        export interface IFlagResolver { ready: Promise<void>; isEnabled: (name: IFlagKey) => boolean }
        """,
        ["keyOne", "keyTwo", "keyThree"],
    ),
    "src/uiConfig.ts": ("export type UiFlags = { uiOne: boolean; uiTwo?: Variant };\n", ["uiOne", "uiTwo"]),
    "packages/flags/config.ts": (
        "export type AppFlags = { 'app-one': boolean; appTwo: boolean };\n",
        ["app-one", "appTwo"],
    ),
    "lib/constants.tsx": (
        (
            "export const FEATURE_FLAGS = {\n  ONE: 'constant-one', // owner\n  TWO_X: true,\n} as const\n"
            "export const OTHER = { NO: 'not-a-flag' }\n"
        ),
        ["constant-one", "TWO_X"],
    ),
    "src/featureFlags.js": ("export const FLAG_KEYS = ['listed-one', 'listed-two'];\n", ["listed-one", "listed-two"]),
    "src/Enumerated.ts": ("export enum FeatureFlag { A = 'enum-one', B = 'enum-two' }\n", ["enum-one", "enum-two"]),
    "admin/flags.py": (
        (
            "class AdminFlagValue(enum.Enum):\n    A = 'py-one'\n    B = ('py-two', 'text')\nclass Flags:\n"
            "    C = 'py-no'\n"
        ),
        ["py-one", "py-two"],
    ),
    "app/settings.py": (
        "FEATURE_FLAGS = {'py-three': False}\nNEW_FEATURE_FLAG = 'py-four'\nISSUERS = {'py-no2': True}\n",
        ["py-three", "py-four"],
    ),
    "app/models/flags.rb": ("FEATURE_FLAGS = %w[rb_one rb_two].freeze\n", ["rb_one", "rb_two"]),
    "config/features.yml": (
        "- name: yml_one\n  display_name: One\n  enabled: true\n- name: yml_two\n  enabled: false\n",
        ["yml_one", "yml_two"],
    ),
    "app/pages/features.yml": ("shown:\n  name: Shown\n  icon: x\n  enabled: true\n", []),
    "config/feature_flags/development/gl_one.yml": ("name: gl_one\ndefault_enabled: false\ngroup: x\n", ["gl_one"]),
    "config/feature_flags.yml": (
        "default:\n  map_one:\n    enabled: true\n  map_two: false\nproduction:\n  map_one:\n    enabled: false\n",
        ["map_one", "map_two"],
    ),
    "flags/demo.flagd.json": (
        '{"flags": {"flagd-one": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on"}}}',
        ["flagd-one"],
    ),
    "config/site_settings.yml": (
        (
            "basic:\n  title:\n    default: x\n  enable_site_one:\n    client: true\n    default: false\n"
            "  site_two:\n"
            "    default: 5\n    upcoming_change:\n      status: alpha\n"
        ),
        ["enable_site_one", "site_two"],
    ),
    "migrations/1/migration.sql": (
        (
            'CREATE TABLE x (id int);\nINSERT INTO\n  "Feature" (slug, enabled, description)\nVALUES\n'
            "  ('sql-one', false, 'a; b'),\n"
            "  ('sql-two', true, 'c')\nON CONFLICT (slug) DO NOTHING;\nINSERT INTO other (slug) VALUES ('sql-no');\n"
        ),
        ["sql-one", "sql-two"],
    ),
    "db/migrations/2.sql": (
        (
            "-- migrate:up\nINSERT INTO feature_flags (name) VALUES ('sql-three');\n-- migrate:down\n"
            "DELETE FROM feature_flags WHERE name = 'sql-three';\n"
            "INSERT INTO feature_flags (name) VALUES ('sql-no2');\n"
        ),
        ["sql-three"],
    ),
    "warehouse/migrations/versions/a.py": (
        (
            'def upgrade():\n    op.execute("""\n    INSERT INTO admin_flags (id, description, enabled)\n'
            "    VALUES ('alembic-one', 'x', FALSE)\n    \"\"\")\ndef downgrade():\n"
            "    op.execute(\"INSERT INTO admin_flags (id) VALUES ('alembic-no')\")\n"
        ),
        ["alembic-one"],
    ),
    "app/Providers/A.php": ("<?php Feature::define('php-one', fn () => true);\n", ["php-one"]),
    "src/cli.ts": (
        "const FLAGS = { CASE: 'i' }; type CliFlags = { verbose: boolean }; const flagEmoji = { se: 'x' }\n",
        [],
    ),
    "config/locales/features.yml": ("en:\n  enabled: true\n", []),
}

CALLS: dict[str, tuple[str, list[str]]] = {
    "launchdarkly.ts": (
        "client.variation('ld-one', context, false); await ld.boolVariation(\n  'ld-two',\n  c)\n",
        ["ld-one", "ld-two"],
    ),
    "launchdarkly.rb": (
        "def a; ld_variation(key: 'ld-six', default: false); end\nx = product_variation('red')\n",
        ["ld-six"],
    ),
    "options.js": (
        "module.exports = { experimental: { memoize: { enabled: process.env.MEMOIZE || false, max: 1 } } };\n",
        ["memoize"],
    ),
    "server-dev.ts": ("start({ experimental: { flags: { shiny: true } } });\n", ["shiny"]),
    "next.config.js": ("module.exports = { experimental: { appDir: true } };\n", []),
    "launchdarkly.go": ('package a\nvar _, _ = client.BoolVariation("ld-three", ctx, false)\n', ["ld-three"]),
    "launchdarkly.tsx": ("const { ldFour, ldFive } = useFlags()\n", ["ldFour", "ldFive"]),
    "unleash.ts": (
        (
            "unleash.isEnabled('un-one'); flagResolver.getVariant('un-two'); useFlag('un-three');\n"
            "useUiFlag('un-four');\n"
            "uiConfig.flags.unFive; logger.isEnabled('debug')\n"
        ),
        ["un-one", "un-two", "un-three", "un-four", "unFive"],
    ),
    "posthog.tsx": (
        (
            "posthog.isFeatureEnabled('ph-one'); useFeatureFlagEnabled('ph-two'); useFeatureFlag('PH_NO');\n"
            "const x = <PostHogFeature flag='ph-three' match={true}><A feature='no-flag' /></PostHogFeature>\n"
            "await getPostHogFeatureFlag(user.id, 'ph-four')\n"
        ),
        ["ph-one", "ph-two", "ph-three", "ph-four"],
    ),
    "posthog.py": ("posthoganalytics.feature_enabled('ph-five', str(team.uuid), groups={'no': 'no'})\n", ["ph-five"]),
    "flagsmith.ts": ("flagsmith.hasFeature('fs-one')\n", ["fs-one"]),
    "growthbook.tsx": ("useFeatureIsOn('gb-one'); gb.getFeatureValue('gb-two', 1)\n", ["gb-one", "gb-two"]),
    "split.py": ("client.get_treatment('user-no', 'sp-one'); client.get_treatment('sp-two')\n", ["sp-one", "sp-two"]),
    "statsig.ts": ("statsig.checkGate(user, 'st-one'); useGate('st-two')\n", ["st-one", "st-two"]),
    "configcat.ts": ("configCatClient.getValueAsync('cc-one', false)\n", ["cc-one"]),
    "openfeature.ts": ("client.getBooleanValue('of-one', false)\n", ["of-one"]),
    "flipper.rb": ("Flipper.enabled?(:fl_one, user)\nFlipper.enabled? 'fl_two'\n", ["fl_one", "fl_two"]),
    "rollout.rb": ("$rollout.active?(:ro_one, user)\n", ["ro_one"]),
    "pennant.php": ("<?php Feature::active('pe-one');\n", ["pe-one"]),
    "waffle.py": (
        "flag_is_active(request, 'wa-one'); switch_is_active('wa-two')\n@waffle_flag('wa-three')\ndef f(): ...\n",
        ["wa-one", "wa-two", "wa-three"],
    ),
    "templates/a.html": (
        "{% load waffle_tags %}\n{% flag 'wa-four' %}x{% endflag %}\n{% switch wa_five %}\n",
        ["wa-four", "wa_five"],
    ),
    "gitlab.rb": ("Feature.enabled?(:gl_two, project)\n", ["gl_two"]),
    "mastodon.rb": ("return unless Mastodon::Feature.ma_one_enabled?\n", ["ma_one"]),
    "chatwoot.rb": ("account.feature_enabled?('cw_one')\n", ["cw_one"]),
    "chatwoot.vue": ("<script>\nisFeatureEnabledonAccount(id, 'cw_two')\n</script>\n", ["cw_two"]),
    "cal.ts": (
        (
            "await repository.checkIfFeatureIsEnabledGlobally('cal-one'); await repo.checkIfTeamHasFeature(1, "
            "'cal-two');\n"
            "flagMap['cal-three']; featureFlags.calFour; featureFlags.getFlag(X)\n"
        ),
        ["cal-one", "cal-two", "cal-three", "calFour"],
    ),
    "other.ts": (
        "createFeature('no-one'); expectFlag('no-two'); featureToggleStore.delete('no-three'); setFlag('no-four')\n",
        [],
    ),
    "a.test.ts": ("useFlag('tested-no')\n", []),
}


@pytest.mark.parametrize("table", [LISTS, CALLS], ids=["lists", "calls"])
def test_each_file_names_its_flags(story: Story, table: dict[str, tuple[str, list[str]]]) -> None:
    files: Files = {path: text for path, (text, _) in table.items()}
    changes = story.changes({"x": "x\n"}, files)
    found: dict[str, set[str]] = defaultdict(set)
    for item in detect(changes):
        assert (item.kind, item.change) == ("flag", "added")
        for evidence in item.evidence:
            found[evidence.path].add(item.name)
    assert {path: sorted(found[path]) for path in table} == {
        path: sorted(names) for path, (_, names) in table.items()
    }
    assert changes.unknowns == []


def test_odd_files_are_read_as_far_as_they_go(story: Story) -> None:
    changes = story.changes(
        {"x": "x\n"},
        {
            "broken.ts": "useFlag('odd-one'); const {{{ (",
            "featureFlags.ts": "export const FEATURE_FLAGS = { A: 'odd-two', ",
            "config/features.yml": "- name: odd_three\n  enabled: true\n- a: b: c\n",
            "flags.json": '{"flags": {"odd-four": {"state": "ENABLED"',
            "deep.ts": "f(" * 50_000 + "useFlag('odd')",
            "flags.py": "\0\0\0",
            "flags.rb": "",
            "a/migration.sql": "INSERT INTO \"Feature\" (slug VALUES ('odd');;; "
            "INSERT INTO feature_flags (name) VALUES ('odd-five')\r\n",
            "long.ts": "\n" * 6 + "isFeatureEnabled('odd-six');" + "x" * 400_000,
        },
    )
    found = {item.name for item in detect(changes)}
    assert {"odd-one", "odd_three", "odd-four", "odd-five", "odd-six"} <= found
    assert {"config/features.yml", "flags.json"} <= {unknown.subject for unknown in changes.unknowns}
