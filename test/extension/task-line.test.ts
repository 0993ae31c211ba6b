import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describe, expect, it } from 'vitest';
import { check } from '../../src/cli/check.ts';
import { parserOptions } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/index.ts';
import { contributes, type TaskCommand } from '../../src/extension/contributes/tasks.ts';
import { type SecateurTask, taskLine, taskName } from '../../src/extension/task-line.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { renderProblems } from '../../src/recipe/render.ts';
import { temporaryFolder } from '../support/runs.ts';

const compute = { provider: 'cpu', threads: 2, memoryLimitBytes: 2 ** 32, scratchFolder: '/scratch' };
const taskCommands = contributes.taskDefinitions[0].properties.command.enum as readonly TaskCommand[];

function task(parts: Partial<SecateurTask>): SecateurTask {
  return { type: 'secateur', command: 'prune', ...parts };
}

describe('the command line of a task', () => {
  it('names the recipe, then the settings, then the arguments of the task, which so have the last word', () => {
    const line = taskLine(task({ recipe: 'half.prune.yaml', args: ['--set', 'sparsity=0.6', '--threads', '1'] }), compute);
    expect(line).toEqual([
      'prune',
      'half.prune.yaml',
      ...['--provider', 'cpu', '--threads', '2', '--memory', '4294967296', '--scratch', '/scratch'],
      ...['--set', 'sparsity=0.6', '--threads', '1'],
    ]);
  });

  it('names the checkpoint and the text of an evaluation', () => {
    const line = taskLine(task({ command: 'evaluate', folder: 'model-50-obs', text: 'wiki.txt', recipe: 'unused' }), {});
    expect(line).toEqual(['evaluate', 'model-50-obs', '--text', 'wiki.txt']);
  });

  it.each(taskCommands)('is one that the command line understands: %s', (name) => {
    const command = commands[name as keyof typeof commands];
    expect(command).toBeDefined();
    const [, ...args] = taskLine(task({ command: name, recipe: 'r', folder: 'f', text: 't' }), compute);
    const { positionals, values } = parseArgs({ args, options: parserOptions(command), allowPositionals: true });
    expect(positionals).toEqual([name === 'evaluate' ? 'f' : 'r']);
    if (name !== 'check') expect(values).toMatchObject({ threads: '2', memory: '4294967296' });
  });

  it('leaves out what the task leaves out, so that the command line says what it lacks', () => {
    expect(taskLine(task({ command: 'evaluate' }), {})).toEqual(['evaluate']);
    expect(taskName(task({ command: 'check' }))).toBe('check');
    expect(taskName(task({ recipe: 'a/half.prune.yaml' }))).toBe('prune a/half.prune.yaml');
  });
});

/** What the problem matchers find in a line, as the editor would. */
function matched(line: string) {
  return contributes.problemMatchers.flatMap(({ name, pattern }) => {
    const found = new RegExp(pattern.regexp).exec(line);
    if (!found) return [];
    const parts = Object.entries(pattern).flatMap(([key, group]) => (typeof group === 'number' ? [[key, found[group]]] : []));
    return [{ matcher: name, ...Object.fromEntries(parts) }];
  });
}

describe('the problem matchers', () => {
  it('find every problem of a recipe at its place', () => {
    const text = 'model: ./m\nsparsity: 1.5\nsolve: { methd: obs }\n';
    const { problems } = parseRecipe(text);
    expect(problems.length).toBeGreaterThan(1);
    for (const name of ['half.prune.yaml', '/w/a folder: odd/half.prune.yaml', 'c:\\w\\half.prune.yaml']) {
      const found = renderProblems(text, problems, name).split('\n').flatMap(matched);
      expect(found).toEqual(
        problems.map(({ range, severity, message, code }) => ({
          matcher: 'secateur',
          file: name,
          line: `${range.start.line}`,
          column: `${range.start.column}`,
          severity,
          message,
          code,
        })),
      );
    }
  });

  it('find what only shows beside the checkpoint, in the recipe as a whole', async () => {
    const path = join(temporaryFolder(), 'half.prune.yaml');
    writeFileSync(path, 'model: ./gone\nsparsity: 0.5\ncalibrate: { text: ./lost.txt }\n');
    let err = '';
    const world = { out: () => {}, err: (text: string) => (err += text), isTerminal: false, signal: new AbortController().signal };
    expect(await check.run({ positionals: [path], options: {} }, world)).toBe(1);
    const found = err.split('\n').flatMap(matched);
    expect(found.length).toBe(2);
    for (const problem of found)
      expect(problem).toMatchObject({ matcher: 'secateur-file', file: path, severity: 'error', code: 'FILE_MISSING' });
  });

  it.each([
    '',
    '12 | sparsity: 1.5',
    '   | ^^^',
    'perplexity                       37.287  44.654',
    'error BAD_RECIPE: half.prune.yaml has a problem',
    'half.prune.yaml: no problems',
    'model-50-obs: written in 0:24, peak memory 490 MiB; report in secateur-report.md',
  ])('find nothing in %j', (line) => {
    expect(matched(line)).toEqual([]);
  });
});
