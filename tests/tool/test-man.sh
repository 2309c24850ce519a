#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# test-man.sh PAGE EXAMPLES README GOLDEN SYSTEM-UNIT USER-UNIT : compares the manual pages with the
# output of the tool itself, with the JSON in the folder GOLDEN, and with the installed units.
# Prints TAP.
set -u
page=$1 examples=$2 readme=$3 golden=$4 system_unit=$5 user_unit=$6
tool=$KR_TEST_TOOL

n=0
report() { # NAME COMPLAINTS : success if there are no complaints
  n=$((n + 1))
  if [[ $2 ]]; then
    while IFS= read -r line; do echo "# $line"; done <<< "$2"
    echo "not ok $n $1"
  else
    echo "ok $n $1"
  fi
}

# The lines that are in only one of two lists.
compare() { # NAME-OF-FIRST FIRST NAME-OF-SECOND SECOND
  comm -23 <(sort -u <<< "$2") <(sort -u <<< "$4") | sed '/^$/d; s/$/: only in '"$1/"
  comm -13 <(sort -u <<< "$2") <(sort -u <<< "$4") | sed '/^$/d; s/$/: only in '"$3/"
}

# The lines of the page, each preceded by its command: the one that begins the line, or the one of
# its entry. In the first part, about global options, that is "-".
lines_with_command() { # PAGE
  awk '/^\.It Xo$/ { head = 1; print "- " $0; next }
       head { entry = $2; head = 0 }
       /^\.El$/ && depth == 1 { entry = "" }
       /^\.Bl/ { depth++ } /^\.El/ { depth-- }
       { about = $1 == ".Ic" ? $2 : entry; print (about ? about : "-") " " $0 }' "$1"
}

long_options() { grep -oE -- '--[a-z][a-z-]*' || :; }

# The long names of options that help shows under a heading.
options_under() { # HEADING
  awk -v heading="$1" '/^[^ ]/ { on = $0 == heading } on && /^  +-/' | grep -oE -- '^ +(-[a-z], )?--[a-z-]*' | long_options
}

# has[COMMAND]: the command's own options, one per line; has[-]: those of all commands, for general
# text.
overview=$("$tool" help)
commands=$(awk '/^[^ ]/ { on = $0 == "Commands" } on && /^  / { print $1 }' <<< "$overview")
global=$(options_under Options <<< "$overview")
declare -A has=([-]=--version)
for command in $commands; do
  has[$command]=$("$tool" help "$command" | options_under Options)
  has[-]+=$'\n'${has[$command]}
done

is_option_of() { # COMMAND OPTION
  [[ $'\n'$global$'\n'${has[$1]}$'\n' == *$'\n'"$2"$'\n'* ]]
}

numbered=$(lines_with_command "$page")

entries=$(awk '/^\.It Xo$/ { head = 1; next } head { print $2; head = 0 }' "$page")
report 'the page has the commands of the tool' "$(compare 'the tool' "$commands" 'the page' "$entries")"

# "Fl -json" is --json.
defined_for() { # COMMAND
  sed -n "s/^$1 \.It Fl //p" <<< "$numbered" | grep -oE '(^| )-[a-z][a-z-]+' | sed 's/^ */-/'
}
complaints=$(for command in $commands; do
  compare 'the tool' "${has[$command]}" 'the page' "$(defined_for "$command")" | sed "s/^/$command /"
done)
report 'the page has the options of each command' "$complaints"

report 'the page has the global options' "$(compare 'the tool' "$global"$'\n--version' 'the page' "$(defined_for -)")"

# Including those in synopses and in running text.
mentioned=$(awk '$2 ~ /^\./ { for (i = 2; i < NF; i++) if ($i == "Fl" && $(i + 1) ~ /^-[a-z]/) print $1, "-" $(i + 1) }' \
  <<< "$numbered" | sort -u)
complaints=$(while read -r command option; do
  is_option_of "$command" "$option" || echo "$command $option"
done <<< "$mentioned")
report 'every option that the page names is there' "$complaints"

# A command and its options in the displays of the examples, up to where another program's options
# begin.
used=$(sed -n '/^\.Bd/,/^\.Ed/p' "$examples" | grep -oE '(^|[ (])kr-secret-tool [a-z][^|)#]*' | sed 's/^[ (]*//; s/ -- .*//')
complaints=$(while read -r _ command arguments; do
  [[ ${has[$command]+there} ]] || { echo "no command $command"; continue; }
  for option in $(long_options <<< "$arguments"); do
    is_option_of "$command" "$option" || echo "$command $option"
  done
done <<< "$used")
(($(wc -l <<< "$used") > 20)) || complaints+="only these uses of the tool were found: $used"
report 'the examples use commands and options that are there' "$complaints"

# There, 125 to 127 may be on one line.
in_page=$(sed -n '/^\.Sh EXIT STATUS/,/^\.El/s/^\.It \([0-9]*\)$/\1/p' "$page" | grep -vE '^12[567]$')
in_readme=$(sed -nE 's/^\| ([0-9]+) \|.*/\1/p' "$readme" | grep -vE '^12[567]$')
report 'the page has the exit statuses of the README' "$(compare 'the page' "$in_page" 'the README' "$in_readme")"

# The page's description of JSON: one line for each member (Va) and word (Cm), with the command
# whose entry it is in, or "-" for the general text before the entries.
in_json=$(sed -n '/^\.Sh JSON/,/^\.Sh ENV/p' "$page" | awk '
  /^\.Ss/ { general = !/Each command/ }
  /^\.It Cm/ && !general { delete about; for (i = 3; i <= NF; i++) if ($i != "Cm" && $i != ",") about[$i]; next }
  /^\./ {
    macro = ""
    for (i = 1; i <= NF; i++) {
      field = $i
      sub(/^\./, "", field)
      if (field ~ /^[A-Z][a-z]$/) { macro = field; continue }
      if (macro != "Va" && macro != "Cm" || field !~ /^[a-z]/) continue
      if (general) print "-", macro, field
      else for (command in about) print command, macro, field
    }
  }' | sort -u)
is_in_json() { # COMMAND MACRO NAME
  grep -qxF -e "$1 $2 $3" -e "- $2 $3" <<< "$in_json"
}

# NAME.json or NAME-SITUATION.json is output of the command NAME, with one line for each member or
# element.
complain_of_json() { # FILE
  local name=${1##*/} item keys='result|status|state|kind|event|environment|code|keyring|reissue|problem'
  local of=${name%.json}
  of=${of%%-*}
  [[ ${has[$of]+there} ]] || echo "no command $of: $name"
  while IFS= read -r item; do
    is_in_json "$of" Va "$item" || echo "no member $item of $of: $name"
  done < <(sed -nE 's/^ *"([^"]+)" : .*/\1/p' "$1" | sort -u)
  [[ $of != doctor ]] || keys+='|id'
  while IFS= read -r item; do
    is_in_json "$of" Cm "$item" || echo "no word $item of $of: $name"
  done < <(sed -nE "s/^ *\"($keys)\" : \"([^\"]+)\".*/\2/p" "$1" | sort -u)
}
complaints=$(for file in "$golden"/*.json; do complain_of_json "$file"; done)
[[ -e $golden/version.json ]] || complaints+="no JSON in $golden"
report 'the page names every member and every word of the JSON' "$complaints"

# The settings of a unit, one per line, without the tool's folder.
settings() { # UNIT
  sed -e ':again' -e '/\\$/ { N; s/ *\\\n */ /; b again' -e '}' "$1" |
    sed -E '/^#|^$|^Documentation=/d; s/= +/=/; s|[^ =]+/kr-secret-tool |kr-secret-tool |g'
}
# The display in the page that shows the unit with this setting.
unit_with() { # SETTING
  awk -v setting="$1" '/^\.Bd/ { unit = ""; on = 1; next }
       /^\.Ed/ { if (index(unit, "[Unit]") == 1 && index(unit, setting)) printf "%s", unit; on = 0 }
       on { gsub(/\\e/, "\\"); unit = unit $0 "\n" }' "$examples"
}
# The installed units have more settings, and no other values for these.
compare_unit() { # SHIPPED SETTING
  local ours
  ours=$(settings <(unit_with "$2"))
  (($(wc -l <<< "$ours") > 10)) || echo "no whole unit with $2 is in the page"
  comm -13 <(settings "$1" | sort -u) <(sort -u <<< "$ours") | sed 's/$/: only in the page/'
}
report 'the server unit of the examples is the installed one' "$(compare_unit "$system_unit" User=)"
report 'the desktop unit of the examples is the installed one' "$(compare_unit "$user_unit" graphical-session)"

# The commands to run first are in a comment there: one or more indented lines for each. Only the
# words count, not the line breaks.
words() { sed -E 's/\\e?$//' | tr -s ' \n' ' '; }
shown=$(sed -n '/^\.Bd/,/^\.Ed/p' "$examples" | sed 's/^# //' | words)
preparation=$(sed -n 's/^#   //p' "$system_unit" | sed -e ':again' -e '/\\$/ { N; s/\\\n */ /; b again' -e '}')
complaints=$(while IFS= read -r command; do
  [[ $shown == *" $(words <<< "$command")"* ]] || echo "not in the page: $command"
done <<< "$preparation")
(($(wc -l <<< "$preparation") > 3)) || complaints+="only this was found: $preparation"
report 'the examples prepare the server as the installed unit says' "$complaints"

report 'the version is in both pages' "$(grep -L "version $("$tool" version | sed 's/.* //')\\." "$page" "$examples")"

# Other manuals on the machine do not matter here.
if command -v mandoc > /dev/null; then
  for file in "$page" "$examples"; do
    report "mandoc finds nothing wrong with ${file##*/}" \
      "$(mandoc -T lint "$file" 2> /dev/null | grep -v 'STYLE: referenced manual not found')"
  done
else
  n=$((n + 1))
  echo "ok $n # SKIP mandoc is not installed"
fi
echo "1..$n"
