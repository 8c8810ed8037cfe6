import { PermanentError, type FileHash } from '@sluice/contracts';
import { z } from 'zod';
import { shaped, type Documents } from './documents.ts';
import { readHash } from '../lockfiles/hashes.ts';
import type { ProviderAddress } from '../names.ts';
import { isPlatform, platformsToAssess } from '../platforms.ts';
import { addressIn, type PlatformFile, type VersionFacts } from './read-version.ts';

const indexBytesMax = 4 * 1024 * 1024;
const archivesMax = 200;

const indexSchema = z.looseObject({ versions: z.record(z.string(), z.unknown()) });
const versionSchema = z.looseObject({
  archives: z.record(
    z.string(),
    z.looseObject({ url: z.string(), hashes: z.array(z.string()).max(100).nullish().catch(null) }),
  ),
});

const unsigned = {
  status: 'unavailable' as const,
  key: null,
  detail: 'Mirrors have no signatures: the registry that they mirror has them.',
};

/**
 * The statements of a network mirror about a version. Source: Terraform, "Provider Network Mirror Protocol".
 * @param base address of the mirror, with a slash at its end.
 * @throws PermanentError `registry.version-not-found`; errors of `Registry.manifest`.
 */
export async function readMirror(
  documents: Documents,
  base: string,
  { host, namespace, type }: ProviderAddress,
  version: string,
  platforms: readonly string[],
  signal: AbortSignal,
): Promise<VersionFacts> {
  const folder = `${base}${host}/${namespace}/${type}/`;
  const limits = { maxBytes: indexBytesMax };
  const index = await documents.json(
    `${folder}index.json`,
    limits,
    (json) => shaped(indexSchema, json),
    signal,
  );
  if (!Object.hasOwn(index.value.versions, version)) throw missing(version);
  const { url, value } = await documents.json(
    `${folder}${encodeURIComponent(version).replaceAll('%2B', '+')}.json`,
    limits,
    (json) => shaped(versionSchema, json),
    signal,
  );
  const archives = new Map(
    Object.entries(value.archives)
      .slice(0, archivesMax)
      .flatMap(([platform, archive]): [string, PlatformFile][] => {
        const address = isPlatform(platform) ? addressIn(archive.url, url) : null;
        if (address === null) return [];
        return [
          [platform, { platform, url: address, hashes: hashesOf(archive.hashes), signature: unsigned }],
        ];
      }),
  );
  const chosen = platformsToAssess([...archives.keys()], platforms);
  if (chosen.length === 0) throw missing(version);
  return {
    files: chosen.map((platform) => archives.get(platform)!),
    others: [...archives]
      .filter(([platform]) => !chosen.includes(platform))
      .flatMap(([, { hashes }]) => hashes.map(({ hex }) => hex)),
    warnings: [],
    raw: { archives: value.archives },
  };
}

/** Hashes of unknown schemes say nothing here. */
function hashesOf(stated: readonly string[] | null | undefined): FileHash[] {
  return (stated ?? []).flatMap((text) => readHash(text) ?? []);
}

function missing(version: string): PermanentError {
  return new PermanentError('registry.version-not-found', `The mirror has no files of version ${version}.`);
}
