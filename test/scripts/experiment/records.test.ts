import { appendFileSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { appendEntry, type PeerRecord, readResults, recordsIn } from '../../../scripts/experiment/records.ts';
import { temporaryFolder } from '../../support/runs.ts';

const peer = (perplexity: number, id = 'sparsegpt/60'): PeerRecord => ({
  type: 'peer',
  id,
  method: 'sparsegpt',
  level: 0.6,
  zeros: 6,
  perplexity,
  nll: Math.log(perplexity),
  windowNll: [1, 2],
});

describe('records', () => {
  it('come back as they were written, and of two with one id the later counts', () => {
    const path = recordsIn(temporaryFolder());
    appendEntry(path, peer(90));
    appendEntry(path, peer(80, 'owl/60'));
    appendEntry(path, peer(70));
    expect([...readResults(path).peers.values()]).toEqual([peer(70), peer(80, 'owl/60')]);
  });

  it('pass over a line that a dying process left unfinished, and write the next in its place', () => {
    const path = recordsIn(temporaryFolder());
    appendEntry(path, peer(90));
    const whole = readFileSync(path, 'utf8');
    appendFileSync(path, '{"type":"peer","id":"spar');
    expect(readResults(path).peers.size).toBe(1);
    appendEntry(path, peer(80, 'owl/60'));
    expect(readFileSync(path, 'utf8')).toBe(`${whole}${JSON.stringify(peer(80, 'owl/60'))}\n`);
  });

  it('refuse a line that is no record, and say which', () => {
    const path = recordsIn(temporaryFolder());
    appendEntry(path, peer(90));
    appendFileSync(path, '{"type":"peer","id":"x"}\n');
    expect(() => readResults(path)).toThrow(`${path}:2 is no record`);
  });
});
