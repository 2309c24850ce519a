#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# test-loaded.sh TOOL LIBRARY: checks that the tool loads the library, and otherwise only what
# libsecret loads. Prints TAP.
set -eu
tool=$1 library=$2

names() { ldd "$1" | awk '$2 == "=>" { print $1 }' | sort; }

libsecret=$(ldd "$library" | awk '$1 ~ /^libsecret-/ { print $3 }')
echo 1..1
if more=$(comm -23 <(names "$tool") <(names "$libsecret") | grep -vE '^lib(kr)?secret-1\.so'); then
  echo "not ok 1 the tool loads little"
  echo "# $more"
else
  echo "ok 1 the tool loads little"
fi
