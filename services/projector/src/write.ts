/** Something that a transaction writes, not sent yet. */
export interface Write {
  send: () => PromiseLike<unknown>;
  /** It waits for answers in between, so that nothing else may be on its way. */
  alone?: boolean;
}

/**
 * Sends writes in their order. Postgres carries out one after the other, but is not waited for in between: writes that can go
 * out together cost one round trip.
 */
export async function writeAll(writes: Write[]): Promise<void> {
  let together: Write[] = [];
  const sendTogether = async () => {
    await Promise.all(together.map(({ send }) => send()));
    together = [];
  };
  for (const write of writes) {
    if (write.alone) await sendTogether();
    together.push(write);
    if (write.alone) await sendTogether();
  }
  await sendTogether();
}
