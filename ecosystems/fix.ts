import type { Fixer } from '@sluice/intake';
import { npmFixer } from './npm/fix/index.ts';

/** How held package versions of a lockfile are replaced by approved ones, by ecosystem. */
export const fixers: readonly Fixer[] = [npmFixer];
