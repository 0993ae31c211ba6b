/** Line charts as SVG, several side by side over one legend; readable on light and dark pages, since the ground changes with the ink. */

export interface Point {
  readonly x: number;
  readonly y: number;
  /** Half the height of the bar through the point; none where it is left out. */
  readonly error?: number;
}

export interface Panel {
  readonly title: string;
  /** A point each, by the name of the line; the same names in all panels have the same colour. */
  readonly lines: ReadonlyMap<string, readonly Point[]>;
}

export interface Chart {
  /** What a person who does not see it is told. */
  readonly title: string;
  readonly description: string;
  readonly panels: readonly Panel[];
  /** All names of lines there could be, which keep their colours from picture to picture; those of the panels unless given. */
  readonly names?: readonly string[];
  /** Names of lines of which only the points are drawn, and of which only the line is. */
  readonly unjoined?: readonly string[];
  readonly unmarked?: readonly string[];
  readonly x: Axis;
  readonly y: Axis;
}

interface Axis {
  readonly label: string;
  /** `values`: ticks where the points are; `linear`: from zero on. */
  readonly scale: 'values' | 'linear' | 'log';
  readonly show: (value: number) => string;
  /** What lies beyond is left out. */
  readonly least?: number;
  readonly most?: number;
}

const colours = ['#7a7a7a', '#3b82c4', '#d9722e', '#2f9e6e', '#b5569b', '#9a8b1f', '#3a9fb0', '#8f6fd6', '#d04a3f', '#6b8e23'];
const dashes = ['6 4', '', '', '', '', '', '2 3', '8 3 2 3', '2 3', '8 3 2 3'];
const [panelWidth, panelHeight] = [330, 250];
const inset = { left: 62, right: 14, top: 34, bottom: 46 };
const rowHeight = 20;

/** Ground and ink change together, so that the text is readable wherever the picture stands. */
const style = [
  'text { font: 12px system-ui, sans-serif; fill: #24292f; }',
  '.ground { fill: #ffffff; } .grid { stroke: #8c959f; stroke-opacity: 0.35; } .zero { stroke: #8c959f; }',
  '.small { font-size: 11px; } .title { font-weight: 600; }',
  '@media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .ground { fill: #0d1117; } }',
].join(' ');

/** @throws  where there is no point at all */
export function renderChart(chart: Chart): string {
  const { title, description, panels, x, y } = chart;
  const drawn = [...new Set(panels.flatMap(({ lines }) => [...lines.keys()]))];
  const { names = drawn } = chart;
  const { least = -Infinity, most = Infinity } = y;
  const points = panels.flatMap(({ lines }) => [...lines.values()].flat()).filter((point) => point.y >= least && point.y <= most);
  if (points.length === 0) throw new RangeError(`${title}: nothing to draw`);
  const columns = Math.min(3, panels.length);
  const rows = Math.ceil(panels.length / columns);
  const width = columns * panelWidth;
  const legendTop = rows * panelHeight + 8;
  const keyWidth = 60 + 7 * Math.max(...drawn.map((name) => name.length));
  const legendColumns = Math.max(1, Math.floor(width / keyWidth));
  const height = legendTop + Math.ceil(drawn.length / legendColumns) * rowHeight + 8;
  const xScale = scales[x.scale](points.map((point) => point.x));
  const yScale = scales[y.scale](points.flatMap((point) => [point.y - (point.error ?? 0), point.y + (point.error ?? 0)]));
  const frame: Frame = { chart, names, xScale, yScale };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escapeXml(title)}</title>`,
    `<desc id="description">${escapeXml(description)}</desc>`,
    `<style>${style}</style>`,
    `<clipPath id="inside"><rect x="${inset.left}" y="${inset.top - 5}" width="${panelWidth - inset.left}" height="${panelHeight - inset.top - inset.bottom + 10}"/></clipPath>`,
    `<rect class="ground" width="${width}" height="${height}" rx="6"/>`,
    ...panels.map((panel, i) => drawPanel(panel, (i % columns) * panelWidth, Math.floor(i / columns) * panelHeight, frame)),
    ...drawn.map((name, i) =>
      drawKey(name, names.indexOf(name), keyWidth * (i % legendColumns), legendTop + rowHeight * Math.floor(i / legendColumns)),
    ),
    '</svg>',
    '',
  ].join('\n');
}

interface Scale {
  readonly ticks: readonly number[];
  /** From 0 at the bottom to 1 at the top. */
  place(value: number): number;
}

interface Frame {
  readonly chart: Chart;
  readonly names: readonly string[];
  readonly xScale: Scale;
  readonly yScale: Scale;
}

function drawPanel({ title, lines }: Panel, left: number, top: number, { chart, names, xScale, yScale }: Frame): string {
  const { x, y, unjoined = [], unmarked = [] } = chart;
  const inner = { width: panelWidth - inset.left - inset.right, height: panelHeight - inset.top - inset.bottom };
  const atX = (value: number) => inset.left + inner.width * (0.04 + 0.92 * xScale.place(value));
  const atY = (value: number) => inset.top + inner.height * (1 - yScale.place(value));
  const [right, bottom] = [inset.left + inner.width, inset.top + inner.height];
  return [
    `<g transform="translate(${left} ${top})">`,
    `<text class="title" x="${inset.left}" y="20">${escapeXml(title)}</text>`,
    ...yScale.ticks.map(
      (tick) =>
        `<line class="${tick === 0 ? 'zero' : 'grid'}" x1="${inset.left}" x2="${right}" y1="${round(atY(tick))}" y2="${round(atY(tick))}"/>` +
        `<text class="small" text-anchor="end" x="${inset.left - 6}" y="${round(atY(tick) + 4)}">${escapeXml(y.show(tick))}</text>`,
    ),
    ...xScale.ticks.map(
      (value) => `<text class="small" text-anchor="middle" x="${round(atX(value))}" y="${bottom + 18}">${escapeXml(x.show(value))}</text>`,
    ),
    `<text class="small" text-anchor="middle" x="${inset.left + inner.width / 2}" y="${bottom + 36}">${escapeXml(x.label)}</text>`,
    `<text class="small" text-anchor="middle" transform="translate(14 ${inset.top + inner.height / 2}) rotate(-90)">${escapeXml(y.label)}</text>`,
    '<g clip-path="url(#inside)">',
    ...[...lines].map(([name, points]) => {
      const at = { index: names.indexOf(name), atX, atY };
      return `${unjoined.includes(name) ? '' : drawLine(points, at)}${unmarked.includes(name) ? '' : drawMarkers(points, at)}`;
    }),
    '</g></g>',
  ].join('\n');
}

interface Place {
  /** Of the line among all, which decides its colour and shape. */
  readonly index: number;
  readonly atX: (x: number) => number;
  readonly atY: (y: number) => number;
}

function drawLine(points: readonly Point[], { index, atX, atY }: Place): string {
  const path = points
    .toSorted((a, b) => a.x - b.x)
    .map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${round(atX(x))} ${round(atY(y))}`)
    .join('');
  return `<path fill="none" stroke="${colours[index % colours.length]}" stroke-width="2" stroke-dasharray="${dashOf(index)}" d="${path}"/>`;
}

function drawMarkers(points: readonly Point[], { index, atX, atY }: Place): string {
  return points
    .map(({ x, y, error }) => {
      const bar = error === undefined ? '' : `M${round(atX(x))} ${round(atY(y - error))}V${round(atY(y + error))}`;
      return `${bar && `<path stroke="${colours[index % colours.length]}" stroke-width="1.5" d="${bar}"/>`}${marker(index, atX(x), atY(y))}`;
    })
    .join('');
}

/** Shapes tell lines apart where colours do not. */
function marker(index: number, x: number, y: number): string {
  const shapes = [
    'M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0',
    'M-3 -3h6v6h-6z',
    'M0 -4.2L4 3H-4z',
    'M0 -4.4L4.4 0L0 4.4L-4.4 0z',
    'M0 4.2L4 -3H-4z',
  ];
  return `<path fill="${colours[index % colours.length]}" transform="translate(${round(x)} ${round(y)})" d="${shapes[index % shapes.length]}"/>`;
}

/** Names beyond the colours have dots, so that no two are drawn alike. */
function dashOf(index: number): string {
  return index < dashes.length ? dashes[index] : '1 4';
}

function drawKey(name: string, index: number, left: number, top: number): string {
  const x = left + 14;
  const y = top + rowHeight / 2;
  const line = `<path stroke="${colours[index % colours.length]}" stroke-width="2" stroke-dasharray="${dashOf(index)}" d="M${x} ${y}H${x + 26}"/>`;
  return `${line}${marker(index, x + 13, y)}<text x="${x + 32}" y="${y + 4}">${escapeXml(name)}</text>`;
}

const scales: Readonly<Record<Axis['scale'], (values: readonly number[]) => Scale>> = {
  values(values) {
    const ticks = [...new Set(values)].toSorted((a, b) => a - b);
    const [from, to] = [ticks[0], ticks[ticks.length - 1]];
    return { ticks, place: (value) => (from === to ? 0.5 : (value - from) / (to - from)) };
  },
  log(values) {
    const ticks = logTicks(Math.min(...values), Math.max(...values));
    const [from, to] = [Math.log(ticks[0]), Math.log(ticks[ticks.length - 1])];
    return { ticks, place: (value) => (from === to ? 0.5 : (Math.log(value) - from) / (to - from)) };
  },
  linear(values) {
    const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
    const step = niceStep((most - least) / 5);
    const [from, to] = [Math.floor(least / step), Math.ceil(most / step)];
    const ticks = Array.from({ length: to - from + 1 }, (_, i) => (from + i) * step);
    return { ticks, place: (value) => (from === to ? 0.5 : (value - from * step) / ((to - from) * step)) };
  },
};

/** Round numbers from the one below all to the one above; more of them where the range is small. */
function logTicks(least: number, most: number): number[] {
  const digits = most / least > 20 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7];
  const all: number[] = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++)
    for (const digit of digits) all.push(digit * 10 ** power);
  const from = all.findLastIndex((tick) => tick <= least);
  const to = all.findIndex((tick) => tick >= most);
  return all.slice(from, to + 1);
}

/** The least of 1, 2 and 5 times a power of ten that is no less. */
function niceStep(rough: number): number {
  if (rough <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= rough)!;
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
