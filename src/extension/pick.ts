/** Quick picks: one step of a wizard with its back button, and the lists that commands choose from. */

import { basename, dirname, join } from 'node:path';
import { QuickInputButtons, type QuickPickItem, Uri, window, workspace } from 'vscode';
import { reportFileName, reportTwinName } from '../protocol/file-names.ts';
import { textEndings } from '../recipe/steps.ts';
import { withoutIcons } from './plain-text.ts';
import type { Services } from './services.ts';
import type { StepPlace } from './steps.ts';
import { leftOut } from './views/library.ts';

export interface Choice<T> extends QuickPickItem {
  readonly value: T;
}

export interface PickOptions<T> {
  readonly title: string;
  readonly placeholder: string;
  readonly items: readonly Choice<T>[];
  /** The one that is chosen by Enter alone. */
  readonly preferred?: (value: T) => boolean;
  /** An item for what was typed and is not in the list. */
  readonly typed?: (text: string) => Choice<T> | null;
  /** In a wizard. */
  readonly place?: StepPlace;
}

/** @returns  the value that was chosen, `back`, or `undefined` where the list was closed */
export function pick<T>({
  title,
  placeholder,
  items,
  preferred,
  typed,
  place,
}: PickOptions<T>): Promise<{ readonly value: T } | 'back' | undefined> {
  const list = window.createQuickPick<Choice<T>>();
  list.title = title;
  list.placeholder = placeholder;
  list.matchOnDescription = true;
  list.ignoreFocusOut = true;
  list.items = items;
  if (place) Object.assign(list, { step: place.step, totalSteps: place.total, buttons: place.step > 1 ? [QuickInputButtons.Back] : [] });
  const active = preferred && items.find(({ value }) => preferred(value));
  if (active) list.activeItems = [active];
  return new Promise((resolve) => {
    list.onDidChangeValue((text) => {
      const own = typed?.(text);
      // “0.5” may mean an item that is listed as “50 %”, which the list by itself would hide.
      const meant = own && (items.find(({ label }) => label === own.label) ?? own);
      list.items = meant ? [{ ...meant, alwaysShow: true }, ...items.filter((item) => item !== meant)] : items;
    });
    list.onDidTriggerButton(() => {
      resolve('back');
      list.hide();
    });
    list.onDidAccept(() => {
      const [item] = list.activeItems;
      if (!item) return;
      resolve({ value: item.value });
      list.hide();
    });
    list.onDidHide(() => {
      resolve(undefined);
      list.dispose();
    });
    list.show();
  });
}

const browse = Symbol('browse');

/** The folder of a checkpoint: one of those found in the workspace, or any other. */
export async function pickCheckpoint(
  services: Services,
  title: string,
  place?: StepPlace,
  preferred?: string,
): Promise<string | 'back' | undefined> {
  const { checkpoints } = (await services.library.facts()).files;
  const found = checkpoints
    .toSorted((a, b) => a.localeCompare(b))
    .map(
      (path): Choice<string | typeof browse> => ({
        label: `$(package) ${withoutIcons(workspace.asRelativePath(path))}`,
        value: path,
      }),
    );
  const answer = await pick<string | typeof browse>({
    title,
    placeholder: found.length > 0 ? 'Which checkpoint?' : 'No checkpoint was found in this workspace',
    items: [...found, { label: '$(folder-opened) Browse…', description: 'a folder with config.json and safetensors', value: browse }],
    preferred: (value) => value === preferred,
    ...(place && { place }),
  });
  if (answer === undefined || answer === 'back') return answer;
  if (answer.value !== browse) return answer.value;
  const [folder] =
    (await window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false, title, openLabel: 'Use Checkpoint' })) ?? [];
  // Who closes the dialog in a wizard is back at its list.
  return folder?.fsPath ?? (place && pickCheckpoint(services, title, place, preferred));
}

/** Texts that a workspace may hold beside its checkpoints. */
const mostTexts = 200;

/** `default`, or the absolute path of a text: one of those found in the workspace, or any other. */
export async function pickText(options: {
  readonly title: string;
  readonly placeholder: string;
  readonly hasDefault: boolean;
  readonly place?: StepPlace;
  readonly preferred?: string;
}): Promise<string | 'back' | undefined> {
  const { title, placeholder, hasDefault, place, preferred } = options;
  const endings = textEndings.filter((ending) => ending !== '.safetensors').map((ending) => ending.slice(1));
  const uris = await workspace.findFiles(`**/*.{${endings.join(',')}}`, leftOut, mostTexts);
  const found = uris
    .filter((uri) => basename(uri.path) !== reportTwinName)
    .toSorted((a, b) => a.path.localeCompare(b.path))
    .map(
      (uri): Choice<string | typeof browse> => ({
        label: withoutIcons(basename(uri.path)),
        description: withoutIcons(workspace.asRelativePath(dirname(uri.fsPath))),
        value: uri.fsPath,
      }),
    );
  const own = { label: 'default', description: 'the text that comes with Secateur', value: 'default' };
  const answer = await pick<string | typeof browse>({
    title,
    placeholder,
    items: [...(hasDefault ? [own] : []), ...found, { label: '$(folder-opened) Browse…', description: endings.join(', '), value: browse }],
    preferred: (value) => value === preferred,
    ...(place && { place }),
  });
  if (answer === undefined || answer === 'back') return answer;
  if (answer.value !== browse) return answer.value;
  const filters = { Texts: textEndings.map((ending) => ending.slice(1)) };
  const [file] =
    (await window.showOpenDialog({ canSelectFiles: true, canSelectFolders: false, title, openLabel: 'Use Text', filters })) ?? [];
  return file?.fsPath ?? (place && pickText(options));
}

/** A report of those found in the workspace, or any other. */
export async function pickReport(title: string, leaveOut: readonly Uri[] = []): Promise<Uri | undefined> {
  const skipped = new Set(leaveOut.map((uri) => uri.toString()));
  const uris = await workspace.findFiles(`**/${reportFileName}`, leftOut);
  const found = uris
    .filter((uri) => !skipped.has(uri.toString()))
    .toSorted((a, b) => a.path.localeCompare(b.path))
    .map((uri): Choice<Uri | typeof browse> => ({ label: withoutIcons(workspace.asRelativePath(dirname(uri.fsPath))), value: uri }));
  const answer = await pick<Uri | typeof browse>({
    title,
    placeholder: found.length > 0 ? 'Which report?' : 'No report was found in this workspace',
    items: [...found, { label: '$(folder-opened) Browse…', description: `a ${reportFileName}`, value: browse }],
  });
  if (answer === undefined || answer === 'back') return undefined;
  if (answer.value !== browse) return answer.value;
  const [file] = (await window.showOpenDialog({ title, filters: { Reports: ['json'] } })) ?? [];
  return file;
}

/** The folder of a checkpoint that a file in it, or the folder itself, stands for. */
export function checkpointOf(uri: Uri): string {
  return /\.(safetensors|json)$/.test(uri.path) ? dirname(uri.fsPath) : uri.fsPath;
}

export function reportIn(folder: string): Uri {
  return Uri.file(join(folder, reportFileName));
}
