/** Writes the page of an experiment beside the folder of its records, and its pictures into that. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from './page.ts';

/** @param folder  of the records; the page is the file of the same name that ends in `.md` */
export function writePage(folder: string, { markdown, pictures }: Page): void {
  writeFileSync(`${folder}.md`, markdown);
  for (const [name, svg] of pictures) writeFileSync(join(folder, name), svg);
}
