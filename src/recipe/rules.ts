/** What no single key can say: values that are fine by themselves and do not go together. */

import { type Finding, type Path, pathName } from './problem.ts';
import type { Recipe } from './schema.ts';

/** How far `sparsity` beside a `pattern` may be off: it may have been rounded to two digits. */
const tolerance = 0.005;

/** @param sparsity  what the text says, which a recipe with a pattern no longer tells */
export function checkRules(recipe: Recipe, sparsity: number | undefined): Finding[] {
  return [...checkPattern(recipe, sparsity), ...checkLimits(recipe), ...checkPlaces(recipe)];
}

function checkPattern({ pattern, sparsity: exact, allocate, solve }: Recipe, sparsity: number | undefined): Finding[] {
  if (!pattern) return [];
  const { n, m } = pattern;
  const findings: Finding[] = [];
  if (sparsity !== undefined && Math.abs(sparsity - exact) > tolerance)
    findings.push(
      contradiction(['sparsity'], `sparsity is ${sparsity}, but pattern ${n}:${m} makes it ${exact}`, 'Take one of the two out.'),
    );
  for (const [glob, fixed] of Object.entries(allocate.fixed))
    if (fixed !== 0)
      findings.push(
        contradiction(
          ['allocate', 'fixed', glob],
          `${pathName(['allocate', 'fixed', glob])} is ${fixed}, but with pattern ${n}:${m} a matrix has that pattern or is left dense`,
          'Write 0, or take it out.',
        ),
      );
  const blockSize = 'blockSize' in solve ? solve.blockSize : m;
  if (blockSize % m !== 0)
    findings.push(
      contradiction(
        ['solve', 'blockSize'],
        `solve.blockSize is ${blockSize}, not a multiple of ${m}, as pattern ${n}:${m} needs`,
        `Write ${Math.ceil(blockSize / m) * m}.`,
      ),
    );
  return findings;
}

function checkLimits({ allocate: { min, max } }: Recipe): Finding[] {
  if (min <= max) return [];
  return [
    contradiction(['allocate', 'min'], `allocate.min is ${min}, above allocate.max, which is ${max}`, 'Write a min that is at most max.'),
  ];
}

function checkPlaces({ model, calibrate, evaluate, save }: Recipe): Finding[] {
  const findings: Finding[] = [];
  if (save.to !== undefined && samePlace(save.to, model))
    findings.push(
      contradiction(
        ['save', 'to'],
        `save.to is ${save.to}, the model itself, which is never written`,
        'Name another folder, or take the key out.',
      ),
    );
  if (evaluate && [calibrate.text].flat().some((text) => samePlace(text, evaluate.text)))
    findings.push({
      code: 'SAME_TEXT',
      severity: 'warning',
      path: ['evaluate', 'text'],
      message: `evaluate.text is ${evaluate.text}, which calibrate.text reads too: perplexity on it comes out too low`,
      hint: 'Measure on a text the model was not calibrated with.',
    });
  return findings;
}

function contradiction(path: Path, message: string, hint: string): Finding {
  return { code: 'CONTRADICTION', severity: 'error', message, path, hint };
}

/** Whether two paths, as written, are one. */
function samePlace(a: string, b: string): boolean {
  return plainPath(a) === plainPath(b);
}

function plainPath(path: string): string {
  return path
    .replaceAll('\\', '/')
    .replace(/\/(\.?\/)+/g, '/')
    .replace(/^(\.\/)+(?=.)/, '')
    .replace(/(?<=.)\/\.?$/, '');
}
