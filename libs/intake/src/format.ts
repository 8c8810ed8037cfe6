import type { Submission } from '@sluice/contracts';

/** A submitted file without a byte-order mark. */
export interface SubmittedFile {
  content: Uint8Array;
  /** The content as JSON, read by `parseSafeJson`; undefined when it is none. */
  json: unknown;
}

/** Addresses of the registry of a package, each with a slash at its end. */
export type RegistriesOf = (name: string) => readonly string[];

export interface FormatOptions {
  /** Package versions in one submission, at most. */
  itemsMax: number;
  /** Addresses that packages may come from without a pin. */
  registriesOf: RegistriesOf;
}

/** One kind of lockfile. */
export interface LockfileFormat {
  /** Whether a file is of this kind, in a version that is read or in another one. */
  fits(file: SubmittedFile): boolean;
  /** @throws PermanentError with an `input.*` or `lockfile.*` code. */
  parse(file: SubmittedFile, options: FormatOptions): Submission;
}

/** A kind of file that is recognised and not read. */
export interface OtherFile {
  /** Fits the beginning of a text. */
  pattern?: RegExp;
  /** Names that a JSON object has, all of them. */
  has?: string[];
  /** A sentence that names the kind. */
  is: string;
  /** Whether the sentence is all there is to say; the files that are read are named behind it otherwise. */
  isRemedy?: boolean;
}

/** An ecosystem's part of intake. */
export interface Intake {
  /** purl type. */
  type: string;
  formats: readonly LockfileFormat[];
  /** Files of this ecosystem that are not read. */
  others: readonly OtherFile[];
  /** A sentence that names the files that are read, and how to make one. */
  reads: string;
}
