import { isCoded } from '@sluice/contracts';
import { serverFetch } from '@sluice/egress';
import { S3mini } from 's3mini';
import { outage } from '../store-errors.ts';

export interface S3Options {
  /** Address of the bucket, `https://s3.example/bucket` or `https://bucket.s3.example`, with a prefix of keys behind it or without. */
  url: string;
  region: string;
  keyId: string;
  secret: string;
  /** Value of `x-amz-server-side-encryption`; none unless given. */
  encryption?: 'AES256' | 'aws:kms' | undefined;
  /** For one request with its body. */
  timeoutMs?: number;
  /** From this size on an object is sent in parts of it. */
  partBytes?: number;
}

/** An object as a HEAD says it. */
export interface ObjectHead {
  sizeBytes: number;
  etag: string;
}

/** 512 MB, the largest archive, at 5 MB/s. */
const timeoutMsDefault = 120_000;
/** A part that is lost on the way is cheap to send again; S3 takes 10,000 of them. */
const partBytesDefault = 32 * 1024 * 1024;
const listedMax = 1_000;

/** The objects of a bucket below a prefix. Every failure is an outage of the store; an object that is not there is null. */
export class S3Bucket {
  readonly partBytes: number;
  readonly #client: S3mini;
  readonly #prefix: string;
  readonly #headers: Record<`x-amz-${string}`, string>;

  constructor({
    url,
    region,
    keyId,
    secret,
    encryption,
    timeoutMs = timeoutMsDefault,
    partBytes,
  }: S3Options) {
    const { endpoint, prefix } = splitAddress(url);
    this.#client = new S3mini({
      endpoint,
      region,
      accessKeyId: keyId,
      secretAccessKey: secret,
      requestAbortTimeout: timeoutMs,
      fetch: serverFetch(),
    });
    this.#prefix = prefix;
    this.#headers = encryption === undefined ? {} : { 'x-amz-server-side-encryption': encryption };
    this.partBytes = partBytes ?? partBytesDefault;
  }

  /** @returns the object's bytes as a stream of the web; null when it is not there. */
  async get(key: string): Promise<ReadableStream<Uint8Array> | null> {
    const response = await this.#ask(() => this.#client.getObjectResponse(this.#prefix + key));
    return response && response.body;
  }

  /** A part of an object, both ends included. The object must still be the one with this etag. */
  async getRange(key: string, start: number, end: number, etag: string): Promise<ReadableStream<Uint8Array>> {
    const condition = { 'if-match': `"${etag}"` };
    const response = await this.#ask(() =>
      this.#client.getObjectRaw(this.#prefix + key, false, start, end + 1, condition),
    );
    if (response.status !== 206 && response.status !== 200)
      throw outage(new Error(`S3 answered ${response.status}`));
    return response.body!;
  }

  async head(key: string): Promise<ObjectHead | null> {
    const etag = await this.#ask(() => this.#client.getEtag(this.#prefix + key));
    if (etag === null) return null;
    const sizeBytes = await this.#ask(() => this.#client.getContentLength(this.#prefix + key));
    return { sizeBytes, etag };
  }

  /** Writes an object whole. @param sha256 of the bytes, which the server compares where it can. */
  async put(key: string, bytes: Uint8Array, sha256?: string): Promise<void> {
    const headers = { ...this.#headers };
    if (sha256 !== undefined) headers['x-amz-checksum-sha256'] = sha256;
    const type = 'application/octet-stream';
    await this.#ask(() => this.#client.putObject(this.#prefix + key, bytes, type, undefined, headers));
  }

  /** Writes an object of parts, which becomes visible as a whole; a failure leaves none. */
  async putParts(key: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
    const address = this.#prefix + key;
    const type = 'application/octet-stream';
    const upload = await this.#ask(() =>
      this.#client.getMultipartUploadId(address, type, undefined, this.#headers),
    );
    try {
      const sent: { partNumber: number; etag: string }[] = [];
      let number = 1;
      for await (const part of parts) {
        const at = number;
        sent.push(await this.#ask(() => this.#client.uploadPart(address, upload, part, at)));
        number += 1;
      }
      await this.#ask(() => this.#client.completeMultipartUpload(address, upload, sent));
    } catch (error) {
      await this.#client.abortMultipartUpload(address, upload).catch(() => {});
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    await this.#ask(() => this.#client.deleteObject(this.#prefix + key));
  }

  /** Objects whose keys begin with a text, page by page. */
  async *list(begin: string): AsyncGenerator<{ key: string; sizeBytes: number; changedAt: Date }> {
    let token: string | undefined;
    do {
      const page = await this.#ask(() =>
        this.#client.listObjectsPaged('/', this.#prefix + begin, listedMax, token),
      );
      for (const { Key, Size, LastModified } of page?.objects ?? [])
        yield {
          key: Key.slice(this.#prefix.length),
          sizeBytes: Size,
          changedAt: new Date(LastModified),
        };
      token = page?.nextContinuationToken;
    } while (token !== undefined);
  }

  /** @throws TransientError `artifact.unavailable` with the store as host. */
  async #ask<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await work();
    } catch (error) {
      throw isCoded(error) ? error : outage(plainCause(error));
    }
  }
}

/** The bucket and the prefix of its keys. Of `https://s3.example/bucket/some/where` the prefix is `some/where/`. */
function splitAddress(url: string): { endpoint: string; prefix: string } {
  const address = new URL(url);
  const [bucket = '', ...rest] = address.pathname.split('/').filter((part) => part !== '');
  const prefix = rest.length === 0 ? '' : `${rest.join('/')}/`;
  return { endpoint: `${address.origin}/${bucket}`, prefix };
}

/** Without keys and the server's body: readers of the API have no use for them. */
function plainCause(error: unknown): Error {
  const { status, serviceCode } = error as { status?: number; serviceCode?: string };
  if (status !== undefined)
    return new Error(`S3 answered ${status} (${serviceCode ?? 'no code'})`, { cause: error });
  const { name, cause } = error as Error;
  const code = (cause as { code?: string } | undefined)?.code ?? (error as { code?: string }).code;
  return new Error(
    name === 'TimeoutError' ? 'S3 did not answer in time' : `S3 cannot be reached (${code ?? name})`,
    {
      cause: error,
    },
  );
}
