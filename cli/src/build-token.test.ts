import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { buildToken } from './build-token.ts';

async function actions(status = 200): Promise<{ env: Record<string, string>; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.headers.authorization} ${request.url}`);
    response.writeHead(status).end(JSON.stringify({ value: 'a.b.c' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const env = {
    ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'secret',
  };
  return { env, asked };
}

it('is the one that the build system put into the environment', async () => {
  expect(await buildToken({ SLUICE_ID_TOKEN: ' a.b.c\n' }, 'sluice')).toBe('a.b.c');
});

it('is asked of GitHub Actions, for the audience', async () => {
  const { env, asked } = await actions();
  expect(await buildToken(env, 'sluice')).toBe('a.b.c');
  expect(asked).toEqual(['Bearer secret /token?api-version=2.0&audience=sluice']);
});

it('is missing elsewhere, and the message says what to do', async () => {
  await expect(buildToken({}, 'sluice')).rejects.toThrow('no build with a token');
  const { env } = await actions(500);
  await expect(buildToken(env, 'sluice')).rejects.toThrow('it answered with 500');
});
