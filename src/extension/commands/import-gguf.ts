/** Import GGUF…: turns a GGUF file into a checkpoint that can be pruned. */

import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, resolve } from 'node:path';
import { window, workspace } from 'vscode';
import { requireTrust, importGguf as startImport } from '../jobs.ts';
import { freeName } from '../paths.ts';
import { type Choice, pick } from '../pick.ts';
import { withoutIcons, withoutLinks } from '../plain-text.ts';
import { uriOf } from '../recipe-files.ts';
import type { Services } from '../services.ts';
import type { CommandHandler } from './command.ts';

const title = 'Import GGUF';

export const importGguf: CommandHandler = async (services, argument) => {
  requireTrust();
  const file = uriOf(argument)?.fsPath ?? (await pickFile(services));
  if (file === undefined) return;
  const value = freeName(file.replace(/\.gguf$/i, ''), '', existsSync);
  const to = await window.showInputBox({
    title,
    prompt: 'The folder to write; it is made anew.',
    value,
    valueSelection: [dirname(value).length + 1, value.length],
    ignoreFocusOut: true,
    validateInput: (path) => {
      if (!isAbsolute(path)) return 'Write the whole path.';
      return existsSync(path) ? `${withoutLinks(path)} exists.` : undefined;
    },
  });
  if (to !== undefined) await startImport(services, file, resolve(to));
};

async function pickFile({ library }: Services): Promise<string | undefined> {
  const { ggufs } = (await library.facts()).files;
  const items = ggufs.map(
    (path): Choice<string | null> => ({
      label: withoutIcons(basename(path)),
      description: withoutIcons(workspace.asRelativePath(dirname(path))),
      value: path,
    }),
  );
  const answer = await pick<string | null>({
    title,
    placeholder: items.length > 0 ? 'Which file?' : 'No GGUF file was found in this workspace',
    items: [...items, { label: '$(folder-opened) Browse…', value: null }],
  });
  if (answer === undefined || answer === 'back') return undefined;
  if (answer.value !== null) return answer.value;
  const [file] = (await window.showOpenDialog({ title, filters: { GGUF: ['gguf'] } })) ?? [];
  return file?.fsPath;
}
