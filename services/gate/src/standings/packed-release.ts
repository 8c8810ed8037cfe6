import type { Release } from '@sluice/contracts';

/**
 * A release in one short string of bytes: the gate keeps one for each approved version, and as objects with their texts a hundred
 * thousand of them take four times the memory.
 */
export type PackedRelease = string & { readonly packed: unique symbol };

const digestPrefix = 'sha256:';
const digestBytes = 32;
/** Milliseconds since 1970, and sizes. */
const numberBytes = 6;
/** Stands for a time or a text that is not known. */
const absent = 2 ** 48 - 1;
const absentLength = 0xffff;

export function packRelease({
  publishedAt,
  metadataDigest,
  tagsDigest,
  gatheredAt,
  files,
}: Release): PackedRelease {
  const parts = [
    timeOf(publishedAt),
    timeOf(gatheredAt),
    digestOf(metadataDigest),
    tagsDigest === null ? Buffer.alloc(digestBytes) : digestOf(tagsDigest),
    ...files.flatMap(({ file, kind, platform, artifactDigest, sizeBytes }) => [
      digestOf(artifactDigest),
      numberOf(sizeBytes),
      textOf(file),
      textOf(kind),
      textOf(platform),
    ]),
  ];
  return Buffer.concat(parts).toString('latin1') as PackedRelease;
}

export function unpackRelease(packed: PackedRelease): Release {
  const bytes = Buffer.from(packed, 'latin1');
  let at = 0;
  const number = () => bytes.readUIntBE((at += numberBytes) - numberBytes, numberBytes);
  const time = () => {
    const ms = number();
    return ms === absent ? null : new Date(ms).toISOString();
  };
  const digest = () => digestPrefix + bytes.subarray(at, (at += digestBytes)).toString('hex');
  const text = () => {
    const length = bytes.readUInt16BE((at += 2) - 2);
    return length === absentLength ? null : bytes.subarray(at, (at += length)).toString();
  };
  const publishedAt = time();
  const gatheredAt = time()!;
  const metadataDigest = digest();
  const tags = digest();
  const files: Release['files'] = [];
  while (at < bytes.length) {
    const [artifactDigest, sizeBytes] = [digest(), number()];
    files.push({ artifactDigest, sizeBytes, file: text()!, kind: text()!, platform: text() });
  }
  return { publishedAt, gatheredAt, metadataDigest, tagsDigest: tags === noTags ? null : tags, files };
}

const noTags = digestPrefix + '0'.repeat(2 * digestBytes);

const digestOf = (digest: string) => Buffer.from(digest.slice(digestPrefix.length), 'hex');
const timeOf = (time: string | null) => numberOf(time === null ? absent : Date.parse(time));

function numberOf(value: number): Buffer {
  const bytes = Buffer.alloc(numberBytes);
  bytes.writeUIntBE(value, 0, numberBytes);
  return bytes;
}

/** @throws RangeError for a text of 64 kB. */
function textOf(text: string | null): Buffer {
  const content = Buffer.from(text ?? '');
  if (content.length >= absentLength) throw new RangeError('A file has a name of 64 kB.');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text === null ? absentLength : content.length);
  return Buffer.concat([length, content]);
}
