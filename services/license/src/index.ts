/** Stage: registry metadata in, license evidence out. */
export {};
