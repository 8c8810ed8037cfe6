import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { npmRegistryUrl } from './npm-registry-url.ts';

const folder = await mkdtemp(join(tmpdir(), 'sluice-npm-'));
afterAll(() => rm(folder, { recursive: true }));

it('prefers what was set for Sluice, then what npm told its script', async () => {
  const told = { npm_config_registry: 'https://registry.example/npm/' };
  expect(await npmRegistryUrl({ ...told, NPM_REGISTRY_URL: 'https://mirror.example/' })).toBe(
    'https://mirror.example/',
  );
  expect(await npmRegistryUrl(told)).toBe('https://registry.example/npm/');
});

it('asks npm when nobody said', async () => {
  await writeFile(join(folder, 'npm'), '#!/bin/sh\necho https://registry.example/$1/$2/$3\n', {
    mode: 0o755,
  });
  expect(await npmRegistryUrl({ PATH: `${folder}:/bin:/usr/bin` })).toBe(
    'https://registry.example/config/get/registry',
  );
});

it('says what to set when npm cannot be asked', async () => {
  await expect(npmRegistryUrl({ PATH: '/nonexistent' })).rejects.toMatchObject({
    remedy: 'Set NPM_REGISTRY_URL.',
  });
});
