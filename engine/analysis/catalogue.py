"""All checks, in the order in which their findings at one place are told."""

from types import ModuleType

from engine.analysis.checks import (
    after_never_met,
    always_holds,
    class_never_counts,
    coverage_overlap,
    duplicate_rule,
    effective_hole,
    effective_overlap,
    follow_up_lost,
    gap,
    guarantee_idle,
    guarantee_refuted,
    guarantee_unproved,
    interest_ends,
    ladder_hole,
    ladder_stuck,
    level_overtaken,
    level_unreachable,
    never_holds,
    never_wins,
    no_channel,
    not_finished,
    only_after_others,
    only_when_missing,
    overlap,
    silence_unexplained,
    silence_unused,
    unknown_country,
    unused_condition,
    unused_fact,
    unused_shared_fact,
    weekend_skips,
)
from engine.analysis.finding import Check, FolderCheck, Note

_OF_RULESETS = (
    never_holds,
    always_holds,
    unknown_country,
    never_wins,
    no_channel,
    after_never_met,
    level_unreachable,
    only_when_missing,
    only_after_others,
    follow_up_lost,
    duplicate_rule,
    overlap,
    gap,
    ladder_hole,
    ladder_stuck,
    level_overtaken,
    weekend_skips,
    interest_ends,
    unused_fact,
    unused_condition,
)
_OF_FOLDERS = (coverage_overlap, effective_overlap, effective_hole, unused_shared_fact, class_never_counts)
_OF_GUARANTEES = (guarantee_refuted, guarantee_unproved, guarantee_idle)
_OF_THE_ANALYSIS = (not_finished, silence_unexplained, silence_unused)

CHECKS: tuple[Check, ...] = tuple(module.CHECK for module in _OF_RULESETS)
FOLDER_CHECKS: tuple[FolderCheck, ...] = tuple(module.CHECK for module in _OF_FOLDERS)
NOTES: tuple[Note, ...] = tuple(module.NOTE for module in (*_OF_GUARANTEES, *_OF_THE_ANALYSIS))
TITLES: dict[str, str] = {
    **{check.code: check.title for check in CHECKS},
    **{check.code: check.title for check in FOLDER_CHECKS},
    **{note.code: note.title for note in NOTES},
}
PAGES: dict[str, ModuleType] = {
    **{module.CHECK.code: module for module in (*_OF_RULESETS, *_OF_FOLDERS)},
    **{module.NOTE.code: module for module in (*_OF_GUARANTEES, *_OF_THE_ANALYSIS)},
}
