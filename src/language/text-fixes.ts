/** Ways out of what a recipe's text gets wrong by itself, from the words its problems allow and from their hints. */

import { shapeOf } from '../recipe/fields.ts';
import { flowText, type Setting } from '../recipe/flow-text.ts';
import type { Path } from '../recipe/problem.ts';
import type { Analysis } from './analysis.ts';
import type { Flaw } from './diagnose.ts';
import { type Fix, settingFix, wordFix } from './fix.ts';
import { methodIn, schemaAt } from './schema-at.ts';

/** Of many words that could stand in one place, so many are offered. */
const mostWords = 8;

/** For a key that does not exist: the one that was meant. */
export function keyFixes({ offsets, hint }: Flaw): readonly Fix[] {
  const meant = meantIn(hint);
  return meant === undefined ? [] : [wordFix(meant, flowText(meant), offsets)];
}

/** For a value: what the hint says to write, then the words that are allowed, the one that was meant first. */
export function valueFixes({ text }: Analysis, { path, hint, allowed = [] }: Flaw): readonly Fix[] {
  const meant = meantIn(hint);
  const words = [...new Set([...(meant === undefined ? [] : [meant]), ...allowed])].slice(0, mostWords);
  return [...writtenIn(hint), ...words].map((value) => settingFix(`Change to ${flowText(value)}`, text, path, value));
}

/** For a key that is missing: the key, with the value that the hint names, with each that is allowed, or with something to type over. */
export function missingKeyFixes(analysis: Analysis, { path, hint = '', allowed = [] }: Flaw): readonly Fix[] {
  const key = String(path.at(-1));
  const lead = `Write ${key}: `;
  const hinted = hint.startsWith(lead) ? [plainValue(hint.slice(lead.length).split(' ')[0])] : allowed.slice(0, mostWords);
  const values = hinted.length > 0 ? hinted : placeholders(analysis, path);
  return values.map((value) => settingFix(`Insert ${key}: ${flowText(value)}`, analysis.text, path, value));
}

function meantIn(hint = ''): string | undefined {
  return /^Did you mean (\S+)\?$/.exec(hint)?.[1];
}

/** `Write 0.5.`, `A share, not a percentage: write 0.5.`, `Write 0, or take it out.`, `Write { method: obs }.` */
function writtenIn(hint = ''): readonly Setting[] {
  const [, method] = /^Write \{ method: (\S+) \}\.$/.exec(hint) ?? [];
  if (method !== undefined) return [{ method }];
  const [, value] = /(?:^W|: w)rite ([^\s{}]+)\.$/.exec(hint) ?? /^Write ([^\s{},]+), or/.exec(hint) ?? [];
  return value === undefined ? [] : [plainValue(value)];
}

function plainValue(word: string): Setting {
  if (word === 'true' || word === 'false') return word === 'true';
  return /^-?[\d.]+(e-?\d+)?$/.test(word) ? Number(word) : word;
}

function placeholders({ outline }: Analysis, path: Path): readonly Setting[] {
  const schema = schemaAt(path, methodIn(outline));
  return schema && shapeOf(schema).kind === 'value' ? [`./${String(path.at(-1))}`] : [];
}
