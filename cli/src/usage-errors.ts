/**
 * An error of commander in the words of the other errors: `sluice: 'nope' is no <stage>. …`. Pure.
 */
export function plainUsageError(text: string): string {
  return text
    .replace(/^error: /, 'sluice: ')
    .replace(/command-argument value '(.*)' is invalid for argument '(.*)'\./s, "'$1' is no <$2>.")
    .replace(/option '(--[\w-]+).*' argument '(.*)' is invalid\./s, "'$2' is nothing that $1 understands.");
}
