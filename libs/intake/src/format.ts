import type { Names, PermanentError, Submission } from '@sluice/contracts';
import type { ItemSource } from './item-collector.ts';

/** A text that was submitted together with others. */
export interface FileBeside {
  /** Its path from the root that all of them share. */
  path: string;
  content: Uint8Array;
  /** Gives the file that it names by a path from its own folder; null for one that was not submitted. */
  beside(reference: string): FileBeside | null;
}

/** A submitted file without a byte-order mark. */
export interface SubmittedFile {
  content: Uint8Array;
  /** Its name without folders; null when it came without one. */
  name: string | null;
  /** The content as JSON, read by `parseSafeJson`; undefined when it is none. */
  json: unknown;
  /** Why the content is no JSON; null when it is. */
  jsonFault: PermanentError | null;
  /** See `FileBeside`; a file that came alone has none. */
  beside: FileBeside['beside'];
}

/** Addresses of the registry of a package, each with a slash at its end. */
export type RegistriesOf = (name: string) => readonly string[];

export interface FormatOptions {
  /** Package versions in one submission, at most. */
  itemsMax: number;
  /** Addresses that packages may come from without a pin. */
  registriesOf: RegistriesOf;
}

/** What tells one kind of file from others. */
export interface FileKind {
  /** `poetry-lock`: how people name the format, and a submission's `format` up to the `@`. */
  id: string;
  /** Fits the names, without folders, that files of this kind have. */
  fileName: RegExp;
  /** Whether folders are not looked through for it: other files of the name are usual, or it states no versions. */
  isSubmittedAlone?: boolean;
  /** Whether a file is of this kind by its content, in a version that is read or in another one. */
  fits(file: SubmittedFile): boolean;
}

/** One kind of lockfile. */
export interface LockfileFormat extends FileKind {
  /**
   * @param file any file: people may say that it is of this kind.
   * @throws PermanentError with an `input.*` or `lockfile.*` code.
   */
  parse(file: SubmittedFile, options: FormatOptions): Submission;
}

export interface DocumentOptions {
  /** Package versions in one submission, at most. */
  itemsMax: number;
  /** Ecosystems whose packages are assessed. */
  intakes: readonly Intake[];
  /** Addresses that a package may come from without a pin, by purl type and name. */
  registriesOf: (type: string, name: string) => readonly string[];
}

/** One kind of document that names packages of any ecosystem by their purls. */
export interface DocumentFormat extends FileKind {
  /**
   * @param file any file: people may say that it is of this kind.
   * @throws PermanentError with an `input.*`, `lockfile.*` or `purl.*` code.
   */
  parse(file: SubmittedFile, options: DocumentOptions): Submission;
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

/** An entry with the address that its archive is said to be at. */
export interface AddressedEntry {
  name: string;
  version: string;
  resolved: string;
  /** A Subresource Integrity string. */
  integrity: string | undefined;
}

/** How an ecosystem reads addresses of archives in documents that are not its own. */
export interface ArchiveAddresses {
  /** The package version that an address names; null when it has no shape of an archive in a registry. */
  archiveAt(address: string): { name: string; version: string } | null;
  /** The source of an entry whose address names an archive, as for an entry of a lockfile. */
  sourceOf(entry: AddressedEntry, registriesOf: RegistriesOf): ItemSource;
  /** Tools, as `vendor/name`, that state the archive's hash with a package and no address beside it. */
  hashedBy?: RegExp;
}

/** A tool, known by the path of a file. */
export interface FileMark {
  name: string;
  /** Fits the path of the file from the root of a project. */
  path: RegExp;
}

/** Signs of an ecosystem's tools and frameworks in a project. */
export interface ProjectMarks {
  tools: readonly FileMark[];
  /** Files in which projects name what they use. */
  manifest: {
    fileName: RegExp;
    /** Names of packages; none for a file that cannot be read. */
    dependenciesOf(content: Uint8Array, fileName: string): string[];
  };
  /** Frameworks by the names of their packages. */
  frameworks: Readonly<Record<string, string>>;
}

/** An ecosystem's part of intake. */
export interface Intake {
  /** purl type. */
  type: string;
  names: Names;
  /** Of projects; without them an inventory has its lockfiles alone. */
  marks?: ProjectMarks;
  /** Without it, an address in a document ties nothing to the registry. */
  archives?: ArchiveAddresses;
  formats: readonly LockfileFormat[];
  /** Names of folders that hold installed packages: lockfiles in them are those of packages, not of a project. */
  installedFolders: readonly string[];
  /** Names of files that are not read where another one, whose name this gives, lies beside them. */
  shadows: Readonly<Record<string, string>>;
  /** Files of this ecosystem that are not read. */
  others: readonly OtherFile[];
  /** A sentence that names the files that are read, and how to make one. */
  reads: string;
}
