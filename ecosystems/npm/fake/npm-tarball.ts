import { packageTarball } from '@sluice/testkit/fakes';

/** The tarball of an npm package: its manifest and files, as `npm pack` makes them. */
export function buildNpmTarball(
  manifest: Record<string, unknown>,
  files: Record<string, string | Uint8Array> = {},
): Buffer {
  return packageTarball({ 'package.json': JSON.stringify(manifest, null, 2), ...files });
}
