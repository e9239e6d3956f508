#!/usr/bin/env bash
# Compare RULESETS with what they were at BASE; say so in the summary of the job and, where COMMENT is true, in one
# comment on pull request NUMBER of REPOSITORY, which is written anew each time, also where a ruleset is invalid.
set -euo pipefail

said="${RUNNER_TEMP:-/tmp}/dunning-diff.md"
if ! git cat-file -e "$BASE:$RULESETS" 2>/dev/null; then
    printf 'There is no %s at %s: nothing to compare with.\n' "$RULESETS" "$BASE"
    exit 0
fi
status=0
dunning diff "$BASE:$RULESETS" "$RULESETS" --format markdown >"$said" || status=$?
if [[ ! -s $said ]]; then
    exit "$status"
fi
if [[ -n ${GITHUB_STEP_SUMMARY:-} ]]; then
    cat "$said" >>"$GITHUB_STEP_SUMMARY"
fi
if [[ ${COMMENT:-true} != true || -z ${NUMBER:-} ]]; then
    exit "$status"
fi
comments="repos/$REPOSITORY/issues/$NUMBER/comments"
ours='.[] | select(.body | startswith("<!-- dunning diff -->")) | .id'
earlier="$(gh api --paginate "$comments" --jq "$ours" | head -n 1)"
denied="::notice::No right to comment (a fork's token may only read); the summary of the job says what changes."
if [[ -n $earlier ]]; then
    gh api --silent --method PATCH "repos/$REPOSITORY/issues/comments/$earlier" --field "body=@$said" || echo "$denied"
else
    gh api --silent --method POST "$comments" --field "body=@$said" || echo "$denied"
fi
exit "$status"
