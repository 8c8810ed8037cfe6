import type { RegistryClient } from '@sluice/registries';
import { npmClient } from './npm/registry.ts';

/** Clients of registries, by ecosystem. */
export const registryClients: readonly RegistryClient[] = [npmClient];
