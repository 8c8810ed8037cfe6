import { createEgress, type EgressOptions } from '@sluice/egress';
import { egressOptions, type EgressConfig, type NpmConfig, type ServiceContext } from '@sluice/runtime';
import { readNpmCredentials } from './credentials.ts';
import { npmRegistry, type NpmRegistry } from './registry.ts';

/**
 * A service's client of the configured npm registries, closed when it stops.
 * @param options limits of its egress, and which hosts are paused.
 */
export function openNpmRegistry(
  { config, onStop }: Pick<ServiceContext<EgressConfig & NpmConfig>, 'config' | 'onStop'>,
  options: Partial<EgressOptions>,
): NpmRegistry {
  const scopes = new Map(config.NPM_SCOPED_REGISTRIES);
  const egress = createEgress({
    ...egressOptions(config),
    trustedOrigins: [config.NPM_REGISTRY_URL, ...scopes.values()],
    ...options,
  });
  onStop('egress', () => egress.close());
  return npmRegistry({
    baseUrl: config.NPM_REGISTRY_URL,
    egress,
    token: config.NPM_REGISTRY_TOKEN,
    scopes,
    credentials: readNpmCredentials(config.NPM_CREDENTIALS),
  });
}
