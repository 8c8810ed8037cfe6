/** How the gate speaks a registry's protocol. Pure: no I/O. */
export { accepts } from './accept.ts';
export type {
  AffectedVersion,
  ArchiveBytes,
  Audit,
  ClientConfiguration,
  Facade,
  FacadeDocument,
  FacadeRequest,
  FacadeRoute,
  HeldVersion,
  Listing,
  ListedFile,
  ListedVersion,
  PackageVersions,
} from './facade.ts';
export { readPath, refused } from './read-path.ts';
export { reachableVersion } from './reachable-version.ts';
