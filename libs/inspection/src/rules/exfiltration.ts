import type { FileRule, Hit } from './rule.ts';

export const exfiltration: FileRule = {
  id: 'malware.exfiltration',
  title: 'Sends to a drop address',
  severity: 'high',
  tier: 'review',
  tierAtInstall: 'block',
  why: "Messenger webhooks with their secret, request catchers, tunnels and paste sites receive stolen data because they need no server of one's own. No library has a reason to ship one that is filled in. Look at what is sent, and who owns the address.",
  needs: [
    ['secrets', 'network'],
    ['network', 'machine'],
    ['network', 'inbox'],
    ['network', 'decoders'],
    ['programs'],
  ],
  *check(file): Iterable<Hit> {
    const collects = [
      'host-info',
      'env-sweep',
      'credential-file',
      'credential-env',
      'metadata-address',
      'sends-secret',
      'input-capture',
    ] as const;
    const withData = file.chain(['drop-webhook', 'drop-site'], [...collects]);
    const canSend = file.has('network', 'spawn', 'dns-built');
    if (withData && canSend) {
      yield {
        start: withData.start,
        tier: 'block',
        severity: 'critical',
        title: `Sends data about the machine to ${withData.detail}`,
      };
      return;
    }
    const inbox = canSend ? file.chain(['public-inbox'], [...collects]) : undefined;
    if (inbox) {
      yield { start: inbox.start, title: `Sends data about the machine to ${inbox.detail}` };
      return;
    }
    const webhook = file.all('drop-webhook')[0];
    const site = file.chain(['drop-site'], ['network', 'spawn']);
    const found = webhook ?? site;
    if (found) yield { start: found.start, title: `Has a drop address filled in: ${found.detail}` };
  },
};
