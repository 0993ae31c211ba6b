/**
 * `<secateur-budget>`: the panel of a recipe. It reads the text it is given by itself, previews what a hand does, and sends one gesture when
 * the hand lets go; the text that comes back is what counts.
 */

import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import { html, LitElement, nothing } from 'lit';
import type { BudgetAction, FromBudget, RunState, ToBudget } from '../../src/protocol/panel.ts';
import type { BudgetGesture, Gesture } from '../../src/recipe/gesture.ts';
import type { Channel } from '../kit/channel.ts';
import { asSentence } from '../kit/format.ts';
import type { HeatCell, HeatData } from '../kit/heat-data.ts';
import type { HeatMap, SelectionChange } from '../kit/heat-map.ts';
import '../kit/heat-map.ts';
import { shared } from '../kit/theme.css.ts';
import { isRunning } from './actions.ts';
import { createSolo } from './alone.ts';
import { createAnnouncer } from './announcer.ts';
import { type Board, type Group, openColumn } from './board.ts';
import { type Looking, makeCells } from './cells.ts';
import { type Controls, type GroupList, groupControls, mainControls } from './controls.ts';
import { type Derived, derive, readiness, withRun, workOf } from './derive.ts';
import { detailsPane } from './details.ts';
import { header, runSentence } from './header.ts';
import { mapBar } from './map-bar.ts';
import { colouring, isShownId, type ShownId, shown, titleOf, unitOf, type View } from './measures.ts';
import { methodControls } from './methods.ts';
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
  declare private wish: BudgetGesture | null;
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
  private next: BudgetGesture | null = null;
  private timer = 0;
  private readonly solo = createSolo({
    post: (message) => this.channel.post(message),
    onChange: () => this.requestUpdate(),
  });
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
    if (message.type === 'solved') return void this.solo.receive(message);
    const before = this.derived;
    if (message.type === 'run') {
      if (!before) return;
      this.derived = derive(withRun(before.state, message.run), before);
    } else {
      const { sensitivity = before?.state.sensitivity ?? null } = message;
      this.derived = derive({ ...message.state, sensitivity }, before);
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

  /** The first finished block of a run turns the map to what the run finds; whoever then looks at something else keeps to that. */
  private watch({ state, solved, live }: Derived): void {
    const { run } = state;
    const found = run?.kind === 'measure' ? live !== null : run?.kind === 'prune' && solved.some(Boolean);
    if (!run || !found || !isRunning(state) || run.startedMs === this.watched) return;
    this.watched = run.startedMs;
    if (run.kind === 'prune') this.shownId = 'measured';
    else if (this.shownId !== 'rank') this.shownId = 'sensitivity';
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
  private slide(gesture: BudgetGesture): void {
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

  /** What another method makes of the budget shows when the text has come back. */
  private choose(gesture: Gesture & { type: 'method' }): void {
    this.stopWishing();
    this.refusal = null;
    this.channel.post({ type: 'gesture', gesture });
  }

  private commit(gesture: BudgetGesture): void {
    const { reading, slots, sensitivity } = this.derived!;
    this.stopWishing();
    this.refusal = null;
    const result = budgetFor(reading.recipe!, slots, gesture, sensitivity);
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
    const { settled, lastGood, reading, slots, sensitivity } = this.derived!;
    const result = this.wish && reading.recipe && slots.length > 0 ? budgetFor(reading.recipe, slots, this.wish, sensitivity) : settled;
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
    const fault = this.refusal ?? (reading.stale ? null : this.fault);
    const loading = state.checkpoint.state === 'loading' && !this.budgeted;
    return html`
      ${header({ state, ready, editable: slots.length > 0 && !reading.stale, now: Date.now(), act: this.act })} ${problemsPane(reading, this.channel.post)}
      ${stateNotices(derived, ready, this.act, { dismissed: this.dismissed, dismiss: this.dismiss })}
      ${fault ? faultNotice(fault, (gesture) => this.commit(gesture)) : nothing}
      ${loading ? html`<div class="skeleton" role="img" aria-label="Reading the checkpoint"></div>` : nothing}
      ${slots.length > 0 ? this.renderMain(derived) : nothing}
    `;
  }

  private renderMain(derived: Derived) {
    const { slots, facts, solved, reading } = derived;
    const { block, isDone } = workOf(derived);
    const view: View = { slots, facts, solved, nSolved: solved.filter(Boolean).length, isDone, budget: this.budgeted?.budget ?? null };
    const controls = this.budgeted ? this.controlsOf(derived, this.budgeted, reading.stale) : null;
    return html`<main class=${reading.stale ? 'stale' : ''}>
      <div>
        ${this.renderMap(view, derived, block)}
        <section class="pane" aria-labelledby="details">
          <h2 id="details">Matrix</h2>
          ${detailsPane(derived, view, this.active, this.solo.look(derived, view.budget, this.active))}
        </section>
      </div>
      <div>
        ${this.renderMethods(derived)} ${controls ? mainControls(controls) : nothing}
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

  private renderMethods({ reading }: Derived) {
    return methodControls({
      reading,
      budgeted: this.budgeted,
      disabled: reading.stale,
      choose: (gesture) => this.choose(gesture),
      slide: (gesture) => this.slide(gesture),
      commit: (gesture) => this.commit(gesture),
      cancel: () => this.stopWishing(),
    });
  }

  private renderMap(view: View, { board }: Derived, busyBlock: number | null) {
    const shownId = shown(this.shownId).missing(view) === null ? this.shownId : 'sparsity';
    const { domain, scale } = colouring(shownId, view);
    const showing = this.opened ?? board;
    if (this.cells?.board !== showing) {
      const looking: Looking = { shown: shownId, view, busyBlock };
      const cells: readonly (HeatCell | null)[] = makeCells(showing, looking);
      this.cells = { board: showing, looking, data: { rows: showing.rows, cols: showing.columns.map(({ title }) => title), cells } };
    }
    Object.assign(this.cells.looking, { shown: shownId, view, busyBlock } satisfies Looking);
    const cellsOf = (indices: Iterable<number>) => new Set([...indices].map((i) => showing.cellOf[i]).filter((cell) => cell >= 0));
    return html`<section class="pane" aria-label="Heat map">
      ${mapBar({
        shownId,
        view,
        board,
        opened: this.opened ? this.column : null,
        onShown: this.onShown,
        open: (column) => this.setColumn(column),
      })}
      <secateur-heat-map
        .data=${{ ...this.cells.data }}
        .domain=${domain}
        .scale=${scale}
        .heading=${titleOf(shownId, view)}
        .unit=${unitOf(shownId, view)}
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

  private readonly onShown = (shownId: ShownId): void => {
    this.shownId = shownId;
    this.channel.keep({ shown: shownId });
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
