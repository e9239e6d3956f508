"""Named conditions that are defined by themselves."""

from collections.abc import Iterator, Mapping

from engine.model.condition import AllOf, AnyOf, Condition, IsNamed, NoneOf


def find_cycles(conditions: Mapping[str, Condition]) -> list[tuple[str, ...]]:
    """Return the circles of definitions, each beginning and ending with the same name."""
    left = {
        name: dict.fromkeys(used for used in _names_in(each) if used in conditions) for name, each in conditions.items()
    }
    users: dict[str, list[str]] = {name: [] for name in left}
    for name, names in left.items():
        for used in names:
            users[used].append(name)
    _take_away([name for name, names in left.items() if not names], left, users)
    cycles: list[tuple[str, ...]] = []
    path: list[str] = []
    while left:
        # Whatever is left uses something that is left, so a walk along the uses comes round in the end.
        path = [name for name in path if name in left] or [next(iter(left))]
        places = {name: place for place, name in enumerate(path)}
        while (following := next(iter(left[path[-1]]))) not in places:
            places[following] = len(path)
            path.append(following)
        cycle = path[places[following] :]
        cycles.append((*cycle, following))
        _take_away(cycle, left, users)
    return cycles


def _names_in(condition: Condition) -> Iterator[str]:
    if isinstance(condition, AllOf | AnyOf | NoneOf):
        for part in condition.conditions:
            yield from _names_in(part)
    elif isinstance(condition, IsNamed):
        yield condition.name


def _take_away(names: list[str], left: dict[str, dict[str, None]], users: Mapping[str, list[str]]) -> None:
    """Take names away, and then all that used nothing else."""
    free = list(names)
    while free:
        done = free.pop()
        if left.pop(done, None) is None:
            continue
        for user in users[done]:
            if user in left:
                left[user].pop(done, None)
                if not left[user]:
                    free.append(user)
