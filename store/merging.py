"""JSON merge patch (RFC 7396) that leaves the text of what it does not touch, so that no digit is lost."""

import msgspec

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


def merge_patch(document: bytes, patch: bytes) -> bytes:
    """Apply a patch: null takes a key away, objects merge, everything else replaces; raises msgspec.DecodeError."""
    if not _is_object(patch):
        return patch
    merged = _OBJECT.decode(document) if _is_object(document) else {}
    for key, value in _OBJECT.decode(patch).items():
        change = bytes(value)
        if change.strip() == b"null":
            merged.pop(key, None)
        else:
            merged[key] = msgspec.Raw(merge_patch(bytes(merged.get(key, b"{}")), change))
    return msgspec.json.encode(merged)


def _is_object(text: bytes) -> bool:
    return text.lstrip()[:1] == b"{"
