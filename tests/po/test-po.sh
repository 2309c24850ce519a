#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# test-po.sh SOURCE : checks that the catalogs have every message of the sources, translated, and
# nothing else. Prints TAP.
set -u
cd "$1" || exit 1
export LC_ALL=C.UTF-8
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

n=0
check() { # NAME COMMAND...
  local name=$1
  shift
  n=$((n + 1))
  if "$@" > "$temp/log" 2>&1; then echo "ok $n $name"; else sed 's/^/# /' "$temp/log"; echo "not ok $n $name"; fi
}
fails() { ! "$@"; }

# --- the sources ---

extract() { # Like `meson compile libkrsecret-pot`: the keywords are those of meson's preset "glib".
  xgettext --from-code=UTF-8 --add-comments --add-location=file --files-from="$1" --output="$2" --package-name=libkrsecret \
    --keyword=_ --keyword=N_ --keyword=C_:1c,2 --keyword=NC_:1c,2 --keyword=g_dcgettext:2 --keyword=g_dngettext:2,3 \
    --keyword=g_dpgettext2:2c,3 --flag=N_:1:pass-c-format --flag=C_:2:pass-c-format --flag=NC_:2:pass-c-format \
    --flag=g_dngettext:2:pass-c-format --flag=g_strdup_printf:1:c-format --flag=g_string_printf:2:c-format \
    --flag=g_string_append_printf:2:c-format --flag=g_error_new:3:c-format --flag=g_set_error:4:c-format
}

listed() { grep -v '^#' data/po/POTFILES.in | sort; }
speaking() { grep -rlE '(\<_|\<N_|\<C_|\<NC_|gettext) ?\(("|GETTEXT_PACKAGE, "|$)' common lib plugins tools/kr-secret-tool --include='*.[ch]' | sort; }
check 'POTFILES.in lists the sources that have messages, and no others' diff <(listed) <(speaking)

listed > "$temp/files"
check 'the messages can be extracted' extract "$temp/files" "$temp/all.pot"

# xgettext does not know G_GINT64_FORMAT: the message ends there in the catalog, and is never found.
cut_off() { msgattrib --no-wrap "$temp/all.pot" | grep -E '^msgid.*%"$'; }
check 'no message is cut off at a macro' fails cut_off
printf '%s\n' '#define F "li"' 'x = _("%" F " seconds");' > "$temp/macro.c"
echo "$temp/macro.c" > "$temp/macro.files"
extract "$temp/macro.files" "$temp/macro.pot"
check 'which would be noticed' grep -q '^msgid "%"$' "$temp/macro.pot"

# GLib's macros do not say where the catalog is.
check "the library translates with its own macros" fails grep -rl '^#include <glib/gi18n' common lib --include='kr-*'

# --- the catalogs ---

# Prints the errors in a catalog; nothing if it is complete.
faults() { # CATALOG TEMPLATE
  local merged=$temp/merged.po kind

  msgmerge --quiet --output-file="$merged" "$1" "$2" || echo 'it cannot be merged'
  for kind in untranslated only-fuzzy only-obsolete; do
    msgattrib --no-location --no-wrap "--$kind" "$merged" | grep -E '^(#~ )?msgid ".' | sed "s/^/$kind: /"
    # The catalog as it is: merging loses some of it.
    msgattrib --no-location --no-wrap "--$kind" "$1" | grep -E '^(#~ )?msgid ".' | sed "s/^/$kind: /"
  done | sort -u
}
complete() {
  faults "$1" "$2" > "$temp/faults"
  cat "$temp/faults"
  [[ ! -s $temp/faults ]]
}
says() { # WHAT CATALOG TEMPLATE
  faults "$2" "$3" | grep -F "$1"
}

while read -r language; do
  catalog=data/po/$language.po
  check "$language: formats and header are right" msgfmt --check --output-file=/dev/null "$catalog"
  check "$language: the header names the language" grep -q "^\"Language: $language\\\\n\"$" "$catalog"
  check "$language: nothing is missing, fuzzy or left over" complete "$catalog" "$temp/all.pot"

  # Each of these is done to a copy, and has to be found.
  printf '\nmsgid "a message of the sources that is new"\nmsgstr ""\n' | cat "$temp/all.pot" - > "$temp/more.pot"
  check "$language: a new message is noticed" says 'untranslated: msgid "a message of the sources that is new"' \
    "$catalog" "$temp/more.pot"
  printf '\nmsgid "a message that no source has"\nmsgstr "x"\n' | cat "$catalog" - > "$temp/left.po"
  check "$language: one that is left over is noticed" says 'only-obsolete: #~ msgid "a message that no source has"' \
    "$temp/left.po" "$temp/all.pot"
  sed 's/^msgid "the keyring is locked"$/#, fuzzy\n&/' "$catalog" > "$temp/fuzzy.po"
  check "$language: a fuzzy one is noticed" says 'only-fuzzy: msgid "the keyring is locked"' \
    "$temp/fuzzy.po" "$temp/all.pot"
done < <(grep -v '^#' data/po/LINGUAS)

# Traders' terms, each spelt in one way. 계좌 means an account number at the broker, which is never
# meant here.
check 'ko: appkey, token and the like are called as traders call them' \
  fails grep -nE '^(msgstr.*|)"[^"]*(접근 토큰|액세스 ?토큰|앱 키|앱 시크릿|시크릿 ?키|실전 투자|모의 투자|실거래|웹 소켓|증권 회사|계좌)' data/po/ko.po
echo "1..$n"
