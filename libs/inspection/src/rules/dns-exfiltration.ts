import type { FileRule, Hit } from './rule.ts';

export const dnsExfiltration: FileRule = {
  id: 'malware.dns-exfiltration',
  title: 'Puts data about the machine into DNS lookups',
  severity: 'high',
  tier: 'review',
  tierAtInstall: 'block',
  why: "DNS gets out where nothing else does: the data is encoded into the labels of a name under a domain of the attacker's.",
  needs: [['network', 'machine'], ['network', 'secrets'], ['network', 'credentials'], ['programs']],
  *check(file): Iterable<Hit> {
    const lookup = file
      .all('dns-built')
      // Data in front of a fixed domain; a name that is a variable as a whole is any resolver's business.
      .find(({ detail }) => /…[\w.-]*\.[a-z]{2,}\.?$/i.test(detail));
    if (lookup && file.has('host-info', 'env-sweep', 'credential-file', 'credential-env')) {
      yield { start: lookup.start };
    }
  },
};
