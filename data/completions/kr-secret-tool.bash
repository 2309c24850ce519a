# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Completion of kr-secret-tool for bash, with or without the package bash-completion. The tool
# itself computes the candidates; this passes it the line, and inserts the answer with the quotes of
# the line.

# Splits the line up to the cursor as the shell would, but expands nothing. Sets these variables of
# its caller: words, without quotes; quote, the one open at the end; kept, how many characters of
# the last word readline leaves alone; target, if that word is the file of a redirection. bash's own
# COMP_WORDS will not do: it splits at each "=" and ":", and keeps the quotes.
__kr_secret_tool_read_line ()
{
  local line=${COMP_LINE:0:COMP_POINT} c i before='' blank=1

  words=('') quote='' kept=0 target=''
  for ((i = 0; i < ${#line}; i++)); do
    c=${line:i:1}
    if [[ $quote && $c == "$quote" ]]; then
      quote='' kept=$before
    elif [[ $quote == \' ]]; then
      words[-1]+=$c
    elif [[ $c == \\ ]]; then
      # In double quotes a backslash is literal except before these.
      i=$((i + 1)) c=${line:i:1}
      [[ ! $quote || $c == [\"\\\$\`] ]] || c=\\$c
      words[-1]+=$c blank=''
    elif [[ $quote ]]; then
      words[-1]+=$c
    elif [[ $c == [\'\"] ]]; then
      quote=$c before=$kept kept=${#words[-1]} blank=''
    elif [[ $c == [[:space:]] ]]; then
      [[ $blank ]] || __kr_secret_tool_next_word
    elif [[ $c == [\<\>] ]]; then
      # In "2>file" the number belongs to the operator.
      [[ $blank || ${words[-1]} == *[!0-9]* ]] || words[-1]='' blank=1
      [[ $blank ]] || __kr_secret_tool_next_word
      target=1
    elif [[ $target && $c == [\&\|] && ! ${words[-1]} ]]; then
      : # ">&", ">|"
    else
      # Of the characters that end a word for readline, only "@" is part of the next word.
      [[ $c != @ || $COMP_WORDBREAKS != *@* ]] || kept=${#words[-1]}
      words[-1]+=$c blank=''
      [[ $c == @ || $COMP_WORDBREAKS != *"$c"* ]] || kept=${#words[-1]}
    fi
  done
}

# The previous word is complete; the word of a redirection does not concern the tool.
__kr_secret_tool_next_word ()
{
  if [[ $target ]]; then words[-1]=''; else words+=(''); fi
  kept=0 target='' blank=1
}

# Appends the rest of a candidate to the part that readline keeps, quoted like the word.
__kr_secret_tool_add ()
{
  local text=${1:kept}

  case $quote in
    '') printf -v text %q "$text" ;;
    \') text=${text//\'/"'\\''"} ;;
    \") text=${text//\\/\\\\} text=${text//\"/\\\"} text=${text//\$/\\\$} text=${text//\`/\\\`} ;;
  esac
  COMPREPLY+=("$text")
}

# The command line of another program, starting at words[$1].
__kr_secret_tool_program ()
{
  local i

  if declare -F _command_offset > /dev/null; then
    for ((i = 0; i < COMP_CWORD; i++)); do
      [[ ${COMP_WORDS[i]} != -- ]] || break
    done
    _command_offset $((i + 1))
  elif ((${#words[@]} - 1 > $1)); then
    compopt -o default 2> /dev/null
  else
    mapfile -t COMPREPLY < <(compgen -c -- "${words[-1]}" | sort -u)
  fi
}

_kr_secret_tool ()
{
  local quote kept target line tool
  local -a words

  COMPREPLY=()
  __kr_secret_tool_read_line
  if [[ $target ]]; then
    compopt -o default 2> /dev/null
    return
  fi
  # The typed word may be an alias of the shell, or contain a "~".
  tool=$(type -P -- "$1") || tool=$(type -P kr-secret-tool) || return 0
  while IFS= read -r line; do
    case $line in
      $'\tfiles') compopt -o default 2> /dev/null ;;
      $'\tprogram '*) __kr_secret_tool_program "${line##* }" ;;
      *)
        line=${line%%$'\t'*}
        [[ $line != "${words[-1]}"* ]] || __kr_secret_tool_add "$line"
        ;;
    esac
  done < <("$tool" completion --words $((${#words[@]} - 1)) -- "${words[@]}" < /dev/null 2> /dev/null)
}

complete -F _kr_secret_tool kr-secret-tool
