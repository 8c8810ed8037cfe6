import { otherHashDigits, otherHashesMax, type FileHash, type SignatureEvidence } from '@sluice/contracts';
import type { VersionManifest } from '@sluice/registries';
import type { ProviderAddress } from '../names.ts';

/** The file of a version for one platform. */
export interface PlatformFile {
  platform: string;
  url: string;
  hashes: FileHash[];
  signature: SignatureEvidence;
}

/** All that a registry or a mirror says of a version. */
export interface VersionFacts {
  /** The files that are assessed. */
  files: PlatformFile[];
  /** Hashes of the other files of the version, in hex. */
  others: readonly string[];
  /** Words of the registry on the provider. */
  warnings: readonly string[];
  raw: Record<string, unknown>;
}

const urlMaxChars = 2_048;
const warningMaxChars = 1_000;

/** Name of the file for a platform, as Terraform's own mirrors name it: a registry may have any. */
export function fileNameOf({ type }: ProviderAddress, version: string, platform: string): string {
  return `terraform-provider-${type}_${version}_${platform}.zip`;
}

/**
 * The manifest of a version. Neither protocol states a license, times or accounts.
 * @param address of the provider.
 */
export function versionManifest(
  address: ProviderAddress,
  version: string,
  { files, others, warnings, raw }: VersionFacts,
): VersionManifest {
  const warning = warnings.join(' ').slice(0, warningMaxChars);
  const signers = new Set(
    files.map(({ signature }) => (signature.status === 'verified' ? signature.key : null)),
  );
  const [signer = null] = signers.size === 1 ? signers : [];
  return {
    raw: { ...address, version, ...raw },
    license: undefined,
    publishedAt: null,
    firstSeenAt: null,
    withdrawn: warning === '' ? null : { how: 'deprecated', reason: warning },
    repositoryUrl: null,
    publisher: null,
    signer,
    // A provider is a program that runs at `terraform plan`, and nothing of it at `init`.
    runsAtInstall: [],
    previousRanAtInstall: null,
    gained: null,
    otherHashes: others.map((hex) => hex.slice(0, otherHashDigits)).slice(0, otherHashesMax),
    files: files.map(({ platform, url, hashes, signature }) => ({
      file: fileNameOf(address, version, platform),
      kind: 'zip',
      platform,
      url,
      sizeBytes: null,
      hashes,
      signature,
    })),
  };
}

/** The address that a document states, made whole; null for one that is none. */
export function addressIn(stated: string, base: string): string | null {
  if (!URL.canParse(stated, base)) return null;
  const { href, protocol } = new URL(stated, base);
  return /^https?:$/.test(protocol) && href.length <= urlMaxChars ? href : null;
}
