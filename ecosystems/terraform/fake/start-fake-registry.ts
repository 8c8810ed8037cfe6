import { createHash } from 'node:crypto';
import { startFakeHost, type Answer, type FakeHost } from '@sluice/testkit/fakes';
import { buildProviderZip } from './provider-zip.ts';
import type { FakeSigner } from './signer.ts';

export interface FakeProvider {
  namespace: string;
  type: string;
  version: string;
  /** Archives by platform; one for linux_amd64 that is made up unless given. */
  archives?: Record<string, Uint8Array>;
  /** The signer of the list of digests; left out for an unsigned one. */
  signer?: FakeSigner;
  /** Keys that the registry states in place of the signer's. */
  statedKeys?: readonly string[];
  /** Signature in place of the right one. */
  signature?: Uint8Array | null;
  /** Lines of the list of digests in place of the right ones. */
  sums?: string;
  /** Fields of the answer for a platform in place of the right ones. */
  fields?: Record<string, unknown>;
}

export interface PublishedProvider {
  /** By platform. */
  urls: Record<string, string>;
  archives: Record<string, Uint8Array>;
}

export interface FakeTerraformRegistry extends FakeHost {
  publish(provider: FakeProvider): Promise<PublishedProvider>;
  /** Words of the registry on a provider. */
  warn(namespace: string, type: string, warnings: string[]): void;
  serve(path: string, body: string | Uint8Array, type?: string): void;
  /** Answers with a redirect. */
  redirect(path: string, location: string): void;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/**
 * A registry that speaks the provider registry protocol over local HTTP. Its answers have the form of the documented ones; the real
 * registry was not at hand to record any.
 */
export async function startFakeTerraformRegistry(): Promise<FakeTerraformRegistry> {
  const answers = new Map<string, Answer>();
  const versions = new Map<string, Map<string, string[]>>();
  const warnings = new Map<string, string[]>();
  const errors = Buffer.from(JSON.stringify({ errors: ['Not Found'] }));
  const host = await startFakeHost(
    (path) => answers.get(path) ?? { status: 404, type: 'application/json', body: errors },
  );
  const serve = (path: string, body: string | Uint8Array, type = 'application/octet-stream') =>
    void answers.set(path, { status: 200, type, body: Buffer.from(body as string) });
  const serveJson = (path: string, value: unknown) => serve(path, JSON.stringify(value), 'application/json');
  serveJson('/.well-known/terraform.json', {
    'providers.v1': '/v1/providers/',
    'modules.v1': '/v1/modules/',
  });

  function listVersions(name: string): void {
    serveJson(`/v1/providers/${name}/versions`, {
      id: name,
      versions: [...(versions.get(name) ?? [])].map(([version, platforms]) => ({
        version,
        protocols: ['5.0'],
        platforms: platforms.map(splitPlatform),
      })),
      warnings: warnings.get(name) ?? null,
    });
  }

  return {
    ...host,
    serve,
    redirect: (path, location) =>
      void answers.set(path, { status: 302, type: 'text/plain', body: Buffer.from(''), location }),
    warn(namespace, type, texts) {
      warnings.set(`${namespace}/${type}`, texts);
      listVersions(`${namespace}/${type}`);
    },

    async publish(provider) {
      const { namespace, type, version } = provider;
      const name = `${namespace}/${type}`;
      const archives = provider.archives ?? { linux_amd64: buildProviderZip({ type, version }) };
      const stem = `terraform-provider-${type}_${version}`;
      const folder = `/files/${name}/${version}`;
      const sums =
        provider.sums ??
        Object.entries(archives)
          .map(([platform, bytes]) => `${sha256(bytes)}  ${stem}_${platform}.zip\n`)
          .join('');
      serve(`${folder}/${stem}_SHA256SUMS`, sums, 'text/plain');
      const signature =
        provider.signature === undefined
          ? await provider.signer?.sign(Buffer.from(sums))
          : provider.signature;
      if (signature) serve(`${folder}/${stem}_SHA256SUMS.sig`, signature);
      const keys = provider.statedKeys ?? (provider.signer ? [provider.signer.armoredKey] : []);
      for (const [platform, bytes] of Object.entries(archives)) {
        const { os, arch } = splitPlatform(platform);
        const file = `${stem}_${platform}.zip`;
        serve(`${folder}/${file}`, bytes, 'application/zip');
        serveJson(`/v1/providers/${name}/${version}/download/${os}/${arch}`, {
          protocols: ['5.0'],
          os,
          arch,
          filename: file,
          download_url: `${host.url}${folder}/${file}`,
          shasums_url: `${host.url}${folder}/${stem}_SHA256SUMS`,
          shasums_signature_url: `${host.url}${folder}/${stem}_SHA256SUMS.sig`,
          shasum: sha256(bytes),
          signing_keys: {
            gpg_public_keys: keys.map((ascii_armor) => ({
              key_id: provider.signer?.keyId ?? '',
              ascii_armor,
              trust_signature: '',
              source: namespace,
              source_url: null,
            })),
          },
          ...provider.fields,
        });
      }
      const known = versions.get(name) ?? new Map<string, string[]>();
      versions.set(name, known.set(version, Object.keys(archives)));
      listVersions(name);
      return {
        archives,
        urls: Object.fromEntries(
          Object.keys(archives).map((platform) => [platform, `${host.url}${folder}/${stem}_${platform}.zip`]),
        ),
      };
    },
  };
}

function splitPlatform(platform: string): { os: string; arch: string } {
  const [os = '', arch = ''] = platform.split('_');
  return { os, arch };
}
