/** Formats a recipe by changing nothing but white space: words, comments, quotes and line breaks inside brackets stay as they are. */

import { CST, Lexer } from 'yaml';
import { nodesOf, readOutline } from './outline.ts';
import { checkRecipe } from './parse.ts';
import type { TextEdit } from './source.ts';
import { readYaml } from './yaml-text.ts';

/** A piece of the text as YAML sees it. */
interface Token {
  readonly type: ReturnType<typeof CST.tokenType>;
  readonly source: string;
  readonly offset: number;
}

const indentStep = 2;

/**
 * Two blanks a level, one behind a colon or comma and inside braces, none at the end of a line, at most one empty line together, one line
 * break at the end.
 *
 * @returns  the edits, apart from each other and in order; none for a text that is not sound YAML, or would mean something else
 */
export function formatEdits(text: string): readonly TextEdit[] {
  const yaml = readYaml(text);
  if (!yaml.document || yaml.faults.length > 0 || text.includes('\t')) return [];
  const tokens = tokensOf(text);
  // Lines of a block of text are its content; they cannot move without the block's own rules.
  const hasBlocks = tokens.some(({ type }) => type === 'block-scalar-header');
  const edits = [...spaceEdits(text, tokens), ...(hasBlocks ? [] : indentEdits(text, tokens))]
    .filter(({ offset, length, text: blanks }) => text.slice(offset, offset + length) !== blanks)
    .toSorted((a, b) => a.offset - b.offset);
  const formatted = applied(text, edits);
  return meaningOf(text, yaml) === meaningOf(formatted, readYaml(formatted)) ? edits : [];
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  for (const source of new Lexer().lex(text)) {
    const type = CST.tokenType(source);
    // Marks of the lexer's own, which stand for no text; the word behind such a mark has no type.
    if (source === '\u0002' || source === '\u0018' || source === '\u001f') continue;
    tokens.push({ type, source, offset });
    offset += source.length;
  }
  return tokens;
}

/** Blanks between the tokens of a line, and behind the last one; empty lines. */
function spaceEdits(text: string, tokens: readonly Token[]): TextEdit[] {
  const edits: TextEdit[] = [];
  const words = tokens.filter((token) => !isBlank(token));
  for (const [i, word] of words.entries()) {
    const before = words[i - 1];
    const start = before ? before.offset + before.source.length : text.startsWith('\ufeff') ? 1 : 0;
    const between = text.slice(start, word.offset);
    if (between.includes('\n')) edits.push(...lineEdits(between, start, before === undefined));
    else if (before && !isAfterBlock(before))
      edits.push({ offset: start, length: between.length, text: blanksBetween(before, word, between) });
  }
  const last = words.at(-1);
  if (last && !isAfterBlock(last)) {
    const end = last.offset + last.source.length;
    edits.push({ offset: end, length: text.length - end, text: text.includes('\r\n') ? '\r\n' : '\n' });
  }
  return edits;
}

/** A block of text ends with its line break, which is its own. */
function isAfterBlock({ source }: Token): boolean {
  return source.endsWith('\n');
}

/** Takes blanks at line ends out, and all empty lines but one; the blanks before the next word are its indentation. */
function lineEdits(between: string, start: number, isFirst: boolean): TextEdit[] {
  const head = between.slice(0, between.lastIndexOf('\n') + 1);
  const breaks = head.match(/\r?\n/g) ?? [];
  return [{ offset: start, length: head.length, text: breaks.slice(0, isFirst ? 0 : 2).join('') }];
}

function blanksBetween(before: Token, word: Token, between: string): string {
  // Comments are often lined up by hand.
  if (word.type === 'comment') return between === '' ? ' ' : between;
  if (before.type === 'flow-map-start' || word.type === 'flow-map-end')
    return before.type === 'flow-map-start' && word.type === 'flow-map-end' ? '' : ' ';
  if (before.type === 'flow-seq-start' || word.type === 'flow-seq-end' || word.type === 'comma' || word.type === 'map-value-ind') return '';
  return before.type === 'comma' || before.type === 'map-value-ind' || before.type === 'seq-item-ind' ? ' ' : between;
}

/** A line that begins outside brackets and quotes goes to its level; lines that go on within those move with the line they began in. */
function indentEdits(text: string, tokens: readonly Token[]): TextEdit[] {
  const edits: TextEdit[] = [];
  const levels: number[] = [];
  /** Those that wait for the line below them, whose levels they may have. */
  const comments: { readonly offset: number; readonly indent: number }[] = [];
  let lineStart = text.startsWith('\ufeff') ? 1 : 0;
  let isFirst = true;
  let depth = 0;
  let shift = 0;
  for (const token of tokens) {
    if (token.type === 'newline') {
      lineStart = token.offset + token.source.length;
      isFirst = true;
    }
    if (isBlank(token)) continue;
    const indent = token.offset - lineStart;
    if (isFirst && depth > 0) edits.push(indentation(lineStart, indent, indent + shift));
    else if (isFirst && token.type === 'comment') comments.push({ offset: lineStart, indent });
    else if (isFirst) {
      const former = levels.slice();
      while (levels.length > 0 && levels.at(-1)! > indent) levels.pop();
      if (levels.at(-1) !== indent) levels.push(indent);
      shift = (levels.length - 1) * indentStep - indent;
      edits.push(indentation(lineStart, indent, indent + shift));
      // One that is indented more than this line belongs to what is above it.
      for (const comment of comments.splice(0))
        edits.push(indentation(comment.offset, comment.indent, newIndent(comment.indent > indent ? former : levels, comment.indent)));
    }
    if (token.type === 'flow-map-start' || token.type === 'flow-seq-start') depth++;
    if (token.type === 'flow-map-end' || token.type === 'flow-seq-end') depth--;
    edits.push(...wordEdits(token, shift));
    isFirst = false;
  }
  for (const comment of comments) edits.push(indentation(comment.offset, comment.indent, newIndent(levels, comment.indent)));
  return edits;
}

function isBlank({ type }: Token): boolean {
  return type === 'space' || type === 'newline' || type === 'byte-order-mark';
}

/** Further lines of a word that is written over several. */
function wordEdits({ source, offset }: Token, shift: number): TextEdit[] {
  const lines = source.matchAll(/\n( *)(?=\S)/g);
  return Array.from(lines, (line) => indentation(offset + line.index + 1, line[1].length, line[1].length + shift));
}

function newIndent(levels: readonly number[], indent: number): number {
  const level = levels.findLastIndex((known) => known <= indent);
  return Math.max(level, 0) * indentStep;
}

function indentation(offset: number, length: number, wanted: number): TextEdit {
  return { offset, length, text: ' '.repeat(Math.max(0, wanted)) };
}

function applied(text: string, edits: readonly TextEdit[]): string {
  return edits.reduceRight((after, edit) => after.slice(0, edit.offset) + edit.text + after.slice(edit.offset + edit.length), text);
}

/** Every key with its value, and every problem. */
function meaningOf(text: string, yaml: ReturnType<typeof readYaml>): string {
  const nodes = Array.from(nodesOf(readOutline(text, yaml.document)), ({ path, kind, scalar }) => [path, kind, scalar]);
  return JSON.stringify([yaml.faults.length, nodes, checkRecipe(text, yaml).problems.map(({ code, path }) => [code, path])]);
}
