/** Every command of the palette, and the menus it stands in; the handlers' type demands one for each id. */

import { reportFileName } from '../../protocol/file-names.ts';

interface CommandEntry {
  readonly title: string;
  /** A codicon, for the places that show one. */
  readonly icon?: `$(${string})`;
  /** Where it is greyed out; what runs needs a trusted workspace, and one job runs at a time. */
  readonly enablement?: string;
}

const canRun = 'isWorkspaceTrusted && !secateur.running';

export const commandTable = {
  pruneCheckpoint: { title: 'Prune Checkpoint…', enablement: canRun },
  newRecipe: { title: 'New Recipe…', icon: '$(new-file)' },
  measure: { title: 'Measure Sensitivity', icon: '$(pulse)', enablement: canRun },
  prune: { title: 'Prune', icon: '$(play)', enablement: canRun },
  pruneFresh: { title: 'Prune, Starting Over', enablement: canRun },
  stop: { title: 'Stop', icon: '$(debug-stop)', enablement: 'secateur.running' },
  resume: { title: 'Resume', icon: '$(debug-continue)', enablement: canRun },
  evaluate: { title: 'Evaluate Perplexity…', enablement: canRun },
  compareReports: { title: 'Compare Reports…', icon: '$(diff)' },
  openReport: { title: 'Open Report', icon: '$(graph)' },
  importGguf: { title: 'Import GGUF…', icon: '$(desktop-download)', enablement: canRun },
  tryPrompt: { title: 'Try a Prompt…', icon: '$(comment)', enablement: canRun },
  useSample: { title: 'Use Sample Checkpoint' },
  showLog: { title: 'Show Engine Log', icon: '$(output)' },
  restartEngine: { title: 'Restart Engine' },
  openPanel: { title: 'Open Panel', icon: '$(table)' },
  openAsText: { title: 'Open as Text', icon: '$(go-to-file)' },
} as const satisfies Record<string, CommandEntry>;

export type CommandId = keyof typeof commandTable;

/** The id under which the editor knows a command. */
export function commandName(id: CommandId): `secateur.${CommandId}` {
  return `secateur.${id}`;
}

const isRecipe = 'resourceFilename =~ /\\.prune\\.yaml$/';
const isReport = `resourceFilename == ${reportFileName}`;
const isCheckpoint = 'explorerResourceIsFolder && resourcePath in secateur.checkpointFolders';
const isWeights = 'resourceExtname == .safetensors';
const isPanel = 'activeCustomEditorId == secateur.recipe';

interface MenuItem {
  readonly command: `secateur.${CommandId}`;
  readonly when: string;
  readonly group?: string;
}

function item(id: CommandId, when: string, group?: string): MenuItem {
  return { command: commandName(id), when, ...(group === undefined ? {} : { group }) };
}

export const contributes = {
  commands: Object.entries<CommandEntry>(commandTable).map(([id, entry]) => ({
    command: `secateur.${id}`,
    category: 'Secateur',
    ...entry,
  })),
  menus: {
    commandPalette: [
      item('stop', 'secateur.running'),
      item('resume', 'secateur.resumable && !secateur.running'),
      item('openPanel', `${isRecipe} && !(${isPanel})`),
      item('openAsText', isPanel),
    ],
    'explorer/context': [
      item('pruneCheckpoint', isCheckpoint, '7_secateur@1'),
      item('newRecipe', isCheckpoint, '7_secateur@2'),
      item('evaluate', isCheckpoint, '7_secateur@3'),
      item('tryPrompt', isCheckpoint, '7_secateur@4'),
      item('pruneCheckpoint', isWeights, '7_secateur@1'),
      item('newRecipe', isWeights, '7_secateur@2'),
      item('evaluate', isWeights, '7_secateur@3'),
      item('importGguf', 'resourceExtname == .gguf', '7_secateur@1'),
      item('prune', isRecipe, '7_secateur@1'),
      item('pruneFresh', isRecipe, '7_secateur@2'),
      item('measure', isRecipe, '7_secateur@3'),
      item('evaluate', isRecipe, '7_secateur@4'),
      item('openReport', isRecipe, '7_secateur@5'),
      item('openReport', isReport, '7_secateur@1'),
      item('compareReports', isReport, '7_secateur@2'),
      item('tryPrompt', isReport, '7_secateur@3'),
    ],
    'editor/title': [
      item('openPanel', `${isRecipe} && !(${isPanel})`, 'navigation@1'),
      item('openAsText', isPanel, 'navigation@1'),
      item('prune', `${isRecipe} && !secateur.running && !secateur.resumable`, 'navigation@2'),
      item('resume', `${isRecipe} && !secateur.running && secateur.resumable`, 'navigation@2'),
      item('stop', `${isRecipe} && secateur.running`, 'navigation@2'),
      item('pruneFresh', `${isRecipe} && (secateur.finished || secateur.resumable)`, '7_secateur@1'),
      item('measure', isRecipe, '7_secateur@2'),
      item('evaluate', isRecipe, '7_secateur@3'),
      item('openReport', `${isRecipe} && secateur.finished`, '7_secateur@4'),
    ],
  },
};
