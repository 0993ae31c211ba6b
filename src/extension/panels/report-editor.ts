/** The editor of `secateur-report.json`: read only, since a report is what was measured. */

import { type Uri, ViewColumn, type WebviewPanel, window } from 'vscode';
import { type ReportPage, showReports, titleOf } from './report-page.ts';

export interface ReportEditor {
  open(uri: Uri, panel: WebviewPanel): void;
  /** The pages of a report, by its uri. */
  pagesOf(uri: string): readonly ReportPage[];
}

export function createReportEditor(extensionUri: Uri): ReportEditor {
  const open = new Map<ReportPage, string>();
  return {
    open(uri, panel) {
      const page = showReports(extensionUri, panel, [uri]);
      open.set(page, uri.toString());
      panel.onDidDispose(() => open.delete(page));
    },
    pagesOf: (uri) => Array.from(open).flatMap(([page, of]) => (of === uri ? [page] : [])),
  };
}

/** Two reports in one panel; what is wrong with either is said there. */
export function openComparison(extensionUri: Uri, a: Uri, b: Uri): ReportPage {
  const panel = window.createWebviewPanel('secateur.comparison', `${lastOf(titleOf(a))} ↔ ${lastOf(titleOf(b))}`, ViewColumn.Active);
  return showReports(extensionUri, panel, [a, b]);
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
