import { installRule } from './install-rule.ts';

export const installScriptBehaviour = installRule('behaviour', {
  id: 'malware.install-script-behaviour',
  title: 'Starts programs or runs text as code at install',
  severity: 'high',
  tier: 'review',
  why: 'A hook acts before anybody could look at the package. Few need more than the known tools that build or fetch an addon; deleting a home folder, or removing its own traces, serves nobody but an attacker. Look at which program is started, and with which arguments.',
});
