import type { RegistryClient } from '@sluice/registries';
import { npmClient } from './npm/registry.ts';
import { pypiClient } from './pypi/registry.ts';
import { terraformClient } from './terraform/registry.ts';

/** Clients of registries, by ecosystem. */
export const registryClients: readonly RegistryClient[] = [npmClient, pypiClient, terraformClient];
