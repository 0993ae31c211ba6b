/** media/recipe.schema.json: the recipe for editors that know YAML by JSON Schema. */

import { toJsonSchema } from '@valibot/to-json-schema';
import { fileSchema } from '../../src/recipe/schema.ts';

/** What the schema says to the rest of Secateur only. */
const ownMetadata = new Set(['words', 'place', 'formula', 'paper']);

export function recipeJsonSchema(): string {
  // What JSON Schema cannot say, such as that n is below m, is left to the parser.
  const { $schema, ...schema } = toJsonSchema(fileSchema, { typeMode: 'input', errorMode: 'ignore' });
  const whole = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Recipe of Secateur',
    ...schema,
    anyOf: [{ required: ['sparsity'] }, { required: ['pattern'] }],
  };
  const text = JSON.stringify(whole, (key, value) => (ownMetadata.has(key) ? undefined : value), 2);
  return `${joinShortLists(text)}\n`;
}

/** Lists of words on one line, as the formatter wants them. */
function joinShortLists(json: string): string {
  return json.replace(/^( *)(.*)\[\n([^[\]{}]*?)\n *\]/gm, (block, indent: string, key: string, items: string) => {
    const line = `${indent}${key}[${items.replace(/\s*\n\s*/g, ' ').trim()}]`;
    return line.length < 140 ? line : block;
  });
}
