"""JSON merge patch."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.merging import merge_patch


@pytest.mark.parametrize(
    ("document", "patch", "merged"),
    [  # the examples of RFC 7396, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_the_rfcs_examples_hold(document: Any, patch: Any, merged: Any) -> None:
    """Each example of the RFC gives the RFC's answer."""
    assert json.loads(merge_patch(json.dumps(document).encode(), json.dumps(patch).encode())) == merged


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_merging_agrees_with_the_rfcs_own_program(document: Any, patch: Any) -> None:
    """The merge is that of the pseudocode in the RFC."""

    def merge(target: Any, change: Any) -> Any:
        if not isinstance(change, dict):
            return change
        result = dict(target) if isinstance(target, dict) else {}
        for key, value in change.items():
            if value is None:
                result.pop(key, None)
            else:
                result[key] = merge(result.get(key), value)
        return result

    merged = merge_patch(json.dumps(document).encode(), json.dumps(patch).encode())
    assert json.loads(merged) == merge(document, patch)


def test_digits_that_are_not_touched_stay_as_written() -> None:
    """An amount keeps its written digits, in the document and in the patch."""
    merged = merge_patch(b'{"open": 10.10, "id": "A"}', b'{"invoices": [{"open": 0.300}]}')
    assert b'"open":10.10' in merged
    assert b'{"open": 0.300}' in merged


def test_a_patch_that_is_not_json_is_refused() -> None:
    """A broken patch raises a decoding error."""
    with pytest.raises(msgspec.DecodeError):
        merge_patch(b"{}", b'{"a": }')
