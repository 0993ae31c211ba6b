/** Counts zeros in a checkpoint's bytes, without any of the code that wrote them. */

import { readFileSync } from 'node:fs';

/** @returns by tensor name; the file's tensors are bfloat16 */
export function countZeros(path: string): Map<string, number> {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header: Record<string, { dtype: string; data_offsets: [number, number] }> = JSON.parse(bytes.toString('utf8', 8, start));
  const zeros = new Map<string, number>();
  for (const [name, { dtype, data_offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    if (dtype !== 'BF16') throw new Error(`${name} is ${dtype}`);
    let count = 0;
    // Minus zero is a zero too.
    for (let at = start + data_offsets[0]; at < start + data_offsets[1]; at += 2) if ((bytes.readUInt16LE(at) & 0x7fff) === 0) count++;
    zeros.set(name, count);
  }
  return zeros;
}
