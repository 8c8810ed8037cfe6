import { TransientError } from '@sluice/contracts';
import type { Registries, Registry, UpstreamFile } from '@sluice/registries';
import { createLogger } from '@sluice/runtime';
import { describe, expect, it, vi } from 'vitest';
import { UpstreamFiles } from './upstream-files.ts';

const file: UpstreamFile = { version: '1.0', file: 'a-1.0.zip', sizeBytes: 1, sha256: null, stated: {} };

function filesOf(files: Registry['files']) {
  const registries = new Map([['toy', { files } as Registry]]) as Registries;
  return new UpstreamFiles(registries, createLogger('test', 'silent'));
}

describe('what a registry lists', () => {
  it('is asked for once in five minutes', async () => {
    const ask = vi.fn(async () => [file]);
    const files = filesOf(ask);
    expect(await files.of('toy', 'a')).toEqual([file]);
    expect(await files.of('toy', 'a')).toEqual([file]);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('is not known while the registry is away, and is asked for again', async () => {
    let isAway = true;
    const files = filesOf(async () => {
      if (isAway) throw new TransientError('registry.unavailable', 'away');
      return [file];
    });
    expect(await files.of('toy', 'a')).toBeNull();
    isAway = false;
    expect(await files.of('toy', 'a')).toEqual([file]);
  });

  it('stays known when the registry goes away', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'Date'] });
    try {
      let isAway = false;
      const files = filesOf(async () => {
        if (isAway) throw new TransientError('registry.unavailable', 'away');
        return [file];
      });
      expect(await files.of('toy', 'a')).toEqual([file]);
      isAway = true;
      vi.advanceTimersByTime(UpstreamFiles.ttlMs + 2_000);
      expect(await files.of('toy', 'a')).toEqual([file]);
      expect(await files.of('toy', 'a')).toEqual([file]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is empty for a registry that lists none', async () => {
    expect(await filesOf(undefined).of('toy', 'a')).toEqual([]);
  });

  it('is not waited for longer than a moment', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const asked = filesOf(() => new Promise(() => {})).of('toy', 'a');
      await vi.advanceTimersByTimeAsync(3_000);
      expect(await asked).toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });
});
