import { gzipSync } from 'node:zlib';

export interface TarEntry {
  path: string;
  body?: string | Uint8Array;
  /** Type flag of the header: `0` file, `5` folder, `2` symbolic link, `1` hard link, `x` PAX. */
  type?: string;
  mode?: number;
  linkpath?: string;
  /** The size field, when it is to differ from the body's. */
  size?: number | string | Buffer;
  /** PAX records that go before the entry. */
  pax?: Record<string, string>;
  /** Changes the header before it is summed. */
  edit?: (block: Buffer) => void;
  /** Changes the header after it was summed. */
  spoil?: (block: Buffer) => void;
}

/**
 * Writes tar byte by byte, so that tests can make archives that no well-behaved program would.
 * @param end bytes after the last entry.
 */
export function tar(entries: TarEntry[], end = Buffer.alloc(1024)): Buffer {
  return Buffer.concat([...entries.flatMap(blocksOf), end]);
}

/** A gzipped tar of files in a folder `package`. */
export function packageTarball(files: Record<string, string | Uint8Array>): Buffer {
  return gzipSync(tar(Object.entries(files).map(([path, body]) => ({ path: `package/${path}`, body }))));
}

/** One chunk, or many small ones when `step` is given. */
export async function* chunksOf(bytes: Buffer, step = bytes.length || 1): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

function blocksOf(entry: TarEntry): Buffer[] {
  const blocks: Buffer[] = [];
  if (entry.pax) {
    const records = Object.entries(entry.pax).map(([key, value]) => paxRecord(key, value));
    blocks.push(...blocksOf({ path: 'PaxHeader', type: 'x', body: records.join('') }));
  }
  const body = Buffer.from((entry.body ?? '') as string);
  blocks.push(header(entry, body.length), body, Buffer.alloc((512 - (body.length % 512)) % 512));
  return blocks;
}

function header(entry: TarEntry, bodySize: number): Buffer {
  const block = Buffer.alloc(512);
  block.write(entry.path, 0, 100, 'utf8');
  block.write(octal(entry.mode ?? 0o644, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  const size = entry.size ?? bodySize;
  if (Buffer.isBuffer(size)) size.copy(block, 124);
  else block.write(typeof size === 'number' ? octal(size, 11) : size, 124, 12);
  block.write(octal(0, 11), 136);
  block.write(entry.type ?? '0', 156);
  block.write(entry.linkpath ?? '', 157, 100, 'utf8');
  block.write('ustar\u000000', 257, 'latin1');
  entry.edit?.(block);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  entry.spoil?.(block);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** One record of an extended header, `21 path=package/a.js`. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (String(length).length + Buffer.byteLength(rest) !== length) {
    length = String(length).length + Buffer.byteLength(rest);
  }
  return `${length}${rest}`;
}
