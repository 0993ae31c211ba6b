/** What a heat map shows. */

export interface HeatCell {
  /** In the map's unit; `null` = not known, which is hatched. */
  readonly value: number | null;
  /** The figure in the cell, where it fits. */
  readonly text: string;
  /** A sentence for the tooltip and the screen reader. Read only when it is shown, so a getter may make it. */
  readonly label: string;
  readonly locked?: boolean;
  /** Being worked on just now. */
  readonly busy?: boolean;
}

export interface HeatData {
  readonly rows: readonly string[];
  readonly cols: readonly string[];
  /** Row-major, `rows × cols`; `null` where there is no such cell. */
  readonly cells: readonly (HeatCell | null)[];
}

export type HeatScale = 'linear' | 'log';

/** Where a value lies between the ends of the domain, `[0, 1]`; the first end may be the larger one. With a log scale both are above 0. */
export function positionOf(value: number, [low, high]: readonly [number, number], scale: HeatScale): number {
  if (high === low) return 0.5;
  const t = scale === 'log' ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.min(1, Math.max(0, t));
}

/** At most `most` round values within the domain, ascending. */
export function ticksOf(domain: readonly [number, number], scale: HeatScale, most: number): number[] {
  const [low, high] = [...domain].sort((a, b) => a - b);
  if (high === low) return [low];
  return scale === 'log' && high / low > 4 ? logTicks(low, high, most) : linearTicks(low, high, most);
}

function linearTicks(low: number, high: number, most: number): number[] {
  const magnitude = 10 ** Math.floor(Math.log10((high - low) / most));
  for (const factor of [1, 2, 2.5, 5, 10, 20]) {
    const step = factor * magnitude;
    const first = Math.ceil(low / step - 1e-9);
    const count = Math.floor(high / step + 1e-9) - first + 1;
    if (count <= most) return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  }
  return [low, high];
}

function logTicks(low: number, high: number, most: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  for (const factors of [[1, 2, 5], [1, 3], [1]]) {
    const ticks: number[] = [];
    for (let power = first; power <= last; power++)
      for (const factor of factors) ticks.push(Number((factor * 10 ** power).toPrecision(12)));
    const inside = ticks.filter((tick) => tick >= low && tick <= high);
    if (inside.length <= most) return inside;
  }
  const stride = Math.ceil((last - first + 1) / most);
  return Array.from({ length: Math.floor((last - first) / stride) + 1 }, (_, i) => 10 ** (first + i * stride)).filter(
    (tick) => tick >= low && tick <= high,
  );
}
