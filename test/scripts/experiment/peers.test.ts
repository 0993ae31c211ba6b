import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { addPeers } from '../../../scripts/experiment/peers.ts';
import { readResults, recordsIn } from '../../../scripts/experiment/records.ts';
import { temporaryFolder } from '../../support/runs.ts';

it('takes the figures of a published code from the folder that its scripts have filled', () => {
  const folder = temporaryFolder();
  const peer = join(folder, 'owl-60');
  mkdirSync(peer);
  writeFileSync(join(peer, 'peer.json'), JSON.stringify({ method: 'owl', sparsity: 0.6, nm: null, zeros: 63_706_112 }));
  writeFileSync(join(peer, 'perplexity.json'), JSON.stringify({ perplexity: Math.exp(4.5), nll: [4.25, 4.75], windows: 2 }));
  addPeers({ peers: [peer], folder: join(folder, 'results') });
  expect(readResults(recordsIn(join(folder, 'results'))).peers.get('owl/60')).toMatchObject({
    level: 0.6,
    zeros: 63_706_112,
    nll: 4.5,
    windowNll: [4.25, 4.75],
  });
});
