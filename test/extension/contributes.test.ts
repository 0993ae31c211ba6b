import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandTable } from '../../src/extension/contributes/commands.ts';
import { parts } from '../../src/extension/contributes/index.ts';
import { mergeParts } from '../../src/extension/contributes/merge.ts';
import { settingNames } from '../../src/extension/contributes/settings.ts';
import * as tasks from '../../src/extension/contributes/tasks.ts';
import { keysOfWhen } from '../support/when-clause.ts';

const root = new URL('../..', import.meta.url).pathname;

interface MenuItem {
  readonly command?: string;
  readonly when?: string;
}

interface Contributes {
  readonly commands: readonly { readonly command: string; readonly title: string; readonly category: string; readonly icon?: string }[];
  readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
  readonly viewsContainers: { readonly activitybar: readonly { readonly id: string; readonly icon: string }[] };
  readonly views: Readonly<Record<string, readonly { readonly id: string; readonly icon: string }[]>>;
  readonly viewsWelcome: readonly { readonly view: string; readonly contents: string; readonly when: string }[];
  readonly walkthroughs: readonly {
    readonly steps: readonly {
      readonly id: string;
      readonly description: string;
      readonly media: { readonly svg: string; readonly altText: string };
      readonly completionEvents: readonly string[];
    }[];
  }[];
  readonly problemMatchers: readonly { readonly name: string }[];
}

const contributes = mergeParts(parts.map((part) => part.contributes)) as unknown as Contributes;
const declared = contributes.commands.map(({ command }) => command);
const viewIds = Object.values(contributes.views).flatMap((views) => views.map(({ id }) => id));
const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);

/** Commands of the editor itself that we send people to. */
const builtIn = ['vscode.openFolder', 'workbench.trust.manage'];

/** Context keys of the editor, and those that we set. */
const knownKeys = [
  'view',
  'viewItem',
  'workspaceFolderCount',
  'isWorkspaceTrusted',
  'resourceFilename',
  'resourceExtname',
  'resourcePath',
  'explorerResourceIsFolder',
  'activeCustomEditorId',
  'editorLangId',
  'secateur.running',
  'secateur.resumable',
  'secateur.finished',
  'secateur.checkpointFolders',
];

describe('the contributions', () => {
  it('name no command twice', () => {
    expect(declared.toSorted()).toEqual([...new Set(declared)].toSorted());
  });

  it('offer only commands that are declared, and views that are', () => {
    for (const [menu, items] of Object.entries(contributes.menus))
      for (const { command } of items) expect(declared, menu).toContain(command);
    for (const { view } of contributes.viewsWelcome) expect(viewIds).toContain(view);
    const containers = contributes.viewsContainers.activitybar.map(({ id }) => id);
    expect(Object.keys(contributes.views)).toEqual(containers);
  });

  it('say when in clauses that the editor understands, with keys that exist', () => {
    const clauses = [
      ...Object.values(contributes.menus).flatMap((items) => items.map(({ when }) => when)),
      ...contributes.viewsWelcome.map(({ when }) => when),
      ...contributes.commands.map((command) => (command as { enablement?: string }).enablement),
      ...steps.flatMap(({ completionEvents }) =>
        completionEvents.filter((event) => event.startsWith('onContext:')).map((event) => event.slice(10)),
      ),
    ].filter((when) => when !== undefined);
    expect(clauses.length).toBeGreaterThan(40);
    for (const clause of clauses) for (const key of keysOfWhen(clause)) expect(knownKeys, clause).toContain(key);
  });

  it('ask of an item of a view only what its view is', () => {
    for (const { command, when } of contributes.menus['view/item/context']!) {
      const [, view] = /^view == (\S+)/.exec(when!) ?? [];
      expect(viewIds, command).toContain(view);
    }
  });

  it('give every command that stands in line with a title or an item an icon', () => {
    const iconed = contributes.commands.filter(({ icon }) => icon !== undefined).map(({ command }) => command);
    const shown = Object.entries(contributes.menus).flatMap(([menu, items]) =>
      (items as readonly (MenuItem & { readonly group?: string })[])
        .filter(({ group }) => /^(inline|navigation)/.test(group ?? '') && /^(view|editor)\/(item|title)/.test(menu))
        .map(({ command }) => command),
    );
    expect(shown.length).toBeGreaterThan(5);
    for (const command of shown) expect(iconed).toContain(command);
  });

  it('use codicons that there are', () => {
    const codicons = readFileSync(join(root, 'node_modules/@vscode/codicons/dist/codicon.css'), 'utf8');
    for (const { icon } of contributes.commands) if (icon) expect(codicons).toContain(`.codicon-${icon.slice(2, -1)}:before`);
  });

  it('lead only to files that are there', () => {
    const paths = stringsIn(contributes).filter((text) => /^(\.\/)?media\//.test(text));
    expect(paths.length).toBeGreaterThan(8);
    for (const path of paths) expect(existsSync(join(root, path)), path).toBe(true);
  });

  it('link from texts only to commands that are there', () => {
    const texts = [...contributes.viewsWelcome.map(({ contents }) => contents), ...steps.map(({ description }) => description)];
    const linked = texts.flatMap((text) => Array.from(text.matchAll(/\]\(command:([^)]+)\)/g), ([, command]) => command!));
    expect(linked.length).toBeGreaterThan(8);
    for (const command of linked) expect([...declared, ...builtIn]).toContain(command);
    const events = steps.flatMap(({ completionEvents }) => completionEvents);
    for (const event of events.filter((text) => text.startsWith('onCommand:')))
      expect(declared).toContain(event.slice('onCommand:'.length));
  });

  it('are told in docs/editor.md: every command, setting and key of a task', () => {
    const page = readFileSync(join(root, 'docs/editor.md'), 'utf8');
    for (const { title } of Object.values(commandTable)) expect(page).toMatch(new RegExp(`^\\| [^|]*${title}[^|]*\\|`, 'm'));
    for (const name of settingNames) expect(page).toContain(`\`secateur.${name}\``);
    const [{ properties }] = tasks.contributes.taskDefinitions;
    for (const word of [...Object.keys(properties), ...properties.command.enum]) expect(page).toContain(`\`${word}\``);
  });

  it('draw pictures in the colours of the theme, and describe them', () => {
    for (const { media } of steps) {
      const svg = readFileSync(join(root, media.svg), 'utf8');
      expect(svg).toMatch(/var\(--vscode-foreground\)/);
      // The page that shows it has a policy that knows neither styles nor scripts.
      expect(svg).not.toMatch(/style=|<style|<script|href=/);
      expect(media.altText.length).toBeGreaterThan(20);
    }
  });
});

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

describe('a when clause', () => {
  it.each([
    'a && b',
    '!a || b == c',
    'view == secateur.runs && viewItem =~ /^(a|b)$/',
    '(a || !b) && c != 0',
    'resourcePath in secateur.checkpointFolders',
    'a not in b',
    "a == 'some words'",
  ])('%s is understood', (clause) => {
    expect(keysOfWhen(clause).length).toBeGreaterThan(0);
  });

  it.each(['a &&', '&& b', 'a b', 'a == ', '(a', 'a =~ b', 'a =~ /(/', 'a & b', 'a in'])('%s is not', (clause) => {
    expect(() => keysOfWhen(clause)).toThrow(SyntaxError);
  });
});
