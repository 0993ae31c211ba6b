/** Makes a map of names and numbers in the text hold what is wished, in the order wished, by the smallest change. */

import { isAlias, isMap, isScalar, type Node, type YAMLMap } from 'yaml';
import { SecateurError } from '../error.ts';
import { entriesAt, valueEdits } from './edit.ts';
import { insertAfter, insertBefore, insertText, keyName, lineEnd, type TextPair } from './edit-map.ts';
import { isShared, joinEdits, removeMap, removePairs } from './edit-remove.ts';
import { isLiteral } from './match.ts';
import { type Path, pathName } from './problem.ts';
import { fileSchema } from './schema.ts';
import { lineBreakOf, ownRange, pairEnd, type Source, slotOf, type TextEdit } from './source.ts';

type Entry = readonly [name: string, value: number];

/** One step on the way down to the map. */
interface Step {
  readonly map: YAMLMap;
  readonly pair: TextPair;
}

/**
 * A map that is not there yet, or has no entries, is written one entry a line where the map around it is. What happens to one that is left
 * without entries says `removeMap`.
 *
 * @param path     of the map, two steps deep
 * @param entries  names are unique
 * @returns        apart from each other and in order
 * @throws         `BAD_RECIPE` when an alias elsewhere means something that would change
 */
export function entryEdits(source: Source, path: readonly [string, string], entries: readonly Entry[]): readonly TextEdit[] {
  const trail = followPath(source, path);
  const found = trail.at(-1)?.pair.value;
  const nodes = [source.document.contents, ...trail.map(({ pair }) => pair.value)];
  if (nodes.some((node) => isAlias(node))) return valueEdits(source, path, Object.fromEntries(entries));
  if (trail.length < path.length || !isMap(found) || found.items.length === 0)
    return entries.length > 0 ? joinEdits(fill(source, path, trail, entries)) : [];
  const map = found as YAMLMap;
  if (entries.length > 0) return joinEdits(changePairs(source, path, map, entries));
  refuseShared(source, path, map.items as TextPair[]);
  return joinEdits(removeMap(source, trail));
}

function followPath({ document }: Source, path: Path): Step[] {
  const trail: Step[] = [];
  let node: Node | null = document.contents;
  for (const step of path) {
    const map: Node | null = node;
    const pair = isMap(map) ? (map.items as TextPair[]).find(({ key }) => isScalar(key) && String(key.value) === step) : undefined;
    if (!pair) break;
    trail.push({ map: map as YAMLMap, pair });
    node = pair.value;
  }
  return trail;
}

/** Pairs that keep their order keep their place; the others of the text are reworded or removed, and new ones put between. */
function changePairs(source: Source, path: Path, map: YAMLMap, entries: readonly Entry[]): TextEdit[] {
  const pairs = map.items as TextPair[];
  const names = pairs.map((pair) => nameOf(source, pair));
  const kept = findKept(names, entries);
  const edits: TextEdit[] = [];
  const removed: TextPair[] = [];
  const texts = new Map(pairs.map((pair, i) => [names[i], pair]));
  let [pairIdx, entryIdx] = [0, 0];
  for (const [keptPair, keptEntry] of [...kept, [pairs.length, entries.length] as const]) {
    let before: TextPair | undefined = pairs[pairIdx - 1];
    for (; pairIdx < keptPair; pairIdx++) {
      const [nPairs, nEntries] = [keptPair - pairIdx, keptEntry - entryIdx];
      // An entry that was cut down keeps its number, and with it the comment beside it.
      const isOther = nPairs > nEntries && (nEntries === 0 || numberOf(pairs[pairIdx]) !== entries[entryIdx][1]);
      if (isOther) removed.push(pairs[pairIdx]);
      else {
        before = pairs[pairIdx];
        edits.push(...reword(source, path, before, entries[entryIdx++]));
      }
    }
    for (const entry of entries.slice(entryIdx, keptEntry)) edits.push(addPair(source, map, before, entry, texts.get(entry[0])));
    if (keptPair < pairs.length) edits.push(...changeValue(source, path, pairs[keptPair], entries[keptEntry][1]));
    [pairIdx, entryIdx] = [keptPair + 1, keptEntry + 1];
  }
  refuseShared(source, path, removed);
  return [...edits, ...removePairs(source, map, removed)];
}

/** Pairs of indices, ascending in both, of a pair and the entry it is. From the end, since what moves goes there. */
function findKept(names: readonly string[], entries: readonly Entry[]): (readonly [pair: number, entry: number])[] {
  const places = new Map(entries.map(([name], k) => [name, k]));
  const kept: (readonly [number, number])[] = [];
  let last = entries.length;
  for (let i = names.length - 1; i >= 0; i--) {
    const place = places.get(names[i]);
    if (place === undefined || place >= last) continue;
    kept.push([i, place]);
    last = place;
  }
  return kept.reverse();
}

function reword(source: Source, path: Path, pair: TextPair, [name, value]: Entry): TextEdit[] {
  refuseShared(source, path, [pair]);
  const [start, end] = ownRange(source, pair.key)!;
  const quote = source.text[start];
  return [
    { offset: start, length: end - start, text: quote === "'" && !name.includes("'") ? `'${name}'` : nameText(name, quote === '"') },
    ...changeValue(source, path, pair, value),
  ];
}

function changeValue(source: Source, path: Path, pair: TextPair, value: number): TextEdit[] {
  if (numberOf(pair) === value) return [];
  refuseShared(source, path, [pair]);
  const own = ownRange(source, pair.value)!;
  // A tag such as !!int may not suit the new number, and nobody means the anchor.
  const mark = pair.srcToken?.sep?.find(({ type }) => type === 'anchor' || type === 'tag');
  const start = mark && 'offset' in mark ? mark.offset : own[0];
  return [{ offset: start, length: own[1] - start, text: String(value) }];
}

/** @param moved  the pair it was, whose quotes and comment go along */
function addPair(source: Source, map: YAMLMap, before: TextPair | undefined, [name, value]: Entry, moved: TextPair | undefined): TextEdit {
  const { text } = source;
  const key = moved ? text.slice(...ownRange(source, moved.key)!) : nameText(name);
  const end = moved && pairEnd(source, moved);
  const comment = end !== undefined && !map.flow ? (/^[ \t]+#.*/.exec(text.slice(end, lineEnd(text, end)))?.[0] ?? '') : '';
  const pair = `${key}: ${value}${comment}`;
  return before ? insertAfter(source, map, before, pair) : insertBefore(source, map, pair);
}

/** Entries where there are none: below the innermost key that is there and stands in a block, else on the line that is there. */
function fill(source: Source, path: readonly [string, string], trail: readonly Step[], entries: readonly Entry[]): readonly TextEdit[] {
  const { text, document } = source;
  const root = document.contents;
  const last = trail.at(-1);
  const around = last && isMap(last.pair.value) && last.pair.value.items.length > 0 ? last.pair.value : undefined;
  const outer = around ?? last?.map ?? root;
  if (!isMap(outer) || outer.flow) return valueEdits(source, path, Object.fromEntries(entries));
  const outerIndent = columnOf(text, outer as YAMLMap);
  const unit = indentUnit(source);
  const missing = path.slice(trail.length);
  const lines = [...missing.map((key) => `${key}:`), ...entries.map(([name, value]) => `${nameText(name)}: ${value}`)];
  const indented = (depth: number) =>
    lines.map((line, i) => ' '.repeat(outerIndent + unit * (depth + Math.min(i, missing.length))) + line).join(lineBreakOf(text));
  if (!last || around) {
    const steps = entriesAt(fileSchema, undefined)!;
    const order = Object.keys(last ? (entriesAt(steps[path[0]], around!.get('method')) ?? {}) : steps);
    return [insertText(source, outer as YAMLMap, order, path[trail.length], indented(0).trimStart())];
  }
  const { offset } = slotOf(last.pair);
  const end = ownRange(source, last.pair.value)?.[1] ?? offset;
  const gone = text.slice(offset, end);
  if (!/^[ \t]*(\{[ \t]*\}|~|null)?$/i.test(gone)) return valueEdits(source, path, Object.fromEntries(entries));
  return [
    ...(gone === '' ? [] : [{ offset, length: gone.length, text: '' }]),
    { offset: lineEnd(text, end), length: 0, text: lineBreakOf(text) + indented(1) },
  ];
}

function refuseShared(source: Source, path: Path, pairs: readonly TextPair[]): void {
  const shared = pairs.find((pair) => isShared(source, [pair.key, pair.value]));
  if (shared)
    throw new SecateurError(
      'BAD_RECIPE',
      `${pathName([...path, nameOf(source, shared)])} has an anchor that is used elsewhere in the recipe`,
      'Change it in the text, or write the value where the anchor is used.',
    );
}

/** `undefined` where it is an alias. */
function numberOf({ value }: TextPair): unknown {
  return isScalar(value) ? value.value : undefined;
}

/** As the parser reads it. */
function nameOf({ text }: Source, pair: TextPair): string {
  return isScalar(pair.key) ? keyName(pair) : text.slice(pair.key.range![0], pair.key.range![1]).trim();
}

/** Globs are quoted, since most must be; names are not. */
function nameText(name: string, quoted = false): string {
  return !quoted && isLiteral(name) && /^[a-z_].*\./i.test(name) ? name : JSON.stringify(name);
}

function columnOf(text: string, map: YAMLMap): number {
  const start = (map.items[0] as TextPair).key.range![0];
  const column = start - (text.lastIndexOf('\n', start - 1) + 1);
  return text.startsWith('\ufeff') && start - column === 0 ? column - 1 : column;
}

/** By how much the text indents the first block in it; 2 if it has none. */
function indentUnit({ text, document }: Source): number {
  const root = document.contents;
  const inner = isMap(root)
    ? root.items.map(({ value }) => value).find((value) => isMap(value) && !value.flow && value.items.length > 0)
    : null;
  return isMap(inner) ? columnOf(text, inner as unknown as YAMLMap) - columnOf(text, root as unknown as YAMLMap) : 2;
}
