/** Changes a document as one step to undo. */

import { Range, type TextDocument, WorkspaceEdit, workspace } from 'vscode';
import { SecateurError } from '../../error.ts';
import type { TextEdit } from '../../recipe/source.ts';

/** @throws `FILE_DENIED` where the editor does not let the document be changed */
export async function applyTextEdits(document: TextDocument, edits: readonly TextEdit[]): Promise<void> {
  if (edits.length === 0) return;
  const edit = new WorkspaceEdit();
  for (const { offset, length, text } of edits)
    edit.replace(document.uri, new Range(document.positionAt(offset), document.positionAt(offset + length)), text);
  if (!(await workspace.applyEdit(edit)))
    throw new SecateurError(
      'FILE_DENIED',
      `${document.fileName} could not be changed`,
      'It may be read-only, or was changed in the same moment.',
    );
}
