import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../src/cli/index.ts';
import { families } from '../src/families/index.ts';
import { allocators } from '../src/methods/allocate/index.ts';
import { measures } from '../src/methods/measure/index.ts';
import { criteria } from '../src/methods/score/index.ts';
import { solvers } from '../src/methods/solve/index.ts';

const root = new URL('..', import.meta.url).pathname;
const src = join(root, 'src');

interface Room {
  /** Rooms it may import from, besides itself and the files of `src/` itself. */
  readonly sees: readonly string[];
  readonly packages: readonly string[];
}

const pure = ['tensor', 'graph', 'families', 'formats', 'methods', 'recipe', 'protocol'];

/** Who may look where; ARCHITECTURE.md says why. `node` stands for every built-in module. */
const rooms: Readonly<Record<string, Room>> = {
  tensor: { sees: [], packages: [] },
  graph: { sees: ['tensor'], packages: [] },
  families: { sees: ['tensor', 'graph'], packages: ['valibot'] },
  formats: { sees: ['tensor'], packages: [] },
  methods: { sees: ['tensor'], packages: ['valibot'] },
  recipe: { sees: ['methods'], packages: ['valibot', 'yaml', 'picomatch'] },
  protocol: { sees: ['methods', 'recipe'], packages: ['valibot', 'vscode-jsonrpc'] },
  engine: { sees: pure, packages: ['node', 'onnxruntime-node', '@huggingface/tokenizers', 'hyparquet', 'vscode-jsonrpc'] },
  language: {
    sees: [...pure, 'engine/checkpoint.ts', 'engine/sensitivity-cache.ts'],
    packages: ['node', 'vscode-languageserver', 'vscode-languageserver-textdocument'],
  },
  extension: { sees: pure, packages: ['node', 'vscode', 'vscode-languageclient', 'vscode-jsonrpc'] },
  cli: { sees: [...pure, 'engine'], packages: ['node'] },
};

/** The webviews stand beside `src`, and know the world by messages only. */
const webview: Room = { sees: ['methods', 'recipe', 'protocol'], packages: ['lit', '@vscode-elements/elements'] };

describe('the layering', () => {
  it('has a row for every room', () => {
    const folders = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((entry) => entry.name).toSorted()).toEqual(Object.keys(rooms).toSorted());
  });

  it('lets no room look where it may not', () => {
    expect(sourceFiles(src).flatMap(strays)).toEqual([]);
    expect(sourceFiles(join(root, 'webview')).flatMap(strays)).toEqual([]);
  });

  it('keeps methods from looking at each other', () => {
    const folders = ['score', 'allocate', 'measure', 'solve'].map((folder) => join(src, 'methods', folder));
    const methods = folders
      .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
      .filter((path) => !path.endsWith('index.ts'));
    const peers = methods.flatMap((path) =>
      importsOf(path)
        .filter((target) => methods.includes(join(dirname(path), target)) && !target.endsWith('counts.ts'))
        .map((target) => `${relative(root, path)} imports ${target}`),
    );
    expect(peers).toEqual([]);
  });

  it('keeps every file under 400 lines', () => {
    const long = [...sourceFiles(src), ...sourceFiles(join(root, 'webview'))].filter(
      (path) => readFileSync(path, 'utf8').split('\n').length > 400,
    );
    expect(long.map((path) => relative(root, path))).toEqual([]);
  });

  it('says in the first sentence of every file what it does', () => {
    const silent = [...sourceFiles(src), ...sourceFiles(join(root, 'webview'))].filter(
      (path) => !readFileSync(path, 'utf8').startsWith('/**'),
    );
    expect(silent.map((path) => relative(root, path))).toEqual([]);
  });
});

describe('the registries', () => {
  const registries = { score: criteria, allocate: allocators, measure: measures, solve: solvers };

  it.each(Object.entries(registries))('methods/%s is alphabetical and has a test for every entry', (folder, registry) => {
    const names = Object.keys(registry);
    expect(names).toEqual(names.toSorted());
    for (const name of names) {
      expect(existsSync(join(src, 'methods', folder, `${name}.ts`)), `src/methods/${folder}/${name}.ts`).toBe(true);
      expect(existsSync(join(root, 'test/methods', folder, `${name}.test.ts`)), `test/methods/${folder}/${name}.test.ts`).toBe(true);
    }
  });

  it('families are alphabetical and each has its file', () => {
    const names = Object.keys(families);
    expect(names).toEqual(names.toSorted());
    for (const name of names) expect(existsSync(join(src, 'families', `${name}.ts`)), name).toBe(true);
  });

  it('subcommands have a file each', () => {
    const names = Object.keys(commands);
    for (const name of names) expect(existsSync(join(src, 'cli', `${name}.ts`)), name).toBe(true);
  });

  it('every method names its paper, or says that it has none', () => {
    for (const registry of Object.values(registries))
      for (const [name, card] of Object.entries(registry))
        expect(card.paper === null || /^(arXiv|doi):\S+$/.test(card.paper), name).toBe(true);
  });
});

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name));
}

/** What a file imports, as written. */
function importsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  return Array.from(
    text.matchAll(/(?:^|\n)(?:import|export)\b[^;]*?from '([^']+)'|\bimport\('([^']+)'\)/g),
    (match) => (match[1] ?? match[2])!,
  );
}

function strays(path: string): string[] {
  const isWebview = relative(root, path).startsWith('webview');
  const roomName = isWebview ? 'webview' : relative(src, path).split('/')[0]!;
  const room = isWebview ? webview : rooms[roomName];
  return importsOf(path)
    .filter((target) => !isAllowed(path, roomName, room, target))
    .map((target) => `${relative(root, path)}: ${roomName} may not import ${target}`);
}

function isAllowed(path: string, roomName: string, room: Room | undefined, target: string): boolean {
  if (target.startsWith('.')) {
    const parts = relative(src, join(dirname(path), target)).split('/');
    if (parts.length === 1 || parts[0] === '..') return true;
    return !room || parts[0] === roomName || room.sees.includes(parts[0]!) || room.sees.includes(parts.join('/'));
  }
  const name = target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : target.split('/')[0]!;
  const isBuiltin = target.startsWith('node:') || builtinModules.includes(name);
  return room?.packages.includes(isBuiltin ? 'node' : name) ?? false;
}
