/** One archive of a nats-server release. */
export interface NatsRelease {
  version: string;
  /** The part of the file name that names the platform. */
  platform: string;
  /** Hex, of the .tar.gz. */
  sha256: string;
}

/**
 * The releases that may be downloaded, by `process.platform` and `process.arch`. The sums of 2.10.29 are those that
 * the official container images are built with (nats-io/nats-docker, 2.10.x); they cover Linux only. For macOS the
 * newest release with published sums that could be had is pinned (cashapp/hermit-packages, nats-server.hcl).
 */
const releases: Record<string, NatsRelease> = {
  'linux-x64': {
    version: '2.10.29',
    platform: 'linux-amd64',
    sha256: 'e314da74a83a1d3876db8814c27eb990fe729640fd6452025b441bcede8390da',
  },
  'linux-arm64': {
    version: '2.10.29',
    platform: 'linux-arm64',
    sha256: 'da4b27942ecfb4c5f0c54553d2e7f470ddda9d7581cfe8131b351a0e223ed401',
  },
  'linux-arm': {
    version: '2.10.29',
    platform: 'linux-arm7',
    sha256: 'a59e7336a32ef78b0ca8bc3e6707a5770461d3f45c4c2f96cfef263f26eaefd5',
  },
  'linux-ia32': {
    version: '2.10.29',
    platform: 'linux-386',
    sha256: 'abc385394c19784558f7aa2f9770fe2daceb22cf95e3fa398c832590479396b0',
  },
  'linux-ppc64': {
    version: '2.10.29',
    platform: 'linux-ppc64le',
    sha256: '31b0063d261e5d8c59396f8a3f9298ad80b36fd4bc370ce59e5d160f55a0fe46',
  },
  'linux-s390x': {
    version: '2.10.29',
    platform: 'linux-s390x',
    sha256: 'ee821b1eae8bb98a0d4603510a41613dd15afef244261a79da33515699d1aece',
  },
  'darwin-x64': {
    version: '2.10.10',
    platform: 'darwin-amd64',
    sha256: '5b6bfed8f75ecb2f6465b87334f4e757a66c32b6c5f802e964a080a3716ffffb',
  },
  'darwin-arm64': {
    version: '2.10.10',
    platform: 'darwin-arm64',
    sha256: '8af6cbd8f3f21bcec164d17bc879d3e7807cd98e1c7839ac668986a71c4e52c6',
  },
};

/** The release for this machine; undefined when none is pinned for it. */
export function natsReleaseFor(platform: string, arch: string): NatsRelease | undefined {
  return releases[`${platform}-${arch}`];
}

export const natsReleasesUrl = 'https://github.com/nats-io/nats-server/releases/download';

/** The address of a release's archive under a base such as `natsReleasesUrl`, or a mirror of it. */
export function natsArchiveUrl(base: string, { version, platform }: NatsRelease): string {
  return `${base.replace(/\/+$/, '')}/v${version}/nats-server-v${version}-${platform}.tar.gz`;
}
