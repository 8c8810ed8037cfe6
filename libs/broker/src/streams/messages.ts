/** Messages and streams as the NATS client has them, for libraries that may not import it. */
export type { Consumer, ConsumerMessages, JsMsg, StoredMsg, StreamInfo } from '@nats-io/jetstream';
export type { MsgHdrs } from '@nats-io/transport-node';
