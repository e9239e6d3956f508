"""What is kept at hand."""

from api.recent import Recent


def test_what_was_asked_for_longest_ago_gives_way() -> None:
    """Beyond the limit the value not asked for since longest is let go of, once; asking keeps one."""
    gone: list[str] = []
    recent: Recent[int, str] = Recent(2, gone.append)
    assert recent.keep(1, "one") == "one"
    recent.keep(2, "two")
    assert recent.find(1) == "one"
    recent.keep(3, "three")
    assert (gone, recent.find(2), recent.find(1), recent.find(3)) == (["two"], None, "one", "three")


def test_who_needs_more_at_once_gets_room() -> None:
    """With room for three a limit of one does not push out what was taken a moment ago; the next keeping does."""
    gone: list[str] = []
    recent: Recent[int, str] = Recent(1, gone.append)
    for number in range(3):
        recent.keep(number, str(number), room=3)
    assert gone == []
    recent.keep(3, "3")
    assert gone == ["0", "1", "2"]
    recent.clear()
    assert (gone[-1], recent.find(3)) == ("3", None)
