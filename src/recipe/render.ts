/** Shows a recipe's problems as a compiler does: place, message, the line, carets under what is wrong, the way out. */

import type { Problem } from './problem.ts';

const mostProblems = 50;
/** UTF-16 units of a line that are shown, and how many of them before the problem. */
const widestLine = 110;
const mostBefore = 60;
const tabStop = 4;

/**
 * @param text      what the problems were found in
 * @param fileName  the file as the user calls it, for the place
 * @returns         without a newline at the end; empty if there is no problem
 */
export function renderProblems(text: string, problems: readonly Problem[], fileName: string): string {
  const lines = text.split('\n');
  const shown = problems.slice(0, mostProblems).map((problem) => renderProblem(lines, problem, fileName));
  if (problems.length > mostProblems) shown.push(`${fileName}: and ${problems.length - mostProblems} more`);
  return shown.join('\n\n');
}

function renderProblem(lines: readonly string[], { code, severity, message, range, hint }: Problem, fileName: string): string {
  const { start, end } = range;
  const margin = ' '.repeat(`${start.line}`.length);
  const source = lines[start.line - 1].replace(/\r$/, '');
  const { line, carets } = underline(source, start.column - 1, end.line === start.line ? end.column - 1 : source.length);
  return [
    `${fileName}:${start.line}:${start.column}: ${severity}: ${visible(message)} [${code}]`,
    `${margin} |`,
    `${start.line} | ${line}`.trimEnd(),
    `${margin} | ${carets}`,
    ...(hint ? [`${margin} = ${visible(hint)}`] : []),
  ].join('\n');
}

/** The line, cut to what is around the problem where it is long, and carets below it. `start` and `end` are UTF-16 indices. */
function underline(source: string, start: number, end: number): { readonly line: string; readonly carets: string } {
  const from = source.length > widestLine && start > mostBefore ? start - mostBefore : 0;
  const to = Math.min(source.length, from + widestLine);
  const before = layOut(`${from > 0 ? '…' : ''}${source.slice(from, start)}`, 0);
  const wrong = layOut(source.slice(start, Math.min(end, to)), before.width);
  const after = layOut(`${source.slice(Math.min(end, to), to)}${to < source.length ? '…' : ''}`, before.width + wrong.width);
  return { line: before.text + wrong.text + after.text, carets: ' '.repeat(before.width) + '^'.repeat(Math.max(1, wrong.width)) };
}

/** A text as a terminal shows it from a column on, tabs turned to spaces; and the columns it takes. */
function layOut(text: string, column: number): { readonly text: string; readonly width: number } {
  let shown = '';
  let width = 0;
  for (const { segment } of new Intl.Segmenter('en').segment(text)) {
    const next = segment === '\t' ? ' '.repeat(tabStop - ((column + width) % tabStop)) : visible(segment);
    shown += next;
    width += segment === '\t' ? next.length : columnsOf(next);
  }
  return { text: shown, width };
}

const wide =
  /\p{Emoji_Presentation}|\ufe0f|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;

/** Columns of one grapheme. */
function columnsOf(segment: string): number {
  if (/^[\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}]+$/u.test(segment)) return 0;
  return wide.test(segment) ? 2 : 1;
}

/** Characters that steer a terminal, or turn its writing direction, as signs that only stand for them. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (character) => {
    const code = character.codePointAt(0)!;
    return code < 32 ? String.fromCodePoint(0x2400 + code) : '\ufffd';
  });
}
