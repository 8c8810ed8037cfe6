/** The policy document, the judge and its reasons. */
export {};
