/** Where in a recipe a cursor is, told from indentation and brackets alone, so that it works in text that is half typed and no YAML yet. */

import type { Offsets } from '../recipe/outline.ts';
import type { Path } from '../recipe/problem.ts';
import { createFlowScanner, type Frame, keyAt, type Touched, tokenAround, tokenEnd, unquote, valueEnd } from './scan.ts';

export interface Cursor {
  /** Of the map whose key is typed, or of the value. */
  readonly path: Path;
  readonly role: 'key' | 'value';
  /** What stands between the beginning of the word and the cursor, without its quote. */
  readonly word: string;
  readonly quote: '' | '"' | "'";
  /** What a completion takes the place of. */
  readonly replace: Offsets;
  /** Whether the key has its colon already. */
  readonly hasColon: boolean;
  readonly isFlow: boolean;
  /** Blanks before the keys of the map. */
  readonly indent: number;
  /** The keys that the map has besides the one being typed. */
  readonly siblings: ReadonlySet<string>;
  /** The method that a step names. */
  methodAt(step: Path): string | undefined;
}

/** `undefined` in a comment, and where nothing may stand. */
export function cursorAt(text: string, offset: number): Cursor | undefined {
  const scan = scanText(text, offset);
  const { touched } = scan;
  if (!touched) return undefined;
  const { frame, role, path, start, end } = touched;
  const token = tokenAround(text, start, end, offset);
  const own = role === 'key' ? unquote(text.slice(...token.replace)) : undefined;
  const siblings = frame.keys.filter(({ key, start }) => !(key === own && start === token.replace[0])).map(({ key }) => key);
  return {
    path,
    role,
    word: token.word,
    quote: token.quote,
    replace: token.replace,
    hasColon: role === 'key' && /^[ \t]*:/.test(text.slice(token.replace[1], token.replace[1] + 40)),
    isFlow: frame.isFlow,
    indent: frame.indent,
    siblings: new Set(siblings),
    methodAt: (step) => scan.methods.get(JSON.stringify(step)),
  };
}

interface Scan {
  readonly methods: ReadonlyMap<string, string>;
  readonly touched: Touched | undefined;
}

/** Goes through the lines once, keeping the maps that are open; a line that is not indented enough ends whatever was left open above. */
function scanText(text: string, offset: number): Scan {
  const methods = new Map<string, string>();
  const blocks: Frame[] = [{ path: [], indent: 0, isFlow: false, keys: [] }];
  let touched: Touched | undefined;
  /** The key above that has no value yet, and may have a map beneath it. */
  let open: { readonly path: Path; readonly indent: number; nItems: number } | undefined;
  const flow = createFlowScanner(text, offset, methods, (found) => {
    touched ??= found;
  });

  /** The map that a line with this indentation belongs to; a new one beneath a key that is open. */
  const enter = (indent: number): Frame | undefined => {
    while (blocks.length > 1 && blocks.at(-1)!.indent > indent) blocks.pop();
    const top = blocks.at(-1)!;
    if (indent <= top.indent) return top;
    const isFirst = blocks.length === 1 && top.keys.length === 0;
    if (!isFirst && open?.indent !== top.indent) return undefined;
    const frame = { path: isFirst ? [] : open!.path, indent, isFlow: false, keys: [] };
    blocks.splice(isFirst ? 0 : blocks.length, 1, frame);
    return frame;
  };

  for (let start = text.startsWith('\ufeff') ? 1 : 0; start <= text.length; ) {
    const lineBreak = text.indexOf('\n', start);
    const end = lineBreak < 0 ? text.length : lineBreak - (text[lineBreak - 1] === '\r' && lineBreak > start ? 1 : 0);
    const holdsCursor = start <= offset && offset <= end;
    readLine(start, end, holdsCursor);
    if (lineBreak < 0) break;
    start = lineBreak + 1;
  }
  return { methods, touched };

  function readLine(start: number, end: number, holdsCursor: boolean): void {
    const indent = /^ */.exec(text.slice(start, end))![0].length;
    const first = start + indent;
    const isBlank = text.slice(first, end).trim() === '';
    if (flow.isOpen()) {
      if (isBlank || text[first] === '#' || indent > flow.indent() || /[}\]]/.test(text[first])) {
        flow.scan(start, end);
        return;
      }
      flow.abandon();
    }
    if (isBlank) {
      const frame = holdsCursor ? enter(offset - start) : undefined;
      if (frame) touched ??= { frame, role: 'key', path: frame.path, start: offset, end: offset };
      return;
    }
    if (text[first] === '#') return;
    const item = /^-(?=[ \t]|$)[ \t]*/.exec(text.slice(first, end));
    if (item && open && indent >= open.indent) {
      readValue([...open.path, open.nItems++], first + item[0].length, end, holdsCursor, blocks.at(-1)!);
      return;
    }
    if (text[first] === '{' || text[first] === '[') {
      flow.open(open?.path ?? [], first, end, indent - 1);
      return;
    }
    const frame = enter(indent);
    if (!frame) return;
    const key = keyAt(text, first, end);
    const wordEnd = key?.end ?? valueEnd(text, first, end);
    if (holdsCursor && offset >= first && offset <= wordEnd)
      touched ??= { frame, role: 'key', path: frame.path, start: first, end: wordEnd };
    if (!key) return;
    frame.keys.push({ key: key.name, start: first });
    const path = [...frame.path, key.name];
    const isEmpty = text.slice(key.colon + 1, valueEnd(text, key.colon + 1, end)).trim() === '';
    open = isEmpty ? { path, indent: frame.indent, nItems: 0 } : undefined;
    readValue(path, key.colon + 1, end, holdsCursor, frame);
  }

  /** The rest of a line, behind a colon or the dash of an item. */
  function readValue(path: Path, from: number, end: number, holdsCursor: boolean, frame: Frame): void {
    const first = from + /^[ \t]*/.exec(text.slice(from, end))![0].length;
    if (text[first] === '{' || text[first] === '[') {
      flow.open(path, first, end, frame.indent);
      return;
    }
    const last = Math.max(first, valueEnd(text, first, end));
    if (path.at(-1) === 'method') methods.set(JSON.stringify(path.slice(0, -1)), unquote(text.slice(first, tokenEnd(text, first, last))));
    // Right behind the colon there can be no value: it needs a blank first.
    const begin = text[from - 1] === ':' ? from + 1 : from;
    if (holdsCursor && offset >= begin && offset <= last)
      touched ??= { frame, role: 'value', path, start: Math.min(first, offset), end: last };
  }
}
