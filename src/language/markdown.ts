/** Small pieces of Markdown in which text from files is only ever text. */

import { defaultOf, descriptionOf, isOptional, type Method, wordsOf } from '../recipe/fields.ts';
import type { Schema } from './schema-at.ts';

/** Every sign that Markdown or HTML could take for its own stands for itself. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]()#+\-.!|<>&~$:@"'=^]/g, (sign) => (/[<>&]/.test(sign) ? `&#${sign.codePointAt(0)};` : `\\${sign}`));
}

/** A code span, whatever the text. */
export function code(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  const fence = '`'.repeat(1 + Math.max(0, ...Array.from(line.matchAll(/`+/g), ([run]) => run.length)));
  return /^`|`$|^ .* $/.test(line) ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

/** What a key takes, its default, and what it means; descriptions are written in Markdown. */
export function keyMarkdown(name: string, schema: Schema): string {
  const fallback = defaultOf(schema);
  const shown = fallback === undefined || typeof fallback === 'object' ? undefined : String(fallback);
  const needed = isOptional(schema) ? '' : ' Needed.';
  return [
    `**${escapeMarkdown(name)}**: ${escapeMarkdown(wordsOf(schema))}.${shown === undefined ? needed : ` Default: ${code(shown)}.`}`,
    descriptionOf(schema),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Title, summary, formula and paper of a method's card. */
export function methodMarkdown(name: string, { title, summary, formula, paper }: Method): string {
  return [
    `**${escapeMarkdown(title)}** (${code(name)})`,
    summary,
    ...(formula === '' ? [] : [`\`\`\`text\n${formula}\n\`\`\``]),
    ...(paper === null ? [] : [paperMarkdown(paper)]),
  ].join('\n\n');
}

/** The methods of a step, a line each. */
export function methodsMarkdown(methods: ReadonlyMap<string, Method>): string {
  return [...methods].map(([name, { title, summary }]) => `- ${code(name)}: ${title}. ${summary}`).join('\n');
}

function paperMarkdown(paper: string): string {
  const [, id] = /^arXiv:([\w./-]+)$/.exec(paper) ?? [];
  return id === undefined ? `Paper: ${escapeMarkdown(paper)}` : `Paper: [${escapeMarkdown(paper)}](https://arxiv.org/abs/${id})`;
}
