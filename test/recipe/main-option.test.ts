import { describe, expect, it } from 'vitest';
import { mainOption } from '../../src/recipe/main-option.ts';

describe('mainOption', () => {
  it('is the first option that is a number between two ends', () => {
    expect(mainOption('mixed')).toMatchObject({ name: 'spread', limits: [0, 0.5], description: expect.stringMatching(/\.$/) });
    expect(mainOption('uniform')).toBeUndefined();
    expect(mainOption('curves')).toBeUndefined();
  });
});
