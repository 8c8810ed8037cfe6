import type { ProviderPackageRule } from '../archive/contents.ts';
import { manifestUnreadable } from './manifest-unreadable.ts';

/** Rules over an archive as a provider. */
export const packageRules: ProviderPackageRule[] = [manifestUnreadable];
