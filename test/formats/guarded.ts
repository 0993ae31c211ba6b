/** Watches a reader of a hostile file: what it reads and allocates stays within the file, and what it throws is for a user. */

import fc from 'fast-check';
import { SecateurError } from '../../src/error.ts';
import type { ByteSource } from '../../src/formats/byte-source.ts';
import { memorySource } from '../../src/formats/byte-source.ts';

/** Runs a reader over these bytes; gives what it made of them, or the code of the error it refused them with. */
export async function readGuarded<T>(bytes: Uint8Array, read: (source: ByteSource) => Promise<T>): Promise<T | string> {
  const memory = memorySource(bytes);
  const source: ByteSource = {
    size: memory.size,
    read(offset, length) {
      if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length))
        throw new Error(`read ${length} bytes at ${offset} of ${bytes.length}`);
      return memory.read(offset, length);
    },
  };
  const restore = limitArrays(bytes.length);
  try {
    return await read(source);
  } catch (error) {
    if (error instanceof SecateurError) return error.code;
    throw error;
  } finally {
    restore();
  }
}

const arrays = [
  'Uint8Array',
  'Int8Array',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'Float32Array',
  'Float64Array',
  'BigUint64Array',
  'BigInt64Array',
] as const;

function limitArrays(limitBytes: number): () => void {
  const world = globalThis as unknown as Record<string, new (...args: unknown[]) => ArrayBufferView>;
  const originals = arrays.map((name) => [name, world[name]] as const);
  for (const [name, original] of originals)
    world[name] = new Proxy(original, {
      construct(target, args, newTarget) {
        const array = Reflect.construct(target, args, newTarget);
        if (array.byteLength > limitBytes) throw new Error(`${name} of ${array.byteLength} bytes for a file of ${limitBytes}`);
        return array;
      },
    });
  return () => {
    for (const [name, original] of originals) world[name] = original;
  };
}

/** Cuts a file short, or overwrites, inserts or removes some bytes. */
export function mutation(): fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> {
  const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 3 }) });
  return fc.array(edit, { maxLength: 3 }).map((edits) => (bytes) => {
    let result: Uint8Array = bytes;
    for (const { at, remove, insert } of edits) {
      const place = Math.floor(at * result.length);
      result = Buffer.concat([result.subarray(0, place), insert, result.subarray(place + remove)]);
    }
    return result;
  });
}
