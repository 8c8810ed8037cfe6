/** Stage: opens archives in a sandbox, matches advisories and rules. */
export {};
