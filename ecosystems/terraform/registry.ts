import { randomUUID } from 'node:crypto';
import { PermanentError, plainAddress } from '@sluice/contracts';
import type { Egress } from '@sluice/egress';
import {
  hostOf,
  Upstream,
  type Registry,
  type RegistryClient,
  type RegistrySettings,
} from '@sluice/registries';
import { Documents } from './protocols/documents.ts';
import { readMirror } from './protocols/mirror-protocol.ts';
import { readProviderAddress, terraformNames } from './names.ts';
import { platformOrRefuse } from './platforms.ts';
import { versionManifest } from './protocols/read-version.ts';
import { readRegistry } from './protocols/registry-protocol.ts';

/** A registry of providers, or a mirror that has those of any host. */
const protocols = ['registry', 'mirror'] as const;

export const terraformClient: RegistryClient = { type: 'terraform', protocols, open: terraformRegistry };

interface Source {
  /** With a slash at its end. */
  base: string;
  protocol: string;
}

/**
 * Client of registries of providers. The host in a provider's address says which registry has it: the configured one for its own host
 * and those of its aliases, one of a scope for the host that the scope is named after. A mirror has the providers of all hosts.
 */
function terraformRegistry(settings: RegistrySettings, egress: Egress): Registry {
  const { url, scopes, credentials, aliases = [], protocol = 'registry', scopeProtocols } = settings;
  const main: Source = { base: plainAddress(url), protocol };
  const ofScopes = new Map(
    [...scopes].map(([host, address]): [string, Source] => [
      host.toLowerCase(),
      { base: plainAddress(address), protocol: scopeProtocols?.get(host) ?? 'registry' },
    ]),
  );
  const ownHosts = new Set([url, ...aliases].map(hostOf));
  const platforms = (settings.platforms ?? []).map(platformOrRefuse);
  const bases = [main, ...ofScopes.values()].map(({ base }) => base);
  const upstream = new Upstream(egress, credentials, (of) => {
    const base = bases.find((known) => hostOf(known) === of);
    return base === undefined
      ? null
      : (signal) => upstream.misses(`${base}sluice-probe-${randomUUID()}`, signal);
  });
  const documents = new Documents(upstream);

  function sourceOf(host: string): Source | null {
    return ofScopes.get(host) ?? (main.protocol === 'mirror' || ownHosts.has(host) ? main : null);
  }

  return {
    hostOf: (name) => hostOf((sourceOf(name.split('/')[0]!) ?? main).base),
    tarballHost: (archiveUrl) => hostOf(archiveUrl) || null,

    async manifest(name, version, signal) {
      const address = readProviderAddress(name);
      // Anything else could lead to another part of the registry.
      if (address === null || !terraformNames.isVersion(version))
        throw notFound(`${JSON.stringify(name.slice(0, 80))} is no address of a provider.`);
      const source = sourceOf(address.host);
      if (source === null) throw notFound(`No registry is configured for providers of ${address.host}.`);
      const read = source.protocol === 'mirror' ? readMirror : readRegistry;
      const facts = await read(documents, source.base, address, version, platforms, signal);
      return versionManifest(address, version, facts);
    },

    tarball: (archiveUrl, signal) => upstream.archive(archiveUrl, signal),
    notAnArchive: (archiveUrl, signal) => upstream.notAnArchive(archiveUrl, signal),
    isArchive: (archiveUrl) => upstream.isArchive(archiveUrl),
  };
}

function notFound(detail: string): PermanentError {
  return new PermanentError('registry.version-not-found', detail);
}
