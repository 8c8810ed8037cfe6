import type { ArtifactStore } from '@sluice/artifacts';
import type { Bus } from '@sluice/broker';
import type { Facade } from '@sluice/facades';
import type { Authenticate } from '@sluice/identity';
import type { Registries } from '@sluice/registries';
import type { Logger } from '@sluice/runtime';
import type { Asker } from './asks/asker.ts';
import type { NewestVersions } from './asks/newest-version.ts';
import type { InstallsLog } from './installs/installs-log.ts';
import type { DocumentCache } from './serving/document-cache.ts';
import type { KnownBytes } from './serving/known-bytes.ts';
import type { UpstreamFiles } from './serving/upstream-files.ts';
import type { Standings } from './standings/follow-standings.ts';

/** What requests are answered with. */
export interface GateDeps {
  facades: readonly Facade[];
  standings: Standings;
  artifacts: ArtifactStore;
  bytes: KnownBytes;
  documents: DocumentCache;
  /** Null while there is no connection to the broker. */
  bus: () => Bus | null;
  asker: Asker;
  newest: NewestVersions;
  upstreamFiles: UpstreamFiles;
  /** What the registries have, for what the gate does not know; nothing is served from there. */
  registries: Registries;
  installs: InstallsLog;
  authenticate: Authenticate;
  isAllowedHost: (host: string) => boolean;
  /** The gate as clients reach it, without a slash at its end. */
  publicUrl: string;
  waitMs: number;
  log: Logger;
}
