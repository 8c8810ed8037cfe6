import { createRequire } from 'node:module';
import type { Transform } from 'sucrase';

let transforms: ((text: string, options: { transforms: Transform[] }) => { code: string }) | undefined;

/**
 * TypeScript without its types, line by line as it was; Node runs such files since 22.18.
 * @param hasTags whether the file may hold JSX.
 * @returns null when it is no TypeScript.
 */
export function stripTypes(text: string, hasTags: boolean): string | null {
  // Loaded for the first such file: few packages have one that matters.
  transforms ??= (createRequire(import.meta.url)('sucrase') as typeof import('sucrase')).transform;
  try {
    const options = { disableESTransforms: true, keepUnusedImports: true, preserveDynamicImport: true };
    return transforms(text, { transforms: hasTags ? ['typescript', 'jsx'] : ['typescript'], ...options })
      .code;
  } catch {
    return null;
  }
}
