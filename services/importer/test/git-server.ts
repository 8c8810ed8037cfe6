import { startFakeGitServer, type FakeGitServer } from '@sluice/testkit';
import { afterAll } from 'vitest';

/** A git server until the test file ends. Call it at the top level of the file. */
export async function testGitServer(
  options: Parameters<typeof startFakeGitServer>[0] = {},
): Promise<FakeGitServer> {
  const server = await startFakeGitServer(options);
  afterAll(() => server.stop());
  return server;
}
