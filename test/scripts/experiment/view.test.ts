import { describe, expect, it } from 'vitest';
import { againstPeers, bests, comparisons } from '../../../scripts/experiment/claims.ts';
import type { CellRecord, MeasuredRecord, PeerRecord } from '../../../scripts/experiment/records.ts';
import { differenceTo, groupsOf, perplexityOf, sortLevels, verdictOf } from '../../../scripts/experiment/view.ts';

const made = { secateur: '0', commit: 'x', date: 'x', environment: {} };

function cell(id: string, windowNll: number[], zeros = 100): CellRecord {
  const nll = windowNll.reduce((sum, value) => sum + value, 0) / windowNll.length;
  const perplexity = { perplexity: Math.exp(nll), nll, windowNll };
  const rest = { recipe: '', byKind: {}, range: [0, 1] as [number, number], seconds: { calibrate: 10 }, peakMiB: 1 };
  return { type: 'cell', ...made, ...perplexity, ...rest, id, zeros };
}

function groups(...cells: CellRecord[]) {
  return groupsOf(new Map(cells.map((record) => [record.id, record])));
}

describe('groups', () => {
  it('refuse cells of one level that do not have the same zeros', () => {
    const uneven = () => groups(cell('uniform/obs/none/60/seed-0', [1]), cell('owl/wanda/none/60/seed-0', [1], 101));
    expect(uneven).toThrow('owl/wanda/none/60/seed-0 has 101');
  });

  it('pair an allocation with uniform window by window, over the seeds that both have', () => {
    const [group] = groups(
      cell('uniform/obs/none/60/seed-0', [3, 4]),
      cell('uniform/obs/none/60/seed-1', [3, 5]),
      cell('prior/obs/none/60/seed-0', [2.5, 3.5]),
      cell('prior/obs/none/60/seed-2', [0, 0]),
    );
    expect(differenceTo(group, 'prior', 'uniform')).toEqual({ mean: -0.5, standardError: 0, seeds: [-0.5] });
    expect(differenceTo(group, 'owl', 'uniform')).toBeNull();
    expect(perplexityOf(group, 'uniform')?.perplexity).toBeCloseTo(Math.exp(3.75), 12);
  });
});

describe('verdicts', () => {
  it('count a difference from two standard errors on', () => {
    expect(verdictOf({ mean: -0.21, standardError: 0.1 })).toBe('below');
    expect(verdictOf({ mean: 0.21, standardError: 0.1 })).toBe('above');
    expect(verdictOf({ mean: -0.19, standardError: 0.1 })).toBe('unclear');
  });
});

describe('levels', () => {
  it('stand ascending, patterns last', () => {
    expect(sortLevels(['2:4', 0.7, 0.5, 0.7])).toEqual([0.5, 0.7, '2:4']);
  });
});

describe('what the figures say', () => {
  const figures = groups(
    cell('uniform/obs/least-squares/50/seed-0', [3, 3.1]),
    cell('uniform/obs/least-squares/60/seed-0', [4, 4.1]),
    cell('uniform/obs/least-squares/70/seed-0', [5, 5.1]),
    cell('prior/obs/least-squares/50/seed-0', [3.1, 3.2]),
    cell('prior/obs/least-squares/60/seed-0', [3.9, 4]),
    cell('prior/obs/least-squares/70/seed-0', [4.4, 5.6]),
    cell('curves-scan/obs/least-squares/60/seed-0', [3, 3.1]),
  );

  it('is where one is below, where above, where neither, and whether the gain grows', () => {
    const [text] = comparisons(figures, ['prior', 'owl'], 'uniform');
    expect(text.split('\n').slice(2)).toEqual(['| prior | below at 60 %; above at 50 %; unclear at 70 % |']);
    expect(comparisons(figures, ['owl'], 'uniform')).toEqual([]);
  });

  it('is a gain that grows where all shares are below by ever more', () => {
    const growing = groups(
      ...[50, 60, 70].flatMap((level, i) => [
        cell(`uniform/obs/none/${level}/seed-0`, [3, 3.1]),
        cell(`prior/obs/none/${level}/seed-0`, [2.9 - i / 10, 3 - i / 10]),
        cell(`owl/obs/none/${level}/seed-0`, [2.9, 3]),
      ]),
    );
    const [text] = comparisons(growing, ['prior', 'owl'], 'uniform');
    expect(text).toContain('| prior | below at 50 %, 60 %, 70 %; gain grows |');
    expect(text).toContain('| owl | below at 50 %, 60 %, 70 % |');
  });

  it('is the ratio to a published code, with the goal', () => {
    const peer: PeerRecord = {
      type: 'peer',
      id: 'sparsegpt/60',
      method: 'sparsegpt',
      level: 0.6,
      zeros: 1,
      perplexity: 100,
      nll: 1,
      windowNll: [],
    };
    const text = againstPeers(figures, [peer], ['uniform', 'curves-scan', 'owl'], { 'sparsegpt 0.6': 0.4 }).at(-1)!;
    const rows = text.split('\n').map((row) => row.split(' | '));
    const column = rows[0].findIndex((head) => head.startsWith('published sparsegpt'));
    expect(rows[0][column]).toBe('published sparsegpt, 60 %: 100.00, goal 0.4');
    expect(rows.slice(2).map((row) => row[column])).toEqual(['0.574 (not met)', '0.211 (met)', '']);
  });

  it('is the ratio to our own prior', () => {
    const text = againstPeers(figures, [], ['prior', 'curves-scan'], {}).at(-1)!;
    expect(text.split('\n').slice(2)).toEqual(['| prior |  |  |  |', '| curves-scan |  | 0.407 |  |']);
  });

  it('is the best, and the best of those whose measure takes less than ten calibration passes', () => {
    const scan: MeasuredRecord = { type: 'measured', ...made, id: 'scan', measure: 'scan', seed: 0, seconds: 101 };
    const measureOf = (allocation: string) => (allocation === 'curves-scan' ? 'scan' : undefined);
    const [text] = bests(figures, [scan], measureOf);
    expect(text).toContain('| obs, least-squares | 60 % | curves-scan (21.12) | prior (51.94) |');
    expect(bests(figures, [{ ...scan, seconds: 99 }], measureOf)[0]).toContain('| curves-scan (21.12) | curves-scan (21.12) |');
  });
});
