import { spawnSync } from 'node:child_process';
import { chunksOf, zipOf } from '@sluice/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasPython } from '../../test/extractors.ts';
import { ArchiveRefused } from './archive-refused.ts';
import { readZip } from './read-zip.ts';

const asTheyAre = { placedPathOf: () => (path: string) => path };

async function read(zip: Buffer): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  await readZip(
    chunksOf(zip, 1_000),
    ({ path }) => {
      const chunks: Buffer[] = [];
      return {
        write: (chunk) => chunks.push(Buffer.from(chunk)),
        end: () => void files.set(path, Buffer.concat(chunks).toString('latin1')),
      };
    },
    asTheyAre,
  );
  return files;
}

async function refusalOf(zip: Buffer): Promise<string | null> {
  try {
    await read(zip);
    return null;
  } catch (error) {
    if (error instanceof ArchiveRefused) return error.reason;
    throw error;
  }
}

const plain = zipOf({ 'a.py': 'a = 1\n', 'b/c.py': 'c = 2\n'.repeat(100) });
/** Where the directory and the end record begin in `plain`. */
const directory = plain.indexOf('PK\x01\x02');
const end = plain.lastIndexOf('PK\x05\x06');

function changed(at: number, ...bytes: number[]): Buffer {
  const copy = Buffer.from(plain);
  copy.set(bytes, at);
  return copy;
}

/** Puts bytes in, and moves the offsets of the end record. */
function inserted(at: number, bytes: Buffer): Buffer {
  const copy = Buffer.concat([plain.subarray(0, at), bytes, plain.subarray(at)]);
  const newEnd = end + bytes.length;
  if (at <= directory) copy.writeUInt32LE(directory + bytes.length, newEnd + 16);
  return copy;
}

describe('a zip', () => {
  it('is read with its files', async () => {
    expect(await read(plain)).toEqual(
      new Map([
        ['a.py', 'a = 1\n'],
        ['b/c.py', 'c = 2\n'.repeat(100)],
      ]),
    );
  });

  it.each<[string, Buffer, string]>([
    ['data behind its end', Buffer.concat([plain, Buffer.from('x')]), 'archive.damaged'],
    ['a second zip behind it', Buffer.concat([plain, zipOf({ x: 'y' })]), 'archive.damaged'],
    ['data in front', inserted(0, Buffer.from('PK\x03')), 'archive.ambiguous'],
    ['data between entries and directory', inserted(directory, Buffer.from('junk')), 'archive.ambiguous'],
    ['another name in the header than in the directory', changed(30, 'z'.charCodeAt(0)), 'archive.ambiguous'],
    ['another size in the header', changed(22, 7), 'archive.ambiguous'],
    ['another checksum in the header', changed(14, 0), 'archive.ambiguous'],
    ['another method in the header', changed(8, 0), 'archive.ambiguous'],
    ['fewer entries in its end record', changed(end + 8, 1, 0, 1, 0), 'archive.ambiguous'],
    ['two files of one name', replaced(plain, 'b/c.py', 'a.py\0\0'), 'archive.path-invalid'],
    ['a path out of it', replaced(plain, 'b/c.py', '../c.p'), 'archive.path-traversal'],
    ['an absolute path', replaced(plain, 'b/c.py', '/b/c.p'), 'archive.absolute-path'],
    ['a backslash', replaced(plain, 'b/c.py', 'b\\c.py'), 'archive.backslash-path'],
    ['no bytes', Buffer.alloc(0), 'archive.empty'],
    ['no entries', zipOf({}), 'archive.empty'],
    ['half its bytes', plain.subarray(0, plain.length / 2), 'archive.damaged'],
    ['no zip in it', Buffer.from('<html></html>'), 'archive.not-an-archive'],
    ['one byte', Buffer.from('P'), 'archive.not-an-archive'],
  ])('with %s is refused', async (_title, zip, reason) => expect(await refusalOf(zip)).toBe(reason));

  it.each([
    ['encrypted entries', 6, 8, 1, 'archive.unsupported-entry'],
    ['entries of an unknown method', 8, 10, 12, 'archive.unsupported-entry'],
  ])('with %s is refused', async (_title, inHeader, inDirectory, value, reason) => {
    const zip = changed(inHeader, value);
    zip[directory + inDirectory] = value;
    expect(await refusalOf(zip)).toBe(reason);
  });

  it('with a link is refused', async () => {
    expect(await refusalOf(changed(directory + 38, 0, 0, 0xff, 0xa1))).toBe('archive.special-file');
  });

  it('with other bytes than the checksum says is refused', async () => {
    const zip = changed(14, 1, 2, 3, 4);
    zip.set([1, 2, 3, 4], directory + 16);
    expect(await refusalOf(zip)).toBe('archive.damaged');
  });

  it('that states a small size and unpacks to a large one is refused', async () => {
    const bomb = zipOf({ bomb: Buffer.alloc(8 * 1024 * 1024) });
    const place = bomb.indexOf('PK\x01\x02');
    bomb.writeUInt32LE(10, 22);
    bomb.writeUInt32LE(10, place + 24);
    expect(await refusalOf(bomb)).toBe('archive.ambiguous');
  });

  it('whose entries overlap is refused', async () => {
    const second = plain.indexOf('PK\x01\x02', directory + 4);
    expect(await refusalOf(changed(second + 42, 0, 0, 0, 0))).toBe('archive.ambiguous');
  });

  it('is read alike by Python, whatever is changed in it', async ({ skip }) => {
    skip(!hasPython, 'there is no python3');
    const mutation = fc.array(
      fc.tuple(fc.nat(plain.length - 1), fc.constantFrom(0, 1, 2, 8, 9, 20, 46, 47, 92, 97, 255)),
      { minLength: 1, maxLength: 3 },
    );
    const zips = fc.sample(mutation, { numRuns: 1_500, seed: 7 }).map((changes) => {
      const copy = Buffer.from(plain);
      for (const [at, byte] of changes) copy[at] = byte;
      return copy;
    });
    const quiet: { zip: string; files: Record<string, string> }[] = [];
    for (const zip of zips) {
      const files = await read(zip).catch((error: unknown) => {
        if (error instanceof ArchiveRefused) return null;
        throw error;
      });
      if (files) quiet.push({ zip: zip.toString('base64'), files: Object.fromEntries(files) });
    }
    expect(quiet.length).toBeGreaterThan(10);
    const { stdout, stderr } = spawnSync('python3', ['-c', unzipAll], {
      input: JSON.stringify(quiet.map(({ zip }) => zip)),
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const placed = JSON.parse(stdout) as (Record<string, string> | null)[];
    expect(placed.filter((files) => files !== null).length).toBeGreaterThan(10);
    expect(placed.map((files, at) => files ?? quiet[at]!.files)).toEqual(quiet.map(({ files }) => files));
  });
});

const unzipAll = `import base64, io, json, sys, zipfile
def files(text):
    # A program that complains places nothing.
    try: return read(text)
    except Exception: return None
def read(text):
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(text))) as zip:
        return {one.filename: zip.read(one).decode('latin1') for one in zip.infolist() if not one.is_dir()}
print(json.dumps([files(text) for text in json.load(sys.stdin)]))`;

/** Both in the header and in the directory. */
function replaced(zip: Buffer, name: string, other: string): Buffer {
  return Buffer.from(zip.toString('latin1').replaceAll(name, other), 'latin1');
}
