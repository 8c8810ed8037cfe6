import { inject } from 'vitest';
import type { TestServersAnswer } from './test-servers.ts';

/** Asks the main process of the test run for a server; the first question starts it. */
export async function askTestServers(
  path: '/postgres' | '/nats-server' | '/promtool',
): Promise<TestServersAnswer> {
  const url = inject('testServersUrl');
  if (!url)
    throw new Error('Real servers are only there in a run with the global setup of vitest.config.ts.');
  const answer = (await (await fetch(`${url}${path}`)).json()) as TestServersAnswer;
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer;
}
