/** What no single key can say: values that are fine by themselves and do not go together. */

import { allocators } from '../methods/allocate/index.ts';
import { type Allocator, isFedBy } from '../methods/allocator.ts';
import { measures } from '../methods/measure/index.ts';
import type { Measure } from '../methods/measure.ts';
import { enumerate } from './fields.ts';
import { type Finding, type Path, pathName } from './problem.ts';
import type { Recipe } from './schema.ts';

/** How far `sparsity` beside a `pattern` may be off: it may have been rounded to two digits. */
const tolerance = 0.005;

/** @param sparsity  what the text says, which a recipe with a pattern no longer tells */
export function checkRules(recipe: Recipe, sparsity: number | undefined): Finding[] {
  return [...checkPattern(recipe, sparsity), ...checkFeed(recipe), ...checkLimits(recipe), ...checkPlaces(recipe)];
}

function checkPattern({ pattern, sparsity: exact, allocate, solve }: Recipe, sparsity: number | undefined): Finding[] {
  if (!pattern) return [];
  const { n, m } = pattern;
  const findings: Finding[] = [];
  if (sparsity !== undefined && Math.abs(sparsity - exact) > tolerance)
    findings.push(
      contradiction(['sparsity'], `sparsity is ${sparsity}, but pattern ${n}:${m} makes it ${exact}`, 'Take one of the two out.'),
    );
  if (allocate.method !== 'uniform')
    findings.push(
      contradiction(
        ['allocate', 'method'],
        `allocate.method is ${allocate.method}, but with pattern ${n}:${m} every matrix has the same share of zeros`,
        'Take the method out, or write sparsity in the place of pattern.',
      ),
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

/** A measure that the recipe does not name is the allocator's own, and fits. */
function checkFeed({ allocate, measure, pattern }: Recipe): Finding[] {
  const { feed }: Allocator = allocators[allocate.method];
  const { gives }: Measure = measures[measure.method];
  if (pattern || !feed || isFedBy(feed, { method: measure.method, gives })) return [];
  const fitting = Object.entries<Measure>(measures).flatMap(([method, card]) =>
    isFedBy(feed, { method, gives: card.gives }) ? [method] : [],
  );
  return [
    contradiction(
      ['measure', 'method'],
      `measure.method is ${measure.method}, but allocate.method is ${allocate.method}, which is fed by ${enumerate(fitting)}`,
      `Write ${enumerate(fitting)}; or take measure out, and it is ${feed.measure}.`,
    ),
  ];
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
