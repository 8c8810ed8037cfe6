import type { Transform } from 'node:stream';
import type { AdvisoryMatch, ErrorCode, Names } from '@sluice/contracts';
import type { UpstreamFile } from '@sluice/registries';

/** A client's request, with all that answers may depend on. */
export interface FacadeRequest {
  method: string;
  /** As it came, behind the facade's base and without the query: `/@scope%2fname`. */
  path: string;
  /** The first of a header, by its lower-case name. */
  header: (name: string) => string | undefined;
}

/** What a request asks for. */
export type FacadeRoute =
  /** A document about a package; `version` for one about a single version or tag. */
  | { kind: 'document'; form: string; name: string; version: string | null }
  /**
   * An archive, or a part of it that `readPart` takes out; the version is null where the name of the file does not tell it.
   */
  | { kind: 'file'; name: string; version: string | null; file: string; part: string | null }
  /** Another spelling of an address; `path` is below the facade's base. */
  | { kind: 'redirect'; path: string }
  /** The registry's own document about a package, in which everything is listed: to make a lockfile of. */
  | { kind: 'upstream'; name: string; accept: string }
  /** Advisories of packages, which the body lists. */
  | { kind: 'advisories'; form: string }
  /** The same for each client that may install. */
  | { kind: 'answer'; status: number; body: unknown }
  | { kind: 'refusal'; code: ErrorCode; detail: string };

export interface ListedFile {
  file: string;
  platform: string | null;
  sizeBytes: number;
  /** SHA-256 of the bytes, as hex. */
  sha256: string;
}

/** An approved version. */
export interface ListedVersion {
  version: string;
  publishedAt: string | null;
  /** As the registry sent it; fresh for each document, and may be changed. */
  manifest: Record<string, unknown>;
  files: ListedFile[];
}

/** A version that is known and may not be installed now. */
export interface HeldVersion {
  version: string;
  /** Why, in one sentence. */
  message: string;
  /** Its files as the registry lists them; empty where they are not known. */
  files: UpstreamFile[];
}

/** All that a document about a package is made of. */
export interface Listing {
  name: string;
  /** Public address of the facade, without a slash at its end. */
  baseUrl: string;
  /** In ascending order. */
  versions: ListedVersion[];
  /** The newest first, as far as that is known. */
  held: HeldVersion[];
  /** Versions by tag, as the registry had them. */
  tags: Readonly<Record<string, string>>;
  /** When the newest of the decisions was made. */
  modifiedAt: string;
}

export interface FacadeDocument {
  contentType: string;
  body: string;
}

/** Versions of a package that a client has. */
export interface PackageVersions {
  name: string;
  versions: string[];
}

/** A package version that advisories affect. */
export interface AffectedVersion {
  name: string;
  version: string;
  matches: AdvisoryMatch[];
}

/** How clients ask for vulnerabilities of what they have installed. */
export interface Audit {
  /** @returns null for a body that is none of the form's. */
  read(form: string, body: unknown): PackageVersions[] | null;
  render(form: string, asked: readonly PackageVersions[], affected: readonly AffectedVersion[]): object;
}

/** The bytes of an archive that is served. */
export interface ArchiveBytes {
  sizeBytes: number;
  /** The bytes from `start` to `end`, both included. A chunk holds until the next one is asked for. */
  chunks(range: { start: number; end: number }): AsyncIterable<Uint8Array>;
}

/** The configuration of a client. */
export interface ClientConfiguration {
  /** Programs that read it, in words. */
  readBy: string;
  /** Its usual name: `pip.conf`. */
  file: string;
  /**
   * The lines for it.
   * @param at.url of the gate. `at.key` is null where it asks for none.
   */
  text: (at: { url: string; key: string | null }) => string;
}

/** A registry's protocol, over what is approved. */
export interface Facade {
  /** purl type. */
  type: string;
  /** First segment of its paths. */
  base: string;
  names: Names;
  /** What a request asks for; a path that means nothing is a refusal. Pure. */
  route(request: FacadeRequest): FacadeRoute;
  /**
   * A document in one of the forms that `route` names.
   * @param version of a route about a single version or tag.
   * @returns null where nothing approved answers it.
   */
  document(form: string, listing: Listing, version: string | null): FacadeDocument | null;
  /**
   * Whether documents show everything that is held, also where nothing is approved: for clients that pass such versions over unless one
   * is asked for, and that show nothing of a refused document.
   */
  listsHeld: boolean;
  /**
   * Takes a part out of an archive that clients fetch on its own; left out where there is none.
   * @returns null for an archive without it.
   */
  readPart?(part: string, archive: ArchiveBytes): Promise<Buffer | null>;
  /** The question of which packages have known vulnerabilities; left out where clients do not ask. */
  audit?: Audit;
  /**
   * Rewrites a document of the registry while it passes, so that the addresses in it are those of the gate; left out where there is
   * no such document.
   */
  rewriteUpstream?(name: string, baseUrl: string): Transform;
  /** Headers in which a client shows people a sentence. */
  noticeHeaders(sentence: string): Record<string, string>;
  /** How clients are configured to install through the gate, by the name of the client that stands for those with the same file. */
  clients: Readonly<Record<string, ClientConfiguration>>;
  /**
   * Where a client reads the reason for a refused file, for one that shows nothing of the answer but its address; null for the
   * others. Below the facade's base.
   */
  refusalPath(
    header: FacadeRequest['header'],
    about: { name: string; version: string; code: string },
  ): string | null;
}
