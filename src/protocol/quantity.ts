/** Quantities as a person reads them, in a terminal and in the editor alike. */

/** `0:07`, `12:30`, `3:05:00`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, '0'));
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${parts.join(':')}` : parts.join(':').replace(/^0/, '');
}

/** `512 B`, `2.6 MiB`, `1.25 GiB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(4, Math.max(0, Math.floor(Math.log2(Math.max(bytes, 1)) / 10)));
  const value = bytes / 2 ** (10 * power);
  return `${power === 0 ? value : value.toPrecision(3)} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`;
}

/** `134,515,008`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `50.00 %`. */
export function formatShare(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** `135 M`, `1.37 M`, `7.24 B`: three digits, for where there is little room. */
export function formatRough(count: number): string {
  const power = Math.min(4, Math.max(0, Math.floor(Math.log10(Math.max(count, 1)) / 3)));
  const value = count / 1000 ** power;
  if (Number(value.toPrecision(3)) >= 1000 && power < 4) return formatRough(1000 ** (power + 1));
  return power === 0 ? `${count}` : `${Number(value.toPrecision(3))} ${['', 'k', 'M', 'B', 'T'][power]}`;
}
