/** What can be wrong with a recipe, and where in its text. */

export const problemCodes = {
  BAD_VALUE: 'A value is not one of those its key allows.',
  CONTRADICTION: 'Two values that are fine by themselves do not go together.',
  DUPLICATE_KEY: 'A key stands twice in one map.',
  MISSING_KEY: 'A key that is needed is not there.',
  NOT_YAML: 'The text does not follow the rules of YAML.',
  SAME_TEXT: 'The model is evaluated on the text it was calibrated with, which flatters it.',
  TOO_LARGE: 'The text is longer or nested deeper than any recipe.',
  UNKNOWN_KEY: 'A key does not exist, or not there.',
  UNKNOWN_METHOD: 'A step names a method that does not exist, or that cannot do this step.',
} as const;

export type ProblemCode = keyof typeof problemCodes;

/** A place in the text. Line and column count from 1, the offset from 0; column and offset are in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

export interface Range {
  readonly start: Position;
  /** The position after the last character. */
  readonly end: Position;
}

/** The keys and indices that lead to a place in a recipe. */
export type Path = readonly (string | number)[];

export interface Problem {
  readonly code: ProblemCode;
  /** A recipe with errors is not run; with warnings it is. */
  readonly severity: 'error' | 'warning';
  /** Names the key, the value and what is allowed. */
  readonly message: string;
  readonly range: Range;
  readonly path: Path;
  /** The words that could stand here, where they can be listed. */
  readonly allowed?: readonly string[];
  /** The way out. */
  readonly hint?: string;
}

/** A problem before it is known where in the text its path leads. */
export type Finding = Omit<Problem, 'range'>;

/** `calibrate.text[0]` */
export function pathName(path: Path): string {
  return path.reduce<string>((name, key) => (typeof key === 'number' ? `${name}[${key}]` : name === '' ? key : `${name}.${key}`), '');
}

/** Turns offsets into ranges; made once for a text. An offset beyond its end, where YAML misses something, is its end. */
export function createRanger(text: string): (start: number, end: number) => Range {
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);

  const position = (wanted: number): Position => {
    const offset = Math.min(wanted, text.length);
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (lineStarts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - lineStarts[low] + 1, offset };
  };
  return (start, end) => ({ start: position(start), end: position(Math.max(start, end)) });
}
