/** What a run adds to the files of the checkpoint: the report, as data and as text, and the recipe. */

import { basename, relative } from 'node:path';
import { reportFileName, reportTwinName } from '../protocol/file-names.ts';
import type { Report } from '../protocol/report.ts';
import { renderReport } from '../protocol/report-markdown.ts';
import { setValue } from '../recipe/edit.ts';
import type { ResolvedRecipe } from './plan.ts';

export function resultNames(to: string): [report: string, markdown: string, recipe: string] {
  return [reportFileName, reportTwinName, `${basename(to)}.prune.yaml`];
}

/** @param recipeText  the recipe as its user wrote it, comments and all */
export function resultFiles(report: Report, recipeText: string, resolved: ResolvedRecipe): Record<string, string> {
  const [json, markdown, recipe] = resultNames(resolved.to);
  return {
    [json]: `${JSON.stringify(report, null, 2)}\n`,
    [markdown]: renderReport(report),
    [recipe]: movedRecipe(recipeText, resolved),
  };
}

/** The recipe with its paths as seen from the result's folder, so that it can be run again from there. */
function movedRecipe(text: string, { recipe, model, to, calibrationText, evaluationText }: ResolvedRecipe): string {
  const seen = (path: string) => (path === 'default' ? path : relative(to, path));
  const texts = calibrationText.map((path, i): [(string | number)[], string] => [
    typeof recipe.calibrate.text === 'string' ? ['calibrate', 'text'] : ['calibrate', 'text', i],
    seen(path),
  ]);
  const evaluation = evaluationText.map((path): [string[], string] => [['evaluate', 'text'], seen(path)]);
  const paths: [(string | number)[], string][] = [
    [['model'], seen(model)],
    [['save', 'to'], `../${basename(to)}`],
    ...texts,
    ...evaluation,
  ];
  return paths.reduce((moved, [path, value]) => setValue(moved, path, value).text, text);
}
