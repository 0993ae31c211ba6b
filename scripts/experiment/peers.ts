/** Takes the figures of published codes into the records, to be set beside ours. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Options } from './options.ts';
import { appendEntry, kept, readResults, recordsIn } from './records.ts';

/** What scripts/peers/run_peer.py writes, as far as it is needed here. */
const peerSchema = v.object({ method: v.string(), sparsity: v.number(), zeros: v.number() });
/** What test/reference/perplexity.py --json prints. */
const perplexitySchema = v.object({ perplexity: v.number(), nll: v.array(v.number()) });

/**
 * Of every folder that was named: its `peer.json`, and `perplexity.json` of the same windows.
 *
 * @throws  where there are more or fewer windows than ours
 */
export function addPeers({ peers, folder }: Pick<Options, 'peers' | 'folder'>): void {
  const windows = readResults(recordsIn(folder)).setup?.evaluation.windows;
  for (const peer of peers) {
    const { method, sparsity, zeros } = v.parse(peerSchema, readJson(join(peer, 'peer.json')));
    const { perplexity, nll } = v.parse(perplexitySchema, readJson(join(peer, 'perplexity.json')));
    if (windows !== undefined && nll.length !== windows)
      throw new Error(`${peer} was measured on ${nll.length} windows, ours on ${windows}`);
    const figures = kept({ perplexity, nll: Math.log(perplexity), windowNll: nll });
    appendEntry(recordsIn(folder), {
      type: 'peer',
      id: `${method}/${Math.round(100 * sparsity)}`,
      method,
      level: sparsity,
      zeros,
      ...figures,
    });
  }
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
