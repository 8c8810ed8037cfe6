import { expect, it } from 'vitest';
import { registryUrls } from './registry-urls.ts';

it('writes addresses as those of a lockfile are written', () => {
  const config = {
    NPM_REGISTRY_URL: 'https://user:token@registry.example/npm',
    NPM_REGISTRY_ALIASES: ['HTTPS://Mirror.example:443'],
  };
  expect(registryUrls(config)).toEqual(['https://registry.example/npm/', 'https://mirror.example/']);
});

it('knows no address when none is configured, and refuses what is none', () => {
  expect(registryUrls({ NPM_REGISTRY_URL: undefined, NPM_REGISTRY_ALIASES: [] })).toEqual([]);
  expect(() => registryUrls({ NPM_REGISTRY_URL: undefined, NPM_REGISTRY_ALIASES: ['registry'] })).toThrow(
    expect.objectContaining({ code: 'config.invalid' }) as Error,
  );
});
