#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# tools/with-keyring tests/upgrade/make.sh BUILD OUT [blank]: makes the kr-secret-tool of a build
# store accounts of each kind, and keeps the stored data and the tool's output in the folder OUT.
# README.md says more. All keys are the simulator's.

set -euo pipefail
build=$(realpath "$1") out=$2 blank=${3-}
export PATH=$build/tools/kr-secret-tool:$build/tools/simulator:$PATH
export KR_SECRET_PLUGIN_DIR=$build/plugins LC_ALL=C.UTF-8 TZ=UTC

# A keyring without a password, which the daemon keeps as plain text.
start_blank ()
{
  kill -KILL "$KR_TEST_KEYRING_PID"
  printf '[keyring]\ndisplay-name=Login\nctime=0\nmtime=0\nlock-on-idle=false\nlock-after=false\n' \
    > "$XDG_DATA_HOME/keyrings/login.keyring"
  until "$KR_TEST_KEYRING_DAEMON" --daemonize --components=secrets --control-directory="$XDG_RUNTIME_DIR/keyring" \
    && kr-secret-tool list; do sleep 0.1; done
}

[[ ! $blank ]] || start_blank
kr-secret-simulator --die-with-parent > "$TMPDIR/uris" &
until [[ $(wc -l < "$TMPDIR/uris") == 3 ]]; do sleep 0.1; done

uri ()
{
  sed -n "s/^$1 //p" "$TMPDIR/uris"
}

# ACCOUNT BROKER NUMBER-OF-KEY OPTION...
add ()
{
  kr-secret-simulator --keys "$2:$3" | kr-secret-tool add "$2" "$1" "${@:4}"
}

# BROKER PATH FAULT
fault ()
{
  curl -sf "$(uri "$1")/_simulator/faults" --json "{\"path\":\"$2\",\"fault\":\"$3\",\"times\":1}" > "$TMPDIR/null"
}

add '한국 실전' kis 0 --env real --endpoint "$(uri kis)"
kr-secret-tool token '한국 실전' --kind websocket > "$TMPDIR/null"
add 'kw (ISA) ½🙂' kiwoom 0 --env paper --endpoint "$(uri kiwoom)"
add untried ls 0 --env real --no-verify
add own-host kis 1 --env paper --no-verify

add rejected kiwoom 1 --env paper --endpoint "$(uri kiwoom)"
kr-secret-tool token rejected | tee "$TMPDIR/rejected" | kr-secret-tool reject rejected

add revoked ls 1 --env paper --endpoint "$(uri ls)"
kr-secret-tool token revoked > "$TMPDIR/revoked"
kr-secret-tool revoke revoked -y

# The broker's answer to the revoke is lost.
add pending ls 2 --env paper --endpoint "$(uri ls)"
fault ls /oauth2/revoke reset
kr-secret-tool revoke pending -y && exit 1

# So often that the key is not tried again.
printf '%s\n' appkey=not-a-key-of-the-simulator-0000000000 appsecret=nor-its-secret-000000000000000000000 \
  | kr-secret-tool add ls refused --env paper --endpoint "$(uri ls)" --no-verify
for _ in 1 2 3; do
  kr-secret-tool refresh refused --force && exit 1
done

mkdir -p "$out/ledger"
cp "$XDG_DATA_HOME/keyrings/login.keyring" "$out/"
cp "$XDG_STATE_HOME"/krsecret/* "$out/ledger/"
for dead in rejected revoked; do
  cp "$TMPDIR/$dead" "$out/token-$dead"
done
echo 'a passphrase of 0.1.0' | kr-secret-tool backup - > "$out/accounts.krsecret"

# A line with the arguments, separated by tabs, and one with the answer.
say ()
{
  (IFS=$'\t' && echo "$*")
  kr-secret-tool "$@"
}

{
  # The time, by the wall clock and by the boot-time clock.
  echo "$(date +%s) $(cut -d. -f1 /proc/uptime)"
  say list --json
  for alias in '한국 실전' 'kw (ISA) ½🙂' untried own-host rejected revoked pending refused; do
    say show --json "$alias"
    say credential "$alias"
  done
  say token --json --no-issue '한국 실전'
  say token --json --no-issue --kind websocket '한국 실전'
  say token --json --no-issue 'kw (ISA) ½🙂'
} > "$out/said"
