import type { Facade } from '@sluice/facades';
import { npmFacade } from './npm/facade/index.ts';
import { pypiFacade } from './pypi/facade/index.ts';

/** Protocols that the gate speaks, by ecosystem. */
export const facades: readonly Facade[] = [npmFacade, pypiFacade];
