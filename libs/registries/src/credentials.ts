/** A credential for the registries below one address. */
export interface Credential {
  /** Scheme, host and path, `https://registry.example/team/`, or `//registry.example/team/` for any scheme. */
  below: string;
  authorization: string;
}

/** The first credential that a URL is below the address of; undefined for none. */
export function authorizationFor(url: string, credentials: readonly Credential[]): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host, pathname } = new URL(url);
  const address = `//${host}${pathname}`;
  return credentials.find(({ below }) =>
    below.startsWith('//') ? address.startsWith(below) : `${protocol}${address}`.startsWith(below),
  )?.authorization;
}
