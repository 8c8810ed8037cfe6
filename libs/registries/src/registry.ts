import type { Readable } from 'node:stream';
import { PermanentError, type RegistryEvidence, type TransientError } from '@sluice/contracts';
import type { Egress } from '@sluice/egress';
import type { RegistrySettings } from './registry-settings.ts';

/** Registry metadata of one package version. Fields that the registry does not serve are null. */
export interface VersionManifest extends Omit<
  RegistryEvidence,
  'filesDigest' | 'metadataDigest' | 'tagsDigest' | 'producer'
> {
  /** The license as the manifest states it, in any form. */
  license: unknown;
  /** The tags of the package, version by tag; left out by registries that have none. */
  tags?: Readonly<Record<string, string>> | null;
  /** The version's manifest as the registry sent it. */
  raw: Record<string, unknown>;
}

export interface Archive {
  body: Readable;
  contentType: string | null;
  /** As its host says, which says nothing of one that it makes as it sends it. */
  sizeBytes: number | null;
}

/** A file of a package as the registry lists it, whichever version it is of. */
export interface UpstreamFile {
  version: string;
  file: string;
  sizeBytes: number | null;
  /** Of the bytes, as hex. */
  sha256: string | null;
  /** What the registry says of it, as in the manifest of its version. */
  stated: Record<string, unknown>;
}

/** Client of a registry. */
export interface Registry {
  /** Host of a package's metadata, as it stands in URLs. */
  hostOf(name: string): string;
  /** Host that an archive would be fetched from; null for a text that is no URL. See `tarball`. */
  tarballHost(url: string): string | null;
  /**
   * The registry's metadata of one version.
   * @throws PermanentError `registry.version-not-found`; TransientError `registry.unusable-answer` with the host while
   * it answers with pages or JSON of another shape to all questions; `registry.invalid-metadata` when only this
   * package is broken; errors of `Egress.fetch`.
   */
  manifest(name: string, version: string, signal: AbortSignal): Promise<VersionManifest>;
  /**
   * The version that people get who name none; left out by registries that cannot be asked.
   * @throws PermanentError `registry.version-not-found`; errors of `manifest`.
   */
  newestVersion?(name: string, signal: AbortSignal): Promise<string>;
  /**
   * The files of all versions, the oldest first where the registry tells; left out by registries whose clients choose a version and
   * not a file.
   * @throws errors of `manifest`.
   */
  files?(name: string, signal: AbortSignal): Promise<UpstreamFile[]>;
  /**
   * The registry's own document about a package, as it comes; it must be read to the end or destroyed. Null for one that it does
   * not have; left out by registries without such a document.
   * @param accept the media types that the reader takes.
   * @throws errors of `Egress.fetch`.
   */
  document?(name: string, accept: string, signal: AbortSignal): Promise<Archive | null>;
  /**
   * The bytes of an archive, which must be read to the end or destroyed; null when the registry does not have them.
   * @param url as the registry stated it.
   * @throws errors of `Egress.fetch`.
   */
  tarball(url: string, signal: AbortSignal): Promise<Archive | null>;
  /**
   * The error for bytes that are no archive: an outage of the host that sent them, or, when that host answers well
   * otherwise, the fault of this archive, which counts as an attempt.
   * @param url as it was given to `tarball`.
   */
  notAnArchive(url: string, signal: AbortSignal): Promise<TransientError>;
  /** Notes that the bytes matched the registry's hashes. */
  isArchive(url: string): void;
}

/** An ecosystem's client. */
export interface RegistryClient {
  /** purl type. */
  type: string;
  /** Protocols of its registries, the usual one first; left out where there is one alone. */
  protocols?: readonly string[];
  /** Whether its registries sign with keys of their own. */
  hasKeys?: boolean;
  open(settings: RegistrySettings, egress: Egress): Registry;
}

/** Clients of the configured registries, by purl type. */
export type Registries = ReadonlyMap<string, Registry>;

/** @throws PermanentError `registry.version-not-found` for an ecosystem without a configured registry. */
export function registryOf(registries: Registries, type: string): Registry {
  const registry = registries.get(type);
  if (registry) return registry;
  throw new PermanentError('registry.version-not-found', `There is no registry for ${type} packages.`);
}
