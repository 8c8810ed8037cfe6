import { describe, expect, it } from 'vitest';
import { canonicalHost, describeControl, hostControl, type Control } from './controls.ts';

const paused = (kind: Control['kind'], name: string): Control => ({
  kind,
  name,
  by: 'mira',
  reason: 'maintenance',
  at: '2026-03-01T09:30:00.000Z',
});

describe('canonicalHost', () => {
  it.each([
    ['Registry.Example', 'registry.example'],
    ['registry.example:443', 'registry.example'],
    ['registry.example:8443', 'registry.example:8443'],
    ['127.0.0.1:4873', '127.0.0.1:4873'],
    ['[::1]:4873', '[::1]:4873'],
    ['registry', 'registry'],
  ])('%s is %s', (text, host) => {
    expect(canonicalHost(text)).toBe(host);
  });

  it.each([
    '',
    'https://registry.example',
    'a b',
    'registry.example/path',
    'u@registry.example',
    'a:99999',
    '..',
    'nope..',
    'registry.example.',
    '.example',
    '-a',
    `${'a'.repeat(64)}.example`,
    '*',
  ])('%j is none', (text) => {
    expect(canonicalHost(text)).toBeNull();
  });
});

describe('hostControl', () => {
  it('finds the control of a host: with its port, or without one for all its ports', () => {
    const whole = paused('host', 'registry.example');
    const port = paused('host', 'mirror.example:8443');
    const controls = [paused('stage', 'other.example'), whole, port];
    expect(hostControl(controls, 'registry.example')).toBe(whole);
    expect(hostControl(controls, 'registry.example:8443')).toBe(whole);
    expect(hostControl(controls, 'mirror.example:8443')).toBe(port);
    expect(hostControl(controls, 'mirror.example')).toBeUndefined();
    expect(hostControl(controls, 'other.example')).toBeUndefined();
    expect(hostControl([paused('host', '[::1]')], '[::1]:4873')?.name).toBe('[::1]');
  });
});

it('says of a control who, since when and why', () => {
  const text = 'scan is paused by mira since 2026-03-01T09:30:00.000Z: maintenance';
  expect(describeControl(paused('stage', 'scan'))).toBe(text);
  expect(describeControl(paused('worker', 'scanner/a'))).toContain('scanner/a is drained by mira');
});
