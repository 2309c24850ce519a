#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# test-units.sh TOOL SYSTEM-UNIT USER-UNIT : has systemd read the example units as if the tool were
# installed. Prints TAP.
set -u
tool=$(realpath "$1")
if ! command -v systemd-analyze > /dev/null; then
  echo '1..0 # SKIP systemd-analyze is not installed'
  exit
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export XDG_RUNTIME_DIR=$folder

verify() { # NUMBER KIND UNIT
  local unit=$folder/trading-bot.service

  # Whether the program is there is asked too.
  sed -E "s|[^ =]+/kr-secret-tool |$tool |" "$3" > "$unit"
  # It has nothing to say about a unit that is right.
  if systemd-analyze "--$2" --man=no verify "$unit" > "$folder/log" 2>&1 && [[ ! -s $folder/log ]]; then
    echo "ok $1 the $2 unit is a unit"
  else
    sed 's/^/# /' "$folder/log"
    echo "not ok $1 the $2 unit is a unit"
  fi
}
verify 1 system "$2"
verify 2 user "$3"

# The one that is documented is the one that is asked for.
if grep -q '^LoadCredentialEncrypted=keyring-passphrase:' "$2" && grep -q -- '--credential keyring-passphrase' "$2"; then
  echo 'ok 3 the passphrase has one name'
else
  echo 'not ok 3 the passphrase has one name'
fi
echo '1..3'
