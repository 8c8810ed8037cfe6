import { expect, it } from 'vitest';
import { renderTried } from './policy.ts';

const of = (purl: string, codes: string[], requesters: string[]) => ({
  purl,
  codes,
  requests: 2,
  requesters,
});

it('says how much would change, whom it would hit, and for each package version why', () => {
  const text = renderTried({
    digest: 'stricter@1',
    judged: 3,
    newlyHeld: [of('pkg:npm/a@1.0.0', ['advisory.high'], ['mira', 'noor'])],
    newlyFree: [of('pkg:npm/b@1.0.0', ['license.review'], ['alex'])],
  });
  expect(text.split('\n')).toEqual([
    'stricter@1, by the evidence of 3 package versions in use: 1 newly held, 1 newly free.',
    'Held would be packages of mira, noor.',
    '  held  pkg:npm/a@1.0.0  advisory.high  in 2 lockfiles',
    '  free  pkg:npm/b@1.0.0  license.review  in 2 lockfiles',
    '',
  ]);
});

it('cuts a long list, and says where all of it is', () => {
  const newlyHeld = Array.from({ length: 60 }, (_, index) => of(`pkg:npm/p${index}@1.0.0`, ['x'], []));
  const text = renderTried({ digest: 'd', judged: 60, newlyHeld, newlyFree: [] });
  expect(text.split('\n')).toHaveLength(1 + 50 + 1 + 1);
  expect(text).toContain('… and 10 more; --json has all.');
});
