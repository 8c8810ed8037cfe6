import type { NpmPackageRule } from '../contents.ts';
import { dependencyPlace } from './dependency-place.ts';
import { disguisedFile } from './disguised-file.ts';
import { gypCommand } from './gyp-command.ts';
import { installScriptBehaviour } from './install-script-behaviour.ts';
import { installScriptDisguised } from './install-script-disguised.ts';
import { installScriptNetwork } from './install-script-network.ts';
import { installScriptPersistence } from './install-script-persistence.ts';
import { installScriptUnclear } from './install-script-unclear.ts';
import { installScript } from './install-script.ts';
import { manifestUnreadable } from './manifest-unreadable.ts';
import { systemCommand } from './system-command.ts';

/** Over an archive as a whole. */
export const packageRules: NpmPackageRule[] = [
  dependencyPlace,
  disguisedFile,
  gypCommand,
  installScript,
  installScriptBehaviour,
  installScriptDisguised,
  installScriptNetwork,
  installScriptPersistence,
  installScriptUnclear,
  manifestUnreadable,
  systemCommand,
];
