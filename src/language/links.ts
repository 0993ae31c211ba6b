/** Links from the paths of a recipe to what lies there. */

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DocumentLink } from 'vscode-languageserver';
import { reportFileName } from '../protocol/file-names.ts';
import { pathsIn, type RecipePath } from './facts.ts';
import type { Study } from './study.ts';

/** Only what is there is a link. */
export function documentLinks(study: Study, folder: string): DocumentLink[] {
  const { analysis, facts } = study;
  return pathsIn(analysis).flatMap(({ node, place, path }) => {
    if (!node.value || (facts.found.get(path) ?? 'absent') === 'absent') return [];
    const quotes = /^["']/.test(analysis.text.slice(...node.value)) ? 1 : 0;
    const [start, end] = node.value;
    const target = resolve(folder, path, fileToShow(study, { place, path }));
    return [{ range: analysis.range([start + quotes, end - quotes]), target: pathToFileURL(target).href }];
  });
}

/** An editor opens files rather than folders: of a checkpoint its config, of a result its report; else what the path names itself. */
function fileToShow({ facts: { checkpoint, found } }: Study, { place, path }: Pick<RecipePath, 'place' | 'path'>): string {
  if (place === 'checkpoint' && checkpoint.state === 'ready') return 'config.json';
  return place === 'output' && found.get(path) === 'result' ? reportFileName : '';
}
