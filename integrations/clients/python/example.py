"""A ruleset published, an account stored, its next action asked for and recorded, with a client made from OpenAPI.

openapi-python-client generate --path schemas/openapi.json --config integrations/clients/python/config.yaml \
        --meta none --output-path dunning_client
"""

import datetime as dt
import io
import os
from pathlib import Path

from dunning_client import AuthenticatedClient
from dunning_client.api.accounts import import_accounts, put_account, record_history
from dunning_client.api.deciding import decide_next_action, get_next_action
from dunning_client.api.rulesets import publish_ruleset
from dunning_client.models import (
    Account,
    Decision,
    HistoryEntry,
    ImportAnswer,
    Invoice,
    NextActionRequest,
    ProblemDetails,
    PublishAnswer,
    RecordRequest,
)
from dunning_client.types import File


def main() -> None:
    """Ask what the next action is, and say that it was carried out."""
    client = AuthenticatedClient(base_url=os.environ["DUNNING_URL"], token=os.environ["DUNNING_TOKEN"])
    as_of = "2026-11-06T09:00:00+01:00"
    with client:
        text = Path(os.environ["DUNNING_RULESET"]).read_bytes()
        published = publish_ruleset.sync(client=client, body=File(payload=io.BytesIO(text)))
        assert isinstance(published, PublishAnswer), published

        account = Account(
            id="C-1",
            currency="EUR",
            invoices=[Invoice(id="I-1", due_on=dt.date(2026, 11, 1), open_="49.95")],
        )
        account["country"], account["channels"] = "NL", ["email"]  # facts are keys of the account like any other
        assert isinstance(put_account.sync("C-1", client=client, body=account), Account)

        decision = get_next_action.sync("C-1", client=client, as_of=as_of)
        assert isinstance(decision, Decision), decision
        assert decision.rule is not None
        print("rule:", decision.rule.id)

        carried_out = RecordRequest(decision_id=decision.decision_id, at=as_of)
        recorded = record_history.sync("C-1", client=client, body=carried_out)
        assert isinstance(recorded, HistoryEntry), recorded
        print("episode:", recorded.episode)

        refused = decide_next_action.sync(client=client, body=NextActionRequest(account=account, as_of="soon"))
        assert isinstance(refused, ProblemDetails), refused
        print("refused:", refused.type_)

        lines = b'{"id": "C-2", "currency": "EUR"}\n{"id": "C-3"}\n'
        imported = import_accounts.sync(client=client, body=File(payload=io.BytesIO(lines)))
        assert isinstance(imported, ImportAnswer), imported
        print("imported:", imported.new_count, "refused:", imported.refused_count)


if __name__ == "__main__":
    main()
