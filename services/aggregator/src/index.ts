/** The saga: joins requests to assessments, judges, decides, completes. */
export {};
