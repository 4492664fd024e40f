#!/bin/sh
# What the action runs: record, attest, and say what came of it. Secrets go into files that only this user can read, and are removed.
# Exit codes are those of `ledger`: 0 holds, 1 does not hold, 2 usage, 3 could not tell.
set -eu

: "${INPUT_LEDGER:?the folder of the ledger is needed}"
: "${INPUT_RELEASE:?the release is needed}"
out=${INPUT_OUT:-release.attestation.json}
export OPENNESS_LEDGER_DIR="$INPUT_LEDGER"

private=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/openness-ledger.XXXXXX")
trap 'rm -rf "$private"' EXIT
trap 'exit 130' INT TERM
umask 077
if [ -n "${INPUT_KEY:-}" ]; then
  printf '%s\n' "$INPUT_KEY" > "$private/key.pem"
  export OPENNESS_LEDGER_KEY="$private/key.pem"
fi
if [ -n "${INPUT_PASSPHRASE:-}" ]; then
  printf '%s\n' "$INPUT_PASSPHRASE" > "$private/passphrase"
  export OPENNESS_LEDGER_PASSPHRASE_FILE="$private/passphrase"
fi
unset INPUT_KEY INPUT_PASSPHRASE
umask 022

if [ -n "${INPUT_PIPELINE:-}" ]; then
  ledger record --file "$INPUT_PIPELINE" --quiet
fi

set -- "$INPUT_RELEASE" --out "$out"
for profile in ${INPUT_PROFILES:-}; do
  set -- "$@" --profile "$profile"
done
[ -z "${INPUT_POLICY:-}" ] || set -- "$@" --policy "$INPUT_POLICY"
[ -z "${INPUT_FAIL_ON:-}" ] || set -- "$@" --fail-on "$INPUT_FAIL_ON"
rm -f "$out"
code=0
ledger attest "$@" || code=$?

case $code in
  0) outcome=pass ;;
  1) outcome=fail ;;
  3) outcome=unknown ;;
  *) exit "$code" ;;
esac
# Exit code 1 may also mean that nothing was attested at all.
[ -f "$out" ] || exit "$code"
sha256=$(python3 -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$out")
if [ -n "${GITHUB_OUTPUT:-}" ]; then
  printf 'bundle=%s\nsha256=%s\noutcome=%s\n' "$out" "$sha256" "$outcome" >> "$GITHUB_OUTPUT"
fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  ledger export openness-report "$INPUT_RELEASE" --out "$private/report.md" > /dev/null
  cat "$private/report.md" >> "$GITHUB_STEP_SUMMARY"
fi
exit "$code"
