import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hookSecret } from './hook-secret.ts';
import { readPush } from './read-push.ts';
import { isSigned } from './verify-signature.ts';

const signed = (headers: Record<string, string>, body: string, secret: string) =>
  isSigned((header) => headers[header], Buffer.from(body), secret);

describe('a signature', () => {
  // The example of GitHub's documentation, "Testing the webhook payload validation".
  const secret = "It's a Secret to Everybody";
  const hex = '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
  const body = 'Hello, World!';

  it.each([
    ['GitHub’s', { 'x-hub-signature-256': `sha256=${hex}` }],
    ['Gitea’s', { 'x-gitea-signature': hex, 'x-hub-signature-256': `sha256=${hex}` }],
    ['Forgejo’s', { 'x-forgejo-signature': hex, 'x-gitea-signature': hex }],
    ['GitLab’s', { 'x-gitlab-token': secret }],
  ])('of %s form fits', (_, headers) => {
    expect(signed(headers, body, secret)).toBe(true);
    expect(signed(headers, body, `${secret}.`)).toBe(false);
  });

  it.each([
    ['none', {}],
    ['an empty one', { 'x-hub-signature-256': '' }],
    ['one without its prefix', { 'x-hub-signature-256': hex }],
    ['one of SHA-1', { 'x-hub-signature': `sha1=${createHmac('sha1', secret).update(body).digest('hex')}` }],
    ['one in capitals', { 'x-gitea-signature': hex.toUpperCase() }],
    ['a wrong one beside a right one', { 'x-hub-signature-256': `sha256=${hex}`, 'x-gitlab-token': 'x' }],
    ['the secret in another header', { 'x-hub-signature-256': secret }],
  ])('does not fit: %s', (_, headers) => {
    expect(signed(headers as Record<string, string>, body, secret)).toBe(false);
  });

  it('is that of the very bytes', () => {
    expect(signed({ 'x-hub-signature-256': `sha256=${hex}` }, 'Hello, World! ', secret)).toBe(false);
  });
});

it('a secret is another one for each project, round and key, and the same each time', () => {
  const key = 'k'.repeat(32);
  const id = '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11';
  const secrets = [
    hookSecret(key, id, 1),
    hookSecret(key, id, 2),
    hookSecret(`${key}k`, id, 1),
    hookSecret(key, id.replace('0', '1'), 1),
  ];
  expect(new Set(secrets).size).toBe(4);
  expect(hookSecret(key, id.toUpperCase(), 1)).toBe(secrets[0]);
  expect(secrets[0]).toMatch(/^[\w-]{43}$/);
});

describe('a push', () => {
  const read = (headers: Record<string, string>, body: object, ref: string) =>
    readPush((header) => headers[header], Buffer.from(JSON.stringify(body)), ref);
  const github = { 'x-github-event': 'push' };

  it.each([
    [github, { ref: 'refs/heads/main' }, 'main'],
    [github, { ref: 'refs/heads/main' }, 'refs/heads/main'],
    [github, { ref: 'refs/tags/v1' }, 'v1'],
    [
      { 'x-gitlab-event': 'Push Hook' },
      { ref: 'refs/heads/main', project: { default_branch: 'main' } },
      'HEAD',
    ],
    [{ 'x-gitlab-event': 'Tag Push Hook' }, { ref: 'refs/tags/v1' }, 'v1'],
    [{ 'x-gitea-event': 'push', ...github }, { ref: 'refs/heads/a/b' }, 'a/b'],
    [github, { ref: 'refs/heads/trunk', repository: { default_branch: 'trunk' } }, 'HEAD'],
    [github, { ref: 'refs/heads/any' }, 'HEAD'],
    [{}, { ref: 'refs/heads/main' }, 'main'],
  ])('%o of %o concerns %s', (headers, body, ref) => {
    expect(read(headers as Record<string, string>, body, ref)).toEqual({ isFor: true });
  });

  it.each([
    [{ 'x-github-event': 'ping' }, { ref: 'refs/heads/main' }, 'main'],
    [{ 'x-gitlab-event': 'Merge Request Hook' }, { ref: 'refs/heads/main' }, 'main'],
    [github, { ref: 'refs/heads/next' }, 'main'],
    [github, { ref: 'main' }, 'refs/heads/main'],
    [github, { ref: 'refs/heads/next', repository: { default_branch: 'main' } }, 'HEAD'],
    [github, { ref: 7 }, 'main'],
    [github, [], 'main'],
    [github, {}, 'HEAD'],
  ])('%o of %o does not concern %s', (headers, body, ref) => {
    expect(read(headers as Record<string, string>, body, ref)).toMatchObject({ isFor: false });
  });
});
