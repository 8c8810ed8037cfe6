import { describe, expect, it } from 'vitest';
import { isExcluded, platformSchema, showPlatforms, type StatedPlatforms } from './platforms.ts';

const stated = (fields: Partial<StatedPlatforms>): StatedPlatforms => ({
  os: [],
  cpu: [],
  libc: [],
  ...fields,
});

describe('isExcluded', () => {
  it.each<[Partial<StatedPlatforms>, string, boolean]>([
    [{}, 'linux-x64', false],
    [{ os: ['linux'] }, 'linux-x64', false],
    [{ os: ['darwin'] }, 'linux-x64', true],
    [{ os: ['darwin', 'linux'] }, 'linux-x64', false],
    [{ os: ['!win32'] }, 'linux-x64', false],
    [{ os: ['!win32'] }, 'win32-x64', true],
    [{ os: ['!win32', '!darwin'] }, 'darwin-arm64', true],
    [{ os: ['!win32', 'linux'] }, 'darwin-arm64', true],
    [{ os: ['!win32', 'linux'] }, 'linux-arm64', false],
    [{ os: ['linux', '!linux'] }, 'linux-x64', true],
    [{ cpu: ['arm64'] }, 'linux-x64', true],
    [{ os: ['linux'], cpu: ['!x64'] }, 'linux-x64', true],
    [{ os: ['linux'], cpu: ['x64'], libc: ['musl'] }, 'linux-x64-glibc', true],
    [{ os: ['linux'], cpu: ['x64'], libc: ['!musl'] }, 'linux-x64-glibc', false],
    // Without a C library, any of them may be there; elsewhere package managers differ in what they make of one.
    [{ os: ['linux'], cpu: ['x64'], libc: ['musl'] }, 'linux-x64', false],
    [{ libc: ['musl'] }, 'darwin-x64', false],
  ])('%j on %s: %s', (fields, platform, excluded) => {
    expect(isExcluded(stated(fields), platform)).toBe(excluded);
  });
});

describe('platformSchema', () => {
  it.each(['linux-x64', 'linux-arm64-musl', 'darwin-arm64', 'win32-ia32', 'linux-x64-glibc'])(
    'takes %s',
    (text) => expect(platformSchema.safeParse(text).success).toBe(true),
  );
  it.each([
    '',
    'linux',
    'windows-x64',
    'Linux-x64',
    'linux-amd64',
    'linux-x64-uclibc',
    'darwin-arm64-glibc',
    'linux-x64 ',
    'x-linux-x64',
    'linux-x64\n',
    '!win32-x64',
  ])('refuses %j', (text) => expect(platformSchema.safeParse(text).success).toBe(false));
});

it.each<[Partial<StatedPlatforms>, string]>([
  [{ os: ['darwin'], cpu: ['arm64'] }, 'darwin-arm64'],
  [{ os: ['linux'], cpu: ['arm', 'arm64'], libc: ['musl'] }, 'linux-arm/arm64-musl'],
  [{ os: ['!win32'] }, '!win32'],
  [{ cpu: ['wasm32'] }, 'wasm32'],
])('%j is shown as %s', (fields, text) => expect(showPlatforms(stated(fields))).toBe(text));
