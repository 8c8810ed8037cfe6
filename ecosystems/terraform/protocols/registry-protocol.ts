import { errorCodeOf, PermanentError } from '@sluice/contracts';
import { UnusableAnswer } from '@sluice/registries';
import { z } from 'zod';
import { optional, shaped, type Documents } from './documents.ts';
import type { ProviderAddress } from '../names.ts';
import { isPlatform, platformsToAssess } from '../platforms.ts';
import { addressIn, type PlatformFile, type VersionFacts } from './read-version.ts';
import { readSigned } from './signed-sums.ts';
import type { SumLine } from './sums.ts';

/** Providers with a release a week have some hundred kilobytes of versions. */
const versionsBytesMax = 16 * 1024 * 1024;
const packageBytesMax = 1024 * 1024;
const discoveryBytesMax = 64 * 1024;

const discoverySchema = z.looseObject({ 'providers.v1': z.string() });

const versionsSchema = z.looseObject({
  versions: z
    .array(
      z.looseObject({
        version: z.string(),
        platforms: z
          .array(z.looseObject({ os: z.string(), arch: z.string() }))
          .nullish()
          .catch(null),
      }),
    )
    .nullable(),
  warnings: z.array(z.string()).nullish().catch(null),
});

const text = z.string().nullish().catch(null);

const packageSchema = z.looseObject({
  os: z.string(),
  arch: z.string(),
  filename: z.string().min(1).max(300),
  download_url: z.string(),
  shasum: z.string().regex(/^[0-9a-f]{64}$/),
  shasums_url: text,
  shasums_signature_url: text,
  signing_keys: z
    .looseObject({
      gpg_public_keys: z
        .array(z.looseObject({ ascii_armor: z.string() }))
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch(null),
});
type PackageDocument = z.infer<typeof packageSchema>;

/**
 * The statements of a registry about a version. The signature is over the list of digests, and the list has to state the digest that the registry
 * does. Source: Terraform, "Remote Service Discovery", "Provider Registry Protocol".
 * @param base address of the registry, with a slash at its end.
 * @throws PermanentError `registry.version-not-found`; errors of `Registry.manifest`.
 */
export async function readRegistry(
  documents: Documents,
  base: string,
  { namespace, type }: ProviderAddress,
  version: string,
  configured: readonly string[],
  signal: AbortSignal,
): Promise<VersionFacts> {
  const providers = await discover(documents, base, signal);
  const folder = `${providers}${namespace}/${type}/`;
  const listed = await documents.json(
    `${folder}versions`,
    { maxBytes: versionsBytesMax },
    (json) => shaped(versionsSchema, json),
    signal,
  );
  const found = listed.value.versions?.find((one) => one.version === version);
  if (!found) throw missing(version);
  const available = (found.platforms ?? []).map(({ os, arch }) => `${os}_${arch}`).filter(isPlatform);
  // A list without platforms leaves those that are configured.
  const chosen = platformsToAssess(available.length > 0 ? available : configured, configured);
  const packages = await Promise.all(
    chosen.map(async (platform) => {
      const url = `${folder}${encodeURIComponent(version).replaceAll('%2B', '+')}/download/${platform.replace('_', '/')}`;
      return await readPackage(documents, url, platform, signal);
    }),
  );
  const known = packages.flatMap((one) => one ?? []);
  if (known.length === 0) throw missing(version);
  const own = new Set(known.map(({ file }) => file.hashes[0]!.hex));
  return {
    files: known.map(({ file }) => file),
    others: [...new Set(known.flatMap(({ sums }) => sums.map(({ hex }) => hex)))].filter(
      (hex) => !own.has(hex),
    ),
    warnings: listed.value.warnings ?? [],
    raw: { version: found, packages: known.map(({ document }) => document) },
  };
}

/** The address below which providers are, with a slash at its end. */
async function discover(documents: Documents, base: string, signal: AbortSignal): Promise<string> {
  const url = new URL('/.well-known/terraform.json', base).href;
  const none = () =>
    new PermanentError(
      'registry.invalid-metadata',
      `${new URL(base).host} says of no registry of providers.`,
    );
  try {
    const read = await documents.json(
      url,
      { maxBytes: discoveryBytesMax },
      (json) => {
        const parsed = discoverySchema.safeParse(json);
        if (!parsed.success) throw new UnusableAnswer(none());
        return parsed.data['providers.v1'];
      },
      signal,
    );
    const address = addressIn(read.value, read.url);
    if (address === null) throw none();
    return address.replace(/\/*$/, '/');
  } catch (error) {
    throw errorCodeOf(error) === 'registry.version-not-found' ? none() : error;
  }
}

interface KnownPackage {
  file: PlatformFile;
  sums: readonly SumLine[];
  document: PackageDocument;
}

/** @returns null for a platform that the registry does not have. */
async function readPackage(
  documents: Documents,
  url: string,
  platform: string,
  signal: AbortSignal,
): Promise<KnownPackage | null> {
  const read = await optional(
    documents.json(url, { maxBytes: packageBytesMax }, (json) => checkPackage(json, platform), signal),
  );
  if (read === null) return null;
  const document = read.value;
  const archive = addressIn(document.download_url, read.url);
  if (archive === null)
    throw new PermanentError(
      'registry.invalid-metadata',
      `The registry states no address of the file for ${platform}.`,
    );
  const { sums, signature } = await readSigned(documents, document, read.url, signal);
  const hashes = [{ algorithm: 'sha256' as const, hex: document.shasum }];
  return { file: { platform, url: archive, hashes, signature }, sums, document };
}

function checkPackage(json: unknown, platform: string): PackageDocument {
  const document = shaped(packageSchema, json);
  if (`${document.os}_${document.arch}` === platform) return document;
  throw new UnusableAnswer(
    new PermanentError('registry.invalid-metadata', `The registry sent another platform than ${platform}.`),
  );
}

function missing(version: string): PermanentError {
  return new PermanentError('registry.version-not-found', `The registry has no files of version ${version}.`);
}
