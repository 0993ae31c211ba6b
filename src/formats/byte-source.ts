/** Bytes that can be read at any place: what every format is read from, so that none of them knows of paths. */

export interface ByteSource {
  /** In bytes. */
  readonly size: number;
  /**
   * Exactly `length` bytes from `offset` on. The array is the caller's own and starts at the start of its buffer, so it can be seen as
   * any typed array. Reading past `size` is the caller's bug.
   */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A source over bytes that are in memory already. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    async read(offset, length) {
      if (offset + length > bytes.length) throw new RangeError(`read of ${length} bytes at ${offset} of ${bytes.length}`);
      return new Uint8Array(bytes.subarray(offset, offset + length));
    },
  };
}
