/** What every text file is read as: numbered documents, of which any few can be had without reading the others. */

export interface Documents extends AsyncDisposable {
  readonly count: number;
  /** The texts of these documents, in the order asked for. */
  read(indices: readonly number[]): Promise<string[]>;
}

export interface DocumentOptions {
  /** The key of a JSON line, or the column of a table, that holds the text. */
  readonly field: string;
  /** Plain text of more than `over` bytes is read as documents of `bytes` bytes; absent = every plain text is one document. */
  readonly sections?: { readonly bytes: number; readonly over: number };
  readonly signal?: AbortSignal;
}

/** Several files' documents, numbered through. */
export function concatenateDocuments(members: readonly Documents[]): Documents {
  const starts = [0];
  for (const { count } of members) starts.push(starts.at(-1)! + count);
  return {
    count: starts.at(-1)!,
    async read(indices) {
      const texts = new Map<number, string>();
      for (const [m, member] of members.entries()) {
        const own = indices.filter((i) => i >= starts[m] && i < starts[m + 1]);
        if (own.length === 0) continue;
        const read = await member.read(own.map((i) => i - starts[m]));
        for (const [n, i] of own.entries()) texts.set(i, read[n]);
      }
      return indices.map((i) => texts.get(i)!);
    },
    async [Symbol.asyncDispose]() {
      for (const member of members) await member[Symbol.asyncDispose]();
    },
  };
}
