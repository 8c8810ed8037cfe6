import type { Control } from '@sluice/contracts';
import { expect, it } from 'vitest';
import { mayBeHeld } from './controls.ts';

const held = (kind: Control['kind'], name: string): Control[] => [
  { kind, name, by: 'mira', reason: 'maintenance', at: '2026-03-01T09:30:00Z' },
];

it('work that is late before a paused stage is nobody’s fault, and before another one it is', () => {
  expect(mayBeHeld('scan', true, held('stage', 'scan'))).toBe(true);
  expect(mayBeHeld('license', true, held('stage', 'scan'))).toBe(false);
  expect(mayBeHeld('scan', true, [])).toBe(false);
});

it('a consumer that is not there proves nothing while something is held, and something otherwise', () => {
  expect(mayBeHeld('license', false, held('host', 'registry.example'))).toBe(true);
  expect(mayBeHeld('license', false, held('worker', 'license/vm:1'))).toBe(true);
  expect(mayBeHeld('license', true, held('host', 'registry.example'))).toBe(false);
  expect(mayBeHeld('license', false, [])).toBe(false);
});
