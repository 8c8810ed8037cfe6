import type { Names } from '@sluice/contracts';
import { compareTerraformVersions, isTerraformVersion } from './versions.ts';

/** Letters of other scripts have another form in the lockfile than in the host's certificate: they count as no name here. */
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const hostPattern = new RegExp(String.raw`^(?:${label})(?:\.${label})*(?::\d{1,5})?$`, 'i');
/** Letters, digits and single dashes within. Source: Terraform, "Provider Requirements", source addresses. */
const partPattern = /^[a-z0-9]+(?:-[a-z0-9]+)*$/i;
/** The registry protocol has these names in addresses and file names. */
const hostMaxChars = 253;
const partMaxChars = 64;

export interface ProviderAddress {
  host: string;
  namespace: string;
  type: string;
}

/**
 * Reads the whole address of a provider, `registry.example/acme/thing`. A short one, `acme/thing`, is of the host that a Terraform has
 * built in, which is not known here.
 * @returns null for a text that is none, and for addresses that no registry has: built-in and legacy providers.
 */
export function readProviderAddress(text: string): ProviderAddress | null {
  const parts = text.split('/');
  const [host = '', namespace = '', type = ''] = parts;
  if (parts.length !== 3 || host.length > hostMaxChars || !hostPattern.test(host)) return null;
  if (![namespace, type].every((part) => part.length <= partMaxChars && partPattern.test(part))) return null;
  // Terraform refuses a type that repeats the name of its programs.
  if (/^terraform-/i.test(type)) return null;
  if (/^terraform\.[a-z]+$/i.test(host) && namespace.toLowerCase() === 'builtin') return null;
  return { host: host.toLowerCase(), namespace: namespace.toLowerCase(), type: type.toLowerCase() };
}

/** Providers of Terraform and OpenTofu by their whole addresses, `registry.example/acme/thing`. */
export const terraformNames: Names = {
  type: 'terraform',
  // OSV has no advisories of providers.
  osvName: null,
  canonicalName: (name) => name.toLowerCase(),
  isName: (name) => readProviderAddress(name) !== null,
  isVersion: isTerraformVersion,
  compareVersions: compareTerraformVersions,
};
