/** The page of a webview: one bundled script under a strict policy. */

import { randomBytes } from 'node:crypto';
import { Uri, type Webview } from 'vscode';

/** What a webview may read. */
export function webviewRoots(extensionUri: Uri): readonly Uri[] {
  return ['dist/webview', 'media'].map((folder) => Uri.joinPath(extensionUri, folder));
}

/**
 * @param name   of the bundle in `dist/webview`
 * @param title  for those who hear the page
 */
export function webviewHtml(webview: Webview, extensionUri: Uri, name: 'budget' | 'report', title: string): string {
  const nonce = randomBytes(16).toString('base64');
  const uri = (file: string) => webview.asWebviewUri(Uri.joinPath(extensionUri, 'dist', 'webview', file));
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<link rel="stylesheet" href="${uri('codicon.css')}" id="vscode-codicon-stylesheet" nonce="${nonce}">
</head>
<body>
<script nonce="${nonce}" src="${uri(`${name}.js`)}"></script>
</body>
</html>`;
}
