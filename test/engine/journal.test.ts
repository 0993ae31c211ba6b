import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type JournalEntry, openJournal } from '../../src/engine/journal.ts';
import { temporaryFolder } from '../support/runs.ts';

const entries: JournalEntry[] = [{ type: 'run', key: 'é' }, { type: 'resumed' }];

function written(): string {
  const path = join(temporaryFolder(), 'journal.jsonl');
  const journal = openJournal(path);
  for (const entry of entries) journal.append(entry);
  journal[Symbol.dispose]();
  return path;
}

it('gives back what was appended', () => {
  const journal = openJournal(written());
  expect(journal.entries).toEqual(entries);
  journal[Symbol.dispose]();
});

it.each(['{"type":"bl', '\u0000\u0000\u0000\n', '{"type":"block"\n{"type":"resumed"}\n'])(
  'cuts off %j and goes on behind the last whole line',
  (torn) => {
    const path = written();
    const whole = readFileSync(path, 'utf8');
    appendFileSync(path, torn);
    const journal = openJournal(path);
    expect(journal.entries).toEqual(entries);
    journal.append({ type: 'resumed' });
    journal[Symbol.dispose]();
    expect(readFileSync(path, 'utf8')).toBe(`${whole}{"type":"resumed"}\n`);
  },
);

it('begins anew in a file that holds none of it', () => {
  const path = join(temporaryFolder(), 'journal.jsonl');
  writeFileSync(path, 'not a journal');
  const journal = openJournal(path);
  expect(journal.entries).toEqual([]);
  journal[Symbol.dispose]();
});
