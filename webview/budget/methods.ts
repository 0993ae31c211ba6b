/** Which measure and which allocator make the budget, to be chosen, and the number that the allocator turns on. */

import { html, nothing } from 'lit';
import { allocators } from '../../src/methods/allocate/index.ts';
import { type Allocator, type Feed, isFedBy } from '../../src/methods/allocator.ts';
import { measures } from '../../src/methods/measure/index.ts';
import type { Measure } from '../../src/methods/measure.ts';
import type { BudgetGesture, Gesture } from '../../src/recipe/gesture.ts';
import { mainOption } from '../../src/recipe/main-option.ts';
import { plain } from '../kit/notation.ts';
import '../kit/slider.ts';
import type { Budgeted, Reading } from './situation.ts';

type Step = 'measure' | 'allocate';

const methods: Readonly<Record<Step, Readonly<Record<string, Measure | Allocator>>>> = { measure: measures, allocate: allocators };

/** As its card names it; the word itself where there is no such method. */
export function titleOfMethod(step: Step, method: string): string {
  return Object.hasOwn(methods[step], method) ? methods[step][method].title : method;
}

export interface Choice {
  readonly method: string;
  readonly label: string;
  readonly summary: string;
}

export interface Choices {
  readonly choices: readonly Choice[];
  /** A word that is no method is not among the choices. */
  readonly chosen: string;
}

/** What can be chosen, and what does not go together with what is chosen in the other step. */
export function choicesOf({ recipe, stale, named }: Reading): Readonly<Record<Step, Choices>> {
  const allocate = named.allocate ?? 'uniform';
  const feed = feedOf(allocate);
  const measure = (stale ? null : recipe?.measure.method) ?? named.measure ?? feed?.measure ?? recipe?.measure.method ?? '';
  return {
    measure: {
      chosen: measure,
      choices: listed('measure', (method) => (fits(feed, method) ? null : `not for ${titleOfMethod('allocate', allocate)}`)),
    },
    allocate: {
      chosen: allocate,
      // An allocator brings its own measure where the text names none.
      choices: listed('allocate', (method) =>
        named.measure === null || fits(feedOf(method), named.measure) ? null : `takes no ${titleOfMethod('measure', named.measure)}`,
      ),
    },
  };
}

export interface MethodControls {
  readonly reading: Reading;
  /** `null` where there is no budget. */
  readonly budgeted: Budgeted | null;
  /** Whether the recipe has problems that must be mended first; a method can be chosen all the same, since that may mend them. */
  readonly disabled: boolean;
  readonly choose: (gesture: Gesture & { readonly type: 'method' }) => void;
  readonly slide: (gesture: BudgetGesture) => void;
  readonly commit: (gesture: BudgetGesture) => void;
  readonly cancel: () => void;
}

export function methodControls({ reading, budgeted, disabled, choose, slide, commit, cancel }: MethodControls) {
  const { measure, allocate } = choicesOf(reading);
  return html`<section class="pane" aria-labelledby="methods">
    <h2 id="methods">Method</h2>
    ${dropDown('measure', 'Measure', measure, choose)} ${dropDown('allocate', 'Allocate', allocate, choose)}
    ${budgeted ? optionSlider(budgeted, disabled, slide, commit, cancel) : nothing}
  </section>`;
}

function dropDown(step: Step, title: string, { choices, chosen }: Choices, choose: MethodControls['choose']) {
  return html`<div class="method">
    <label for=${step}>${title}</label>
    <select
      id=${step}
      title=${choices.find(({ method }) => method === chosen)?.summary ?? nothing}
      @change=${({ target }: Event) => choose({ type: 'method', step, method: (target as HTMLSelectElement).value })}
    >
      ${choices.some(({ method }) => method === chosen) ? nothing : html`<option value="" selected disabled>${chosen}</option>`}
      ${choices.map(({ method, label, summary }) => html`<option value=${method} title=${summary} .selected=${method === chosen}>${label}</option>`)}
    </select>
  </div>`;
}

type Value = CustomEvent<{ readonly value: number }>;

function optionSlider(
  { recipe: { allocate, pattern } }: Budgeted,
  disabled: boolean,
  slide: MethodControls['slide'],
  commit: MethodControls['commit'],
  cancel: () => void,
) {
  const option = mainOption(allocate.method);
  if (!option) return nothing;
  const { name, limits, description } = option;
  const title = titleOfOption(name);
  const gesture = (value: number): BudgetGesture => ({ type: 'option', option: name, value });
  return html`<secateur-slider
    id="option"
    title=${description}
    .text=${title}
    .label=${`${title} of ${titleOfMethod('allocate', allocate.method)}`}
    .value=${(allocate as Readonly<Record<string, unknown>>)[name]}
    .limits=${limits}
    .extent=${limits}
    .notation=${plain}
    ?disabled=${disabled || pattern !== undefined}
    @slide=${({ detail }: Value) => slide(gesture(detail.value))}
    @commit=${({ detail }: Value) => commit(gesture(detail.value))}
    @cancel=${cancel}
  ></secateur-slider>`;
}

/** `topShare` is `Top share`. */
function titleOfOption(name: string): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words[0].toUpperCase() + words.slice(1);
}

function listed(step: Step, misfit: (method: string) => string | null): readonly Choice[] {
  return Object.entries(methods[step]).map(([method, { title, summary }]) => {
    const reason = misfit(method);
    return { method, label: reason === null ? title : `${title} (${reason})`, summary };
  });
}

function feedOf(allocator: string): Feed | null {
  return Object.hasOwn(allocators, allocator) ? (methods.allocate[allocator] as Allocator).feed : null;
}

function fits(feed: Feed | null, method: string): boolean {
  if (!feed || !Object.hasOwn(measures, method)) return true;
  return isFedBy(feed, { method, gives: (methods.measure[method] as Measure).gives });
}
