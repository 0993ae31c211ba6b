/** A report's file, from its bytes to what the panel is sent. */

import { mostReportBytes, parseReport, type Report } from '../protocol/report.ts';

const mostKinds = 2000;
const mostCells = 1_000_000;

export type ReportFile = { readonly report: Report } | { readonly problem: string };

/** @param bytes  of the whole file, UTF-8 */
export function readReportBytes(bytes: Uint8Array): ReportFile {
  if (bytes.byteLength > mostReportBytes) return tooLarge(bytes.byteLength);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    return { problem: `The file is not JSON: ${(error as Error).message}` };
  }
  const parsed = parseReport(json);
  if ('report' in parsed) return fitsGrid(parsed.report) ?? parsed;
  return {
    problem: `The file is not a report that this version reads. At ${parsed.problem}. It may come from another version of Secateur.`,
  };
}

/** Blocks and kinds span a grid of which every cell is drawn: a report that no model can have made must not fill the memory. */
function fitsGrid({ matrices }: Report): ReportFile | null {
  const [blocks, kinds] = [new Set(matrices.map(({ block }) => block)).size, new Set(matrices.map(({ kind }) => kind)).size];
  if (kinds <= mostKinds && blocks * kinds <= mostCells) return null;
  return { problem: `The report names ${blocks} blocks and ${kinds} kinds of linears, more than can be shown.` };
}

export function tooLarge(bytes: number): ReportFile {
  return { problem: `The file has ${Math.ceil(bytes / 2 ** 20)} MiB; a report of more than ${mostReportBytes / 2 ** 20} MiB is not read.` };
}

/** Name of the recipe that lies in the result's folder, `null` where the report names none; never a path that leads elsewhere. */
export function recipeNameOf({ output }: Report): string | null {
  return output.others.find((name) => /^[^\\/:]+\.prune\.yaml$/.test(name)) ?? null;
}
