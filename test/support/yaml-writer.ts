/** Writes a tree as YAML in every style someone might write it in, for tests of edits. */

import fc from 'fast-check';
import { Document, isScalar, parseDocument, visit } from 'yaml';

export type Style = typeof style extends fc.Arbitrary<infer S> ? S : never;

export const style = fc.record({
  seed: fc.nat(),
  indent: fc.constantFrom(2, 4),
  indentSeq: fc.boolean(),
  padding: fc.boolean(),
  crlf: fc.boolean(),
  end: fc.boolean(),
});

/** The tree as someone might have written it: maps on one line or many, quotes of all kinds, comments, empty lines, empty values. */
function write(plain: unknown, { seed, indent, indentSeq, padding, crlf, end }: Style): string {
  let state = seed;
  const chance = (share: number) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31 < share;
  };
  const document = new Document(plain);
  visit(document, {
    Pair: (_key, pair) => {
      if (isScalar(pair.key) && chance(0.3)) pair.key.commentBefore = ' above';
      if (isScalar(pair.key) && chance(0.2)) pair.key.spaceBefore = true;
      if (isScalar(pair.value) && pair.value.value === null) pair.value.source = '';
    },
    Collection: (_key, node) => {
      node.flow = chance(0.4);
    },
    Scalar: (key, node) => {
      if (typeof node.value === 'string') node.type = chance(0.5) ? 'PLAIN' : chance(0.5) ? 'QUOTE_SINGLE' : 'QUOTE_DOUBLE';
      if (key === 'value' && chance(0.3)) node.comment = ' beside';
    },
  });
  const text = document.toString({ indent, indentSeq, flowCollectionPadding: padding, nullStr: '', lineWidth: 60 });
  return (end ? text : text.trimEnd()).replaceAll('\n', crlf ? '\r\n' : '\n');
}

/** What the writer itself gets wrong, such as some comments in flow maps, is no test of the edit. */
export function writeSound(...[plain, how]: Parameters<typeof write>): string {
  const text = write(plain, how);
  fc.pre(parseDocument(text).errors.length === 0);
  return text;
}

export function commentsOf(text: string): number {
  return text.match(/# (above|beside)/g)?.length ?? 0;
}
