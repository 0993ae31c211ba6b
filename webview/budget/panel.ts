/**
 * `<secateur-budget>`: the panel of a recipe. It reads the text it is given by itself, previews what a hand does, and sends one gesture when
 * the hand lets go; the text that comes back is what counts.
 */

import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import { html, LitElement, nothing } from 'lit';
import type { BudgetAction, FromBudget, RunState, ToBudget } from '../../src/protocol/panel.ts';
import type { Gesture } from '../../src/recipe/gesture.ts';
import type { Channel } from '../kit/channel.ts';
import { asSentence } from '../kit/format.ts';
import type { HeatCell, HeatData } from '../kit/heat-data.ts';
import type { HeatMap, SelectionChange } from '../kit/heat-map.ts';
import '../kit/heat-map.ts';
import { shared } from '../kit/theme.css.ts';
import { isRunning } from './actions.ts';
import { createAnnouncer } from './announcer.ts';
import { type Board, type Group, openColumn } from './board.ts';
import { type Looking, makeCells } from './cells.ts';
import { type Controls, type GroupList, groupControls, mainControls } from './controls.ts';
import { type Derived, derive, readiness, withRun } from './derive.ts';
import { detailsPane } from './details.ts';
import { header, runSentence } from './header.ts';
import { colouring, isShownId, type ShownId, shown, shownTable, type View } from './measures.ts';
import { faultNotice, stateNotices } from './notices.ts';
import { problemsPane } from './problems.ts';
import { type Budgeted, budgetFor, type Fault, isFault } from './situation.ts';
import { panelStyles } from './styles.css.ts';
import { totalsPane } from './totals.ts';

/** What is remembered while the panel is hidden. */
export interface Kept {
  readonly shown: ShownId;
  /** Names of matrices. */
  readonly selection: readonly string[];
  readonly active: string | null;
  /** The folded column that was opened. */
  readonly column: string | null;
  readonly open: readonly string[];
  readonly scroll: number;
  /** The start of the run that the map was turned to. */
  readonly watched: number;
  /** The start of the failed run whose notice was put away. */
  readonly dismissed: number;
}

/** A wish waits so long for the text that grants it. */
const patienceMs = 2000;
const mostKept = 2000;

export class BudgetPanel extends LitElement {
  static override styles = [shared, panelStyles];
  static override properties = { derived: { state: true }, wish: { state: true }, refusal: { state: true } };

  declare private derived: Derived | null;
  /** What a hand is about to do, or has done without the text having come back yet. */
  declare private wish: Gesture | null;
  declare private refusal: Fault | null;

  private channel!: Channel<ToBudget, FromBudget, Kept>;
  private shownId: ShownId = 'sparsity';
  private selection: ReadonlySet<number> = new Set();
  private active: number | null = null;
  private column: string | null = null;
  private watched = 0;
  private dismissed = 0;
  private open = new Set(['Kinds']);
  private opened: Board | null = null;
  private cells: { readonly board: Board; readonly data: HeatData; readonly looking: Looking } | null = null;
  /** The last budget that was shown; stands while a wish cannot be met. */
  private budgeted: Budgeted | null = null;
  private fault: Fault | null = null;
  private frame = 0;
  private next: Gesture | null = null;
  private timer = 0;
  private readonly announce = createAnnouncer(() => performance.now());

  constructor() {
    super();
    this.derived = null;
    this.wish = null;
    this.refusal = null;
  }

  /** Called once, before the panel is put into the page. */
  connect(channel: Channel<ToBudget, FromBudget, Kept>): void {
    this.channel = channel;
    const kept = channel.kept();
    if (isShownId(kept.shown)) this.shownId = kept.shown;
    if (Array.isArray(kept.open)) this.open = new Set(kept.open);
    this.column = typeof kept.column === 'string' ? kept.column : null;
    if (typeof kept.watched === 'number') this.watched = kept.watched;
    if (typeof kept.dismissed === 'number') this.dismissed = kept.dismissed;
    channel.onMessage((message) => this.receive(message));
    addEventListener('scroll', () => channel.keep({ scroll: scrollY }), { passive: true });
    channel.post({ type: 'ready' });
  }

  private receive(message: ToBudget): void {
    if (message.type === 'refused') {
      this.stopWishing();
      this.refusal = { message: message.message, hint: message.hint ?? undefined, nearest: null };
      return;
    }
    const before = this.derived;
    if (message.type === 'run') {
      if (!before) return;
      this.derived = derive(withRun(before.state, message.run), before);
    } else {
      this.derived = derive(message.state, before);
      if (before && message.state.version !== before.state.version) {
        this.refusal = null;
        if (this.timer !== 0) this.stopWishing();
      }
    }
    this.follow(before);
    this.watch(this.derived);
    this.speak(this.derived.state.run);
  }

  /** Slots may have other indices, or be gone, when another checkpoint is named. */
  private follow(before: Derived | null): void {
    const { slots } = this.derived!;
    if (before?.slots === slots) return;
    const kept = this.channel.kept();
    const indexOf = new Map(slots.map(({ name }, i) => [name, i]));
    const names: readonly string[] = Array.isArray(kept.selection) ? kept.selection : [];
    this.selection = new Set(names.flatMap((name) => indexOf.get(name) ?? []));
    this.active = indexOf.get(kept.active ?? '') ?? null;
    this.setColumn(this.column);
    if (before) return;
    // The map knows its size from the first frame on.
    requestAnimationFrame(() => {
      scrollTo(0, kept.scroll ?? 0);
      const { active } = this;
      if (active !== null)
        this.renderRoot.querySelector<HeatMap>('secateur-heat-map')?.reveal((this.opened ?? this.derived!.board).cellOf[active]);
    });
  }

  /** The first finished block of a run turns the map to what the run measures; whoever then looks at something else keeps to that. */
  private watch({ state, solved }: Derived): void {
    const { run } = state;
    if (run?.kind !== 'prune' || !isRunning(state) || run.startedMs === this.watched || !solved.some(Boolean)) return;
    this.watched = run.startedMs;
    this.shownId = 'measured';
    this.channel.keep({ watched: this.watched, shown: this.shownId });
  }

  private setColumn(column: string | null): void {
    const { slots, board } = this.derived!;
    const folded = board.columns.some(({ key, folded }) => folded && key === column);
    this.column = folded || slots.length === 0 ? column : null;
    this.opened = folded ? openColumn(slots, column!) : null;
    this.channel.keep({ column: this.column });
    this.requestUpdate();
  }

  private speak(run: RunState | null): void {
    if (!run) return;
    const running = run.state === 'running' || run.state === 'stopping';
    const ends = { done: 'has finished', stopped: 'was stopped', failed: 'failed' } as const;
    const sentence = running
      ? runSentence(run, Date.now())
      : `The job ${ends[run.state as keyof typeof ends]}. ${asSentence(run.message ?? '')}`;
    const spoken = this.announce(sentence, !running);
    if (spoken !== null) this.renderRoot.querySelector('#spoken')!.textContent = spoken;
  }

  private stopWishing(): void {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    this.timer = 0;
    this.frame = 0;
    this.wish = null;
  }

  /** One budget a frame, however often the pointer moves. */
  private slide(gesture: Gesture): void {
    this.next = gesture;
    this.refusal = null;
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.wish = this.next;
    });
  }

  private commit(gesture: Gesture): void {
    const { reading, slots } = this.derived!;
    this.stopWishing();
    this.refusal = null;
    const result = budgetFor(reading.recipe!, slots, gesture);
    const mends = this.derived!.settled && isFault(this.derived!.settled);
    if (isFault(result) && !mends) {
      this.refusal = result;
      return;
    }
    if (!isFault(result) && result.recipe === reading.recipe) return;
    this.wish = gesture;
    this.timer = setTimeout(() => this.stopWishing(), patienceMs);
    this.channel.post({ type: 'gesture', gesture });
  }

  private readonly act = (action: BudgetAction): void => this.channel.post({ type: 'action', action });

  private readonly dismiss = (startedMs: number): void => {
    this.dismissed = startedMs;
    this.channel.keep({ dismissed: startedMs });
    this.requestUpdate();
  };

  private get asked(): number {
    return this.wish?.type === 'target' ? this.wish.sparsity : this.derived!.reading.recipe!.sparsity;
  }

  private preview(): void {
    const { settled, lastGood, reading, slots } = this.derived!;
    const result = this.wish && reading.recipe && slots.length > 0 ? budgetFor(reading.recipe, slots, this.wish) : settled;
    this.fault = result && isFault(result) ? result : null;
    if (result && !isFault(result)) this.budgeted = result;
    else if (this.budgeted?.budget.length !== slots.length || !this.wish) this.budgeted = lastGood;
  }

  protected override render() {
    return html`<div id="spoken" class="offscreen" role="status" aria-live="polite"></div>
      ${this.derived ? this.renderPanel(this.derived) : html`<div class="skeleton" role="img" aria-label="Reading the recipe"></div>`}`;
  }

  private renderPanel(derived: Derived) {
    this.preview();
    const { state, reading, slots } = derived;
    const ready = readiness(derived);
    const fault = this.refusal ?? this.fault;
    const loading = state.checkpoint.state === 'loading' && !this.budgeted;
    return html`
      ${header({ state, ready, editable: slots.length > 0 && !reading.stale, now: Date.now(), act: this.act })} ${problemsPane(reading, this.channel.post)}
      ${stateNotices(state, ready, this.act, { dismissed: this.dismissed, dismiss: this.dismiss })}
      ${fault && !reading.stale ? faultNotice(fault, (gesture) => this.commit(gesture)) : nothing}
      ${loading ? html`<div class="skeleton" role="img" aria-label="Reading the checkpoint"></div>` : nothing}
      ${slots.length > 0 ? this.renderMain(derived) : nothing}
    `;
  }

  private renderMain(derived: Derived) {
    const { slots, facts, solved, reading } = derived;
    const view: View = { slots, facts, solved, nSolved: solved.filter(Boolean).length, budget: this.budgeted?.budget ?? null };
    const controls = this.budgeted ? this.controlsOf(derived, this.budgeted, reading.stale) : null;
    return html`<main class=${reading.stale ? 'stale' : ''}>
      <div>
        ${this.renderMap(view, derived)}
        <section class="pane" aria-labelledby="details">
          <h2 id="details">Matrix</h2>
          ${detailsPane(derived, view, this.active)}
        </section>
      </div>
      <div>
        ${controls ? mainControls(controls) : nothing}
        ${
          this.budgeted
            ? html`<section class="pane" aria-labelledby="totals">
              <h2 id="totals">Totals</h2>
              ${totalsPane(derived, this.budgeted, this.asked)}
            </section>`
            : nothing
        }
        ${
          controls
            ? [this.listOf('Kinds', 'Kind', derived.kinds), this.listOf('Blocks', 'Block', derived.blocks)].map((list) =>
                groupControls(list, controls),
              )
            : nothing
        }
      </div>
    </main>`;
  }

  private renderMap(view: View, { board, state }: Derived) {
    const shownId = shown(this.shownId).missing(view) === null ? this.shownId : 'sparsity';
    const { domain, scale } = colouring(shownId, view);
    const showing = this.opened ?? board;
    const running = state.run?.kind === 'prune' && state.run.state === 'running' && state.run.progress?.step === 'prune';
    const busyBlock = running ? Math.floor(state.run!.progress!.done) : null;
    if (this.cells?.board !== showing) {
      const looking: Looking = { shown: shownId, view, busyBlock };
      const cells: readonly (HeatCell | null)[] = makeCells(showing, looking);
      this.cells = { board: showing, looking, data: { rows: showing.rows, cols: showing.columns.map(({ title }) => title), cells } };
    }
    Object.assign(this.cells.looking, { shown: shownId, view, busyBlock } satisfies Looking);
    const { title, unit } = shown(shownId);
    const cellsOf = (indices: Iterable<number>) => new Set([...indices].map((i) => showing.cellOf[i]).filter((cell) => cell >= 0));
    return html`<section class="pane" aria-label="Heat map">
      <div class="bar">
        <label for="shown">Show</label>
        <select id="shown" @change=${this.onShown}>
          ${Object.entries(shownTable).map(([id, { title, missing }]) => {
            const reason = missing(view);
            return html`<option value=${id} ?selected=${id === shownId} ?disabled=${reason !== null}>
              ${title}${reason === null ? '' : ` (${reason})`}
            </option>`;
          })}
        </select>
        ${
          this.opened
            ? html`<vscode-button secondary @click=${() => this.setColumn(null)}>All Kinds</vscode-button>
              <span class="muted">${this.column}, one column an expert</span>`
            : board.columns
                .filter(({ folded }) => folded)
                .map(({ key, title }) => html`<button class="link" @click=${() => this.setColumn(key)}>Open ${title}</button>`)
        }
      </div>
      <secateur-heat-map
        .data=${{ ...this.cells.data }}
        .domain=${domain}
        .scale=${scale}
        .heading=${title}
        .unit=${unit}
        .selection=${cellsOf(this.selection)}
        .selectable=${'multi'}
        .active=${this.active === null ? 0 : Math.max(0, showing.cellOf[this.active])}
        @selection-change=${this.onSelection}
        @cell-activate=${this.onActivate}
      ></secateur-heat-map>
    </section>`;
  }

  private controlsOf({ slots, lastGood }: Derived, budgeted: Budgeted, disabled: boolean): Controls {
    const chosen = [...this.selection].sort((a, b) => a - b);
    return {
      slots,
      budgeted,
      settled: lastGood?.budget ?? budgeted.budget,
      selected: { title: 'Selection', slots: chosen, names: chosen.map((i) => slots[i].name) },
      asked: this.asked,
      disabled,
      slide: (gesture) => this.slide(gesture),
      commit: (gesture) => this.commit(gesture),
      cancel: () => this.stopWishing(),
    };
  }

  private listOf(title: string, noun: string, groups: readonly Group[]): GroupList {
    return { title, noun, groups, open: this.open.has(title), onToggle: (event) => this.onToggle(title, event) };
  }

  private onToggle(id: string, event: Event): void {
    if ((event.target as HTMLDetailsElement).open) this.open.add(id);
    else this.open.delete(id);
    this.channel.keep({ open: [...this.open] });
    this.requestUpdate();
  }

  private readonly onShown = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement;
    if (!isShownId(value)) return;
    this.shownId = value;
    this.channel.keep({ shown: value });
    this.requestUpdate();
  };

  private readonly onSelection = ({ detail }: CustomEvent<SelectionChange>): void => {
    const { slots, board } = this.derived!;
    const { cells } = this.opened ?? board;
    this.selection = new Set(detail.selection.flatMap((cell) => cells[cell]));
    this.active = cells[detail.active]?.[0] ?? null;
    const names = [...this.selection].slice(0, mostKept).map((i) => slots[i].name);
    this.channel.keep({ selection: names, active: this.active === null ? null : slots[this.active].name });
    this.requestUpdate();
  };

  private readonly onActivate = ({ detail, target }: CustomEvent<{ index: number }>): void => {
    const { board } = this.derived!;
    const { key, folded } = board.columns[detail.index % board.columns.length];
    if (this.opened || !folded) return;
    this.setColumn(key);
    void this.updateComplete.then(() => (target as HeatMap).focus());
  };
}

customElements.define('secateur-budget', BudgetPanel);
