import type { StatedPlatforms } from '@sluice/contracts';

/** Operating systems that a package is left out on elsewhere are told apart by these; others count as any. */
const known = ['aix', 'cygwin', 'darwin', 'freebsd', 'linux', 'sunos', 'win32'] as const;
type Os = (typeof known)[number];

const values: Record<string, Record<string, readonly Os[]>> = {
  sys_platform: {
    win32: ['win32'],
    linux: ['linux'],
    linux2: ['linux'],
    darwin: ['darwin'],
    cygwin: ['cygwin'],
  },
  platform_system: { Windows: ['win32'], Linux: ['linux'], Darwin: ['darwin'] },
  os_name: { nt: ['win32'], posix: known.filter((os) => os !== 'win32') },
};

/** Longer ones, and more parts, are read as holding anywhere. */
const markerMaxChars = 2_000;

/**
 * The operating systems on which a marker can hold. Anything that is not understood can hold anywhere, so that nothing is left
 * out by mistake. Source: PyPA, "Dependency specifiers", environment markers.
 * @returns null for any.
 */
export function markerPlatforms(marker: string | null): StatedPlatforms | null {
  if (marker === null || marker.length > markerMaxChars) return null;
  const tokens = marker.match(/"[^"]*"|'[^']*'|[()]|[\w.]+|[<>=!~]+/g) ?? [];
  const allowed = new MarkerReader(tokens).read();
  if (allowed === null || allowed.size === known.length) return null;
  // Of the systems that markers do not name one by one, nothing is said.
  const left = known.filter((os) => !allowed.has(os));
  const os = left.length < allowed.size ? left.map((name) => `!${name}`) : [...allowed];
  return { os, cpu: [], libc: [] };
}

type Systems = ReadonlySet<Os> | null;

class MarkerReader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  /** Null when the text goes on behind the marker, or is none. */
  read(): Systems {
    const found = this.#or();
    return this.#at === this.#tokens.length ? found : null;
  }

  #or(): Systems {
    let found = this.#and();
    while (this.#takes('or')) {
      const other = this.#and();
      found = found === null || other === null ? null : new Set([...found, ...other]);
    }
    return found;
  }

  #and(): Systems {
    let found = this.#one();
    while (this.#takes('and')) {
      const other = this.#one();
      if (found === null) found = other;
      else if (other !== null) {
        const both: ReadonlySet<Os> = other;
        found = new Set([...found].filter((os) => both.has(os)));
      }
    }
    return found;
  }

  #one(): Systems {
    if (this.#takes('(')) {
      const found = this.#or();
      return this.#takes(')') ? found : this.#giveUp();
    }
    const left = this.#next();
    let operator = this.#next();
    if (operator === 'not') operator = `not ${this.#next()}`;
    return comparison(left, operator, this.#next());
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? '';
  }

  #takes(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  #giveUp(): null {
    this.#at = Infinity;
    return null;
  }
}

function comparison(left: string, operator: string, right: string): Systems {
  const [name, quoted] = left in values ? [left, right] : [right, left];
  const text = /^(["'])(.*)\1$/.exec(quoted)?.[2];
  const systems =
    text === undefined ? undefined : Object.hasOwn(values, name) ? values[name]![text] : undefined;
  if (systems === undefined) return null;
  if (operator === '==') return new Set(systems);
  if (operator === '!=') return new Set(known.filter((os) => !systems.includes(os)));
  return null;
}
