/** Markdown made of text that is not to be trusted: whatever a file says, it stays text. */

/** @param nTexts  how many columns from the left hold text; those after them hold figures and stand right */
export function table(head: readonly string[], rows: readonly (readonly string[])[], nTexts = 1): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i < nTexts ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

export function bullets(entries: readonly (readonly [string, string])[]): string[] {
  return entries.map(([name, value]) => `- ${name}: ${value}`);
}

/** Lines that stay folded until they are asked for, in previews and in pull requests. `summary` must not come from a file. */
export function folded(summary: string, ...lines: readonly string[]): string[] {
  return ['<details>', `<summary>${summary}</summary>`, '', ...lines, '', '</details>'];
}

/** Text in which nothing is markup. */
export function text(value: string): string {
  return value.replace(/[\s\p{Cc}\p{Bidi_Control}]+/gu, ' ').replace(/[\\`*_{}[\]<>#|~&]/g, '\\$&');
}

/** A code span that no text can break out of. */
export function code(value: string): string {
  const plain = value.replace(/[\s\p{Cc}\p{Bidi_Control}]+/gu, ' ').replaceAll('|', '\\|');
  const fence = '`'.repeat(Math.max(0, ...Array.from(plain.matchAll(/`+/g), ([run]) => run.length)) + 1);
  return fence.length > 1 ? `${fence} ${plain} ${fence}` : `\`${plain}\``;
}
