"""Every page of the console, below one path, with what stands around all of them."""

from litestar import Router

from api.console import accounts, assets, decision, decisions, figures, rulesets, runs, sandbox, signing_in, today
from api.console.entering import enter
from api.console.screen import HOME
from api.operation import CONSOLE_KEY

CONSOLE = Router(
    path=HOME,
    route_handlers=[
        signing_in.show_sign_in,
        signing_in.sign_in,
        signing_in.sign_out,
        today.show_today,
        today.approve_work,
        today.refuse_work,
        today.snooze_work,
        today.assign_work,
        accounts.show_accounts,
        accounts.show_account,
        accounts.draw_timeline,
        decisions.show_decisions,
        decision.show_decision,
        decision.replay_decision,
        decision.send_proof,
        rulesets.show_rulesets,
        rulesets.show_version,
        rulesets.draw_ladder,
        figures.show_figures,
        figures.draw_figure,
        figures.write_figures,
        runs.show_runs,
        runs.propose_run,
        runs.show_run,
        runs.draw_days,
        runs.exclude_items,
        runs.hold_items,
        runs.approve_items,
        runs.approve_run,
        runs.release_run,
        runs.cancel_run,
        sandbox.show_sandbox,
        sandbox.ask_sandbox,
        sandbox.take_account,
        sandbox.download_draft,
        sandbox.publish_draft,
        assets.get_asset,
    ],
    middleware=[enter],
    opt={CONSOLE_KEY: True},
)
