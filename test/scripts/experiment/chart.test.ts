import { describe, expect, it } from 'vitest';
import { type Chart, renderChart } from '../../../scripts/experiment/chart.ts';

const axis = { label: 'axis', show: String };
const chart: Chart = {
  title: 'A <title> & more',
  description: 'what is seen',
  panels: [
    {
      title: 'one',
      lines: new Map([
        [
          'a',
          [
            { x: 0.5, y: 10 },
            { x: 0.7, y: 100 },
          ],
        ],
        ['b', [{ x: 0.5, y: 20, error: 2 }]],
      ]),
    },
    { title: 'two', lines: new Map([['b', [{ x: 0.6, y: 50 }]]]) },
  ],
  x: { ...axis, scale: 'values' },
  y: { ...axis, scale: 'log' },
};

/** The translations of the markers, in the order they are drawn. */
function places(svg: string): [number, number][] {
  return Array.from(svg.matchAll(/<path fill="#\w+" transform="translate\(([\d.-]+) ([\d.-]+)\)"/g), ([, x, y]) => [Number(x), Number(y)]);
}

describe('renderChart', () => {
  it('takes text as text, and tells who does not see it what is there', () => {
    const svg = renderChart(chart);
    expect(svg).toContain('<title id="title">A &lt;title&gt; &amp; more</title>');
    expect(svg).toContain('<desc id="description">what is seen</desc>');
  });

  it('draws a point for every point and one key for every name', () => {
    expect(places(renderChart(chart))).toHaveLength(4 + 2);
  });

  it('puts more to the right and higher up, by the logarithm where asked', () => {
    const points = [10, 100, 1000].map((y, i) => ({ x: i, y }));
    const lines = new Map([['a', points]]);
    const [low, middle, high] = places(renderChart({ ...chart, panels: [{ title: '', lines }] }));
    expect(middle[0] - low[0]).toBeCloseTo(high[0] - middle[0], 0);
    expect(low[1] - middle[1]).toBeCloseTo(middle[1] - high[1], 0);
    expect(low[1]).toBeGreaterThan(high[1]);
  });

  it('changes ink and ground together where the page is dark', () => {
    expect(renderChart(chart)).toMatch(/prefers-color-scheme: dark\) \{ text \{ fill: #e6edf3; \} \.ground \{ fill: #0d1117; \}/);
  });

  it('lets what is left out decide nothing of the scale', () => {
    const lines = (more: number[]) => new Map([['a', [10, 20, ...more].map((y, i) => ({ x: i % 2, y }))]]);
    const draw = (more: number[], most: number) =>
      places(renderChart({ ...chart, panels: [{ title: '', lines: lines(more) }], y: { ...chart.y, most } }));
    expect(draw([5000], 100).slice(0, 2)).toEqual(draw([], 100).slice(0, 2));
    expect(draw([5000], 10000).slice(0, 2)).not.toEqual(draw([], 100).slice(0, 2));
  });

  it('refuses to draw nothing', () => {
    expect(() => renderChart({ ...chart, panels: [] })).toThrow('nothing to draw');
  });
});
