import type { AuditEntryView } from '@sluice/api';
import { auditHash, uuidV7 } from '@sluice/contracts';
import { describe, expect, it } from 'vitest';
import { firstBroken, readExport } from './audit.ts';

/** Entries of a whole chain. */
function chain(length: number): AuditEntryView[] {
  let previous: string | null = null;
  return Array.from({ length }, (_, index) => {
    const entry = {
      id: uuidV7(),
      at: '2026-03-01T09:30:00.000Z',
      actor: 'mira',
      action: 'approve',
      subject: `pkg:npm/a@1.0.${index}`,
      outcome: 'done' as const,
      detail: { reason: 'r' },
    };
    previous = auditHash(previous, entry);
    return { ...entry, service: 'aggregator', traceId: null, hash: previous };
  });
}

describe('a chain of the audit', () => {
  it('is whole as it was written', () => {
    expect(firstBroken(chain(5))).toBeNull();
    expect(firstBroken([])).toBeNull();
  });

  it.each([0, 2, 4])('shows the entry %i when it was changed', (at) => {
    const entries = chain(5);
    entries[at] = { ...entries[at]!, actor: 'otto' };
    expect(firstBroken(entries)).toBe(entries[at]);
  });

  it('shows that an entry is gone, and that two changed places', () => {
    const entries = chain(5);
    expect(firstBroken(entries.toSpliced(2, 1))).toBe(entries[3]);
    expect(firstBroken([...entries.slice(0, 2), entries[3]!, entries[2]!])).toBe(entries[3]);
  });
});

describe('an export', () => {
  it('has an entry a line', () => {
    const entries = chain(2);
    expect(readExport(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))).toEqual(entries);
    expect(readExport('')).toEqual([]);
  });

  it.each([
    ['something else', 'hello\n'],
    ['another document', '{"a":1}\n'],
    ['the CSV', 'id,at,actor\n'],
    ['null', 'null'],
  ])('is not %s, and the line is named with a remedy', (_, text) => {
    const first = `${JSON.stringify(chain(1)[0])}\n`;
    expect(() => readExport(first + text)).toThrow(
      expect.objectContaining({
        exitCode: 2,
        code: 'audit.no-export',
        message: expect.stringContaining('Line 2') as string,
        remedy: expect.stringContaining('/v1/audit/export') as string,
      }),
    );
  });
});
