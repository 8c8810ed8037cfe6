import { askTestServers } from './ask-test-servers.ts';

/** Path of promtool, which checks and tests Prometheus' rules, or null when it cannot be had on this machine. */
export async function testPromtool(): Promise<string | null> {
  const { promtool } = await askTestServers('/promtool');
  return promtool ?? null;
}
