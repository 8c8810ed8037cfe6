let turn: Promise<void> | undefined;

/**
 * Resolves at the end of this turn of the event loop, for all callers at once: their messages then go
 * to the broker in one write instead of one each.
 */
export function endOfTurn(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn;
}
