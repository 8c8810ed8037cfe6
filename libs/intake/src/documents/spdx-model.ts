import type { StatedHash } from './stated-hashes.ts';

/** An SPDX document of whichever version and serialisation, as far as it is read. */
export interface SpdxDocument {
  version: string;
  /** `vendor/name-version`, as `Tool:` creators are written. */
  tools: string[];
  packages: SpdxPackage[];
  relationships: SpdxRelationship[];
  /** Identifiers of the elements that the document describes. */
  describes: string[];
}

export interface SpdxPackage {
  id: string;
  name: string | undefined;
  version: string | undefined;
  /** An address, `NONE`, `NOASSERTION`, or nothing. */
  downloadLocation: string | undefined;
  checksums: StatedHash[];
  purls: string[];
}

export interface SpdxRelationship {
  from: string;
  /** As version 2 writes it: `DEPENDS_ON`. */
  type: string;
  to: string;
}
