/** Figures as the panels write them, beyond those that the terminal writes too. */

/** `50 %`, `33.33 %`; up to `digits` places, without zeros at the end. */
export function formatPercent(share: number, digits = 2): string {
  return `${Number((100 * share).toFixed(digits))} %`;
}

/** Three digits that count: `0.0123`, `1.20e-7`, `14.7`. */
export function formatFigure(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return '0';
  return size >= 1e-3 && size < 1e5 ? String(Number(value.toPrecision(3))) : value.toExponential(2);
}

/** `The run needs…` for `the run needs…`; what may be the name of a file or a tensor stays as it is. */
export function asSentence(text: string): string {
  return /^[a-z]+ /.test(text) ? text[0].toUpperCase() + text.slice(1) : text;
}

/** `under 10 s`, `about 45 s`, `about 12 min`, `about 3 h 20 min`: a time that nobody knows exactly. */
export function formatAbout(seconds: number): string {
  if (seconds < 10) return 'under 10 s';
  if (seconds < 90) return `about ${Math.round(seconds / 5) * 5} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `about ${minutes} min`;
  return `about ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
