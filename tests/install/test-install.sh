#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# test-install.sh BUILD SOURCE : installs into a temporary folder, and uses the result like the
# author of an application and of a plugin. Prints TAP.
set -u
build=$1 source=$2
staged=$(mktemp -d)
trap 'rm -rf "$staged"' EXIT

n=0
check() { # NAME COMMAND...
  local name=$1
  shift
  n=$((n + 1))
  if "$@" > "$staged/log" 2>&1; then echo "ok $n $name"; else sed 's/^/# /' "$staged/log"; echo "not ok $n $name"; fi
}

# If a test runs by itself, the newest files may not be built yet; building is the caller's job.
check 'meson install works' meson install -C "$build" --no-rebuild --destdir "$staged/root"

pc=$(find "$staged/root" -name krsecret-1.pc)
export PKG_CONFIG_PATH=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$staged/root
export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1
flags() { # The staged paths have the sysroot in front once; the system's paths must not have it.
  pkg-config "$@" krsecret-1 | tr ' ' '\n' | awk -v root="$staged/root" '
    index ($0, root) { path = substr ($0, index ($0, root) + length (root)); option = substr ($0, 1, 2)
                       print (system ("test -e " root path) == 0) ? option root path : option path; next } { print }'
}

plugindir=$(PKG_CONFIG_SYSROOT_DIR='' pkg-config --variable=plugindir krsecret-1)
check 'pkg-config names the folder of the plugins' test -e "$staged/root$plugindir/kis.so"
for file in bin/kr-secret-tool bin/kr-secret-simulator libexec/krsecret-1/kr-secret-helper include/krsecret-1/krsecret.h \
  include/krsecret-1/krsecret-plugin.h share/man/man1/kr-secret-tool.1 share/man/man7/kr-secret-tool-examples.7 \
  share/bash-completion/completions/kr-secret-tool share/zsh/site-functions/_kr-secret-tool \
  share/fish/vendor_completions.d/kr-secret-tool.fish share/locale/ko/LC_MESSAGES/libkrsecret.mo; do
  check "$file is installed" sh -c "find '$staged/root' -path '*/$file' | grep -q ."
done
check 'no private header is installed' sh -c "! find '$staged/root' -name '*-private.h' | grep -q ."

# shellcheck disable=SC2016  # backticks of the text, not of the shell
sed -n '/^```c$/,/^```$/p' "$source/README.md" | sed '1d;$d' > "$staged/app.c"
# shellcheck disable=SC2046  # words of a command line
check "the README's example compiles" cc -Wall -Werror -o "$staged/app" "$staged/app.c" $(flags --cflags --libs)

cat > "$staged/other.c" << 'END'
#include <krsecret-plugin.h>

KR_SECRET_PLUGIN_DEFINE (other) = { .abi = KR_SECRET_PLUGIN_ABI, .size = sizeof (KrSecretPlugin), .id = "other" };
END
# shellcheck disable=SC2046
check 'a plugin compiles from the installed header alone' \
  cc -Wall -Werror -shared -fPIC -o "$staged/other.so" "$staged/other.c" $(flags --cflags)
echo "1..$n"
