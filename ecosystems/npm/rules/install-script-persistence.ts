import { installRule } from './install-rule.ts';

export const installScriptPersistence = installRule('persistence', {
  id: 'malware.install-script-persistence',
  title: 'Writes at install where code is run again later',
  severity: 'critical',
  tier: 'block',
  why: 'A line in a shell profile, a timer, a git hook or the settings of a coding agent outlives the removal of the package. Tools that need one ask for it, and not at install. Look at what is written, and whether it is there already.',
});
