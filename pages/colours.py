"""The colours of actions, the same in every picture, and how a picture follows a dark page."""

MESSAGE, CALL, PAYMENT, FEE, SERVICE, END, WORK = "message", "call", "payment", "fee", "service", "end", "work"
NAMES = {
    MESSAGE: "message",
    CALL: "call",
    PAYMENT: "payment attempt",
    FEE: "fee",
    SERVICE: "service",
    END: "end of the ladder",
    WORK: "work, events",
}
_LIGHT = {
    MESSAGE: "#2563eb",
    CALL: "#0d9488",
    PAYMENT: "#7c3aed",
    FEE: "#b45309",
    SERVICE: "#dc2626",
    END: "#7f1d1d",
    WORK: "#64748b",
}
_DARK = {
    MESSAGE: "#60a5fa",
    CALL: "#2dd4bf",
    PAYMENT: "#a78bfa",
    FEE: "#fbbf24",
    SERVICE: "#f87171",
    END: "#fca5a5",
    WORK: "#94a3b8",
}
_FAMILIES = {
    "send_reminder": MESSAGE,
    "send_dunning_notice": MESSAGE,
    "request_payment_method": MESSAGE,
    "offer_payment_plan": MESSAGE,
    "offer_discount": MESSAGE,
    "place_call": CALL,
    "retry_payment": PAYMENT,
    "charge_fee": FEE,
    "restrict_service": SERVICE,
    "suspend_service": SERVICE,
    "restore_service": SERVICE,
    "block_changes": SERVICE,
    "credit_hold": SERVICE,
    "cancel_subscription": END,
    "hand_over": END,
    "mark_uncollectible": END,
    "write_off": END,
}
_INK = {"ink": "#0f172a", "quiet": "#475569", "faint": "#e2e8f0", "ground": "#ffffff", "on": "#ffffff"}
_DARK_INK = {"ink": "#e2e8f0", "quiet": "#a3b1c6", "faint": "#334155", "ground": "#0f172a", "on": "#0f172a"}
_FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"


def family_of(action: str) -> str:
    """Return which kind of thing an action is."""
    return _FAMILIES.get(action, WORK)


def svg_style() -> str:
    """Return the style of a picture that stands by itself, in the light and in the dark."""
    shapes = "".join(f".{name}{{fill:var(--{name});stroke:var(--{name})}}" for name in _LIGHT)
    return (
        f"svg{{{_variables(_LIGHT | _INK)}}}"
        f"@media(prefers-color-scheme:dark){{svg{{{_variables(_DARK | _DARK_INK)}}}}}"
        f"text{{font-family:{_FONT};fill:var(--ink);stroke:none}}{shapes}"
        ".h{font-size:19px;font-weight:650}.b{font-size:13.5px;font-weight:600}.s{font-size:13px;fill:var(--quiet)}"
        ".t{font-size:12px;fill:var(--quiet)}.n{font-size:11.5px;font-weight:700;fill:var(--on)}"
        ".grid{stroke:var(--faint)}.zero{stroke:var(--quiet)}.ground{fill:var(--ground)}"
    )


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{colour};" for name, colour in colours.items())
