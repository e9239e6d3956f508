"""The JSON Schema of calendars."""

from engine.loading.schematerms import HOURS, JsonSchema, described, listing, mapping, one_word_of, text, whole
from engine.model.calendar import LAST_BUSINESS_DAY, WEEKDAYS
from engine.model.vocabulary import CHANNELS


def calendar_schema() -> JsonSchema:
    """A ruleset's calendar (language.md 6.4 and 6.5)."""
    weekdays: JsonSchema = {
        "type": "array",
        "items": one_word_of(WEEKDAYS),
        "uniqueItems": True,
        "errorMessage": "Write a list of weekdays: [saturday, sunday].",
    }
    delivery = mapping(
        {
            "days": described(whole(0, 365), "Days until it arrives.", 2),
            "not_counting": described(weekdays, "Weekdays that do not count; holidays never do.", ["sunday", "monday"]),
        },
        required=("days",),
    )
    hours: JsonSchema = {"type": "string", "pattern": HOURS, "errorMessage": 'Write hours such as "08:00-20:00".'}
    payday: JsonSchema = {
        "anyOf": [whole(1, 31), one_word_of((LAST_BUSINESS_DAY, *WEEKDAYS))],
        "errorMessage": "Write the number of a day, last_business_day or a weekday.",
    }
    by_channel: JsonSchema = {"default": described(hours, "Every channel not listed.", "08:00-20:00")}
    by_channel |= {name: described(hours, about) for name, about in CHANNELS.items()}
    return mapping(
        {
            "country": described(text(16), "The country of the `holidays` package.", "NL"),
            "subdivision": described(text(16), "A state or province of it.", "BY"),
            "categories": described(
                listing(text(64)), "The categories of holidays; public if left out.", ["public", "optional"]
            ),
            "weekend": described(weekdays, "No contact on these days, nor on holidays.", ["sunday"]),
            "deadline_weekend": described(weekdays, "A deadline does not end on these days.", ["saturday", "sunday"]),
            "delivery": described(
                mapping({name: described(delivery, about) for name, about in CHANNELS.items()}),
                "How long a channel takes to arrive.",
                {"letter": {"days": 2}},
            ),
            "hours": described(
                mapping(by_channel), "Contact hours by channel, local time.", {"default": "08:00-20:00"}
            ),
            "bank": described(text(16), "The bank calendar of retry_payment.", "XECB"),
            "paydays": described(
                {**listing(payday), "errorMessage": "Write a list: [25], [last_business_day] or [friday]."},
                "Days on which wages are paid.",
                [25],
            ),
            "payday_moves": described(
                one_word_of(("after", "before")), "Where a payday that is no business day moves to.", "before"
            ),
        }
    )
