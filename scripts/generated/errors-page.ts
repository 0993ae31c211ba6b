/** docs/errors.md: what can go wrong, by code. */

import { errorCodes } from '../../src/error.ts';
import { problemCodes } from '../../src/recipe/problem.ts';
import { madeFromCode, table } from './markdown.ts';

export function errorsPage(): string {
  return [
    madeFromCode,
    '',
    '# Errors',
    '',
    'An error names the thing, the value and the limit, and a line below it says the way out. Its code is what scripts can rely on.',
    'The command line exits with 1 on these, with 130 when it was stopped, and with 2 on anything else, which is a bug.',
    '',
    codes(errorCodes),
    '',
    '## Problems of a recipe',
    '',
    'A recipe is read as a whole: as many of its problems as can be told apart are shown at once, each with its place. They make up one',
    '`BAD_RECIPE`.',
    '',
    codes(problemCodes),
    '',
  ].join('\n');
}

function codes(meanings: Readonly<Record<string, string>>): string {
  return table(
    ['code', 'meaning'],
    Object.entries(meanings).map(([code, meaning]) => [`\`${code}\``, meaning]),
  );
}
