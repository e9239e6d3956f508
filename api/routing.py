"""Every route of the service."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from api.routes import (
    accounts,
    audit,
    decisions,
    diffs,
    exports,
    health,
    history,
    imports,
    lifecycle,
    next_action,
    reference,
    replays,
    rulesets,
    timeline,
)

ROUTES: Sequence[ControllerRouterHandler] = (
    next_action.decide_next_action,
    next_action.get_next_action,
    next_action.decide_next_actions,
    timeline.get_timeline,
    accounts.put_account,
    accounts.patch_account,
    accounts.get_account,
    accounts.delete_account,
    imports.import_accounts,
    history.record_history,
    rulesets.publish_ruleset,
    rulesets.list_rulesets,
    rulesets.get_ruleset,
    rulesets.list_versions,
    rulesets.get_version,
    diffs.diff_versions,
    decisions.get_decision,
    decisions.list_decisions,
    replays.replay_decision,
    lifecycle.approve_version,
    lifecycle.retire_version,
    lifecycle.activate_version,
    audit.get_checkpoint,
    audit.get_log_key,
    audit.get_inclusion_proof,
    audit.get_consistency_proof,
    audit.list_accesses,
    exports.export_log,
    reference.get_vocabulary,
    reference.get_ruleset_schema,
    reference.get_openapi,
    health.get_health,
    health.get_readiness,
    health.get_metrics,
)
