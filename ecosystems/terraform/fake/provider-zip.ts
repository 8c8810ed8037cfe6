import { zipOf } from '@sluice/testkit/fakes';

export interface ProviderZip {
  type: string;
  version: string;
  platform?: string;
  /** Files beside the program. */
  files?: Record<string, string | Uint8Array>;
  /** Bytes of the program in place of a made-up one for the platform. */
  program?: string | Uint8Array;
}

/** Beginnings of programs, long enough to be told apart. */
const heads: Record<string, string> = {
  linux: '7f454c4602010100',
  freebsd: '7f454c4602010109',
  darwin: 'cffaedfe07000001',
  windows: '4d5a90000300000004000000ffff0000',
};

/** The archive of a provider as GoReleaser makes it: its program, with the version in its name. */
export function buildProviderZip({
  type,
  version,
  platform = 'linux_amd64',
  files = {},
  program,
}: ProviderZip): Buffer {
  const [os = 'linux'] = platform.split('_');
  const name = `terraform-provider-${type}_v${version}${os === 'windows' ? '.exe' : ''}`;
  const head = Buffer.from(heads[os] ?? heads['linux']!, 'hex');
  const made = Buffer.concat([head, Buffer.from(`${platform} ${type} ${version}`.padEnd(256))]);
  return zipOf({ ...files, [name]: program ?? made });
}
