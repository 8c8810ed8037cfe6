import type { DeviceToken, Grant, PendingDevice } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import { recordAudit } from '@sluice/delivery';
import { digestOf, newSecret } from '@sluice/identity';
import type { Sql, Tx } from '@sluice/postgres';
import { beginSession } from '../sign-in/sessions.ts';
import { newUserCode, readUserCode } from './user-code.ts';

/** People go to a browser meanwhile. */
export const deviceSeconds = 600;
/** RFC 8628, 3.2 and 3.5: the interval, and how much it grows with a poll that comes too early. */
export const pollSeconds = 5;
const slowDownSeconds = 5;
/** A day at work. */
const tokenMs = 12 * 3_600_000;
const clientMaxChars = 200;

export interface AskingDevice {
  /** What it says of itself, as the person is shown it. */
  client: string;
  address: string | undefined;
}

interface DeviceRow {
  userCode: string;
  state: 'pending' | 'approved' | 'denied' | 'used';
  intervalSeconds: number;
  createdAt: Date;
  expiresAt: Date;
  polledAt: Date | null;
  address: string | null;
  client: string | null;
  person: string | null;
  grants: Grant[] | null;
}
const columns = `user_code as "userCode", state, interval_seconds as "intervalSeconds", created_at as "createdAt",
  expires_at as "expiresAt", polled_at as "polledAt", address, client, person, grants`;

/** Begins to wait for a person. @returns the code of the device, which is kept nowhere, and that of the person. */
export async function askForDevice(
  own: Sql,
  { client, address }: AskingDevice,
  now: Date,
): Promise<{ deviceCode: string; userCode: string }> {
  const { text, digest } = newSecret();
  const userCode = newUserCode();
  await own`delete from device_codes where expires_at < ${now}`;
  await own`
    insert into device_codes (digest, user_code, state, interval_seconds, created_at, expires_at, address, client)
    values (${digest}, ${userCode}, 'pending', ${pollSeconds}, ${now},
      ${new Date(now.getTime() + deviceSeconds * 1_000)}, ${address ?? null}, ${client.slice(0, clientMaxChars)})`;
  return { deviceCode: text, userCode };
}

/**
 * The device whose code a person typed, while it waits.
 * @throws PermanentError `device.not-found`.
 */
export async function findDevice(own: Sql, typed: string, now: Date): Promise<PendingDevice> {
  const code = readUserCode(typed);
  const [row] = code
    ? await own<DeviceRow[]>`
        select ${own.unsafe(columns)} from device_codes
        where user_code = ${code} and state = 'pending' and expires_at > ${now}`
    : [];
  if (!row) throw unknown();
  const { userCode, client, address, createdAt, expiresAt } = row;
  return {
    userCode,
    client,
    address,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
}

/**
 * Lets a device have the rights that the session of a person has now, or refuses it, once.
 * @throws PermanentError `device.not-found`.
 */
export async function decideDevice(
  tx: Tx,
  typed: string,
  isApproved: boolean,
  { sessionId, name, grants }: { sessionId: string; name: string; grants: readonly Grant[] },
  now: Date,
): Promise<void> {
  const code = readUserCode(typed);
  const [row] = code
    ? await tx<Pick<DeviceRow, 'client' | 'address'>[]>`
        update device_codes set state = ${isApproved ? 'approved' : 'denied'}, grants = ${JSON.stringify(grants)}::text::jsonb,
          person = (select person from sessions where id = ${sessionId})
        where user_code = ${code} and state = 'pending' and expires_at > ${now}
        returning client, address`
    : [];
  if (!row) throw unknown();
  const action = isApproved ? 'approve-device' : 'deny-device';
  await recordAudit(
    tx,
    'gateway',
    { actor: name, action, subject: `device ${code}`, detail: { ...row } },
    now,
  );
}

type Polled = { token: DeviceToken } | { refusal: PermanentError };

/**
 * Answers a device that asks whether it was approved. A refusal is a result: what the poll leaves in the database must stay.
 * @returns the token, once; else `device.pending`, `device.slow-down`, `device.denied` or `device.expired`.
 */
export async function pollDevice(
  tx: Tx,
  deviceCode: string,
  asking: { address: string | undefined; userAgent: string | undefined },
  now: Date,
): Promise<Polled> {
  const digest = digestOf(deviceCode);
  const [row] = await tx<DeviceRow[]>`
    select ${tx.unsafe(columns)} from device_codes where digest = ${digest} for update`;
  if (!row || row.state === 'used' || row.expiresAt <= now)
    return refuse('device.expired', 'The code is not known, was used, or is over ten minutes old.');
  if (row.state === 'denied') return refuse('device.denied', 'The person who was asked refused it.');
  const isEarly =
    row.polledAt !== null && now.getTime() - row.polledAt.getTime() < row.intervalSeconds * 1_000;
  if (row.state === 'pending') {
    const seconds = row.intervalSeconds + (isEarly ? slowDownSeconds : 0);
    await tx`
      update device_codes set polled_at = ${now}, interval_seconds = ${seconds} where digest = ${digest}`;
    if (isEarly) return refuse('device.slow-down', `Ask every ${seconds} seconds.`);
    return refuse('device.pending', `Nobody has approved it yet. Ask every ${seconds} seconds.`);
  }
  await tx`update device_codes set state = 'used' where digest = ${digest}`;
  const [person] = await tx<{ id: string; name: string }[]>`
    select id, name from people where id = ${row.person}`;
  const expiresAt = new Date(now.getTime() + tokenMs);
  const wish = { ...asking, kind: 'command' as const, person: person!, grants: row.grants!, expiresAt };
  const { id, text } = await beginSession(tx, wish, now);
  const detail = { via: 'device', device: row.userCode, grants: row.grants, address: asking.address ?? null };
  const act = { actor: person!.name, action: 'sign-in', subject: `session ${id}`, detail };
  await recordAudit(tx, 'gateway', act, now);
  return { token: { token: text, name: person!.name, expiresAt: expiresAt.toISOString() } };
}

const refuse = (...[code, detail]: ConstructorParameters<typeof PermanentError>): Polled => ({
  refusal: new PermanentError(code, detail),
});

const unknown = () =>
  new PermanentError(
    'device.not-found',
    'No command line waits with this code; it may be over ten minutes old.',
  );
