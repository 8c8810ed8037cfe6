import { describe, expect, it } from 'vitest';
import { lateFate, type LateAssessment } from './reconcile.ts';

const late = (fields: Partial<LateAssessment> = {}): LateAssessment => ({
  attempt: 1,
  triggerSequence: 100,
  waitsInOutbox: false,
  ...fields,
});
const at = (settled: number, delivered = settled) => ({ delivered, settled });

describe('an assessment past its deadline', () => {
  it('waits as long as its message is in the queue or in work', () => {
    expect(lateFate(late(), at(99), 3)).toBe('wait');
    expect(lateFate(late(), at(50, 200), 3)).toBe('wait');
    expect(lateFate(late({ attempt: 3 }), at(99), 3)).toBe('wait');
  });

  it('is driven through the stages again when its message was settled and no fact came of it', () => {
    expect(lateFate(late(), at(100), 3)).toBe('redrive');
    expect(lateFate(late({ attempt: 2 }), at(100), 3)).toBe('redrive');
  });

  it('is stuck after as many runs as it may have', () => {
    expect(lateFate(late({ attempt: 3 }), at(100), 3)).toBe('fail');
  });

  it('does not wait for what nobody knows', () => {
    expect(lateFate(late({ triggerSequence: null }), at(1), 3)).toBe('redrive');
    expect(lateFate(late(), null, 3)).toBe('redrive');
  });

  it('waits as long as it was not published', () => {
    expect(lateFate(late({ triggerSequence: null, waitsInOutbox: true }), at(1), 3)).toBe('wait');
    expect(lateFate(late({ triggerSequence: null, waitsInOutbox: true, attempt: 3 }), null, 3)).toBe('wait');
  });
});
