import type { PypiPackageRule } from '../contents.ts';
import { manifestUnreadable } from './manifest-unreadable.ts';
import { pathFile } from './path-file.ts';

/** Rules over an archive as a package of PyPI. */
export const packageRules: PypiPackageRule[] = [manifestUnreadable, pathFile];
