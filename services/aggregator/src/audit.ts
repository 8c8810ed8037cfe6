import type { Tx } from '@sluice/postgres';

/** Records an action, in the transaction of its effect. */
export async function recordAudit(
  tx: Tx,
  row: { actor: string; action: string; subject: string; detail: Record<string, unknown> },
): Promise<void> {
  await tx`
    insert into audit (actor, action, subject, detail)
    values (${row.actor}, ${row.action}, ${row.subject}, ${JSON.stringify(row.detail)}::text::jsonb)`;
}
