import { PermanentError } from '@sluice/contracts';
import type { GatewayConfig } from './config.ts';

/**
 * The addresses that stand for the registry, in the form that addresses of a lockfile are compared with: without
 * credentials, and with a slash at the end.
 * @throws PermanentError `config.invalid` for an alias that is no address.
 */
export function registryUrls({
  NPM_REGISTRY_URL: configured,
  NPM_REGISTRY_ALIASES: aliases,
}: Pick<GatewayConfig, 'NPM_REGISTRY_URL' | 'NPM_REGISTRY_ALIASES'>): string[] {
  return [...(configured ? [configured] : []), ...aliases].map((address) => {
    if (!URL.canParse(address)) {
      throw new PermanentError('config.invalid', `NPM_REGISTRY_ALIASES: "${address}" is no URL.`);
    }
    return comparable(address);
  });
}

/** Addresses that a package may come from without a pin; a scope with a registry of its own has that one only. */
export function registriesOf(
  config: Pick<GatewayConfig, 'NPM_REGISTRY_URL' | 'NPM_REGISTRY_ALIASES' | 'NPM_SCOPED_REGISTRIES'>,
): (type: string, name: string) => readonly string[] {
  const urls = registryUrls(config);
  const scopes = scopedRegistries(config);
  return (_type, name) => {
    const scoped = scopes.get(name.split('/')[0]!);
    return scoped === undefined ? urls : [scoped];
  };
}

/** The registries of scopes in the same form. */
function scopedRegistries({
  NPM_SCOPED_REGISTRIES: configured,
}: Pick<GatewayConfig, 'NPM_SCOPED_REGISTRIES'>): ReadonlyMap<string, string> {
  return new Map(configured.map(([scope, address]) => [scope, comparable(address)]));
}

function comparable(address: string): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname.replace(/\/*$/, '/')}`;
}
