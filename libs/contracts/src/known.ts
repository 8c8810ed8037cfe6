type NamedKeys<T> = { [K in keyof T as string extends K ? never : K]: Known<T[K]> };

/**
 * The fields that a loose schema names, without its index signature. Unknown fields survive at run time; code that is
 * written today can only mean the known ones, and misspelling one should not compile. Plain records stay as they are.
 */
export type Known<T> = T extends (infer Element)[]
  ? Known<Element>[]
  : T extends object
    ? keyof NamedKeys<T> extends never
      ? T
      : NamedKeys<T>
    : T;
