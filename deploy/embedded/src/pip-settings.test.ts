import { startFakePypi } from '@sluice/ecosystems/pypi/fakes';
import { expect, it, onTestFinished } from 'vitest';
import { spawnSync } from 'node:child_process';
import { pipRegistries } from './pip-settings.ts';

const hasPip = spawnSync('python3', ['-m', 'pip', '--version']).status === 0;

it('takes the index that pip is configured with, and the platform of this machine', async ({ skip }) => {
  skip(!hasPip, 'there is no python3 with pip');
  const fake = await startFakePypi();
  onTestFinished(() => fake.stop());
  fake.publish({
    name: 'pip',
    files: [],
    page: { files: [{ filename: 'pip-1.0.tar.gz', url: 'https://files.example/pip-1.0.tar.gz' }] },
  });
  const found = await pipRegistries({ PATH: process.env['PATH'], PIP_INDEX_URL: fake.indexUrl });
  expect(JSON.parse(found!)).toEqual({
    pypi: {
      url: fake.indexUrl,
      hosts: ['files.example'],
      platforms: [expect.stringMatching(/^cp3\d+-(?:linux|darwin|win32)-\w+(?:-glibc|-musl)?$/)],
    },
  });
});

it('takes no index with a password, and none where REGISTRIES is set or there is no Python', async () => {
  const PATH = process.env['PATH'];
  expect(await pipRegistries({ PATH, PIP_INDEX_URL: 'http://user:secret@127.0.0.1:1/simple' })).toBeNull();
  expect(await pipRegistries({ PATH, REGISTRIES: '{}' })).toBeNull();
  expect(await pipRegistries({ PATH: '/nonexistent' })).toBeNull();
});
