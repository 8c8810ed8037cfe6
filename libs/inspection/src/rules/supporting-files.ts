const supporting =
  /(?:^|\/)(?:tests?|__tests__|specs?|fixtures?|__fixtures__|examples?|docs?|benchmarks?|coverage)\//i;

/** Whether a file is for the package's developers: it does not run in normal use, unless other code loads it. */
export function isSupporting(file: string): boolean {
  return supporting.test(file);
}
