/** The options of a measure that looks at the beginnings of some of the calibration windows. */

import * as v from 'valibot';

/** @param windows, length  the defaults */
export function passageOptions(windows: number, length: number) {
  return {
    windows: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(1),
        v.maxValue(4096),
        v.description('Calibration windows that are looked at; all of them, where there are fewer.'),
      ),
      windows,
    ),
    length: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(2),
        v.maxValue(131072),
        v.description('Tokens of each, from its start; the whole window, where that is shorter.'),
      ),
      length,
    ),
  };
}
