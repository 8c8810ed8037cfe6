/** A program of a provider by its name, `terraform-provider-thing_v1.0.0_x5`. */
export interface NamedProgram {
  path: string;
  type: string;
  /** Null where the name has none: Terraform does not go by it. */
  version: string | null;
}

/**
 * Reads the name of a file at the top of a provider's archive. Terraform starts the first one that begins with the provider's type, up to
 * an underscore or a dot. Source: Terraform, internal/providercache, ExecutableFile.
 * @returns null for any other file.
 */
export function readProgramName(path: string): NamedProgram | null {
  const [, type, rest = ''] = /^terraform-provider-([^/_.]+)([_.][^/]*)?$/.exec(path) ?? [];
  if (type === undefined) return null;
  const [, version = null] =
    /^_v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)(?:_x\d+)?(?:\.exe)?$/.exec(rest) ?? [];
  return { path, type: type.toLowerCase(), version };
}

/** Formats of programs by operating system, as Go names it. Others have ELF. */
const formats: Record<string, string> = { windows: 'PE', darwin: 'Mach-O' };

/** The format that programs have on a platform, `linux_amd64`. */
export function formatOn(platform: string): string {
  return formats[platform.split('_')[0]!] ?? 'ELF';
}
