#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-structure.py SOURCE BUILD CC... : whether the sources keep the order of house.py.

First tries the checks on a small tree of its own, in which each rule is broken. Prints TAP.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import house

KINDS = {
    'place': 'each source lies in a folder that has a floor',
    'size': f'no folder has more than {house.MOST_FILES} C files',
    'include': 'nothing includes upwards or sideways',
    'call': 'nothing calls upwards or sideways',
    'circle': 'no files use each other in a circle',
    'name': 'a name begins with the stem of its file',
    'twice': 'each source is compiled once, by the folder it lies in',
}

# A tree without an error: a public header, two floors of the library, a command with its wing.
GOOD = {
    'lib/krsecret.map': 'V { global: kr_secret_token_read; kr_secret_client_get;'
                        ' kr_secret_x_y; };\n'
                        'KRSECRET_PRIVATE { global: kr_secret_record_read; };',
    'lib/kr-secret-token.h': 'int kr_secret_token_read (void);',
    'lib/base/kr-secret-text-private.h': 'int kr_secret_text_is_ok (void);',
    'lib/base/kr-secret-text.c': '#include "kr-secret-text-private.h"\n'
                                 'int kr_secret_text_is_ok (void) { return 1; }',
    'lib/values/kr-secret-token.c': '#include "../kr-secret-token.h"\n'
                                    '#include "../base/kr-secret-text-private.h"\n'
                                    'int kr_secret_token_read (void)\n'
                                    '{ return kr_secret_text_is_ok (); }',
    'lib/values/kr-secret-record-private.h': 'int kr_secret_record_read (void);',
    'lib/values/kr-secret-record.c': 'int kr_secret_record_read (void) { return 7; }',
    'tools/kr-secret-tool/backup/archive.c':
        '#include "../../../lib/values/kr-secret-record-private.h"\n'
        'int archive_read (void) { return kr_secret_record_read (); }',
    'lib/client/kr-secret-client-tokens.c': 'int kr_secret_client_get (void) { return 2; }',
    'lib/helper/main.c': 'int main (void) { return 0; }',
    'common/kr-time.h': 'int kr_time_now (void);',
    'common/kr-time.c': 'int kr_time_now (void) { return 3; }',
    'tools/kr-secret-tool/terminal/report.c': 'int report_say (void) { return 4; }',
    'tools/kr-secret-tool/doctor/files.h': 'int doctor_files_check (void);',
    'tools/kr-secret-tool/doctor/files.c': 'extern int report_say (void);\n'
                                           'int doctor_files_check (void)\n'
                                           '{ return report_say (); }',
    'tools/kr-secret-tool/session/run.c': 'int session_run_all (void) { return 5; }',
    'tools/kr-secret-tool/session.c': 'extern int session_run_all (void);\n'
                                      'int session_start (void) { return session_run_all (); }',
    'tools/kr-secret-tool/token.c': '#include "../../lib/kr-secret-token.h"\n'
                                    '#include "../../common/kr-time.h"\n'
                                    'int token_print (void)\n'
                                    '{ return kr_secret_token_read () + kr_time_now (); }',
    'tools/simulator/kis.c': 'int sim_kis = 6;',
}

# Files to add to it, and the expected report: the kind, and words of the sentence.
BROKEN = {
    'a circle': (
        {'lib/base/kr-secret-a.c': 'extern int kr_secret_b_f (void);\n'
                                   'int kr_secret_a_f (void) { return kr_secret_b_f (); }',
         'lib/base/kr-secret-b.c': 'extern int kr_secret_a_f (void);\n'
                                   'int kr_secret_b_f (void) { return kr_secret_a_f (); }'},
        'circle', ['lib/base/kr-secret-a', 'kr_secret_b_f', 'lib/base/kr-secret-b']),
    'a circle in the simulator, through data': (
        {'tools/simulator/a.c': 'extern int sim_b; int *sim_a_p = &sim_b;',
         'tools/simulator/b.c': 'extern int *sim_a_p; int sim_b;\n'
                                'int sim_b_f (void) { return *sim_a_p; }'},
        'circle', ['tools/simulator/a uses sim_b', 'tools/simulator/b uses sim_a_p']),
    'a circle of includes': (
        {'tools/simulator/a.h': '#pragma once\n#include "b-private.h"',
         'tools/simulator/b.c': '#include "a.h"',
         'tools/simulator/b-private.h': ''},
        'circle', ['tools/simulator/a includes tools/simulator/b',
                   'tools/simulator/b includes tools/simulator/a']),
    'a call upwards in the library': (
        {'lib/base/kr-secret-a.c': 'extern int kr_secret_token_read (void);\n'
                                   'int kr_secret_a_f (void) { return kr_secret_token_read (); }'},
        'call', ['lib/base/kr-secret-a.c', 'kr_secret_token_read', 'lib/values/']),
    'a call upwards in the tool': (
        {'tools/kr-secret-tool/terminal/a.c': 'extern int token_print (void);\n'
                                              'int a_f (void) { return token_print (); }'},
        'call', ['terminal/a.c', 'token_print', 'tools/kr-secret-tool/token.c']),
    'a call from common to the library': (
        {'common/kr-a.c': 'extern int kr_secret_token_read (void);\n'
                          'int kr_a_f (void) { return kr_secret_token_read (); }'},
        'call', ['common/kr-a.c', 'kr_secret_token_read', 'lib/values/']),
    'a call of the tool to what the library hides': (
        {'tools/kr-secret-tool/a.c': 'extern int kr_secret_text_is_ok (void);\n'
                                     'int a_f (void) { return kr_secret_text_is_ok (); }'},
        'call', ['tools/kr-secret-tool/a.c', 'kr_secret_text_is_ok', 'lib/base/']),
    'a call of the simulator to the library': (
        {'tools/simulator/a.c': 'extern int kr_secret_token_read (void);\n'
                                'int sim_a_f (void) { return kr_secret_token_read (); }'},
        'call', ['tools/simulator/a.c', 'kr_secret_token_read']),
    'a wing that calls its neighbour': (
        {'tools/kr-secret-tool/exec/a.c': 'extern int doctor_files_check (void);\n'
                                          'int exec_a_f (void) { return doctor_files_check (); }'},
        'call', ['exec/a.c', 'doctor_files_check', 'doctor/']),
    'a command that calls into the session': (
        {'tools/kr-secret-tool/a.c': 'extern int session_run_all (void);\n'
                                     'int a_f (void) { return session_run_all (); }'},
        'call', ['tools/kr-secret-tool/a.c', 'session_run_all', 'session/']),
    'an include upwards': (
        {'lib/base/kr-secret-a.c': '#include "../values/kr-secret-token-private.h"',
         'lib/values/kr-secret-token-private.h': ''},
        'include', ['lib/base/kr-secret-a.c', 'lib/values/kr-secret-token-private.h']),
    'an include of a public header about something higher': (
        {'lib/base/kr-secret-a.c': '#include "../kr-secret-token.h"'},
        'include', ['lib/base/kr-secret-a.c', 'lib/kr-secret-token.h', 'lib/base/']),
    'an include of a neighbour': (
        {'tools/kr-secret-tool/exec/a.h': '#include "../doctor/files.h"'},
        'include', ['exec/a.h', 'doctor/files.h']),
    'an include of a private header in a public one': (
        {'lib/kr-secret-a.h': '#include "base/kr-secret-text-private.h"'},
        'include', ['lib/kr-secret-a.h is public', 'kr-secret-text-private.h']),
    'an include of what the library hides': (
        {'tools/kr-secret-tool/a.c': '#include "../../lib/base/kr-secret-text-private.h"'},
        'include', ['tools/kr-secret-tool/a.c', 'lib/base/kr-secret-text-private.h']),
    'a plugin that calls what is not for plugins': (
        {'plugins/kis/kis.c': 'extern int kr_secret_record_read (void);\n'
                              'int kr_secret_plugin_kis (void)\n'
                              '{ return kr_secret_record_read (); }'},
        'call', ['plugins/kis/kis.c', 'kr_secret_record_read', 'lib/values/']),
    'a plugin that includes it': (
        {'plugins/kis/kis.c': '#include "../../lib/values/kr-secret-record-private.h"'},
        'include', ['plugins/kis/kis.c', 'kr-secret-record-private.h']),
    'an include of the library in the simulator': (
        {'tools/simulator/a.c': '#include "../../lib/kr-secret-token.h"'},
        'include', ['tools/simulator/a.c', 'lib/kr-secret-token.h']),
    'a name of another stem': (
        {'lib/base/kr-secret-a.c': 'int kr_secret_b_f (void) { return 0; }'},
        'name', ['lib/base/kr-secret-a.c', 'kr_secret_b_f']),
    'data of another stem': (
        {'tools/kr-secret-tool/a.c': 'const int command_a = 0;'},
        'name', ['tools/kr-secret-tool/a.c', 'command_a']),
    'a stem that goes on': (
        {'tools/simulator/a.c': 'int sim_abc;'},
        'name', ['tools/simulator/a.c', 'sim_abc']),
    'an exported name of another type': (
        {'lib/client/kr-secret-client-a.c': 'int kr_secret_x_y (void) { return 0; }'},
        'name', ['kr-secret-client-a.c', 'kr_secret_x_y']),
    'a folder without a floor': (
        {'lib/attic/kr-secret-a.c': ''},
        'place', ['lib/attic/kr-secret-a.c']),
    'a source beside the public headers': (
        {'lib/kr-secret-a.c': ''},
        'place', ['lib/kr-secret-a.c']),
    'a folder that is too large': (
        {f'tests/lib/test-{n}.c': '' for n in range(house.MOST_FILES + 1)},
        'size', ['tests/lib/', str(house.MOST_FILES + 1)]),
}


class Tap:
    """Counts what it prints."""

    def __init__(self):
        self.count = 0

    def check(self, is_ok, name, notes=()):
        self.count += 1
        for line in '\n'.join(notes).splitlines():
            print('#', line)
        print('ok' if is_ok else 'not ok', self.count, name)

    def skip(self, name, why):
        self.count += 1
        print(f'ok {self.count} {name} # SKIP {why}')


OBJECTS = {}


def compile_source(root, path, output, compiler):
    """Compiles each text once: most trees differ from another in one file."""
    key = path, (root / path).read_text()
    output.parent.mkdir(parents=True, exist_ok=True)
    if key in OBJECTS:
        output.write_bytes(OBJECTS[key])
    else:
        subprocess.run([*compiler, '-c', '-o', output, root / path], check=True)
        OBJECTS[key] = output.read_bytes()


def make_tree(root, files, compiler):
    """Writes @files, compiles what is C, and the list of it that ninja would write."""
    commands = []
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text + '\n')
    for path in files:
        if path.endswith('.c') and not path.startswith('tests/'):
            output = pathlib.Path(path).parent / 'all.p' / (pathlib.Path(path).name + '.o')
            compile_source(root, path, root / 'build' / output, compiler)
            commands.append({'directory': str(root / 'build'), 'file': f'../{path}',
                             'output': str(output)})
    (root / 'build/compile_commands.json').write_text(json.dumps(commands))


def faults_of(files, compiler, again=None):
    """What is wrong with a tree of these files. @again is compiled by another folder too."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        make_tree(root, files, compiler)
        if again is not None:
            path = root / 'build/compile_commands.json'
            commands = json.loads(path.read_text())
            commands += [dict(c, output='tools/other.p/a.o') for c in commands
                         if c['file'] == f'../{again}']
            path.write_text(json.dumps(commands))
        return house.Tree(root, root / 'build').find_faults()


def is_reported(faults, kind, words):
    return any(k == kind and all(word in s for word in words) for k, s in faults)


def test_checks(tap, compiler):
    faults = faults_of(GOOD, compiler)
    tap.check(not faults, 'nothing is wrong with a tree in order', [s for _, s in faults])
    for name, (files, kind, words) in BROKEN.items():
        faults = faults_of({**GOOD, **files}, compiler)
        is_ok = is_reported(faults, kind, words)
        tap.check(is_ok, f'{name} is reported', [] if is_ok else [s for _, s in faults])
    source = 'lib/base/kr-secret-text.c'
    faults = faults_of(GOOD, compiler, again=source)
    tap.check(is_reported(faults, 'twice', [source, 'tools/other.p']),
              'a source that is compiled twice is reported')


def test_sources(tap, root, build):
    faults = house.Tree(root, build).find_faults()
    for kind, name in KINDS.items():
        found = [sentence for k, sentence in faults if k == kind]
        tap.check(not found, name, found)


def main():
    root, build, *compiler = sys.argv[1:]
    tap = Tap()
    try:
        test_checks(tap, compiler)
        test_sources(tap, root, build)
    except house.Unreadable as reason:
        tap.skip('the objects can be read', reason)
    print(f'1..{tap.count}')


if __name__ == '__main__':
    main()
