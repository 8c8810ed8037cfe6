export const catalogueStart: string;
export const catalogueEnd: string;

export interface CatalogueEntry {
  type: string;
  version: number;
  publisher: string;
  description: string;
  /** JSON Schema of the data. */
  schema: unknown;
}

export function renderEventCatalogue(events: readonly CatalogueEntry[]): string;
export function replaceCatalogue(document: string, catalogue: string): string;
