/** What has become of a result's folder so far. */

import { existsSync, readdirSync } from 'node:fs';
import type { Outcome } from '../protocol/engine.ts';
import { reportFileName } from '../protocol/file-names.ts';
import { lockName } from './lock.ts';
import { partialOf, readReportIn } from './output-folder.ts';
import { journalName } from './target.ts';

/** A run that was begun later than the result that is there, and has not ended, counts before that result. */
export function outcomeOf(to: string): Outcome {
  const partial = partialOf(to);
  const begun = existsSync(partial) ? readdirSync(partial).filter((name) => !name.startsWith(lockName)) : [];
  if (begun.includes(journalName) || begun.includes(reportFileName)) return { to, state: 'partial' };
  if (existsSync(to)) return { to, state: readReportIn(to) ? 'finished' : 'foreign' };
  return { to, state: begun.length > 0 ? 'foreign' : 'absent' };
}
