# SPDX-License-Identifier: LGPL-2.1-or-later
"""The order of the sources, and what breaks it.

Reads the objects that were built and the #include lines of the sources. find_faults() returns what
is wrong as (kind, sentence) pairs.
"""

import collections
import json
import pathlib
import re
import subprocess

# Each line is a floor, the lowest first. A file may use its own folder and the floors below.
# Folders on one floor do not know each other. "." is the folder of the area itself.
AREAS = {
    'common': ['.'],
    'lib': [
        'base',
        'values',
        'plugin',
        'keyring',
        'issue',
        'verbs',
        'client',
        'helper',
    ],
    'plugins': ['.', '*'],
    'tools/kr-secret-tool': [
        'terminal',
        'keyring process plaintext',
        'accounts',
        'backup completion doctor exec import session',
        '.',
    ],
    'tools/simulator': ['.'],
}

# The areas below each area, which it may use as a whole.
USES = {'lib': ['common'], 'tools/kr-secret-tool': ['common']}

# These use the library like applications: the headers in lib/ itself, and the exports of
# lib/krsecret.map.
APPLICATIONS = ['plugins', 'tools/kr-secret-tool']
# These also use the exports under KRSECRET_PRIVATE, and the headers that declare them.
FRIENDS = ['tools/kr-secret-tool']

# A wing with a door: only these files of the folders above may use it.
DOORS = {'tools/kr-secret-tool/session': ['tools/kr-secret-tool/session.c']}

MOST_FILES = 30


class Unreadable(Exception):
    """The objects hold no symbols that nm can read."""


class Source:
    """A .c or .h file and its place."""

    def __init__(self, path):
        self.path = path
        self.folder = str(path.parent)
        self.area = next((a for a in AREAS if path.is_relative_to(a)), None)
        self.wing = str(path.parent.relative_to(self.area)) if self.area else None
        self.floor = self._floor() if self.area else None
        # A .c file and its headers count as one.
        self.unit = str(path.parent / path.stem.removesuffix('-private'))
        self.is_public = self.folder == 'lib' and path.suffix == '.h'

    def _floor(self):
        for number, floor in enumerate(AREAS[self.area]):
            for wing in floor.split():
                if self.wing == wing or (wing == '*' and self.wing != '.' and '/' not in self.wing):
                    return number
        return None

    def may_use(self, other, access):
        """@access is "public", "private" or None: for whom the map exports it."""
        if other.area == self.area and not other.is_public:
            return other.folder == self.folder or (
                other.floor < self.floor and self.is_at_door(other.folder))
        if other.area == 'lib' and access is not None:
            return self.area in (APPLICATIONS if access == 'public' else FRIENDS)
        return other.area in USES.get(self.area, [])

    def is_at_door(self, folder):
        return folder not in DOORS or str(self.path) in DOORS[folder]

    def stems(self):
        """What the names that this file exports may begin with."""
        name = self.path.stem.replace('-', '_')
        if self.area == 'tools/simulator':
            return ['sim_' + name]
        if self.area == 'plugins':
            return ['kr_secret_plugin_' + name]
        if self.area == 'tools/kr-secret-tool' and self.wing != '.':
            return [name, self.wing.replace('-', '_') + '_' + name]
        return [name]

    def may_export(self, symbol, exported):
        if symbol == 'main':
            return self.path.name == 'main.c'
        if any(symbol == stem or symbol.startswith(stem + '_') for stem in self.stems()):
            return True
        # A public type may have several files: kr-secret-client-tokens.c.
        words = self.path.stem.split('-')
        types = ['_'.join(words[:n]) for n in range(3, len(words))]
        return symbol in exported and any(symbol.startswith(t + '_') for t in types)


class Tree:
    """The sources below @root and their objects in @build."""

    def __init__(self, root, build):
        self.root = pathlib.Path(root).resolve()
        self.build = pathlib.Path(build).resolve()
        self.faults = []
        self.sources = {}
        for area in AREAS:
            for path in sorted((self.root / area).rglob('*.[ch]')):
                source = Source(path.relative_to(self.root))
                self.sources[str(source.path)] = source
        versions = (self.root / 'lib/krsecret.map').read_text().split('KRSECRET_PRIVATE')
        self.public, self.private = (
            set(re.findall(r'\bkr_secret_\w+(?=;)', text)) for text in (versions + [''])[:2])

    def fault(self, kind, sentence):
        if (kind, sentence) not in self.faults:
            self.faults.append((kind, sentence))

    # --- what belongs where ---

    def check_places(self):
        for path, source in self.sources.items():
            if source.floor is None and not source.is_public:
                self.fault('place', f'{path}: no floor of the house has {source.folder}/')

    def check_sizes(self):
        count = collections.Counter()
        for area in [*AREAS, 'tests']:
            for path in (self.root / area).rglob('*.c'):
                count[path.parent.relative_to(self.root)] += 1
        for folder, files in sorted(count.items()):
            if files > MOST_FILES:
                self.fault('size', f'{folder}/ has {files} C files, more than {MOST_FILES}')

    # --- includes ---

    def access_of(self, header):
        """For whom the library's @header is."""
        if header.is_public:
            return 'public'
        declared = re.findall(r'\bkr_secret_\w+(?= \()', (self.root / header.path).read_text())
        return 'private' if self.private.intersection(declared) else None

    def floor_of_public(self, header):
        """That of the .c file with its name, or of the highest public header it includes."""
        floors = [source.floor for source in self.sources.values()
                  if source.area == 'lib' and source.path.name == header.path.stem + '.c']
        text = (self.root / header.path).read_text()
        for name in re.findall(r'^#include "([^"]+)"', text, re.MULTILINE):
            other = self.included(header, name)
            if not floors and other is not None and other.is_public:
                floors.append(self.floor_of_public(other))
        return max(floors, default=0)

    def included(self, source, name):
        """The file of ours that #include "name" means in @source, or None."""
        for folder in (source.folder, source.area, 'lib', '.'):
            path = self.root / folder / name
            if path.is_file() and path.resolve().is_relative_to(self.root):
                return self.sources.get(str(path.resolve().relative_to(self.root)))
        return None

    def includes(self):
        """Each #include of a header of ours that has a place: (from, to)."""
        for path, source in self.sources.items():
            text = (self.root / path).read_text()
            for name in re.findall(r'^\s*#\s*include\s*["<]([^">]+)[">]', text, re.MULTILINE):
                other = self.included(source, name)
                if other is not None and (other.floor is not None or other.is_public):
                    yield source, other

    def check_includes(self, includes):
        for source, other in includes:
            if source.is_public:
                if not other.is_public:
                    self.fault('include', f'{source.path} is public and includes {other.path}')
            elif source.area == 'lib' and other.is_public:
                if self.floor_of_public(other) > source.floor:
                    self.fault('include', f'{source.path} includes {other.path}, '
                               f'which is about what lies above {source.folder}/')
            elif not source.may_use(other, self.access_of(other)):
                self.fault('include', f'{source.path} includes {other.path}: '
                           f'{source.folder}/ does not stand on {other.folder}/')

    # --- objects ---

    def objects(self):
        """Each source with its objects, as ninja knows them."""
        objects = collections.defaultdict(list)
        for entry in json.loads((self.build / 'compile_commands.json').read_text()):
            folder = pathlib.Path(entry['directory'])
            path = (folder / entry['file']).resolve()
            if path.is_relative_to(self.root):
                source = self.sources.get(str(path.relative_to(self.root)))
                if source is not None:
                    objects[source].append(folder / entry['output'])
        return objects

    def check_compiled(self, objects):
        for source, files in objects.items():
            where = sorted(str(f.resolve().relative_to(self.build).parent) for f in files)
            if len(where) > 1:
                self.fault('twice', f'{source.path} is compiled twice: in {", ".join(where)}')
            elif not where[0].startswith(str(source.area)):
                self.fault('twice', f'{source.path} is compiled elsewhere: in {where[0]}')

    def read_symbols(self, objects):
        """Two dictionaries: the names that each source defines, and those that it needs."""
        owners = {str(files[0]): source for source, files in objects.items()}
        defined = {source: set() for source in objects}
        needed = {source: set() for source in objects}
        command = ['nm', '-g', '-P', '-A', *owners]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0 or '__gnu_lto_slim' in result.stdout:
            raise Unreadable(result.stderr.strip().replace('\n', ', ') or 'they hold LTO bitcode')
        for line in result.stdout.splitlines():
            file, _, rest = line.rpartition(': ')
            symbol, kind = rest.split()[:2]
            # Sanitizers and gcov add names of their own.
            if symbol[0] not in '_.':
                (needed if kind in 'Uwv' else defined)[owners[file]].add(symbol)
        return defined, needed

    def check_names(self, defined):
        for source, symbols in defined.items():
            for symbol in sorted(symbols):
                if not source.may_export(symbol, self.public | self.private):
                    self.fault('name', f'{source.path} exports {symbol}')

    def calls(self, defined, needed):
        """Each reference of one source to another: (from, to, symbol)."""
        owners = collections.defaultdict(list)
        for source, symbols in defined.items():
            for symbol in symbols - {'main'}:
                owners[symbol].append(source)
        for source, symbols in needed.items():
            for symbol in sorted(symbols):
                found = owners.get(symbol, [])
                for other in [o for o in found if o.area == source.area] or found:
                    yield source, other, symbol

    def check_calls(self, calls):
        for source, other, symbol in calls:
            if None in (source.floor, other.floor):
                continue
            access = ('public' if symbol in self.public else
                      'private' if symbol in self.private else None)
            if not source.may_use(other, access):
                self.fault('call', f'{source.path} uses {symbol} of {other.path}: '
                           f'{source.folder}/ does not stand on {other.folder}/')

    def check_circles(self, includes, calls):
        edges = collections.defaultdict(dict)
        for source, other, symbol in calls:
            edges[source.unit].setdefault(other.unit, f'uses {symbol} of')
        for source, other in includes:
            edges[source.unit].setdefault(other.unit, 'includes')
        for circle in circles(edges):
            in_it = [f'{unit} {how} {other}' for unit in circle
                     for other, how in edges[unit].items() if other in circle and other != unit]
            self.fault('circle', f'{len(circle)} files use each other:\n' + '\n'.join(in_it))

    def find_faults(self):
        self.check_places()
        self.check_sizes()
        includes = list(self.includes())
        self.check_includes(includes)
        objects = self.objects()
        self.check_compiled(objects)
        defined, needed = self.read_symbols(objects)
        self.check_names(defined)
        calls = list(self.calls(defined, needed))
        self.check_calls(calls)
        self.check_circles(includes, calls)
        return self.faults


def circles(edges):
    """The sets of nodes that reach each other, each sorted."""

    def reach(start):
        seen, todo = set(), [start]
        while todo:
            for node in edges.get(todo.pop(), ()):
                if node not in seen:
                    seen.add(node)
                    todo.append(node)
        return seen

    reached = {node: reach(node) for node in edges}
    found = []
    for node in sorted(edges):
        if node in reached[node] and not any(node in circle for circle in found):
            found.append(sorted(other for other in edges
                                if other in reached[node] and node in reached[other]))
    return [circle for circle in found if len(circle) > 1]
