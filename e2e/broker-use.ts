import { readFile } from 'node:fs/promises';

/** What one client did at the broker, by its name. */
export interface BrokerUse {
  published: Set<string>;
  subscribed: Set<string>;
}

/** Operations in the log of a nats-server that runs with `trace`, by the service that the client names. */
export async function brokerUse(
  logFile: string,
): Promise<{ byService: Map<string, BrokerUse>; violations: string[] }> {
  const byService = new Map<string, BrokerUse>();
  const violations: string[] = [];
  for (const line of (await readFile(logFile, 'utf8')).split('\n')) {
    if (line.includes('Violation')) violations.push(line);
    const found = /:sluice-([a-z]+)@.*<<- \[(PUB|HPUB|SUB) (\S+)/.exec(line);
    if (!found) continue;
    const [, service, verb, subject] = found as unknown as [string, string, string, string];
    const use = byService.get(service) ?? { published: new Set(), subscribed: new Set() };
    byService.set(service, use);
    (verb === 'SUB' ? use.subscribed : use.published).add(subject);
  }
  return { byService, violations };
}
