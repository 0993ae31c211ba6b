/** One item in the status bar while a job is on; a click offers to stop it, or to look at it. */

import { commands, type Disposable, StatusBarAlignment, Uri, window } from 'vscode';
import { type CommandId, commandName } from './contributes/commands.ts';
import { withoutIcons } from './plain-text.ts';
import type { Services } from './services.ts';
import { runWordsOf } from './views/run-words.ts';

/** Not in the palette: it is only of use where the item is. */
const clickCommand = 'secateur.showRunning';

export function createStatusBar({ runs }: Pick<Services, 'runs'>): Disposable[] {
  const item = window.createStatusBarItem('secateur.run', StatusBarAlignment.Left);
  item.name = 'Secateur';
  item.command = clickCommand;
  const show = () => {
    const run = runs.current;
    if (!run) return item.hide();
    const { label, description, tooltip, spoken } = runWordsOf(run, runs.progress, Date.now());
    item.text = `$(sync~spin) ${withoutIcons(`${label}: ${description}`)}`;
    item.tooltip = tooltip;
    item.accessibilityInformation = { label: spoken };
    item.show();
  };
  const click = async () => {
    const run = runs.current;
    if (!run) return;
    const choice = (label: string, id: CommandId) => ({ label, id });
    const choices = [
      ...(run.state === 'running' ? [choice('$(debug-stop) Stop', 'stop')] : []),
      ...(run.recipe === null ? [] : [choice('$(table) Open Panel', 'openPanel')]),
      choice('$(output) Show Engine Log', 'showLog'),
    ];
    const answer = await window.showQuickPick(choices, { title: runWordsOf(run, runs.progress, Date.now()).label });
    if (answer) await commands.executeCommand(commandName(answer.id), run.recipe === null ? undefined : Uri.parse(run.recipe));
  };
  return [item, runs.onDidChange(show), commands.registerCommand(clickCommand, click)];
}
