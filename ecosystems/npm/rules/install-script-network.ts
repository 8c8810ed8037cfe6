import { installRule } from './install-rule.ts';

export const installScriptNetwork = installRule('network', {
  id: 'malware.install-script-network',
  title: 'Uses the network at install',
  severity: 'high',
  tier: 'review',
  why: 'Nearly all malicious packages act at install, before anybody imports them: they fetch a second stage or send off what they find. Legitimate packages fetch prebuilt binaries, which a person can recognise by the address.',
});
