import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findRepositoryRoot } from '@sluice/testkit';
import { expect, it } from 'vitest';

interface Locked {
  version?: string;
  link?: boolean;
  resolved?: string;
  dev?: boolean;
  optionalDependencies?: Record<string, string>;
}

const { packages } = JSON.parse(readFileSync(join(findRepositoryRoot(), 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>;
};

it('holds the optional packages of all platforms, without which npm ci refuses to install on any', () => {
  // npm leaves out those that the registry it was made with does not serve.
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});

it('names no registry: the address comes from each machine', () => {
  const addresses = Object.values(packages).filter(({ link, resolved }) => resolved !== undefined && !link);
  expect(addresses).toEqual([]);
});

it('puts no test tools into a production install', () => {
  const tools = /node_modules\/(?:vitest|vite|rolldown|fast-check|typescript|prettier|oxlint)$/;
  const found = Object.entries(packages).filter(([path, { dev }]) => tools.test(path) && !dev);
  expect(found).toEqual([]);
});
