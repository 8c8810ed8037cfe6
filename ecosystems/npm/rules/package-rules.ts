import type { NpmPackageRule } from '../contents.ts';
import { gypCommand } from './gyp-command.ts';
import { installScriptDisguised } from './install-script-disguised.ts';
import { installScriptNetwork } from './install-script-network.ts';
import { installScript } from './install-script.ts';
import { manifestUnreadable } from './manifest-unreadable.ts';

/** Over an archive as a whole. */
export const packageRules: NpmPackageRule[] = [
  gypCommand,
  installScript,
  installScriptDisguised,
  installScriptNetwork,
  manifestUnreadable,
];
