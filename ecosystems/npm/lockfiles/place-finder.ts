const marker = 'node_modules';

/** A folder of the project's tree. */
interface Folder {
  parent: Folder | null;
  folders: Map<string, Folder>;
  /** Places of the packages in its `node_modules`, by name and by name in lower case. */
  packages: Map<string, string>;
  packagesAlike: Map<string, string>;
}

/**
 * Finds packages as npm does: in the `node_modules` of the place that asks, then of each folder above, and in other
 * letters where a folder has none in these. A tree of folders, since hostile places are long and deep: no step of a
 * search compares more than a name.
 * Source: @npmcli/arborist, `node.js` (`resolve`) and `case-insensitive-map.js`.
 */
export class PlaceFinder {
  readonly #root = newFolder(null);
  readonly #folders = new Map<string, Folder>();
  readonly #names = new Set<string>();

  constructor(places: Iterable<string>) {
    for (const place of places) this.#add(place);
  }

  /** @returns the place of the package, or null. */
  find(place: string, name: string): string | null {
    const alike = name.toLowerCase();
    if (!this.#names.has(alike)) return null;
    for (let folder = this.#folders.get(place) ?? null; folder !== null; folder = folder.parent) {
      const found = folder.packages.get(name) ?? folder.packagesAlike.get(alike);
      if (found !== undefined) return found;
    }
    return null;
  }

  #add(place: string): void {
    const segments = place === '' ? [] : place.split('/');
    const last = segments.lastIndexOf(marker);
    let folder = this.#root;
    segments.forEach((segment, index) => {
      if (index === last) {
        const name = segments.slice(last + 1).join('/');
        folder.packages.set(name, place);
        folder.packagesAlike.set(name.toLowerCase(), place);
        this.#names.add(name.toLowerCase());
      }
      let inner = folder.folders.get(segment);
      if (!inner) folder.folders.set(segment, (inner = newFolder(folder)));
      folder = inner;
    });
    this.#folders.set(place, folder);
  }
}

function newFolder(parent: Folder | null): Folder {
  return { parent, folders: new Map(), packages: new Map(), packagesAlike: new Map() };
}
