#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# test-units.sh TOOL SYSTEM-UNIT USER-UNIT : reads the example units as if the tool were installed,
# and lets systemd read them. Prints TAP.
set -u
tool=$(realpath "$1")
system=$2
user=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export XDG_RUNTIME_DIR=$folder
count=0

result() { # STATUS TEXT
  count=$((count + 1))
  if (($1 == 0)); then echo "ok $count $2"; else echo "not ok $count $2"; fi
}

verify() { # KIND UNIT
  local unit=$folder/trading-bot.service

  if ! command -v systemd-analyze > /dev/null; then
    result 0 "systemd takes the $1 unit # SKIP systemd-analyze is not installed"
    return
  fi
  # systemd also checks that the program exists.
  sed -E "s|[^ =]+/kr-secret-tool |$tool |" "$2" > "$unit"
  # It prints nothing about a correct unit.
  systemd-analyze "--$1" --man=no verify "$unit" > "$folder/log" 2>&1 && [[ ! -s $folder/log ]]
  local status=$?
  sed 's/^/# /' "$folder/log"
  result "$status" "systemd takes the $1 unit"
}

# Fills the array has: SECTION.NAME -> value. A line that ends in a backslash continues in the next;
# a repeated name adds to its value.
declare -A has
read_unit() { # UNIT
  local line='' more section=''

  has=()
  while IFS= read -r more; do
    line+=$more
    case $line in
      '' | '#'* | ';'*) ;;
      *\\) line=${line%\\} && continue ;;
      '['*']') section=${line:1:-1} ;;
      *=*)
        local name=$section.${line%%=*} value=${line#*=}
        has[$name]="${has[$name]+${has[$name]} }$value"
        ;;
      *)
        echo "# not understood: $line"
        return 1
        ;;
    esac
    line=
  done < "$1"
}

is() { # NAME VALUE
  [[ ${has[$1]-'nothing'} == "$2" ]] && return
  echo "# $1 is '${has[$1]-}', not '$2'"
  return 1
}

# A word of a value that is a list.
lists() { # NAME WORD
  [[ " ${has[$1]-} " == *" $2 "* ]] && return
  echo "# $1 does not list '$2': '${has[$1]-}'"
  return 1
}

# The commands to type first are in the comments, where a command continues after a backslash.
comments() { # UNIT
  sed -n 's/^# \{0,1\}//p' "$1" | sed -e ':a' -e '/\\$/{N;s/\\\n */ /;ba' -e '}'
}

has_nothing() { # PREFIX...
  local prefix name

  for prefix; do
    for name in "${!has[@]}"; do
      [[ $name != "$prefix"* ]] || { echo "# $name is there" && return 1; }
    done
  done
}

# The command line of the unit without the folder of the tool, split into words.
words() {
  local word
  local -a all

  read -ra all <<< "${has[Service.ExecStart]-}"
  for word in "${all[@]}"; do
    [[ $word == */kr-secret-tool ]] && word=kr-secret-tool
    printf '%s\n' "$word"
  done
}

# A session with a passphrase that the unit loads, and exec in it.
check_command() {
  local -a word

  mapfile -t word < <(words)
  [[ ${#word[@]} == 10 && ${word[*]:0:3} == 'kr-secret-tool session --credential'
    && ${word[*]:4:3} == '-- kr-secret-tool exec' && ${word[8]} == -- && ${word[9]} == /* ]] \
    || { echo "# ${word[*]}" && return 1; }
  credential=${word[3]}
  alias=${word[7]}
}

# The passphrase has the same name everywhere: where it is made, in the file's name, where it is
# loaded and used.
check_credential() {
  local file=${has[Service.LoadCredentialEncrypted]#*:}

  is Service.LoadCredentialEncrypted "$credential:$file" \
    && [[ $file == "/etc/credstore.encrypted/$credential" ]] \
    && comments "$system" | grep -qE -- "systemd-creds encrypt --name=$credential - +$file\$"
}

# The keyring made by hand is the one that the service opens: of the same user and HOME.
check_home() {
  local name=${has[Service.User]-} home

  home=/var/lib/${has[Service.StateDirectory]-}
  lists Service.Environment "HOME=$home" \
    && is Service.StateDirectoryMode 0700 \
    && comments "$system" | grep -qE "^ *useradd .*--home-dir $home --create-home $name\$" \
    && comments "$system" | grep -qE \
      "sudo -u $name env HOME=$home +kr-secret-tool session -- kr-secret-tool add [a-z]+ $alias --env"
}

# A private place for sockets, outside a private /tmp.
check_runtime() {
  lists Service.Environment "XDG_RUNTIME_DIR=/run/${has[Service.RuntimeDirectory]-}" \
    && is Service.RuntimeDirectoryMode 0700
}

# systemd waits for the bot to end while the keyring is open, and restarts it after the keyring was
# gone.
check_end() {
  is Service.KillMode mixed && is Service.Restart on-failure && is Service.Type exec \
    && has_nothing Service.SuccessExitStatus Service.RestartPreventExitStatus
}

# No rights; but sockets for the bus and the broker, and a network.
check_confinement() {
  is Service.NoNewPrivileges yes && is Service.CapabilityBoundingSet '' \
    && is Service.ProtectSystem strict && is Service.ProtectHome yes && is Service.PrivateTmp yes \
    && is Service.UMask 0077 && lists Service.RestrictAddressFamilies AF_UNIX \
    && lists Service.RestrictAddressFamilies AF_INET && lists Service.RestrictAddressFamilies AF_INET6 \
    && has_nothing Service.PrivateNetwork Service.AmbientCapabilities Service.PassEnvironment
}

# The desktop's keyring, which starts and ends with it.
check_user_command() {
  local -a word

  mapfile -t word < <(words)
  [[ ${#word[@]} == 5 && ${word[*]:0:2} == 'kr-secret-tool exec' && ${word[3]} == -- \
    && ${word[4]} == %h/* ]] || { echo "# ${word[*]}" && return 1; }
}

check_user_place() {
  is Unit.PartOf graphical-session.target && is Unit.After graphical-session.target \
    && is Install.WantedBy graphical-session.target && is Service.NoNewPrivileges yes \
    && is Service.Restart on-failure \
    && has_nothing Service.User Service.LoadCredential Service.Environment
}

# The tool accepts the unit's options: it gets as far as looking for the command.
check_tool_takes() {
  mkdir -p "$folder/home" "$folder/run" "$folder/credentials"
  env -u DBUS_SESSION_BUS_ADDRESS -u XDG_DATA_HOME HOME="$folder/home" XDG_RUNTIME_DIR="$folder/run" \
    CREDENTIALS_DIRECTORY="$folder/credentials" KR_SECRET_NO_INPUT=1 \
    "$tool" session --credential "$credential" -- no-such-program-at-all > "$folder/log" 2>&1
  [[ $? == 127 ]] || { sed 's/^/# /' "$folder/log" && return 1; }
}

verify system "$system"
verify user "$user"
credential='' alias=''
read_unit "$system"
result $? 'the system unit can be read'
for check in command credential home runtime end confinement tool_takes; do
  "check_$check"
  result $? "the system unit: $check"
done
read_unit "$user"
result $? 'the user unit can be read'
for check in user_command user_place; do
  "check_$check"
  result $? "the user unit: $check"
done
echo "1..$count"
