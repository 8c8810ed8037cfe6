import { isObject, objectOf, type Json } from '@sluice/intake';

/** An entry of `packages`, whose parts have places by the kind of the resolution. */
export interface BunEntry {
  /** Real name and resolution: `ms@2.0.0` for whatever alias. */
  name: string;
  resolution: string;
  /** Address of the archive; empty: the registry's. Only with a version. */
  address: string | undefined;
  info: Json;
  integrity: string | undefined;
}

/** A dependency on the entry of a key. */
interface Edge {
  to: string;
  optional: boolean;
  dev: boolean;
}

/** Groups of dependencies, and whether the installer can do without them. */
const groups = [
  { group: 'dependencies', optional: false, dev: false },
  { group: 'peerDependencies', optional: false, dev: false },
  { group: 'devDependencies', optional: false, dev: true },
  { group: 'optionalDependencies', optional: true, dev: false },
] as const;

/**
 * Who needs an entry of a bun.lock. Keys are paths of names, `debug/ms`, and a name leads to the nearest entry of it, as folders of
 * node_modules do.
 */
export class BunGraph {
  readonly #entries: ReadonlyMap<string, BunEntry>;
  /** Keys that the workspaces ask for. */
  readonly #asked: readonly Edge[];
  readonly #direct: ReadonlySet<string>;
  readonly #needed: ReadonlySet<string>;
  readonly #production: ReadonlySet<string>;
  readonly #missing = new Map<string, { by: string; name: string }>();

  constructor(workspaces: Json, entries: ReadonlyMap<string, BunEntry>) {
    this.#entries = entries;
    this.#asked = Object.entries(workspaces).flatMap(([folder, raw]) => {
      const workspace = objectOf(`workspaces/${folder}`, raw);
      const from = folder === '' || typeof workspace.name !== 'string' ? '' : workspace.name;
      return this.#edgesOf(workspace, from);
    });
    this.#direct = new Set(this.#asked.map(({ to }) => to));
    const edges = new Map([...entries].map(([key, { info }]) => [key, this.#edgesOf(info, key)]));
    this.#needed = this.#reached(edges, ({ optional }) => !optional);
    this.#production = this.#reached(edges, ({ dev }) => !dev);
  }

  flagsOf(key: string): { dev: boolean; optional: boolean; direct: boolean } {
    return {
      dev: !this.#production.has(key),
      optional: !this.#needed.has(key),
      direct: this.#direct.has(key),
    };
  }

  /** Dependencies without an entry; peers and optional ones may be left out. */
  missing(): Iterable<{ by: string; name: string }> {
    return this.#missing.values();
  }

  /** The key of the package that a key is within; null at the top. */
  parentOf(key: string): string | null {
    const cut = key.lastIndexOf('/');
    if (cut < 0) return null;
    const isScope = key.slice(key.lastIndexOf('/', cut - 1) + 1, cut).startsWith('@');
    const end = isScope ? key.lastIndexOf('/', cut - 1) : cut;
    return end < 0 ? null : key.slice(0, end);
  }

  #edgesOf(owner: Json, from: string): Edge[] {
    const found: Edge[] = [];
    for (const { group, optional, dev } of groups) {
      const dependencies = owner[group];
      if (!isObject(dependencies)) continue;
      for (const name of Object.keys(dependencies)) {
        const to = this.#find(name, from);
        if (to !== null) found.push({ to, optional, dev });
        else if (group === 'dependencies' || group === 'devDependencies')
          this.#missing.set(`${from}>${name}`, { by: from, name });
      }
    }
    return found;
  }

  #find(name: string, from: string): string | null {
    for (let place: string | null = from === '' ? null : from; place !== null; place = this.parentOf(place)) {
      if (this.#entries.has(`${place}/${name}`)) return `${place}/${name}`;
    }
    return this.#entries.has(name) ? name : null;
  }

  #reached(edges: ReadonlyMap<string, Edge[]>, follows: (edge: Edge) => boolean): Set<string> {
    const reached = new Set<string>();
    const waiting = this.#asked.filter(follows).map(({ to }) => to);
    for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
      if (reached.has(key)) continue;
      reached.add(key);
      for (const edge of edges.get(key) ?? []) if (follows(edge)) waiting.push(edge.to);
    }
    return reached;
  }
}
