/** What may be written at the cursor: keys, methods, values, names of the checkpoint's matrices, paths. */

import { type CompletionItem, CompletionItemKind, InsertTextMode, type MarkupContent, type Range } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { choicesOf, defaultOf, placeOf, type Shape, shapeOf } from '../recipe/fields.ts';
import { flowText } from '../recipe/flow-text.ts';
import { globCompletions } from './complete-globs.ts';
import { type ListFolder, pathCompletions } from './complete-paths.ts';
import { type Cursor, cursorAt } from './cursor.ts';
import type { Facts } from './facts.ts';
import { keyMarkdown, methodMarkdown, methodsMarkdown } from './markdown.ts';
import { entriesOf, type Schema, schemaAt } from './schema-at.ts';

/** One thing that may be written, before it is known how it fits the text. */
export interface Proposal {
  /** As it is meant, without quotes. */
  readonly word: string;
  readonly kind: CompletionItemKind;
  readonly detail?: string;
  readonly documentation?: string;
  /** What is written behind it. */
  readonly suffix?: string;
  /** Written as it is: a piece of YAML. */
  readonly isYaml?: boolean;
  /** Whether there is more to choose right behind it. */
  readonly goesOn?: boolean;
}

export interface Completions {
  readonly items: readonly Proposal[];
  /** Whether there are more than these, to be asked for as more is typed. */
  readonly isIncomplete: boolean;
}

/** @param list  reads a folder given by a path as it is written in the recipe; absent where a recipe has no folder */
export async function complete(
  text: string,
  offset: number,
  facts: Facts,
  list: ListFolder | undefined,
): Promise<{ readonly items: CompletionItem[]; readonly isIncomplete: boolean }> {
  const cursor = cursorAt(text, offset);
  const { items, isIncomplete } = cursor ? await proposals(cursor, facts, list) : { items: [], isIncomplete: false };
  if (!cursor) return { items: [], isIncomplete };
  const document = TextDocument.create('', 'prune-yaml', 0, text);
  const [start, end] = cursor.replace;
  const range = { start: document.positionAt(start), end: document.positionAt(end) };
  return { items: items.map((item, i) => itemOf(range, cursor, item, i)), isIncomplete };
}

async function proposals(cursor: Cursor, facts: Facts, list: ListFolder | undefined): Promise<Completions> {
  const { path, role, methodAt } = cursor;
  const schema = schemaAt(path, methodAt);
  if (!schema) return all([]);
  const shape = shapeOf(schema);
  if (role === 'key' && shape.kind === 'record') return globCompletions(cursor, facts);
  if (role === 'key' && shape.kind !== 'value') return all(keyProposals(cursor, shape));
  const place = placeOf(schema);
  if (place) return pathCompletions(cursor, place, defaultOf(schema), list);
  return all(valueProposals(cursor, schema, shape));
}

function all(items: readonly Proposal[]): Completions {
  return { items, isIncomplete: false };
}

function keyProposals({ path, methodAt, siblings, hasColon, isFlow, indent }: Cursor, shape: Shape): Proposal[] {
  return Object.entries(entriesOf(shape, methodAt(path)))
    .filter(([key]) => !siblings.has(key))
    .map(([key, schema]) => {
      const isMethod = key === 'method' && shape.kind === 'step';
      const inner = shapeOf(schema);
      const isMap = inner.kind !== 'value';
      return {
        word: key,
        kind: CompletionItemKind.Property,
        documentation: isMethod ? methodsMarkdown(shape.methods) : keyMarkdown(key, schema),
        suffix: hasColon ? '' : isMap && !isFlow ? `:\n${' '.repeat(indent + 2)}` : ': ',
        goesOn: !hasColon && (isMap || isMethod || choicesOf(schema) !== undefined || placeOf(schema) !== undefined),
      };
    });
}

function valueProposals({ path, methodAt }: Cursor, schema: Schema, shape: Shape): Proposal[] {
  if (path.at(-1) === 'method') {
    const step = schemaAt(path.slice(0, -1), methodAt);
    const stepShape = step && shapeOf(step);
    if (stepShape?.kind === 'step') return methodProposals(stepShape, false);
  }
  if (shape.kind === 'step') return methodProposals(shape, true);
  const fallback = defaultOf(schema);
  const choices = choicesOf(schema) ?? (typeof fallback === 'boolean' ? ['true', 'false'] : []);
  const words = fallback === undefined || typeof fallback === 'object' ? choices : [...new Set([...choices, String(fallback)])];
  return words.map((word) => ({
    word,
    kind: CompletionItemKind.Value,
    isYaml: typeof fallback !== 'string',
    ...(word === String(fallback) && { detail: 'default' }),
    documentation: keyMarkdown(String(path.at(-1)), schema),
  }));
}

/** @param asMap  where the step's map begins, not behind its `method` */
function methodProposals({ methods, fallback }: Shape & { kind: 'step' }, asMap: boolean): Proposal[] {
  return [...methods].map(([name, method]) => ({
    word: asMap ? flowText({ method: name }) : name,
    isYaml: asMap,
    kind: CompletionItemKind.EnumMember,
    detail: name === fallback ? `${method.title} (default)` : method.title,
    documentation: methodMarkdown(name, method),
  }));
}

function itemOf(range: Range, cursor: Cursor, proposal: Proposal, index: number): CompletionItem {
  const { word, kind, detail, documentation, suffix = '', isYaml = false, goesOn = false } = proposal;
  const written = isYaml ? word : quoted(word, cursor.quote);
  return {
    label: word,
    kind,
    sortText: String(index).padStart(5, '0'),
    // The editor compares it with what stands in the text, where a quote may have been typed or not.
    filterText: cursor.quote === '' ? word : written,
    textEdit: { range, newText: written + suffix },
    insertTextMode: InsertTextMode.asIs,
    ...(detail !== undefined && { detail }),
    ...(documentation !== undefined && { documentation: { kind: 'markdown', value: documentation } satisfies MarkupContent }),
    ...(goesOn && { command: { title: '', command: 'editor.action.triggerSuggest' } }),
  };
}

function quoted(word: string, quote: Cursor['quote']): string {
  if (quote === '') return flowText(word);
  return flowText(word, quote === '"' ? 'QUOTE_DOUBLE' : 'QUOTE_SINGLE');
}
