/** The one colour scale of the heat maps: even steps in OKLab, readable without telling red from green, on dark and on light. */

const steps = 256;
/** Lightness, from low to high values; linear between, so that equal differences look equal. */
const lightness = [0.3, 0.92] as const;
/** Hue in degrees, from blue over teal to yellow; no step turns on red against green. */
const hue = [278, 102] as const;
/** Chroma at both ends and in the middle, as far as sRGB reaches on this way. */
const chroma = [0.105, 0.085, 0.145] as const;

export type Rgb = readonly [number, number, number];

/** The colour at `t` in `[0, 1]`, as sRGB bytes. */
export function scaleRgb(t: number): Rgb {
  return table[Math.round(clamp(t) * (steps - 1))];
}

/** The colour at `t` in `[0, 1]`, for CSS and canvas. */
export function scaleColour(t: number): string {
  return colours[Math.round(clamp(t) * (steps - 1))];
}

/** Black or white, whichever is read better on the colour at `t`. */
export function inkOn(t: number): '#000' | '#fff' {
  return inks[Math.round(clamp(t) * (steps - 1))];
}

/** The scale from left to right, as the stops of a CSS gradient. */
export function scaleStops(): string {
  return Array.from({ length: 17 }, (_, i) => scaleColour(i / 16)).join(', ');
}

/** Contrast ratio of WCAG 2, from 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Lightness and the two colour axes of OKLab (Ottosson 2020), of sRGB bytes. */
export function toOklab(rgb: Rgb): Rgb {
  const [r, g, b] = rgb.map(linear);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const table: readonly Rgb[] = Array.from({ length: steps }, (_, i) => colourAt(i / (steps - 1)));
const colours = table.map(([r, g, b]) => `rgb(${r},${g},${b})`);
const inks = table.map((rgb) => (contrast(rgb, [0, 0, 0]) > contrast(rgb, [255, 255, 255]) ? '#000' : '#fff'));

function colourAt(t: number): Rgb {
  const l = lightness[0] + t * (lightness[1] - lightness[0]);
  const angle = ((hue[0] + t * (hue[1] - hue[0])) * Math.PI) / 180;
  // A parabola through both ends and the middle.
  const [start, middle, end] = chroma;
  const c = start + t * (4 * middle - 3 * start - end) + t * t * 2 * (start + end - 2 * middle);
  return fromOklab([l, c * Math.cos(angle), c * Math.sin(angle)]);
}

function fromOklab([lightness, a, b]: Rgb): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    companded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    companded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    companded(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map(linear);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function linear(byte: number): number {
  const share = byte / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function companded(light: number): number {
  const share = light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
  return Math.round(255 * clamp(share));
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
