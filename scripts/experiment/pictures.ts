/** The pictures of the MixGPT experiment: perplexity against sparsity, and what an allocation gains over uniform. */

import { formatCount } from '../../src/protocol/quantity.ts';
import { type Chart, type Panel, type Point, renderChart } from './chart.ts';
import type { SetupRecord } from './records.ts';
import { differenceTo, type Group, isShare, membersOf, perplexityOf, settingsOf } from './view.ts';

export interface Picture {
  readonly svg: string;
  readonly chart: Chart;
}

/** By file name; none where there is nothing to draw. */
export function picturesOf(groups: readonly Group[], names: readonly string[], { model }: SetupRecord): Map<string, Picture> {
  const x = { label: 'sparsity', scale: 'values' as const, show: (level: number) => `${Math.round(100 * level)} %` };
  const panelsOf = (line: (members: readonly Group[], name: string) => Point[]): Panel[] =>
    settingsOf(groups).flatMap(([solver, finish]) => {
      const members = membersOf(groups, solver, finish).filter(({ level }) => isShare(level));
      const lines = new Map(names.map((name) => [name, line(members, name)] as const).filter(([, points]) => points.length > 0));
      return lines.size === 0 ? [] : [{ title: `${solver}, ${finish}`, lines }];
    });
  const perplexities = panelsOf((members, name) =>
    members.flatMap((group) => {
      const found = perplexityOf(group, name);
      return found ? [{ x: group.level as number, y: found.perplexity }] : [];
    }),
  );
  const gains = panelsOf((members, name) =>
    members.flatMap((group) => {
      const difference = name === 'uniform' ? null : differenceTo(group, name, 'uniform');
      return difference ? [{ x: group.level as number, y: -difference.mean, error: 2 * difference.standardError }] : [];
    }),
  );
  const uniform = perplexities.flatMap(({ lines }) => (lines.get('uniform') ?? []).map(({ y }) => y));
  const mostGain = Math.max(0, ...gains.flatMap(({ lines }) => [...lines.values()].flatMap((points) => points.map(({ y }) => y))));
  const charts: [string, Chart][] = [
    [
      'perplexity.svg',
      {
        title: `Perplexity of ${model} against sparsity`,
        description: 'One line an allocation, one panel a solver and finish; what is above twice the highest of uniform is left out.',
        panels: perplexities,
        names,
        x,
        y: { label: 'perplexity', scale: 'log', show: formatCount, most: 2 * Math.max(...uniform) },
      },
    ],
    [
      'gain.svg',
      {
        title: `What an allocation gains over uniform at the same zeros, ${model}`,
        description:
          'Nats per token, higher is better, with bars of two paired standard errors; what loses more than half of the best gain is left out.',
        panels: gains,
        names,
        x,
        y: {
          label: 'nats per token below uniform',
          scale: 'linear',
          show: (value) => String(Number(value.toPrecision(3))),
          // Where nothing gains, all is shown.
          ...(mostGain > 0 && { least: -0.5 * mostGain }),
        },
      },
    ],
  ];
  return new Map(charts.filter(([, { panels }]) => panels.length > 0).map(([file, chart]) => [file, { svg: renderChart(chart), chart }]));
}
