/** The editors that recipes and reports open in. */

import { reportFileName } from '../../protocol/file-names.ts';

export const recipeEditor = 'secateur.recipe';
export const reportEditor = 'secateur.report';

export const contributes = {
  customEditors: [
    { viewType: recipeEditor, displayName: 'Pruning Recipe', selector: [{ filenamePattern: '*.prune.yaml' }], priority: 'default' },
    { viewType: reportEditor, displayName: 'Pruning Report', selector: [{ filenamePattern: reportFileName }], priority: 'default' },
  ],
  configurationDefaults: {
    // Earlier versions are there to be compared, which is done by their text.
    'workbench.editorAssociations': { '{git,gitlens}:/**/*.prune.yaml': 'default' },
    'workbench.diffEditorAssociations': { '*.prune.yaml': 'default', [reportFileName]: 'default' },
  },
};
