import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { crc32, deflateRawSync } from 'node:zlib';

/**
 * Writes a zip file of very many small files, which needs the 64-bit end records.
 * Source: PKWARE's .ZIP File Format Specification, sections 4.3.7 to 4.3.16.
 */
export async function writeZip(
  file: string,
  entries: Iterable<{ name: string; text: string }>,
): Promise<void> {
  const output = createWriteStream(file);
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, text } of entries) {
    const body = Buffer.from(text);
    const packed = deflateRawSync(body, { level: 1 });
    const facts = fileFacts(name, body, packed);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), facts, placeOf(offset), Buffer.from(name)]),
    );
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), facts, Buffer.from(name), packed]);
    offset += local.length;
    if (!output.write(local)) await once(output, 'drain');
  }
  const listing = Buffer.concat(directory);
  output.write(listing);
  output.end(endRecords(directory.length, listing.length, offset));
  await finished(output);
}

/** The fields shared by a file's header and its entry in the directory. */
function fileFacts(name: string, body: Buffer, packed: Buffer): Buffer {
  const facts = Buffer.alloc(26);
  const [version, deflated] = [20, 8];
  facts.writeUInt16LE(version, 0);
  facts.writeUInt16LE(deflated, 4);
  facts.writeUInt32LE(crc32(body), 10);
  facts.writeUInt32LE(packed.length, 14);
  facts.writeUInt32LE(body.length, 18);
  facts.writeUInt16LE(Buffer.byteLength(name), 22);
  return facts;
}

function placeOf(offset: number): Buffer {
  const place = Buffer.alloc(14);
  place.writeUInt32LE(offset, 10);
  return place;
}

function endRecords(count: number, listingBytes: number, listingOffset: number): Buffer {
  const end = Buffer.alloc(56 + 20 + 22);
  end.write('PK\x06\x06', 0, 'latin1');
  end.writeBigUInt64LE(44n, 4);
  end.writeUInt16LE(45, 12);
  end.writeUInt16LE(45, 14);
  end.writeBigUInt64LE(BigInt(count), 24);
  end.writeBigUInt64LE(BigInt(count), 32);
  end.writeBigUInt64LE(BigInt(listingBytes), 40);
  end.writeBigUInt64LE(BigInt(listingOffset), 48);
  end.write('PK\x06\x07', 56, 'latin1');
  end.writeBigUInt64LE(BigInt(listingOffset + listingBytes), 64);
  end.writeUInt32LE(1, 72);
  end.write('PK\x05\x06', 76, 'latin1');
  // Nothing but "see the 64-bit record".
  end.fill(0xff, 84, 96);
  return end;
}
