import { uuidV7 } from '@sluice/contracts';
import { cleanDownload, cleanLicense, cleanScan, exampleEvent } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { evidenceCanWait } from './waiting-evidence.ts';

function facts(assessmentId = uuidV7()) {
  return {
    licensed: exampleEvent('pkg.licensed', { assessmentId, license: cleanLicense() }),
    downloaded: exampleEvent('pkg.downloaded', { assessmentId, download: cleanDownload() }),
    scanned: exampleEvent('pkg.scanned', { assessmentId, scan: cleanScan() }),
  };
}

it('lets evidence wait for that of the last stage', () => {
  const canWait = evidenceCanWait();
  const { licensed, downloaded, scanned } = facts();
  expect([licensed, downloaded, scanned].map(canWait)).toEqual([true, true, false]);
});

it('does not let it wait when that came first', () => {
  const canWait = evidenceCanWait();
  const { licensed, downloaded, scanned } = facts();
  expect([licensed, scanned, downloaded].map(canWait)).toEqual([true, false, false]);
  expect(canWait(facts().downloaded)).toBe(true);
});

it('remembers as many as may be on their way, and not more', () => {
  const canWait = evidenceCanWait();
  const first = facts();
  canWait(first.scanned);
  for (let count = 0; count < 1_000; count += 1) canWait(facts().scanned);
  expect(canWait(first.downloaded)).toBe(true);
});
