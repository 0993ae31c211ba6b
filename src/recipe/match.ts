/** Which tensors a glob of `allocate.fixed` names. */

import picomatch from 'picomatch/posix.js';

const options = { dot: true, nonegate: true, noextglob: true, strictBrackets: true, debug: true, expandRange } as const;
const longestGlob = 200;
const longestRange = 1000;

/** Why a text is not a glob, or `undefined` if it is one. */
export function globFault(glob: string): string | undefined {
  if (glob === '') return 'it is empty';
  if (glob.length > longestGlob) return `it has more than ${longestGlob} characters`;
  if (glob.includes('/')) return 'names have dots, not slashes';
  if (isLiteral(glob)) return undefined;
  try {
    picomatch(glob, options);
  } catch (error) {
    const { message } = error as Error;
    const [, bracket] = /Missing (?:opening|closing): "(.)"/.exec(message) ?? [];
    return bracket ? `a ${bracket} is missing` : message;
  }
  return undefined;
}

/**
 * Names have dots where paths have slashes, so a `*` runs over any number of parts.
 *
 * @param glob        `*.q_proj`, `model.layers.{0..3}.*`, `*.{gate,up}_proj` or a full name, of a tensor or of its module (without `.weight`)
 * @param tensorName  the name in the checkpoint
 */
export function matches(glob: string, tensorName: string): boolean {
  return createMatcher(glob)(tensorName);
}

/** `matches` for one glob and many names. */
export function createMatcher(glob: string): (tensorName: string) => boolean {
  if (isLiteral(glob)) return (name) => glob === name || glob === moduleName(name);
  const pattern = picomatch.makeRe(glob, options);
  const [start, end] = literalEnds(glob);
  const [ownName, endOfTensor] = [`${glob}.weight`, `${end}.weight`];
  return (name) => {
    if (name === glob || name === ownName) return true;
    // Of many names few begin so, and a module begins as its tensor does.
    if (!name.startsWith(start)) return false;
    return (name.endsWith(end) && pattern.test(name)) || (name.endsWith(endOfTensor) && pattern.test(moduleName(name)));
  };
}

/** What every match must begin and end with; to see that is much quicker than the pattern. A backslash or a bar may change what letters mean. */
function literalEnds(glob: string): [string, string] {
  if (/[\\|]/.test(glob)) return ['', ''];
  return [/^[\w.-]*(?=[\w.-])/.exec(glob)?.[0] ?? '', /[\w.-]*$/.exec(glob)![0]];
}

/** The name of the module whose weight a tensor is. */
export function moduleName(tensorName: string): string {
  return tensorName.endsWith('.weight') ? tensorName.slice(0, -'.weight'.length) : tensorName;
}

/** Whether a glob stands for itself alone. Thousands of names in a recipe are too many to compile. */
export function isLiteral(glob: string): boolean {
  return /^[\w.-]+$/.test(glob);
}

/** `{0..12}`: the glob package by itself makes a character class of it, right only for single digits. */
function expandRange(from: string, to: string): string {
  const [first, last] = [from, to].map((end) => (/^\d{1,6}$/.test(end) ? Number(end) : Number.NaN)).sort((a, b) => a - b);
  if (!(last - first < longestRange)) throw new Error(`{${from}..${to}} is not a range of at most ${longestRange} whole numbers`);
  return `(${Array.from({ length: last - first + 1 }, (_, i) => first + i).join('|')})`;
}
