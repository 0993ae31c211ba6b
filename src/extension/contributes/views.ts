/** The view container with its two views: what they say while empty, and what their items offer. */

import { type CommandId, commandName } from './commands.ts';

export const checkpointsView = 'secateur.checkpoints';
export const runsView = 'secateur.runs';

/** Commands that only the views offer. */
const viewCommandTable = {
  refreshCheckpoints: { title: 'Refresh', icon: '$(refresh)' },
  revealInExplorer: { title: 'Reveal in Explorer View', icon: '$(list-tree)' },
  copyPath: { title: 'Copy Path', icon: '$(copy)' },
  openRunReport: { title: 'Open Report', icon: '$(graph)' },
  removeRun: { title: 'Remove from List', icon: '$(close)' },
  clearRuns: { title: 'Clear Finished Runs', icon: '$(clear-all)' },
} as const;

export type ViewCommandId = keyof typeof viewCommandTable;

const isCheckpoint = 'viewItem =~ /^(checkpoint|result)$/';
const isResult = 'viewItem == result';
const isRecipe = 'viewItem == recipe';
const isGguf = 'viewItem == gguf';
const isRunning = 'viewItem =~ /\\brunning\\b/';
const isOver = 'viewItem =~ /\\bover\\b/';
const isResumable = 'viewItem =~ /\\bresumable\\b/';
const hasReport = 'viewItem =~ /\\breport\\b/';
const hasRecipe = 'viewItem =~ /\\brecipe\\b/';

/** @param when  beside the view itself; left out: always */
function onItem(view: string, id: CommandId | ViewCommandId, group: string, when?: string) {
  return { command: `secateur.${id}`, when: `view == ${view}${when === undefined ? '' : ` && ${when}`}`, group };
}

const onCheckpoint = onItem.bind(null, checkpointsView);
const onRun = onItem.bind(null, runsView);

export const contributes = {
  viewsContainers: { activitybar: [{ id: 'secateur', title: 'Secateur', icon: 'media/secateur.svg' }] },
  views: {
    secateur: [
      { id: checkpointsView, name: 'Checkpoints', contextualTitle: 'Secateur', icon: 'media/secateur.svg' },
      { id: runsView, name: 'Runs', contextualTitle: 'Secateur', icon: 'media/secateur.svg' },
    ],
  },
  viewsWelcome: [
    {
      view: checkpointsView,
      contents: 'Open the folder that holds a checkpoint, or an empty one to try the sample in.\n[Open Folder](command:vscode.openFolder)',
      when: 'workspaceFolderCount == 0',
    },
    {
      view: checkpointsView,
      contents: [
        'No checkpoint was found in this workspace. A checkpoint is a folder with config.json beside model.safetensors.',
        `[Use Sample Checkpoint](command:${commandName('useSample')})`,
        `[Import GGUF…](command:${commandName('importGguf')})`,
        '[Open Folder](command:vscode.openFolder)',
      ].join('\n'),
      when: 'workspaceFolderCount != 0 && isWorkspaceTrusted',
    },
    {
      view: checkpointsView,
      contents: [
        'No checkpoint was found in this workspace. It is not trusted: checkpoints and reports are shown, and nothing is run.',
        '[Manage Workspace Trust](command:workbench.trust.manage)',
      ].join('\n'),
      when: 'workspaceFolderCount != 0 && !isWorkspaceTrusted',
    },
    {
      view: runsView,
      contents: `Runs stand here while they go on and when they have ended.\n[Prune Checkpoint…](command:${commandName('pruneCheckpoint')})`,
      when: 'workspaceFolderCount != 0 && isWorkspaceTrusted',
    },
    {
      view: runsView,
      contents: 'Runs stand here while they go on and when they have ended. They need a trusted workspace with a checkpoint.',
      when: 'workspaceFolderCount == 0 || !isWorkspaceTrusted',
    },
  ],
  commands: Object.entries(viewCommandTable).map(([id, entry]) => ({ command: `secateur.${id}`, category: 'Secateur', ...entry })),
  menus: {
    commandPalette: Object.keys(viewCommandTable).map((id) => ({ command: `secateur.${id}`, when: 'false' })),
    'view/title': [
      onCheckpoint('refreshCheckpoints', 'navigation@1'),
      onCheckpoint('useSample', '1_secateur@1'),
      onCheckpoint('importGguf', '1_secateur@2'),
      onRun('clearRuns', 'navigation@1'),
      onRun('showLog', '1_secateur@1'),
      onRun('restartEngine', '1_secateur@2'),
    ],
    'view/item/context': [
      onCheckpoint('newRecipe', 'inline@1', isCheckpoint),
      onCheckpoint('openReport', 'inline@2', isResult),
      onCheckpoint('prune', 'inline@1', isRecipe),
      onCheckpoint('importGguf', 'inline@1', isGguf),
      onCheckpoint('openReport', '1_open@1', isResult),
      onCheckpoint('compareReports', '1_open@2', isResult),
      onCheckpoint('openPanel', '1_open@1', isRecipe),
      onCheckpoint('openAsText', '1_open@2', isRecipe),
      onCheckpoint('pruneCheckpoint', '2_run@1', isCheckpoint),
      onCheckpoint('newRecipe', '2_run@2', isCheckpoint),
      onCheckpoint('evaluate', '2_run@3', isCheckpoint),
      onCheckpoint('tryPrompt', '2_run@4', isCheckpoint),
      onCheckpoint('prune', '2_run@1', isRecipe),
      onCheckpoint('pruneFresh', '2_run@2', isRecipe),
      onCheckpoint('measure', '2_run@3', isRecipe),
      onCheckpoint('importGguf', '2_run@1', isGguf),
      onCheckpoint('revealInExplorer', '3_file@1'),
      onCheckpoint('copyPath', '3_file@2'),
      onRun('stop', 'inline@1', isRunning),
      onRun('resume', 'inline@1', isResumable),
      onRun('openRunReport', 'inline@1', hasReport),
      onRun('removeRun', 'inline@2', isOver),
      onRun('openRunReport', '1_open@1', hasReport),
      onRun('openPanel', '1_open@2', hasRecipe),
      onRun('showLog', '1_open@3'),
      onRun('stop', '2_run@1', isRunning),
      onRun('resume', '2_run@1', isResumable),
      onRun('pruneFresh', '2_run@2', isResumable),
      onRun('removeRun', '3_list@1', isOver),
    ],
  },
};
