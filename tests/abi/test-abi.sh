#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# test-abi.sh LIBRARY MAP PLUGIN... : checks what the built objects export. Prints TAP.
set -eu
library=$1 map=$2
shift 2

n=0
check() { # NAME STATUS
  n=$((n + 1))
  if [ "$2" -eq 0 ]; then echo "ok $n $1"; else echo "not ok $n $1"; fi
}

exported() { nm -D --defined-only "$1" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort; }
listed() { grep -oE '^ +kr_secret_[a-z0-9_]+;' "$map" | tr -d ' ;' | sort; }
needed() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }

status=0
diff <(listed) <(exported "$library" | grep -v '^__') | sed 's/^/# /' || :
[ "$(listed)" = "$(exported "$library" | grep -v '^__')" ] || status=1
check 'the library exports what krsecret.map lists' $status

# Everything that loading the library brings into a process, including indirect dependencies.
closure=$(ldd "$library")
status=0
for unwanted in libsoup libcurl libgtk; do
  if grep -q "$unwanted" <<<"$closure"; then echo "# $unwanted"; status=1; fi
done
check 'the link closure has no HTTP library' $status

status=0
needed "$library" | grep -Eq 'soup|gnutls|ssl' && status=1
check 'the dynamic section has no HTTP library' $status

for plugin; do
  id=$(basename "$plugin" .so)
  status=0
  [ "$(exported "$plugin" | grep -v '^__')" = "kr_secret_plugin_$id" ] || status=1
  check "the plugin $id exports its one symbol" $status
  status=0
  needed "$plugin" | grep -Eq 'soup|secret-1\.so|gio' && { needed "$plugin" | sed 's/^/# /'; }
  readelf -d "$plugin" | grep -Eq 'BIND_NOW|FLAGS.*NOW' || status=1
  check "the plugin $id is bound when it is loaded" $status
done
echo "1..$n"
