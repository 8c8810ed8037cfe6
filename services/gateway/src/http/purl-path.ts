import { getPath } from 'hono/utils/url';

/** The path that routes are found by. */
export function routePath({ url }: Request): string {
  const { origin, pathname } = new URL(url);
  return getPath({ url: `${origin}${encodePurlInPath(pathname)}` } as Request);
}

/**
 * A purl in a path should be percent-encoded, and people type it as it is. This makes the typed form,
 * `/v1/packages/pkg:npm/lodash@4.17.21/approve`, the encoded one.
 */
export function encodePurlInPath(pathname: string): string {
  const match =
    /^\/v1\/packages\/(pkg(?::|%3A)[^?]*?)(\/(?:approve|approve-in-emergency|reject|retry|verdict))?$/i.exec(
      pathname,
    );
  const typed = match?.[1];
  if (!typed?.includes('/')) return pathname;
  return `/v1/packages/${encodeURIComponent(typed)}${match?.[2] ?? ''}`;
}
