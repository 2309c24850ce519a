#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# compare.sh BUILD OTHER...: runs the benchmarks of BUILD with its own tool and library, and with those
# of other builds, such as that of an earlier version. They run in turns, twice.
set -eu

top=$(cd "${0%/*}/../.." && pwd)
build=$(cd "$1" && pwd)
export KR_TEST_SIMULATOR=$build/tools/simulator/kr-secret-simulator
export LC_ALL=C.UTF-8 GIO_USE_PROXY_RESOLVER=dummy
for program in bench-tool lifecycle; do
  for _ in 1 2; do
    for other; do
      other=$(cd "$other" && pwd)
      echo "== $program, with $other"
      KR_TEST_TOOL=$other/tools/kr-secret-tool/kr-secret-tool KR_SECRET_PLUGIN_DIR=$other/plugins \
        KR_TEST_LIBRARY=$other/lib/libkrsecret-1.so.0 LD_LIBRARY_PATH=$other/lib \
        "$top/tools/with-keyring" "$build/tests/bench/$program" || : # a limit was missed: go on
    done
  done
done
