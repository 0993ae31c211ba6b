import { describe, expect, it } from 'vitest';
import { SecateurError } from '../../src/error.ts';
import { EngineGone } from '../../src/extension/engine-client.ts';
import { faultOf, sentence } from '../../src/extension/errors.ts';

describe('faultOf', () => {
  it('tells a refusal, a stop, a crash and a bug apart', () => {
    const exit = { code: null, signal: 'SIGKILL', stderr: [] };
    const errors = [
      new SecateurError('BAD_RECIPE', 'm', 'h'),
      new SecateurError('CANCELLED', 'm'),
      new EngineGone(exit, false),
      new EngineGone(exit, true),
      new TypeError('x is not a function'),
      'text',
    ];
    expect(errors.map((error) => faultOf(error).kind)).toEqual(['refused', 'cancelled', 'crashed', 'cancelled', 'bug', 'bug']);
    expect(faultOf(errors[0])).toMatchObject({ message: 'm', hint: 'h' });
    expect(faultOf(errors[2]).message).toContain('SIGKILL');
  });
});

describe('sentence', () => {
  it('begins large, ends with a full stop, and puts the hint behind', () => {
    expect(sentence({ message: 'the disk is full', hint: 'Make room.' })).toBe('The disk is full. Make room.');
    expect(sentence({ message: 'Done.', hint: null })).toBe('Done.');
    expect(sentence({ message: 'long.prune.yaml is busy', hint: null })).toBe('long.prune.yaml is busy.');
  });
});
