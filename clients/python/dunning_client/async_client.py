"""A client that awaits its answers: a method for each operation of the service.

Written by `make generate` from schemas/openapi.json; not edited by hand.
"""

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from typing import Any, Literal

from dunning_client import records
from dunning_client.calls import Call, fill
from dunning_client.transport import AsyncTransport, turn_pages_async


class AsyncClient(AsyncTransport):
    """The service at an address, asked with a token; awaits its answers."""

    async def get_health(self) -> records.Health:
        """Whether the process answers."""
        call = Call(method="GET", path="/healthz")
        answer: records.Health = await self._ask(call, records.Health)
        return answer

    async def get_metrics(self) -> str:
        """Figures for Prometheus."""
        call = Call(method="GET", path="/metrics")
        answer: str = await self._ask(call, str)
        return answer

    async def get_readiness(self) -> records.Readiness:
        """Whether the service can decide, and what is wrong."""
        call = Call(method="GET", path="/readyz")
        answer: records.Readiness = await self._ask(call, records.Readiness)
        return answer

    async def get_openapi(self) -> dict[str, Any]:
        """This description of the API."""
        call = Call(method="GET", path="/schema")
        answer: dict[str, Any] = await self._ask(call, dict[str, Any])
        return answer

    async def get_ruleset_schema(self) -> dict[str, Any]:
        """The JSON Schema of rulesets, for editors."""
        call = Call(method="GET", path="/schema/ruleset.json")
        answer: dict[str, Any] = await self._ask(call, dict[str, Any])
        return answer

    async def list_accounts(
        self,
        *,
        prefix: str | None = None,
        party: str | None = None,
        country: str | None = None,
        segment: str | None = None,
        ruleset: str | None = None,
        due_by: dt.datetime | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> records.Accounts:
        """Stored accounts by id: those of a prefix, party, country, segment or ruleset, or due by an instant."""
        call = Call(
            method="GET",
            path="/v1/accounts",
            query={
                "prefix": prefix,
                "party": party,
                "country": country,
                "segment": segment,
                "ruleset": ruleset,
                "due_by": due_by,
                "cursor": cursor,
                "limit": limit,
            },
        )
        answer: records.Accounts = await self._ask(call, records.Accounts)
        return answer

    def iterate_accounts(
        self,
        *,
        prefix: str | None = None,
        party: str | None = None,
        country: str | None = None,
        segment: str | None = None,
        ruleset: str | None = None,
        due_by: dt.datetime | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[records.ListedAccount]:
        """Stored accounts by id: those of a prefix, party, country, segment or ruleset, or due by an instant. All of them, page by page, the newest first."""
        return turn_pages_async(
            lambda page: self.list_accounts(
                cursor=page,
                prefix=prefix,
                party=party,
                country=country,
                segment=segment,
                ruleset=ruleset,
                due_by=due_by,
                limit=limit,
            ),
            "accounts",
            "next_cursor",
        )

    async def delete_account(self, account_id: str, *, if_match: str | None = None) -> None:
        """Erase an account, its history, and its personal facts in the decision log."""
        call = Call(
            method="DELETE",
            path=fill("/v1/accounts/{account_id}", account_id=account_id),
            headers={"If-Match": if_match},
        )
        await self._ask(call, None)

    async def get_account(self, account_id: str) -> records.Account:
        """An account as it was sent."""
        call = Call(method="GET", path=fill("/v1/accounts/{account_id}", account_id=account_id))
        answer: records.Account = await self._ask(call, records.Account)
        return answer

    async def patch_account(
        self, account_id: str, body: records.AccountPatch | Mapping[str, Any], *, if_match: str | None = None
    ) -> records.Account:
        """Change some keys of an account (JSON merge patch, RFC 7396); null takes a key away."""
        call = Call(
            method="PATCH",
            path=fill("/v1/accounts/{account_id}", account_id=account_id),
            headers={"If-Match": if_match},
            body=body,
            media_types=("application/merge-patch+json", "application/json"),
        )
        answer: records.Account = await self._ask(call, records.Account)
        return answer

    async def put_account(
        self,
        account_id: str,
        body: records.Account | Mapping[str, Any],
        *,
        check: Literal["false", "true"] | None = None,
        if_match: str | None = None,
        if_none_match: str | None = None,
    ) -> records.Account:
        """Store an account, or replace it whole."""
        call = Call(
            method="PUT",
            path=fill("/v1/accounts/{account_id}", account_id=account_id),
            query={"check": check},
            headers={"If-Match": if_match, "If-None-Match": if_none_match},
            body=body,
            media_types=("application/json",),
        )
        answer: records.Account = await self._ask(call, records.Account)
        return answer

    async def list_history(self, account_id: str) -> records.HistoryAnswer:
        """What was executed for an account, oldest first."""
        call = Call(method="GET", path=fill("/v1/accounts/{account_id}/history", account_id=account_id))
        answer: records.HistoryAnswer = await self._ask(call, records.HistoryAnswer)
        return answer

    async def record_history(
        self, account_id: str, body: records.RecordRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> records.HistoryEntry:
        """Record that an action was carried out: by its decision_id alone, or in full. Once for a decision."""
        call = Call(
            method="POST",
            path=fill("/v1/accounts/{account_id}/history", account_id=account_id),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.HistoryEntry = await self._ask(call, records.HistoryEntry)
        return answer

    async def merge_accounts(
        self, account_id: str, body: records.MergeRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> records.MergeAnswer:
        """Take over the history and the outcomes of another account, which is no longer stored afterwards."""
        call = Call(
            method="POST",
            path=fill("/v1/accounts/{account_id}/merge", account_id=account_id),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.MergeAnswer = await self._ask(call, records.MergeAnswer)
        return answer

    async def get_next_action(
        self,
        account_id: str,
        *,
        as_of: str | None = None,
        known_at: dt.datetime | None = None,
        track: str | None = None,
        ruleset: str | None = None,
        version: int | None = None,
        explain: Literal["full", "none", "reason", "rules"] | None = None,
    ) -> records.Decision:
        """The next action of a stored account. Logged before it is answered."""
        call = Call(
            method="GET",
            path=fill("/v1/accounts/{account_id}/next-action", account_id=account_id),
            query={
                "as_of": as_of,
                "known_at": known_at,
                "track": track,
                "ruleset": ruleset,
                "version": version,
                "explain": explain,
            },
        )
        answer: records.Decision = await self._ask(call, records.Decision)
        return answer

    async def list_outcomes(self, account_id: str) -> records.OutcomesAnswer:
        """All that came of an account's debt, in the order it was recorded."""
        call = Call(method="GET", path=fill("/v1/accounts/{account_id}/outcomes", account_id=account_id))
        answer: records.OutcomesAnswer = await self._ask(call, records.OutcomesAnswer)
        return answer

    async def record_outcomes(
        self,
        account_id: str,
        body: list[records.Outcome] | records.Outcome | Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
    ) -> records.OutcomesAnswer:
        """Record payments, promises, disputes: one or a list, all or none, each once for its id."""
        call = Call(
            method="POST",
            path=fill("/v1/accounts/{account_id}/outcomes", account_id=account_id),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.OutcomesAnswer = await self._ask(call, records.OutcomesAnswer)
        return answer

    async def get_timeline(
        self,
        account_id: str,
        *,
        as_of: dt.date | None = None,
        until: dt.date | None = None,
        track: str | None = None,
        ruleset: str | None = None,
        version: int | None = None,
        executed: Literal["asked", "scheduled"] | None = None,
    ) -> records.Timeline:
        """What happens if nobody pays: each action with the day on which it happens, to the end of the ladder."""
        call = Call(
            method="GET",
            path=fill("/v1/accounts/{account_id}/timeline", account_id=account_id),
            query={
                "as_of": as_of,
                "until": until,
                "track": track,
                "ruleset": ruleset,
                "version": version,
                "executed": executed,
            },
        )
        answer: records.Timeline = await self._ask(call, records.Timeline)
        return answer

    async def import_accounts(self, body: bytes | str, *, id: str | None = None) -> records.ImportAnswer:
        """Store many accounts, one JSON document a line of 1 MiB at most; a bad line spoils none of the others."""
        call = Call(
            method="POST",
            path="/v1/accounts:import",
            query={"id": id},
            body=body,
            media_types=("application/x-ndjson",),
        )
        answer: records.ImportAnswer = await self._ask(call, records.ImportAnswer)
        return answer

    async def list_accesses(
        self,
        *,
        actor: str | None = None,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        cursor: int | None = None,
        limit: int | None = None,
    ) -> records.Accesses:
        """Who read personal data with the scope audit, newest first."""
        call = Call(
            method="GET",
            path="/v1/audit/accesses",
            query={"actor": actor, "since": since, "until": until, "cursor": cursor, "limit": limit},
        )
        answer: records.Accesses = await self._ask(call, records.Accesses)
        return answer

    def iterate_accesses(
        self,
        *,
        actor: str | None = None,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[records.AccessRecord]:
        """Who read personal data with the scope audit, newest first. All of them, page by page, the newest first."""
        return turn_pages_async(
            lambda page: self.list_accesses(cursor=page, actor=actor, since=since, until=until, limit=limit),
            "accesses",
            "next_cursor",
        )

    async def get_checkpoint(self) -> str:
        """The log as it is now, signed: what an auditor keeps elsewhere."""
        call = Call(method="GET", path="/v1/audit/checkpoint")
        answer: str = await self._ask(call, str)
        return answer

    async def get_consistency_proof(self, *, old_size: int, new_size: int | None = None) -> records.ConsistencyProof:
        """Proof that the log of a later checkpoint begins with that of an earlier one."""
        call = Call(method="GET", path="/v1/audit/consistency", query={"old_size": old_size, "new_size": new_size})
        answer: records.ConsistencyProof = await self._ask(call, records.ConsistencyProof)
        return answer

    async def export_log(
        self,
        *,
        content: Literal["decisions", "lines"] | None = None,
        format: Literal["ndjson", "parquet"] | None = None,
        account: str | None = None,
        ruleset: str | None = None,
        version: int | None = None,
        rule: str | None = None,
        outcome: Literal["act", "blocked", "none", "not_covered", "wait"] | None = None,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        mask: str | None = None,
    ) -> bytes:
        """Decisions of a period, account, ruleset or rule as NDJSON or Parquet, or all lines of the log."""
        call = Call(
            method="GET",
            path="/v1/audit/export",
            query={
                "content": content,
                "format": format,
                "account": account,
                "ruleset": ruleset,
                "version": version,
                "rule": rule,
                "outcome": outcome,
                "since": since,
                "until": until,
                "mask": mask,
            },
        )
        answer: bytes = await self._ask(call, bytes)
        return answer

    async def get_log_key(self) -> str:
        """The public key that checkpoints are signed with."""
        call = Call(method="GET", path="/v1/audit/key")
        answer: str = await self._ask(call, str)
        return answer

    async def get_inclusion_proof(
        self, decision_id: str, *, of: Literal["decision", "executed"] | None = None, size: int | None = None
    ) -> records.InclusionProof:
        """Proof that a decision, or that it was carried out, is in the log."""
        call = Call(
            method="GET",
            path=fill("/v1/audit/proof/{decision_id}", decision_id=decision_id),
            query={"of": of, "size": size},
        )
        answer: records.InclusionProof = await self._ask(call, records.InclusionProof)
        return answer

    async def make_calendar(self, body: records.CalendarRequest | Mapping[str, Any]) -> records.CalendarAddress:
        """Make a secret address for the feed of somebody's calls; the one before leads nowhere from then on."""
        call = Call(method="POST", path="/v1/calendars", body=body, media_types=("application/json",))
        answer: records.CalendarAddress = await self._ask(call, records.CalendarAddress)
        return answer

    async def read_calendar(self, address: str) -> str:
        """One's calls, for a calendar. Who knows the address needs no token; nobody is named."""
        call = Call(method="GET", path=fill("/v1/calendars/{address}", address=address))
        answer: str = await self._ask(call, str)
        return answer

    async def list_decisions(
        self,
        *,
        account: str | None = None,
        ruleset: str | None = None,
        version: int | None = None,
        rule: str | None = None,
        outcome: Literal["act", "blocked", "none", "not_covered", "wait"] | None = None,
        action: Literal[
            "assign_task",
            "block_changes",
            "cancel_subscription",
            "charge_fee",
            "credit_hold",
            "hand_over",
            "mark_uncollectible",
            "none",
            "notify_team",
            "offer_discount",
            "offer_payment_plan",
            "pause_billing",
            "place_call",
            "raise_event",
            "request_payment_method",
            "restore_service",
            "restrict_service",
            "resume_billing",
            "retry_payment",
            "send_dunning_notice",
            "send_reminder",
            "suspend_service",
            "write_off",
        ]
        | None = None,
        channel: Literal["email", "in_app", "letter", "messenger", "phone", "portal", "push", "sms", "social"]
        | None = None,
        variant: str | None = None,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> records.Decisions:
        """Logged decisions, newest first."""
        call = Call(
            method="GET",
            path="/v1/decisions",
            query={
                "account": account,
                "ruleset": ruleset,
                "version": version,
                "rule": rule,
                "outcome": outcome,
                "action": action,
                "channel": channel,
                "variant": variant,
                "since": since,
                "until": until,
                "cursor": cursor,
                "limit": limit,
            },
        )
        answer: records.Decisions = await self._ask(call, records.Decisions)
        return answer

    def iterate_decisions(
        self,
        *,
        account: str | None = None,
        ruleset: str | None = None,
        version: int | None = None,
        rule: str | None = None,
        outcome: Literal["act", "blocked", "none", "not_covered", "wait"] | None = None,
        action: Literal[
            "assign_task",
            "block_changes",
            "cancel_subscription",
            "charge_fee",
            "credit_hold",
            "hand_over",
            "mark_uncollectible",
            "none",
            "notify_team",
            "offer_discount",
            "offer_payment_plan",
            "pause_billing",
            "place_call",
            "raise_event",
            "request_payment_method",
            "restore_service",
            "restrict_service",
            "resume_billing",
            "retry_payment",
            "send_dunning_notice",
            "send_reminder",
            "suspend_service",
            "write_off",
        ]
        | None = None,
        channel: Literal["email", "in_app", "letter", "messenger", "phone", "portal", "push", "sms", "social"]
        | None = None,
        variant: str | None = None,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[records.LoggedHead]:
        """Logged decisions, newest first. All of them, page by page, the newest first."""
        return turn_pages_async(
            lambda page: self.list_decisions(
                cursor=page,
                account=account,
                ruleset=ruleset,
                version=version,
                rule=rule,
                outcome=outcome,
                action=action,
                channel=channel,
                variant=variant,
                since=since,
                until=until,
                limit=limit,
            ),
            "decisions",
            "next_cursor",
        )

    async def get_decision(self, decision_id: str) -> Any:
        """A logged decision, byte for byte as it was answered, with what it was made from."""
        call = Call(method="GET", path=fill("/v1/decisions/{decision_id}", decision_id=decision_id))
        answer = await self._ask(call, Any)
        return answer

    async def confirm_decision(
        self, decision_id: str, body: records.ConfirmRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> records.Confirmation:
        """Whether a decision is still right with today's facts. Carry it out only after `valid`."""
        call = Call(
            method="POST",
            path=fill("/v1/decisions/{decision_id}/confirm", decision_id=decision_id),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.Confirmation = await self._ask(call, records.Confirmation)
        return answer

    async def replay_decision(self, decision_id: str) -> records.ReplayAnswer:
        """Make a logged decision again, with the versions and facts it was made from, and compare byte for byte."""
        call = Call(method="POST", path=fill("/v1/decisions/{decision_id}/replay", decision_id=decision_id))
        answer: records.ReplayAnswer = await self._ask(call, records.ReplayAnswer)
        return answer

    async def list_events(self, *, after: str | None = None, limit: int | None = None) -> records.Events:
        """What happened, in order; none is left out that commits late, and asked again later it goes on."""
        call = Call(method="GET", path="/v1/events", query={"after": after, "limit": limit})
        answer: records.Events = await self._ask(call, records.Events)
        return answer

    def iterate_events(self, *, limit: int | None = None) -> AsyncIterator[records.CloudEvent]:
        """What happened, in order; none is left out that commits late, and asked again later it goes on. All of them, page by page, the oldest first."""
        return turn_pages_async(lambda page: self.list_events(after=page, limit=limit), "events", "next_after")

    async def decide_next_action(
        self, body: records.NextActionRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> records.Decision:
        """The next action of an account sent with the question. Logged before it is answered."""
        call = Call(
            method="POST",
            path="/v1/next-action",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.Decision = await self._ask(call, records.Decision)
        return answer

    async def decide_next_actions(
        self, body: records.NextActionsRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> records.NextActionsAnswer:
        """The next actions of up to 1,000 accounts, each answered with its decision or its problem, in order."""
        call = Call(
            method="POST",
            path="/v1/next-actions",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.NextActionsAnswer = await self._ask(call, records.NextActionsAnswer)
        return answer

    async def get_recovery(
        self,
        *,
        by: Literal["channel", "country", "decline_category", "month", "rule", "segment", "variant", "version"]
        | None = None,
        from_: dt.date | None = None,
        to: dt.date | None = None,
        as_of: dt.date | None = None,
        within_days: int | None = None,
    ) -> records.RecoveryReport:
        """What dunning brought in as of the end of a day, and all that is owed. A past day stays as it was."""
        call = Call(
            method="GET",
            path="/v1/recovery",
            query={"by": by, "from": from_, "to": to, "as_of": as_of, "within_days": within_days},
        )
        answer: records.RecoveryReport = await self._ask(call, records.RecoveryReport)
        return answer

    async def list_rulesets(self) -> records.Rulesets:
        """Every ruleset with the heads of its versions."""
        call = Call(method="GET", path="/v1/rulesets")
        answer: records.Rulesets = await self._ask(call, records.Rulesets)
        return answer

    async def publish_ruleset(
        self,
        body: bytes | str | records.PublishRequest | Mapping[str, Any],
        *,
        file: str | None = None,
        repository: str | None = None,
        commit: str | None = None,
        author: str | None = None,
        committer: str | None = None,
        committed_at: dt.datetime | None = None,
        allow_overlap: Literal["false", "true"] | None = None,
        idempotency_key: str | None = None,
    ) -> records.PublishAnswer:
        """Check a ruleset and publish it as an immutable version; the same content again answers the version it is."""
        call = Call(
            method="POST",
            path="/v1/rulesets",
            query={
                "file": file,
                "repository": repository,
                "commit": commit,
                "author": author,
                "committer": committer,
                "committed_at": committed_at,
                "allow_overlap": allow_overlap,
            },
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/yaml", "application/json"),
            is_once=True,
        )
        answer: records.PublishAnswer = await self._ask(call, records.PublishAnswer)
        return answer

    async def get_ruleset(self, ruleset_id: str) -> records.RulesetSummary:
        """One ruleset with the heads of its versions."""
        call = Call(method="GET", path=fill("/v1/rulesets/{ruleset_id}", ruleset_id=ruleset_id))
        answer: records.RulesetSummary = await self._ask(call, records.RulesetSummary)
        return answer

    async def diff_versions(self, ruleset_id: str, *, from_: int, to: int) -> records.VersionDiff:
        """What changed from one version to another: texts, parts, and for which accounts the decision differs."""
        call = Call(
            method="GET",
            path=fill("/v1/rulesets/{ruleset_id}/diff", ruleset_id=ruleset_id),
            query={"from": from_, "to": to},
        )
        answer: records.VersionDiff = await self._ask(call, records.VersionDiff)
        return answer

    async def end_shadow(self, ruleset_id: str) -> None:
        """End the shadow of a ruleset, over or not, and forget what it would have decided."""
        call = Call(method="DELETE", path=fill("/v1/rulesets/{ruleset_id}/shadow", ruleset_id=ruleset_id))
        await self._ask(call, None)

    async def get_shadow(self, ruleset_id: str) -> records.ShadowReport:
        """What the last shadow of a ruleset would have changed: how many accounts, from which decision to which."""
        call = Call(method="GET", path=fill("/v1/rulesets/{ruleset_id}/shadow", ruleset_id=ruleset_id))
        answer: records.ShadowReport = await self._ask(call, records.ShadowReport)
        return answer

    async def begin_shadow(
        self, ruleset_id: str, body: records.ShadowRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> records.ShadowReport:
        """Let a version decide beside what is in use, after each answer, in the place of the shadow before."""
        call = Call(
            method="POST",
            path=fill("/v1/rulesets/{ruleset_id}/shadow", ruleset_id=ruleset_id),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.ShadowReport = await self._ask(call, records.ShadowReport)
        return answer

    async def list_versions(self, ruleset_id: str) -> records.RulesetSummary:
        """The heads of a ruleset's versions."""
        call = Call(method="GET", path=fill("/v1/rulesets/{ruleset_id}/versions", ruleset_id=ruleset_id))
        answer: records.RulesetSummary = await self._ask(call, records.RulesetSummary)
        return answer

    async def get_version(self, ruleset_id: str, number: int) -> records.VersionWhole:
        """One version: its text as written, its canonical form, its provenance, its warnings."""
        call = Call(
            method="GET", path=fill("/v1/rulesets/{ruleset_id}/versions/{number}", ruleset_id=ruleset_id, number=number)
        )
        answer: records.VersionWhole = await self._ask(call, records.VersionWhole)
        return answer

    async def activate_version(
        self,
        ruleset_id: str,
        number: int,
        body: records.VersionEventRequest | Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
    ) -> records.VersionHead:
        """Put a retired version into use again. With four eyes, once another asks too."""
        call = Call(
            method="POST",
            path=fill("/v1/rulesets/{ruleset_id}/versions/{number}/activate", ruleset_id=ruleset_id, number=number),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.VersionHead = await self._ask(call, records.VersionHead)
        return answer

    async def approve_version(
        self,
        ruleset_id: str,
        number: int,
        body: records.VersionEventRequest | Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
    ) -> records.VersionHead:
        """Four eyes: let a version be used; by another token than the one that published it."""
        call = Call(
            method="POST",
            path=fill("/v1/rulesets/{ruleset_id}/versions/{number}/approve", ruleset_id=ruleset_id, number=number),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.VersionHead = await self._ask(call, records.VersionHead)
        return answer

    async def retire_version(
        self,
        ruleset_id: str,
        number: int,
        body: records.VersionEventRequest | Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
    ) -> records.VersionHead:
        """Take a version out of use; what it decided stays. With four eyes, once another asks too."""
        call = Call(
            method="POST",
            path=fill("/v1/rulesets/{ruleset_id}/versions/{number}/retire", ruleset_id=ruleset_id, number=number),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.VersionHead = await self._ask(call, records.VersionHead)
        return answer

    async def list_runs(self, *, cursor: str | None = None, limit: int | None = None) -> records.RunList:
        """Every run, the newest first."""
        call = Call(method="GET", path="/v1/runs", query={"cursor": cursor, "limit": limit})
        answer: records.RunList = await self._ask(call, records.RunList)
        return answer

    def iterate_runs(self, *, limit: int | None = None) -> AsyncIterator[records.RunHead]:
        """Every run, the newest first. All of them, page by page, the newest first."""
        return turn_pages_async(lambda page: self.list_runs(cursor=page, limit=limit), "runs", "next_cursor")

    async def propose_run(
        self, body: records.RunRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> records.Run:
        """Propose what would be done for every stored account. It changes nothing; it is worked out afterwards."""
        call = Call(
            method="POST",
            path="/v1/runs",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.Run = await self._ask(call, records.Run)
        return answer

    async def get_run(self, run_id: str) -> records.Run:
        """How far a run came, what is in it by kind and money, and how many contacts each day and channel has."""
        call = Call(method="GET", path=fill("/v1/runs/{run_id}", run_id=run_id))
        answer: records.Run = await self._ask(call, records.Run)
        return answer

    async def approve_run(
        self, run_id: str, body: records.ApproveRunRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> records.Run:
        """Approve all that is proposed, or some accounts by name; with four eyes never by who proposed the run."""
        call = Call(
            method="POST",
            path=fill("/v1/runs/{run_id}/approve", run_id=run_id),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.Run = await self._ask(call, records.Run)
        return answer

    async def cancel_run(
        self, run_id: str, body: records.RunDeedRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> records.Run:
        """Give a run up that is not released."""
        call = Call(
            method="POST",
            path=fill("/v1/runs/{run_id}/cancel", run_id=run_id),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.Run = await self._ask(call, records.Run)
        return answer

    async def exclude_from_run(
        self, run_id: str, body: records.SetAsideRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> records.Run:
        """Take accounts out of a run for good, with a reason."""
        call = Call(
            method="POST",
            path=fill("/v1/runs/{run_id}/exclude", run_id=run_id),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.Run = await self._ask(call, records.Run)
        return answer

    async def hold_in_run(
        self, run_id: str, body: records.SetAsideRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> records.Run:
        """Hold accounts back until they are approved by name, with a reason."""
        call = Call(
            method="POST",
            path=fill("/v1/runs/{run_id}/hold", run_id=run_id),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.Run = await self._ask(call, records.Run)
        return answer

    async def list_run_items(
        self,
        run_id: str,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        state: Literal["approved", "carried_over", "changed", "excluded", "held", "left_out", "proposed", "released"]
        | None = None,
        outcome: Literal["act", "blocked", "none", "not_covered", "refused", "wait"] | None = None,
        rule: str | None = None,
        action: Literal[
            "assign_task",
            "block_changes",
            "cancel_subscription",
            "charge_fee",
            "credit_hold",
            "hand_over",
            "mark_uncollectible",
            "none",
            "notify_team",
            "offer_discount",
            "offer_payment_plan",
            "pause_billing",
            "place_call",
            "raise_event",
            "request_payment_method",
            "restore_service",
            "restrict_service",
            "resume_billing",
            "retry_payment",
            "send_dunning_notice",
            "send_reminder",
            "suspend_service",
            "write_off",
        ]
        | None = None,
        channel: Literal["email", "in_app", "letter", "messenger", "phone", "portal", "push", "sms", "social"]
        | None = None,
    ) -> records.RunItems:
        """The accounts of a run: what would be done for each, and why nothing for the others."""
        call = Call(
            method="GET",
            path=fill("/v1/runs/{run_id}/items", run_id=run_id),
            query={
                "cursor": cursor,
                "limit": limit,
                "state": state,
                "outcome": outcome,
                "rule": rule,
                "action": action,
                "channel": channel,
            },
        )
        answer: records.RunItems = await self._ask(call, records.RunItems)
        return answer

    def iterate_run_items(
        self,
        run_id: str,
        *,
        limit: int | None = None,
        state: Literal["approved", "carried_over", "changed", "excluded", "held", "left_out", "proposed", "released"]
        | None = None,
        outcome: Literal["act", "blocked", "none", "not_covered", "refused", "wait"] | None = None,
        rule: str | None = None,
        action: Literal[
            "assign_task",
            "block_changes",
            "cancel_subscription",
            "charge_fee",
            "credit_hold",
            "hand_over",
            "mark_uncollectible",
            "none",
            "notify_team",
            "offer_discount",
            "offer_payment_plan",
            "pause_billing",
            "place_call",
            "raise_event",
            "request_payment_method",
            "restore_service",
            "restrict_service",
            "resume_billing",
            "retry_payment",
            "send_dunning_notice",
            "send_reminder",
            "suspend_service",
            "write_off",
        ]
        | None = None,
        channel: Literal["email", "in_app", "letter", "messenger", "phone", "portal", "push", "sms", "social"]
        | None = None,
    ) -> AsyncIterator[records.RunItem]:
        """The accounts of a run: what would be done for each, and why nothing for the others. All of them, page by page, the newest first."""
        return turn_pages_async(
            lambda page: self.list_run_items(
                run_id,
                cursor=page,
                limit=limit,
                state=state,
                outcome=outcome,
                rule=rule,
                action=action,
                channel=channel,
            ),
            "items",
            "next_cursor",
        )

    async def release_run(
        self, run_id: str, body: records.RunDeedRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> records.Run:
        """Freeze a run and put what is approved on the worklist, where it is confirmed before it is carried out."""
        call = Call(
            method="POST",
            path=fill("/v1/runs/{run_id}/release", run_id=run_id),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.Run = await self._ask(call, records.Run)
        return answer

    async def get_vocabulary(self) -> records.Vocabulary:
        """The standard facts, actions and channels."""
        call = Call(method="GET", path="/v1/vocabulary")
        answer: records.Vocabulary = await self._ask(call, records.Vocabulary)
        return answer

    async def list_webhooks(self) -> records.Webhooks:
        """Every webhook, oldest first."""
        call = Call(method="GET", path="/v1/webhooks")
        answer: records.Webhooks = await self._ask(call, records.Webhooks)
        return answer

    async def create_webhook(
        self, body: records.WebhookRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> records.NewWebhook:
        """Have events sent to an endpoint from now on, signed as Standard Webhooks are."""
        call = Call(
            method="POST",
            path="/v1/webhooks",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.NewWebhook = await self._ask(call, records.NewWebhook)
        return answer

    async def delete_webhook(self, webhook_id: str) -> None:
        """Forget a webhook and its deliveries."""
        call = Call(method="DELETE", path=fill("/v1/webhooks/{webhook_id}", webhook_id=webhook_id))
        await self._ask(call, None)

    async def get_webhook(self, webhook_id: str) -> records.Webhook:
        """A webhook, and whether its endpoint fails."""
        call = Call(method="GET", path=fill("/v1/webhooks/{webhook_id}", webhook_id=webhook_id))
        answer: records.Webhook = await self._ask(call, records.Webhook)
        return answer

    async def list_deliveries(
        self,
        webhook_id: str,
        *,
        state: Literal["delivered", "given_up", "waiting"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> records.Deliveries:
        """How events were delivered to a webhook, newest first."""
        call = Call(
            method="GET",
            path=fill("/v1/webhooks/{webhook_id}/deliveries", webhook_id=webhook_id),
            query={"state": state, "cursor": cursor, "limit": limit},
        )
        answer: records.Deliveries = await self._ask(call, records.Deliveries)
        return answer

    def iterate_deliveries(
        self,
        webhook_id: str,
        *,
        state: Literal["delivered", "given_up", "waiting"] | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[records.Delivery]:
        """How events were delivered to a webhook, newest first. All of them, page by page, the newest first."""
        return turn_pages_async(
            lambda page: self.list_deliveries(webhook_id, cursor=page, state=state, limit=limit),
            "deliveries",
            "next_cursor",
        )

    async def resume_webhook(self, webhook_id: str) -> records.Webhook:
        """Send again to an endpoint that was gone, or failed for five days; what waits is sent at once."""
        call = Call(method="POST", path=fill("/v1/webhooks/{webhook_id}/resume", webhook_id=webhook_id))
        answer: records.Webhook = await self._ask(call, records.Webhook)
        return answer

    async def rotate_webhook_secret(self, webhook_id: str, *, idempotency_key: str | None = None) -> records.NewWebhook:
        """Sign with a new key; for 24 hours the one before signs as well."""
        call = Call(
            method="POST",
            path=fill("/v1/webhooks/{webhook_id}/rotate", webhook_id=webhook_id),
            headers={"Idempotency-Key": idempotency_key},
            is_once=True,
        )
        answer: records.NewWebhook = await self._ask(call, records.NewWebhook)
        return answer

    async def send_again(
        self, webhook_id: str, body: records.SendAgainRequest | Mapping[str, Any]
    ) -> records.SendAgainAnswer:
        """Send events again, by id or in a range; those too that happened before the webhook was made."""
        call = Call(
            method="POST",
            path=fill("/v1/webhooks/{webhook_id}/send-again", webhook_id=webhook_id),
            body=body,
            media_types=("application/json",),
        )
        answer: records.SendAgainAnswer = await self._ask(call, records.SendAgainAnswer)
        return answer

    async def get_token(self) -> records.TokenAbout:
        """Which token asks: its name, its scopes, until when it can be used."""
        call = Call(method="GET", path="/v1/whoami")
        answer: records.TokenAbout = await self._ask(call, records.TokenAbout)
        return answer

    async def list_work(
        self,
        *,
        action: Literal[
            "assign_task",
            "block_changes",
            "cancel_subscription",
            "charge_fee",
            "credit_hold",
            "hand_over",
            "mark_uncollectible",
            "none",
            "notify_team",
            "offer_discount",
            "offer_payment_plan",
            "pause_billing",
            "place_call",
            "raise_event",
            "request_payment_method",
            "restore_service",
            "restrict_service",
            "resume_billing",
            "retry_payment",
            "send_dunning_notice",
            "send_reminder",
            "suspend_service",
            "write_off",
        ]
        | None = None,
        channel: Literal["email", "in_app", "letter", "messenger", "phone", "portal", "push", "sms", "social"]
        | None = None,
        ruleset: str | None = None,
        rule: str | None = None,
        track: str | None = None,
        assigned_to: str | None = None,
        due_by: dt.datetime | None = None,
        min_amount: str | None = None,
        run: str | None = None,
        state: Literal["approval", "ready", "scheduled", "snoozed", "taken"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> records.Worklist:
        """What the last answers about stored accounts ask to be done. One that is asked about again is left out."""
        call = Call(
            method="GET",
            path="/v1/worklist",
            query={
                "action": action,
                "channel": channel,
                "ruleset": ruleset,
                "rule": rule,
                "track": track,
                "assigned_to": assigned_to,
                "due_by": due_by,
                "min_amount": min_amount,
                "run": run,
                "state": state,
                "cursor": cursor,
                "limit": limit,
            },
        )
        answer: records.Worklist = await self._ask(call, records.Worklist)
        return answer

    def iterate_work(
        self,
        *,
        action: Literal[
            "assign_task",
            "block_changes",
            "cancel_subscription",
            "charge_fee",
            "credit_hold",
            "hand_over",
            "mark_uncollectible",
            "none",
            "notify_team",
            "offer_discount",
            "offer_payment_plan",
            "pause_billing",
            "place_call",
            "raise_event",
            "request_payment_method",
            "restore_service",
            "restrict_service",
            "resume_billing",
            "retry_payment",
            "send_dunning_notice",
            "send_reminder",
            "suspend_service",
            "write_off",
        ]
        | None = None,
        channel: Literal["email", "in_app", "letter", "messenger", "phone", "portal", "push", "sms", "social"]
        | None = None,
        ruleset: str | None = None,
        rule: str | None = None,
        track: str | None = None,
        assigned_to: str | None = None,
        due_by: dt.datetime | None = None,
        min_amount: str | None = None,
        run: str | None = None,
        state: Literal["approval", "ready", "scheduled", "snoozed", "taken"] | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[records.WorkItem]:
        """What the last answers about stored accounts ask to be done. One that is asked about again is left out. All of them, page by page, the newest first."""
        return turn_pages_async(
            lambda page: self.list_work(
                cursor=page,
                action=action,
                channel=channel,
                ruleset=ruleset,
                rule=rule,
                track=track,
                assigned_to=assigned_to,
                due_by=due_by,
                min_amount=min_amount,
                run=run,
                state=state,
                limit=limit,
            ),
            "items",
            "next_cursor",
        )

    async def take_work(
        self, body: records.TakeRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> records.Taken:
        """Take what is to be done: nobody else gets it until its lease ends."""
        call = Call(
            method="POST",
            path="/v1/worklist/take",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.Taken = await self._ask(call, records.Taken)
        return answer

    async def approve_work(
        self, decision_id: str, body: records.ApproveRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> records.WorkItem:
        """Let an action be carried out that waits for a person; never by who published the version."""
        call = Call(
            method="POST",
            path=fill("/v1/worklist/{decision_id}/approve", decision_id=decision_id),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.WorkItem = await self._ask(call, records.WorkItem)
        return answer

    async def assign_work(
        self, decision_id: str, body: records.AssignRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> records.WorkItem:
        """Say whose an item is; only they take it."""
        call = Call(
            method="POST",
            path=fill("/v1/worklist/{decision_id}/assign", decision_id=decision_id),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.WorkItem = await self._ask(call, records.WorkItem)
        return answer

    async def refuse_work(
        self, decision_id: str, body: records.RefuseRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> records.WorkItem:
        """Have an action not carried out, until the account's facts change or an instant has come."""
        call = Call(
            method="POST",
            path=fill("/v1/worklist/{decision_id}/refuse", decision_id=decision_id),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.WorkItem = await self._ask(call, records.WorkItem)
        return answer

    async def snooze_work(
        self, decision_id: str, body: records.SnoozeRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> records.WorkItem:
        """Let an item rest until an instant; it is taken by nobody any more."""
        call = Call(
            method="POST",
            path=fill("/v1/worklist/{decision_id}/snooze", decision_id=decision_id),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            media_types=("application/json",),
            is_once=True,
        )
        answer: records.WorkItem = await self._ask(call, records.WorkItem)
        return answer
