#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# test-errors.sh LIB : checks that public functions refuse an error that is already set. Prints TAP.
set -eu
cd "$1"

public() {
  cat ./*.h | tr '\n' ' ' | grep -oE 'kr_secret_[a-z0-9_]+ \([^;{}]*GError \*\*error[^;{}]*\);' |
    cut -d' ' -f1 | sort -u
}
checked() {
  awk '/^kr_secret_[a-z0-9_]+ \(/ { name = $1 }
       /^}/ { name = "" }
       /_if_fail \(error == NULL \|\| \*error == NULL[,)]/ && name != "" { print name }' ./*/*.c |
    sort -u
}

echo 1..2
if [ "$(public | wc -l)" -ge 40 ]; then echo 'ok 1 the headers were understood'
else echo 'not ok 1 the headers were understood'; fi
missing=$(comm -23 <(public) <(checked))
if [ -z "$missing" ]; then echo "ok 2 each checks that no error is set"
else
  echo "not ok 2 each checks that no error is set"
  echo "# not checked by: ${missing//$'\n'/ }"
fi
