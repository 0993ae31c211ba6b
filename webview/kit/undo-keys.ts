/** Sends the keys of undo and redo to the document exactly once, except where a field has typing of its own to take back. */

import { pendingMark } from './number-field.ts';

/**
 * The editor listens for keys in a webview too, and would undo in the document by itself; a key that is dealt with here never gets
 * there. A field takes back its own typing, so its key is kept from the editor but not from the browser.
 */
export function routeUndo(send: (type: 'undo' | 'redo') => void): void {
  addEventListener(
    'keydown',
    (event) => {
      const type = undoKey(event);
      if (!type) return;
      event.stopImmediatePropagation();
      if (event.composedPath().some((target) => target instanceof HTMLInputElement && target.hasAttribute(pendingMark))) return;
      event.preventDefault();
      send(type);
    },
    { capture: true },
  );
}

function undoKey({ key, ctrlKey, metaKey, shiftKey, altKey }: KeyboardEvent): 'undo' | 'redo' | null {
  if (!(ctrlKey || metaKey) || altKey) return null;
  const letter = key.toLowerCase();
  if (letter === 'z') return shiftKey ? 'redo' : 'undo';
  return letter === 'y' && ctrlKey ? 'redo' : null;
}
