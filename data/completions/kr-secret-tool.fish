# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Completion of kr-secret-tool for fish. The tool itself computes the candidates.

function __kr_secret_tool_candidates
    # The words before the cursor without their quotes, and the beginning of the last one.
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l typed (string unescape -- $word; or echo -- $word)

    for line in (command kr-secret-tool completion --words (count $words) -- $words "$typed" 2>/dev/null)
        switch $line
            case \t'files'
                __fish_complete_path $word
            case \t'program *'
                set -l start (math (string replace -r '.* ' '' -- $line) + 1)
                set -l program (string escape -- $words[$start..])
                complete -C "$(string join ' ' -- $program $word)"
            case '*'
                echo -- $line
        end
    end
end

complete -c kr-secret-tool -f -a '(__kr_secret_tool_candidates)'
