/** Reads a report's file, which may be anything, as the editor sees it. */

import { type Uri, workspace } from 'vscode';
import { mostReportBytes } from '../protocol/report.ts';
import { type ReportFile, readReportBytes, tooLarge } from './report-file.ts';

/** Never throws: what cannot be read says why. */
export async function loadReport(uri: Uri): Promise<ReportFile> {
  try {
    const { size } = await workspace.fs.stat(uri);
    return size > mostReportBytes ? tooLarge(size) : readReportBytes(await workspace.fs.readFile(uri));
  } catch (error) {
    return { problem: `The file cannot be read: ${(error as Error).message}` };
  }
}
