"""The standard vocabulary: facts, actions and channels, one table each, from which schemas/ and docs/ are generated."""

from typing import Literal

import msgspec

FactType = Literal["enum", "text", "boolean", "integer", "days", "amount", "decimal", "set"]
Source = Literal["given", "invoices", "history", "scorecard"]
# A typed value: amounts in minor units, decimals scaled by their places, sets as sorted tuples.
Value = int | str | bool | tuple[str, ...]

NUMERIC_TYPES = frozenset({"integer", "days", "amount", "decimal"})
LARGEST_INTEGER = 2**53
LONGEST_TEXT = 256


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One declared fact.

    ``values`` closes an enum or set, ``moves`` is its change a day, ``source`` says what else can yield it.
    """

    name: str
    type: FactType
    values: tuple[str, ...] | None = None
    places: int = 0
    unit: str | None = None
    about: str = ""
    optional: bool = False
    default: Value | None = None
    moves: int = 0
    source: Source = "given"


def _enum(name: str, about: str, *values: str) -> Fact:
    return Fact(name=name, type="enum", values=values or None, optional=True, about=about)


def _text(name: str, about: str) -> Fact:
    return Fact(name=name, type="text", optional=True, about=about)


def _flag(name: str, about: str) -> Fact:
    return Fact(name=name, type="boolean", default=False, about=about)


def _days(name: str, about: str, moves: int, source: Source = "given") -> Fact:
    return Fact(name=name, type="days", unit="days", optional=True, moves=moves, source=source, about=about)


def _count(name: str, about: str, source: Source = "given") -> Fact:
    return Fact(name=name, type="integer", optional=True, source=source, about=about)


def _counter(name: str, about: str) -> Fact:
    return Fact(name=name, type="integer", default=0, about=about)


def _amount(name: str, about: str, source: Source = "given") -> Fact:
    return Fact(name=name, type="amount", optional=True, source=source, about=about)


def _score(name: str, about: str) -> Fact:
    return Fact(name=name, type="decimal", places=4, optional=True, about=about)


CHANNELS: dict[str, str] = {
    "email": "Electronic mail.",
    "sms": "Text message to a phone.",
    "phone": "A call made by a person.",
    "letter": "Post on paper.",
    "in_app": "A message inside the product.",
    "push": "A notification on a device.",
    "messenger": "A chat service such as WhatsApp.",
    "social": "A message on a social network.",
    "portal": "A notice in the customer portal.",
}
CONTACT = "contact"
"""What a guarantee calls all contact actions together."""
PREFERRED = "preferred"
SCORES = ("risk_score", "propensity_to_pay")
"""The standard facts that a scorecard can yield; then they are whole numbers."""
CALL = "place_call"
ANNOUNCED_BEFORE = "announced"
"""What charge_fee calls the fee that was announced last, whatever its own name."""

_FACTS = (
    # who the customer is
    _enum("segment", "The customer segment, in your own words."),
    _enum("country", "The customer's country, ISO 3166-1 alpha-2."),
    _enum("subdivision", "State or province, ISO 3166-2."),
    _enum("language", "The customer's language, BCP 47."),
    _enum("customer_type", "Who owes in law.", "consumer", "business", "public_body", "unknown"),
    _amount("customer_value", "What the customer is worth to you, in the account's currency."),
    _days("tenure_days", "Days since the customer came.", 1),
    _enum("plan", "The plan subscribed to."),
    _enum("billing_interval", "How often the plan is billed."),
    _enum("contract_term", "How long the contract binds."),
    _flag("vip", "Handled by name."),
    Fact(name="tags", type="set", default=(), about="Free words attached to the account."),
    # what is owed
    _days(
        "days_overdue",
        "Days since the due date of the oldest open undisputed invoice; negative before it.",
        1,
        "invoices",
    ),
    _days("invoice_age_days", "Days since the earliest issue date of an open undisputed invoice.", 1, "invoices"),
    _days("days_until_renewal", "Days until the subscription renews.", -1),
    _amount("open_balance", "Sum of the open undisputed invoices.", "invoices"),
    _amount("overdue_balance", "Sum of the overdue undisputed invoices.", "invoices"),
    _amount("original_balance", "Sum of the original amounts of the open undisputed invoices.", "invoices"),
    _count("open_invoices", "Number of open undisputed invoices.", "invoices"),
    _count("overdue_invoices", "Number of overdue undisputed invoices.", "invoices"),
    _amount("largest_invoice", "Largest open amount of one undisputed invoice.", "invoices"),
    _amount("last_invoice", "Open amount of the undisputed invoice issued last.", "invoices"),
    # how it is paid
    _enum(
        "payment_method",
        "How the customer pays.",
        "card",
        "sepa_debit",
        "ach_debit",
        "bacs_debit",
        "bank_transfer",
        "wallet",
        "invoice",
    ),
    _enum("card_network", "The card's network."),
    _counter("failed_attempts", "Failed charges since the last that succeeded."),
    _text("decline_code", "The code of the last decline, as the processor wrote it."),
    _enum("decline_category", "What kind of decline it was.", "soft", "hard", "authentication", "account", "unknown"),
    _text("advice_code", "The network's advice with the decline."),
    _days("days_since_last_attempt", "Days since the last charge attempt.", 1),
    _days("card_expires_in_days", "Days until the card expires.", -1),
    # how to reach them
    _enum("preferred_channel", "The channel the customer prefers.", *CHANNELS),
    Fact(
        name="channels",
        type="set",
        values=tuple(CHANNELS),
        optional=True,
        about="The channels that are reachable and consented to; needed where a rule is a contact action.",
    ),
    _days("days_since_last_contact", "Days since the last contact on any channel.", 1, "history"),
    _count("contacts_last_7_days", "Contacts today and in the six days before.", "history"),
    _count("contacts_last_30_days", "Contacts today and in the twenty-nine days before.", "history"),
    Fact(
        name="last_rule", type="enum", optional=True, source="history", about="The rule executed last in this episode."
    ),
    _count("dunning_level", "The account's level on the ladder.", "history"),
    # what was agreed
    _days("promise_to_pay_in_days", "Days until the promised payment; -1 is one day late.", -1),
    _days("hold_days_left", "Days until a hold ends.", -1),
    _text("hold_reason", "Why the account is held."),
    _text("dispute_reason", "Why the debt is disputed."),
    _counter("broken_promises", "Promises to pay that were not kept."),
    _flag("payment_plan_active", "A payment plan is being kept."),
    _counter("payment_plan_missed", "Instalments of the plan that were missed."),
    # what forbids or softens dunning
    _flag("disputed", "The debt as a whole is disputed."),
    _flag("insolvent", "Insolvency proceedings are open."),
    _flag("deceased", "The debtor has died."),
    _flag("moratorium", "A court or statutory breathing space holds."),
    _flag("in_debt_counselling", "A debt counsellor acts for the debtor."),
    _flag("represented", "A lawyer or guardian acts for the debtor."),
    _flag("vulnerable", "The debtor is known to be vulnerable."),
    _flag("do_not_contact", "No contact on any channel."),
    _flag("ceased_communication", "The debtor has asked in writing that contact cease."),
    _flag("complaint_open", "A complaint is being handled."),
    _flag("fraud_suspected", "The debt may be another's doing."),
    _flag("legal_hold", "Legal has asked that nothing be done."),
    _flag("service_essential", "The service must not be cut off."),
    _flag("payment_in_flight", "A payment is on its way."),
    _flag("handed_over", "A collector or court has the claim."),
    # scores
    _score("risk_score", "Your score of the risk of default."),
    _score("propensity_to_pay", "Your score of the chance of payment."),
    _score("on_time_rate", "Share of invoices paid on time."),
    _enum("service_status", "What the service does now.", "active", "restricted", "suspended", "cancelled"),
)
STANDARD_FACTS: dict[str, Fact] = {fact.name: fact for fact in _FACTS}

ParameterType = Literal["words", "word", "text", "integer", "percent", "amount", "fee", "interest", "flag"]


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter of an action; ``values`` closes a word, ``least`` and ``most`` bound a number."""

    type: ParameterType
    about: str
    values: tuple[str, ...] | None = None
    least: int | None = None
    most: int | None = None


class ActionType(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of action; ``is_contact`` means that it needs a channel."""

    name: str
    about: str
    is_contact: bool = False
    parameters: dict[str, Parameter] = {}


_CONTACT: dict[str, Parameter] = {
    "template": Parameter(type="text", about="The template your sender renders."),
    "tone": Parameter(type="word", values=("friendly", "neutral", "firm", "final"), about="The tone of voice."),
    "language": Parameter(type="word", about="The language to write in; the customer's where left out."),
    "include": Parameter(
        type="words",
        values=("payment_link", "portal_link", "statement", "plan_offer"),
        about="What the message carries besides its text.",
    ),
}
_NOTICE: dict[str, Parameter] = {
    "pay_within_days": Parameter(
        type="integer", least=0, most=3650, about="Days the debtor has to pay; yields pay_by."
    ),
    "fee": Parameter(type="fee", about="The fee charged with this action, by name."),
    "interest": Parameter(type="interest", about="The interest claimed with this action, by name."),
    "announce_fee": Parameter(type="fee", about="The fee announced, not yet charged, by name."),
}
_ASSIGNED: dict[str, Parameter] = {
    "assign_to": Parameter(type="text", about="The team or person."),
    "script": Parameter(type="text", about="What to say or do."),
}


def _action(name: str, about: str, *parameters: dict[str, Parameter], is_contact: bool = False) -> ActionType:
    merged = {key: value for table in parameters for key, value in table.items()}
    return ActionType(name=name, about=about, is_contact=is_contact, parameters=merged)


_ACTIONS = (
    _action("send_reminder", "Remind the debtor.", _CONTACT, is_contact=True),
    _action("send_dunning_notice", "Demand payment.", _CONTACT, _NOTICE, is_contact=True),
    _action("request_payment_method", "Ask for another way to pay.", _CONTACT, is_contact=True),
    _action(
        "offer_payment_plan",
        "Offer to pay in parts.",
        _CONTACT,
        {
            "instalments": Parameter(type="integer", least=1, most=120, about="Number of instalments."),
            "every": Parameter(type="word", values=("week", "two_weeks", "month"), about="Time between instalments."),
            "down_payment_percent": Parameter(type="percent", about="Share to be paid at once."),
        },
        is_contact=True,
    ),
    _action(
        "offer_discount",
        "Offer to settle for less.",
        _CONTACT,
        {
            "percent": Parameter(type="percent", about="Share taken off."),
            "amount": Parameter(type="amount", about="Amount taken off."),
            "valid_days": Parameter(type="integer", least=0, most=3650, about="Days the offer stands."),
        },
        is_contact=True,
    ),
    _action(CALL, "Have a person call.", _CONTACT, _ASSIGNED, is_contact=True),
    _action(
        "retry_payment",
        "Charge the payment method again.",
        {"method": Parameter(type="word", about="The method to charge.")},
    ),
    _action("assign_task", "Give a person work to do.", _ASSIGNED),
    _action("notify_team", "Tell a team.", _ASSIGNED),
    _action(
        "charge_fee",
        "Charge a fee, or the one announced.",
        {"fee": Parameter(type="fee", about="A fee's name, or announced.")},
    ),
    _action(
        "restrict_service",
        "Leave the service usable in part.",
        {"to": Parameter(type="word", values=("read_only", "limited"), about="What is left.")},
    ),
    _action("suspend_service", "Switch the service off."),
    _action("restore_service", "Switch the service on again."),
    _action("block_changes", "Refuse changes to the plan."),
    _action("pause_billing", "Stop billing for a while."),
    _action("resume_billing", "Bill again."),
    _action("credit_hold", "Sell nothing more on credit."),
    _action(
        "cancel_subscription",
        "End the contract.",
        {"at": Parameter(type="word", values=("now", "end_of_term"), about="When it ends.")},
    ),
    _action(
        "hand_over",
        "Give the claim to others.",
        {"to": Parameter(type="word", values=("agency", "legal", "court"), about="Who gets it.")},
    ),
    _action("mark_uncollectible", "Expect no payment any more."),
    _action("write_off", "Take the claim off the books."),
    _action(
        "raise_event", "Publish an event to your systems.", {"name": Parameter(type="text", about="The event's name.")}
    ),
    _action("none", "Do nothing."),
)
ACTIONS: dict[str, ActionType] = {action.name: action for action in _ACTIONS}
