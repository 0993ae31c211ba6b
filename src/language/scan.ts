/** The small pieces of reading YAML by its signs: words, keys, values, and maps and lists in brackets. */

import type { Offsets } from '../recipe/outline.ts';
import type { Path } from '../recipe/problem.ts';

/** A map that is open, or a list in brackets. */
export interface Frame {
  readonly path: Path;
  readonly indent: number;
  readonly isFlow: boolean;
  readonly keys: { readonly key: string; readonly start: number }[];
}

/** The place that the cursor is in. */
export interface Touched {
  readonly frame: Frame;
  readonly role: 'key' | 'value';
  readonly path: Path;
  readonly start: number;
  readonly end: number;
}

const keyPattern = /("(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*'|[^\s#"'{}[\],:](?:[^\n:]|:(?![ \t\r\n]|$))*?)([ \t]*):(?=[ \t\r\n]|$)/y;

/** The key that a line begins with, and the place of its colon. */
export function keyAt(
  text: string,
  start: number,
  lineEnd: number,
): { readonly name: string; readonly end: number; readonly colon: number } | undefined {
  keyPattern.lastIndex = start;
  const found = keyPattern.exec(text);
  if (!found || keyPattern.lastIndex > lineEnd) return undefined;
  return { name: unquote(found[1]), end: start + found[1].length, colon: keyPattern.lastIndex - 1 };
}

/** Where the value on a line ends: before a comment, and before the blanks around it. */
export function valueEnd(text: string, start: number, lineEnd: number): number {
  let quote = '';
  for (let at = start; at < lineEnd; at++) {
    const sign = text[at];
    if (quote !== '') {
      if (sign === '\\' && quote === '"') at++;
      else if (sign === quote) quote = '';
    } else if ((sign === '"' || sign === "'") && /^[\s:,{[]?$/.test(text.slice(Math.max(at - 1, start), at))) quote = sign;
    else if (sign === '#' && (at === 0 || /\s/.test(text[at - 1]))) return at;
  }
  return lineEnd;
}

/** The end of the word that begins at `start`: of its quotes, or of the text without blanks. */
export function tokenEnd(text: string, start: number, end: number): number {
  const quote = text[start];
  if (quote !== '"' && quote !== "'") return start + text.slice(start, end).trimEnd().length;
  const close = closeOf(text, start, end);
  return close < 0 ? start + text.slice(start, end).trimEnd().length : close + 1;
}

/** The word a cursor is in or behind. A quote that is not closed ends at the cursor, whatever follows. */
export function tokenAround(text: string, start: number, end: number, offset: number) {
  const quote = start < offset && (text[start] === '"' || text[start] === "'") ? text[start] : '';
  const isOpen = quote !== '' && closeOf(text, start, end) < 0;
  const replace: Offsets = [Math.min(start, offset), isOpen ? offset : Math.max(offset, tokenEnd(text, start, end))];
  return { word: text.slice(replace[0] + quote.length, offset), quote: quote as '' | '"' | "'", replace };
}

export function unquote(word: string): string {
  if (/^".*"$/s.test(word)) return word.slice(1, -1).replace(/\\(["\\/])/g, '$1');
  return /^'.*'$/s.test(word) ? word.slice(1, -1).replaceAll("''", "'") : word;
}

function closeOf(text: string, start: number, end: number): number {
  for (let at = start + 1; at < end; at++) {
    if (text[at] === '\\' && text[start] === '"') at++;
    else if (text[at] === text[start]) return at;
  }
  return -1;
}

/** A map or list in brackets, while it is read. */
interface Open {
  readonly frame: Frame;
  readonly isList: boolean;
  nItems: number;
  /** The key whose value is being read. */
  key: string | undefined;
  /** Where the present key or value begins: behind the sign that began it. */
  from: number;
}

/**
 * Reads maps and lists in brackets, line by line.
 *
 * @param methods  takes the methods that are named on the way, by the step's path as JSON
 * @param touch    is told the place the offset is in
 */
export function createFlowScanner(text: string, offset: number, methods: Map<string, string>, touch: (place: Touched) => void) {
  let stack: Open[] = [];
  let baseIndent = 0;

  const push = (path: Path, at: number) => {
    const frame = { path, indent: baseIndent, isFlow: true, keys: [] };
    stack.push({ frame, isList: text[at] === '[', nItems: 0, key: undefined, from: at + 1 });
  };
  const pathOf = ({ frame, isList, nItems, key }: Open): Path => [...frame.path, isList ? nItems : (key ?? '')];

  /** Ends what was read since the last sign. */
  const finish = (top: Open, end: number) => {
    const start = Math.min(end, top.from + /^\s*/.exec(text.slice(top.from, end))![0].length);
    const isKey = !top.isList && top.key === undefined;
    if (isKey && start < end) top.frame.keys.push({ key: unquote(text.slice(start, tokenEnd(text, start, end))), start });
    if (top.key === 'method') methods.set(JSON.stringify(top.frame.path), unquote(text.slice(start, tokenEnd(text, start, end))));
    if (offset < top.from || offset > end) return;
    const role = isKey ? 'key' : 'value';
    const path = isKey ? top.frame.path : pathOf(top);
    // What is half typed on one line does not reach over to the next.
    const line = text.lastIndexOf('\n', end - 1) + 1;
    const begin = Math.max(start, line + /^\s*/.exec(text.slice(line, end))![0].length);
    touch({ frame: top.frame, role, path, start: Math.min(begin, offset), end: begin > offset ? offset : end });
  };

  return {
    isOpen: () => stack.length > 0,
    indent: () => baseIndent,
    open(path: Path, at: number, lineEnd: number, indent: number): void {
      baseIndent = indent;
      push(path, at);
      this.scan(at + 1, lineEnd);
    },
    /** What is open is left open for good: the text goes on at a lower indentation. */
    abandon(): void {
      stack = [];
    },
    scan(start: number, lineEnd: number): void {
      for (let at = start; at < lineEnd; at++) {
        const top = stack.at(-1);
        if (!top) return;
        const sign = text[at];
        const isFirst = text.slice(top.from, at).trim() === '';
        if ((sign === '"' || sign === "'") && isFirst) {
          const close = closeOf(text, at, lineEnd);
          // A quote that is not closed ends with its line, or the rest of the text would be part of it.
          at = close < 0 ? lineEnd : close;
        } else if (sign === '#' && (at === 0 || /\s/.test(text[at - 1]))) {
          if (offset <= at) finish(top, at);
          top.from = lineEnd + 1;
          return;
        } else if ((sign === '{' || sign === '[') && isFirst) push(pathOf(top), at);
        else if (sign === '}' || sign === ']') {
          finish(top, at);
          stack.pop();
          const outer = stack.at(-1);
          if (outer) outer.from = at + 1;
        } else if (sign === ',') {
          finish(top, at);
          Object.assign(top, { key: undefined, from: at + 1, nItems: top.nItems + 1 });
        } else if (sign === ':' && !top.isList && top.key === undefined && (/[\s,}\]]/.test(text[at + 1] ?? ' ') || text[at - 1] === '"')) {
          finish(top, at);
          Object.assign(top, { key: unquote(text.slice(top.from, at).trim()), from: at + 1 });
        }
      }
      const top = stack.at(-1);
      if (top && offset >= start && offset <= lineEnd) finish(top, lineEnd);
    },
  };
}
