"""The libraries that are asked for flags: one row each."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Kit:
    """How a library asks for flags.

    Attributes:
        provider: its name, a key of `PROVIDERS`.
        callee: searched for in what is called, without white space.
        positions: the arguments that can be the key.
        defines: whether the call makes the flag.
        last: whether, of two literals, the second is the key: the first names who asks.
    """

    provider: str
    callee: re.Pattern[str]
    positions: Sequence[int] = (0,)
    defines: bool = False
    last: bool = False


@dataclass(frozen=True, kw_only=True)
class Provider:
    """Where a flag is turned on and off.

    Attributes:
        name: how it is called in a sentence.
        off: the command that turns a flag off, with `{}` for its key; empty if there is none.
        on: the one that turns it on.
        show: a read-only one that shows its state.
    """

    name: str
    off: str = ""
    on: str = ""
    show: str = ""


def _kit(
    provider: str, callee: str, positions: Sequence[int] = (0,), *, defines: bool = False, last: bool = False
) -> Kit:
    return Kit(provider=provider, callee=re.compile(callee), positions=positions, defines=defines, last=last)


UNLEASH = _kit("unleash", r"(?:^|\.)(?:useFlag|useUiFlag|useVariant|useUnleashFlag|evaluateFlag)$")
"""What Unleash's packages export under names of their own."""

KITS: tuple[Kit, ...] = (
    _kit(
        "launchdarkly",
        r"(?:^|\.|->|::)(?:(?:[bB]ool|[sS]tring|[iI]nt|[fF]loat(?:64)?|[dD]ouble|[nN]umber|[jJ]son|JSON|"
        # What projects call their own helpers around it.
        r"(?:get|use|eval|evaluate)?_?(?:[lL][dD]|[lL]aunch_?[dD]arkly|[fF]lag|[fF]eature))_?)?"
        r"[vV]ariation(?:_?[dD]etail)?$",
    ),
    _kit(
        "posthog",
        r"(?:^|\.)(?:isFeatureEnabled|getFeatureFlag(?:Payload|Result)?|get_feature_flag(?:_payload)?|"
        r"useFeatureFlag(?:Enabled|VariantKey|Payload|Result)?)$|posthog\w*\.(?:is_)?feature_enabled$",
    ),
    _kit("flagsmith", r"[fF]lagsmith\w*[?!]?\.(?:hasFeature|getValue|isFeatureEnabled|is_feature_enabled)$"),
    _kit("flagsmith", r"(?:^|\.)flags\.(?:is_feature_enabled|get_feature_value|isFeatureEnabled)$"),
    _kit(
        "growthbook",
        r"(?:^|\.)(?:useFeatureIsOn|useFeatureValue)$|(?:^|\.)(?:gb|growth_?[bB]ook)\w*[?!]?\."
        r"(?:isOn|isOff|is_on|is_off|getFeatureValue|get_feature_value|evalFeature|eval_feature)$",
    ),
    _kit(
        "split",
        r"\.(?:getTreatment(?:WithConfig)?|get_treatment(?:_with_config)?|GetTreatment|Treatment)$",
        (0, 1),
        last=True,
    ),
    _kit(
        "statsig",
        r"(?:^|\.)(?:checkGate|check_gate|useGate|useFeatureGate|getFeatureGate|get_feature_gate|CheckGate|useDynamicConfig|"
        r"getDynamicConfig|get_dynamic_config)$|[sS]tatsig\w*\.(?:getExperiment|get_experiment)$",
        (0, 1),
    ),
    _kit("configcat", r"[cC]onfig_?[cC]at\w*\.(?:getValue(?:Async|Details\w*)?|get_value(?:_details)?)$"),
    _kit(
        "openfeature",
        r"(?:^|\.)(?:get(?:Boolean|String|Number|Object|Integer|Double)(?:Value|Details)|"
        r"get_(?:boolean|string|integer|float|object)_(?:value|details)|"
        r"use(?:Boolean|String|Number|Object)Flag(?:Value|Details)|(?:Boolean|String|Int|Float|Object)Value(?:Details)?)$",
        (0, 1),
    ),
    _kit(
        "flipper",
        r"(?:^|::|\.)Flipper\.(?:enabled\?|enable\w*|disable\w*|feature|exist\?)$|(?:^|\.)flipper_enabled\?$",
    ),
    _kit("flipper", r"(?:^|::|\.)Flipper\.add$", defines=True),
    _kit("rollout", r"(?:^|[.$])rollout\.(?:active\?|activate\w*|deactivate\w*|inactive\?)$"),
    _kit("pennant", r"(?:^|\\)Feature::(?:active|inactive|value|when|unless|for\(.*\)->(?:in)?active)$"),
    _kit("pennant", r"(?:^|\\)Feature::define$", defines=True),
    _kit(
        "waffle",
        r"(?:^|\.)(?:flag_is_active(?:_for_user)?|switch_is_active|sample_is_active|waffle_(?:flag|switch|sample))$",
        (0, 1),
        last=True,
    ),
    _kit("", r"(?:^|::|\.)Feature\.(?:enabled\?|disabled\?|enable|disable)$"),
    UNLEASH,
    _kit(
        "unleash",
        r"(?:[uU]nleash|[fF]lag_?[rR]esolver|[tT]oggle\w*|[fF]eature\w*|[fF]lags?)\w*[?!]?(?:\.|->|::)"
        r"(?:isEnabled|is_enabled|IsEnabled|getVariant|get_variant|GetVariant)$",
    ),
)
"""Asked in this order; the first whose callee fits says what is asked."""

PROVIDERS: Mapping[str, Provider] = {
    "launchdarkly": Provider(
        name="LaunchDarkly",
        off="ldcli flags toggle-off --flag {} --project <project> --environment <environment>",
        on="ldcli flags toggle-on --flag {} --project <project> --environment <environment>",
        show="ldcli flags get --flag {} --project <project> --environment <environment>",
    ),
    "posthog": Provider(name="PostHog"),
    "flagsmith": Provider(name="Flagsmith"),
    "growthbook": Provider(name="GrowthBook"),
    "split": Provider(name="Split"),
    "statsig": Provider(name="Statsig"),
    "configcat": Provider(name="ConfigCat"),
    "openfeature": Provider(name="the OpenFeature provider"),
    "flipper": Provider(
        name="Flipper",
        off="bin/rails runner 'Flipper.disable(:{})'",
        on="bin/rails runner 'Flipper.enable(:{})'",
        show="bin/rails runner 'puts Flipper.enabled?(:{})'",
    ),
    "rollout": Provider(name="rollout"),
    "pennant": Provider(name="Pennant", off="php artisan pennant:purge {}"),
    "waffle": Provider(
        name="waffle",
        off="python manage.py waffle_flag {} --deactivate",
        on="python manage.py waffle_flag {} --everyone",
        show="python manage.py waffle_flag --list",
    ),
    "unleash": Provider(name="Unleash"),
}
"""By the name a kit has; the commands are those of the providers' own tools."""
