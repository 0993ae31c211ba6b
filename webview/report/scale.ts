/** Axes of the plots: from figures to places, and the ticks between. */

export interface Scale {
  /** From a value to a share of the axis, 0 at its start; never outside it. */
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

/** An axis from the least to the greatest value, widened to round ticks. `values` may be empty. */
export function linearScale(values: readonly number[], nTicks = 5): Scale {
  const [low, high] = extent(values);
  const step = niceStep((high - low || Math.abs(high) || 1) / nTicks);
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  const end = Math.max(last, first + 1);
  const ticks = Array.from({ length: end - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  return { place: (value) => clamp((value / step - first) / (end - first)), ticks };
}

/** An axis of powers of ten. Values that are not above 0 have no place on it and stand at its start. */
export function logScale(values: readonly number[]): Scale {
  const [low, high] = extent(values.filter((value) => value > 0).map(Math.log10));
  const first = Math.floor(low + 1e-9);
  const end = Math.max(Math.ceil(high - 1e-9), first + 1);
  const every = Math.ceil((end - first) / 6);
  const ticks = Array.from({ length: Math.floor((end - first) / every) + 1 }, (_, i) => Number(`1e${first + i * every}`));
  return { place: (value) => (value > 0 ? clamp((Math.log10(value) - first) / (end - first)) : 0), ticks };
}

function extent(values: readonly number[]): [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  return finite.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * 0.999)!;
  return factor * power;
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
