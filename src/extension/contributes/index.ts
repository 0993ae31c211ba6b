/** The parts that the manifest's `contributes` is merged from, in this order. */

import * as commands from './commands.ts';
import * as editors from './editors.ts';
import * as languages from './languages.ts';
import * as settings from './settings.ts';
import * as tasks from './tasks.ts';
import * as views from './views.ts';
import * as walkthrough from './walkthrough.ts';

export const parts: readonly { readonly contributes: object }[] = [languages, editors, commands, views, tasks, walkthrough, settings];
