import { isCoded, PermanentError, TransientError } from '@sluice/contracts';

/** The store's name as an upstream of stages, like a registry's host. */
export const artifactStoreHost = 'artifact store';

/** Codes of the file system for faults of the disk or the machine, not of one file. */
const outageCodes = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EMFILE', 'ENFILE', 'ESTALE', 'ENODEV', 'ENXIO']);
const missingCodes = new Set(['ENOENT', 'ENOTDIR']);

export interface StoreProbe {
  /** Rejects when the folder is not the store. */
  confirm(): Promise<void>;
  /** Rejects when the store cannot be written. */
  check(): Promise<void>;
}

/**
 * Tells an outage of the store from damage to one file. Errors of the file system look alike, so after one of a file
 * the store itself is tried: if it works, the fault is the file's, and costs its reader attempts. Otherwise one damaged
 * file would be an outage without end.
 */
export class StoreErrors {
  readonly #probe: StoreProbe;
  #checking: Promise<void> | undefined;

  constructor(probe: StoreProbe) {
    this.#probe = probe;
  }

  /**
   * @throws TransientError `artifact.unavailable` with the store as host; TransientError `artifact.missing`; PermanentError
   * `artifact.corrupt` for bytes that cannot be read.
   */
  async ofReading<Result>(digest: string, reading: Promise<Result>): Promise<Result> {
    try {
      return await reading;
    } catch (cause) {
      if (missingCodes.has(systemCode(cause))) {
        await this.#probe.confirm().catch((away: unknown) => {
          throw outage(away);
        });
        throw new TransientError('artifact.missing', `${digest} is not in the store.`, { cause });
      }
      await this.#throwOutage(cause);
      throw new PermanentError('artifact.corrupt', `${digest} cannot be read: ${describe(cause)}.`, {
        cause,
      });
    }
  }

  /** @throws TransientError `artifact.unavailable`, with the store as host unless only this file cannot be written. */
  async ofWriting<Result>(writing: Promise<Result>): Promise<Result> {
    try {
      return await writing;
    } catch (cause) {
      // A folder has just vanished; the next put makes it again, or finds that the store is away.
      if (systemCode(cause) === 'ENOENT') throw outage(cause);
      await this.#throwOutage(cause);
      throw new TransientError('artifact.unavailable', `A file cannot be stored: ${describe(cause)}.`, {
        cause,
      });
    }
  }

  async #throwOutage(cause: unknown): Promise<void> {
    if (outageCodes.has(systemCode(cause))) throw outage(cause);
    this.#checking ??= this.#probe.check().finally(() => (this.#checking = undefined));
    await this.#checking.catch(() => {
      throw outage(cause);
    });
  }
}

/** The store's outage, for any call that notices it. */
export function outage(cause: unknown): Error {
  if (isCoded(cause)) return cause;
  return new TransientError('artifact.unavailable', `The artifact store failed: ${describe(cause)}.`, {
    cause,
    host: artifactStoreHost,
  });
}

function systemCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

/** Messages of the system name paths of this machine, which readers of the API have no use for. */
function describe(error: unknown): string {
  const code = systemCode(error);
  return code === '' || code === 'ETIMEDOUT' ? (error as Error).message : code;
}
