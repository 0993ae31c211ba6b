/** What the figures say, by rules and nothing else: every sentence is a table's row that a comparison has filled. */

import { table } from '../../src/protocol/markdown.ts';
import { showLevel } from './grid.ts';
import type { MeasuredRecord, PeerRecord } from './records.ts';
import { median } from './statistics.ts';
import { differenceTo, type Group, isShare, membersOf, perplexityOf, settingsOf, verdictOf } from './view.ts';

const unfed = new Set(['uniform', 'prior']);

/** Of each allocation against `base`: at which levels it is below, above or neither, and whether the gain grows with sparsity. */
export function comparisons(groups: readonly Group[], rivals: readonly string[], base: string): string[] {
  const settings = settingsOf(groups).map(([solver, finish]) => ({
    name: `${solver}, ${finish}`,
    members: membersOf(groups, solver, finish),
  }));
  const rows = rivals.map((rival) => [rival, ...settings.map(({ members }) => compare(members, rival, base))]);
  const told = rows.filter((row) => row.slice(1).some((text) => text !== ''));
  if (told.length === 0) return [];
  const columns = settings.map(({ name }) => name);
  return [table([`against ${base}`, ...columns], told, 1 + columns.length), ''];
}

/** `below at 50 %, 60 %; above at 80 %`, and of shares all below by ever more: `gain grows`. */
function compare(members: readonly Group[], rival: string, base: string): string {
  const found = members.flatMap((group) => {
    const difference = differenceTo(group, rival, base);
    return difference ? [{ level: group.level, difference, verdict: verdictOf(difference) }] : [];
  });
  const shares = found.filter(({ level }) => isShare(level));
  const isGrowing =
    shares.length > 1 &&
    shares.every(({ verdict, difference }, i) => verdict === 'below' && (i === 0 || difference.mean < shares[i - 1].difference.mean));
  const parts = (['below', 'above', 'unclear'] as const).flatMap((verdict) => {
    const at = found.filter((each) => each.verdict === verdict).map(({ level }) => showLevel(level));
    return at.length === 0 ? [] : [`${verdict} at ${at.join(', ')}`];
  });
  return [...parts, ...(isGrowing ? ['gain grows'] : [])].join('; ');
}

/** Ratios that are aimed at, by what is to be beaten and the share of zeros. */
export type Goals = Readonly<Record<string, number>>;

/** Ours over a published code's perplexity on the same windows, and over that of our own prior, with the goal where there is one. */
export function againstPeers(
  groups: readonly Group[],
  peers: readonly PeerRecord[],
  allocations: readonly string[],
  goals: Goals,
): string[] {
  const own = membersOf(groups, 'obs', 'least-squares')
    .filter(({ level }) => isShare(level))
    .map((group): Group => ({ ...group, cells: group.cells.filter(({ seed }) => seed === 0) }));
  const columns = own.flatMap((group) => {
    const published = peers.filter(({ level }) => level === group.level).map((peer) => ({ ...peer, name: `published ${peer.method}` }));
    const prior = perplexityOf(group, 'prior');
    const rivals = [...published, ...(prior ? [{ method: 'prior', name: 'our prior', perplexity: prior.perplexity }] : [])];
    return rivals.map((rival) => ({ ...rival, group, goal: goals[`${rival.method} ${group.level}`] }));
  });
  if (columns.length === 0) return [];
  const heads = columns.map(({ name, group, perplexity, goal }) => {
    const aim = goal === undefined ? '' : `, goal ${goal}`;
    return `${name}, ${showLevel(group.level)}: ${perplexity.toFixed(2)}${aim}`;
  });
  const rows = allocations.map((allocation) => [
    allocation,
    ...columns.map(({ name, group, perplexity, goal }) => {
      const ours = name === `our ${allocation}` ? null : perplexityOf(group, allocation);
      if (!ours) return '';
      const ratio = ours.perplexity / perplexity;
      return `${ratio.toFixed(3)}${goal === undefined ? '' : ratio <= goal ? ' (met)' : ' (not met)'}`;
    }),
  ]);
  return [
    'Our perplexity over that of published codes and of our own prior: ours with `obs`, least squares and the first seed, whose calibration tokens',
    'are the published codes’. An empty field: not run.',
    '',
    table(['allocation', ...heads], rows),
  ];
}

/** For every level the lowest perplexity, and the lowest among those whose measure takes less than ten calibration passes. */
export function bests(
  groups: readonly Group[],
  measured: Iterable<MeasuredRecord>,
  measureOf: (allocation: string) => string | undefined,
): string[] {
  const passes = passesOf(groups, measured);
  const rows = settingsOf(groups)
    .flatMap(([solver, finish]) => membersOf(groups, solver, finish))
    .filter(({ level }) => isShare(level))
    .flatMap((group) => {
      const names = [...new Set(group.cells.map(({ allocation }) => allocation))];
      const found = names.map((name) => ({ name, ...perplexityOf(group, name)! })).toSorted((a, b) => a.perplexity - b.perplexity);
      if (found.length < 2) return [];
      const cheap = found.find(({ name }) => unfed.has(name) || (passes.get(measureOf(name) ?? '') ?? Infinity) < 10);
      const show = (best: (typeof found)[number] | undefined) => (best ? `${best.name} (${best.perplexity.toFixed(2)})` : '');
      return [[`${group.solver}, ${group.finish}`, showLevel(group.level), show(found[0]), show(cheap)]];
    });
  if (rows.length === 0) return ['Nothing to compare yet.'];
  return [table(['solver, finish', 'sparsity', 'lowest perplexity', 'lowest for less than ten calibration passes'], rows, 4)];
}

/** What measuring took, in seconds and in calibration passes. */
export function costs(groups: readonly Group[], measured: Iterable<MeasuredRecord>): string[] {
  const all = [...measured];
  const passes = passesOf(groups, all);
  if (all.length === 0) return ['No measure was timed.'];
  const rows = [...new Set(all.map(({ measure }) => measure))].map((measure) => {
    const taken = all.filter((record) => record.measure === measure).map(({ seconds }) => seconds);
    return [measure, median(taken).toFixed(1), String(taken.length), passes.get(measure)?.toFixed(2) ?? ''];
  });
  return [table(['measure', 'seconds', 'times', 'calibration passes'], rows)];
}

/** A calibration pass is the median of what the runs took for theirs. */
function passesOf(groups: readonly Group[], measured: Iterable<MeasuredRecord>): Map<string, number> {
  const calibration = groups.flatMap(({ cells }) => cells.flatMap(({ record }) => record.seconds.calibrate ?? []));
  if (calibration.length === 0) return new Map();
  const all = [...measured];
  return new Map(
    all.map(({ measure }) => [
      measure,
      median(all.filter((record) => record.measure === measure).map(({ seconds }) => seconds)) / median(calibration),
    ]),
  );
}
