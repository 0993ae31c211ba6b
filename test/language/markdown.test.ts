import { describe, expect, it } from 'vitest';
import { code, escapeMarkdown, keyMarkdown, methodMarkdown } from '../../src/language/markdown.ts';
import { schemaAt } from '../../src/language/schema-at.ts';
import { allocators } from '../../src/methods/allocate/index.ts';
import { steps } from '../../src/recipe/steps.ts';

describe('escapeMarkdown', () => {
  it.each([
    ['a *b* _c_ `d`', 'a \\*b\\* \\_c\\_ \\`d\\`'],
    ['[x](y) <b> &amp; |', '\\[x\\]\\(y\\) &#60;b&#62; &#38;amp; \\|'],
    ['$(icon)\n# no heading', '\\$\\(icon\\) \\# no heading'],
  ])('makes of %j %j', (text, wanted) => {
    expect(escapeMarkdown(text)).toBe(wanted);
  });
});

describe('code', () => {
  it.each([
    ['a.b', '`a.b`'],
    ['a`b', '``a`b``'],
    ['`', '`` ` ``'],
    ['a\n\n# b', '`a # b`'],
  ])('makes of %j %j', (text, wanted) => {
    expect(code(text)).toBe(wanted);
  });
});

describe('methodMarkdown', () => {
  it('links a paper only where it is on arXiv', () => {
    const card = { ...allocators.uniform, entries: {} };
    expect(methodMarkdown('uniform', card)).not.toContain('Paper');
    expect(methodMarkdown('uniform', { ...card, paper: 'doi:10.1/a(b)' })).toContain('Paper: doi\\:10\\.1/a\\(b\\)');
    expect(methodMarkdown('uniform', { ...card, paper: 'arXiv:2306.11695' })).toContain('](https://arxiv.org/abs/2306.11695)');
  });
});

describe('keyMarkdown', () => {
  it('has no default where that is a map', () => {
    expect(keyMarkdown('solve', steps.solve)).not.toContain('Default');
    expect(keyMarkdown('overwrite', schemaAt(['save', 'overwrite'], () => undefined)!)).toContain('Default: `false`.');
  });
});
