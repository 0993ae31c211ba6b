import { describe, expect, it } from 'vitest';
import { withoutIcons, withoutLinks } from '../../src/extension/plain-text.ts';

describe('withoutLinks', () => {
  it('leaves nothing that the editor takes for a link', () => {
    const message = withoutLinks('tensor [a](command:workbench.trust.manage) and [[b](https://example.org) are missing');
    expect(message).not.toMatch(/\]\(/);
    expect(message.replaceAll(' ', '')).toBe('tensor[a](command:workbench.trust.manage)and[[b](https://example.org)aremissing');
  });
});

describe('withoutIcons', () => {
  it('leaves no sign for an icon as it was', () => {
    expect(withoutIcons('$(trash) a $ (b) $(c)')).toBe('\\$(trash) a $ (b) \\$(c)');
  });
});
